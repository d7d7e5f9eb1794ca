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
  /** Hours of the week in UTC (`01:00-04:00 mon-fri`) in which it holds instead of the row that has null here. */
  readonly utc_hours: string | null;
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
  readonly derived_from: {
    readonly meter: Meter;
    readonly multiplier: Decimal;
    readonly source: string;
    readonly checked_at: string;
    readonly known_at: string;
    readonly confidence: Confidence;
  } | null;
  /** Set where the price is a mean of several rows, by their shares of the requests; never in a price book. */
  readonly mean_of?: readonly { readonly share: Decimal; readonly row: PriceRow }[];
};

/** A published factor between two meters of a provider: `batch_input` is 0.5 × `input`. */
export type MultiplierRow = {
  readonly provider: string;
  readonly meter: Meter;
  readonly of: Meter;
  readonly multiplier: Decimal;
  /** Only these models. */
  readonly models: readonly string[] | null;
  /** Only models whose id starts with one of these; null, and no `models` either, is every model. */
  readonly models_starting_with: readonly string[] | null;
} & Evidence;

/** A fee on top of usage, such as a router's charge on bought credits. `rate` is a share, `minimum_usd` per purchase. */
export type FeeRow = {
  readonly id: string;
  readonly provider: string;
  readonly label: string;
  readonly basis: 'credit-purchase' | 'byok-usage';
  readonly rate: Decimal;
  readonly minimum_usd: Decimal | null;
  /** Requests a month that are free of it. */
  readonly allowance_requests: Decimal | null;
} & Evidence;

/** What a term agreed with a provider adds to its token prices: keeping data in the US adds a `rate` of 0.1. */
export type SurchargeRow = {
  readonly provider: string;
  readonly term: 'data_residency';
  readonly value: string;
  readonly rate: Decimal;
  readonly models_starting_with: readonly string[] | null;
} & Evidence;

/**
 * How often a provider changes the list price of a model without announcing it, and what the new price is of the old.
 * Cuts and rises are rows of their own: a month has the one, the other, or neither.
 */
export type PriceChangeRow = {
  readonly provider: string;
  readonly direction: 'cut' | 'rise';
  readonly chance_per_month: Decimal;
  readonly multiplier: Decimal;
} & Evidence;

/** The price of one rented GPU for an hour; `reserved` is for those taken for months ahead. */
export type RentRow = {
  readonly provider: string;
  readonly gpu: string;
  readonly plan: 'on-demand' | 'reserved';
  readonly usd_per_hour: Decimal;
} & Evidence;

/** Volume that a provider bills nothing for, every month: tokens, requests or searches. */
export type AllowanceRow = {
  readonly provider: string;
  readonly meter: Meter;
  readonly per_month: Decimal;
  readonly models_starting_with: readonly string[] | null;
} & Evidence;

/** When a row of the book holds, when it was learned, and what it rests on. Days are `YYYY-MM-DD`. */
export type Evidence = {
  readonly valid_from: string | null;
  readonly valid_to: string | null;
  /** An as-of date before this day does not see the row, unless nothing was known then. */
  readonly known_at: string;
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
  readonly surcharges: readonly SurchargeRow[];
  readonly changes: readonly PriceChangeRow[];
  readonly rents: readonly RentRow[];
  readonly allowances: readonly AllowanceRow[];
};

/** A price the user states, in USD per 1M tokens: it goes before the book's from `from` (inclusive) to `to` (exclusive). */
export type StatedPrice = {
  readonly provider: string;
  readonly model: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly meters: Readonly<Record<string, Decimal>>;
  /** The hours of the week in which it holds, on top of whatever holds in the others; null: at all hours. */
  readonly utc_hours: string | null;
  /** Where it was made from others, how: shown as its source. */
  readonly source?: string;
};

/** Whether a multiplier or surcharge is for a model, by its id or the beginning of it. */
export function isFor(
  row: {
    readonly provider: string;
    readonly models?: readonly string[] | null;
    readonly models_starting_with: readonly string[] | null;
  },
  provider: string,
  model: string,
): boolean {
  if (row.provider !== provider) return false;
  const exact = row.models ?? null;
  if (exact === null && row.models_starting_with === null) return true;
  return exact?.includes(model) === true || (row.models_starting_with ?? []).some((start) => model.startsWith(start));
}

/**
 * What was known on a day, of a model or of a term: the rows learned by then; where there are none, those learned first.
 * Rows learned later never change what was known before, so that a forecast with an earlier as-of date stays what it was.
 */
export function rowsKnownOn<Row extends { readonly known_at: string | null }>(
  rows: readonly Row[],
  asOf: string,
): readonly Row[] {
  const known = rows.filter((row) => (row.known_at ?? '') <= asOf);
  if (known.length > 0) return known;
  const first = rows.reduce<string | null>(
    (min, { known_at }) => (min === null || (known_at ?? '') < min ? (known_at ?? '') : min),
    null,
  );
  return rows.filter((row) => (row.known_at ?? '') === first);
}

/** Of the rows that hold on a day the one learned last; of several learned on one day, the one listed last. */
export function rowInForce<Row extends Pick<Evidence, 'valid_from' | 'valid_to' | 'known_at'>>(
  rows: readonly Row[],
  day: string,
): Row | null {
  return rows.reduce<Row | null>((best, row) => {
    if (!holdsOn(row.valid_from, row.valid_to, day)) return best;
    return best === null || row.known_at >= best.known_at ? row : best;
  }, null);
}

/** Whether a row or a stated price holds on a day (`YYYY-MM-DD`). */
export function holdsOn(from: string | null, to: string | null, day: string): boolean {
  return (from === null || from <= day) && (to === null || day < to);
}
