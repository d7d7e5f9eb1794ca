import type { Evidence, PriceBook } from './price.ts';
import { rowsKnownOn } from './price.ts';

/**
 * The book with its factors, fees, surcharges, price changes, rents and allowances as known on a day: of each, the rows
 * learned by then, and only where there are none those learned first. Token prices have the same rule, per model, where
 * they are looked up.
 */
export function withTermsKnownOn(book: PriceBook, asOf: string): PriceBook {
  return {
    ...book,
    multipliers: knownOf(book.multipliers, asOf, ({ provider, meter }) => `${provider} ${meter}`),
    fees: knownOf(book.fees, asOf, ({ id }) => id),
    surcharges: knownOf(book.surcharges, asOf, ({ provider, term, value }) => `${provider} ${term} ${value}`),
    changes: knownOf(book.changes, asOf, ({ provider }) => provider),
    rents: knownOf(book.rents, asOf, ({ provider, gpu, plan }) => `${provider} ${gpu} ${plan}`),
    allowances: knownOf(book.allowances, asOf, ({ provider, meter }) => `${provider} ${meter}`),
  };
}

/** Rows that speak of one thing are known together; their order stays. */
function knownOf<Row extends Evidence>(
  rows: readonly Row[],
  asOf: string,
  subjectOf: (row: Row) => string,
): readonly Row[] {
  const known = new Set([...Map.groupBy(rows, subjectOf).values()].flatMap((group) => rowsKnownOn(group, asOf)));
  return rows.filter((row) => known.has(row));
}
