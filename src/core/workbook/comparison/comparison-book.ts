/** What the sheets of a comparison share. */
export type ComparisonBook = {
  readonly currency: string;
  readonly minorUnits: number;
  readonly formats: Readonly<Record<'money' | 'unitPrice' | 'quantity' | 'rate' | 'percent', string>>;
  readonly colours: Readonly<Record<'total' | 'up' | 'down', string>>;
};
