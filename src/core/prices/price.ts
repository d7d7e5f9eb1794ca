import type { Decimal } from 'decimal.js';
import type { Meter } from './meters.ts';

/**
 * One price of one meter over one stretch of time. Dates are `YYYY-MM-DD`: `valid_from` is inclusive and null means
 * always, `valid_to` is exclusive and null means until further notice. A row with `above_input_tokens` prices the whole
 * request when its input, cached tokens included, is strictly above that count; null is the price of every other request.
 */
export type PriceRow = {
  readonly provider: string;
  readonly model: string;
  readonly meter: Meter;
  readonly unit: string;
  readonly price: Decimal;
  readonly above_input_tokens: number | null;
  readonly valid_from: string | null;
  readonly valid_to: string | null;
  /** When the price was learned: the day its catalogue was published. null for a price the scenario states. */
  readonly known_at: string | null;
  /** The last day the catalogue is known to have vouched for it. null for a price the scenario states. */
  readonly checked_at: string | null;
  readonly source: string;
  /** Catalogue and version, such as `@pydantic/genai-prices 0.1.8`; null for a price the scenario states. */
  readonly catalogue: string | null;
  /** Set where the price is another meter's price times a published factor. */
  readonly derived_from: { readonly meter: Meter; readonly multiplier: Decimal; readonly source: string } | null;
};

/** A published factor between two meters of a provider: `batch_input` is 0.5 × `input`. */
export type MultiplierRow = {
  readonly provider: string;
  readonly meter: Meter;
  readonly of: Meter;
  readonly multiplier: Decimal;
  /** Only models whose id starts with one of these; null is every model. */
  readonly models_starting_with: readonly string[] | null;
  readonly valid_from: string | null;
  readonly valid_to: string | null;
  readonly source: string;
  readonly source_date: string | null;
  readonly checked_at: string;
  readonly confidence: Confidence;
  readonly note: string | null;
};

/** A fee on top of usage, such as a router's charge on bought credits. `rate` is a share, `minimum_usd` per purchase. */
export type FeeRow = {
  readonly id: string;
  readonly provider: string;
  readonly label: string;
  readonly basis: 'credit-purchase' | 'byok-usage';
  readonly rate: Decimal;
  readonly minimum_usd: Decimal | null;
  readonly valid_from: string | null;
  readonly valid_to: string | null;
  readonly source: string;
  readonly source_date: string | null;
  readonly checked_at: string;
  readonly confidence: Confidence;
  readonly note: string | null;
};

/** A: read at the vendor or measured. B: a second source that quotes the vendor. C: a single unproven page. */
export type Confidence = 'A' | 'B' | 'C';

export type PricedModel = {
  readonly id: string;
  readonly name: string | null;
  /** Other spellings that mean exactly this model. */
  readonly aliases: readonly string[];
  readonly context_window: number | null;
  readonly deprecated: boolean;
  /** What to doubt about these prices. */
  readonly doubt: string | null;
  /** Empty when the catalogue names the model without a price. */
  readonly rows: readonly PriceRow[];
};

export type ProviderPrices = {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly catalogue: string;
  readonly known_at: string;
  readonly models: ReadonlyMap<string, PricedModel>;
  /** Alias to model id; ids themselves are left out. */
  readonly aliases: ReadonlyMap<string, string>;
};

/** Dated list prices: everything the forecast may know about what tokens cost. */
export type PriceBook = {
  readonly providers: ReadonlyMap<string, ProviderPrices>;
  readonly multipliers: readonly MultiplierRow[];
  readonly fees: readonly FeeRow[];
};

/** A price the user states, in USD per 1M tokens: it goes before the book's from `from` (inclusive) to `to` (exclusive). */
export type StatedPrice = {
  readonly provider: string;
  readonly model: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly meters: Readonly<Record<string, Decimal>>;
};

/** Whether a row or a stated price holds on a day (`YYYY-MM-DD`). */
export function holdsOn(from: string | null, to: string | null, day: string): boolean {
  return (from === null || from <= day) && (to === null || day < to);
}
