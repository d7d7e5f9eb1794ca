import type { Decimal } from 'decimal.js';
import type { Meter } from './meters.ts';
import { METERS } from './meters.ts';
import type { PriceRow } from './price.ts';

/** A price as a source states it, before anybody decided to believe it. Dates as in a PriceRow; USD in the meter's unit. */
export type ProposedPrice = {
  readonly provider: string;
  readonly model: string;
  readonly meter: Meter;
  readonly price: Decimal;
  readonly above_input_tokens: number | null;
  readonly utc_hours: string | null;
  readonly valid_from: string | null;
  readonly valid_to: string | null;
  /** Where it can be read again. */
  readonly source: string;
  /** Name of the list it came in. */
  readonly catalogue: string;
};

export type ImportedPrices = {
  readonly catalogue: string;
  readonly prices: readonly ProposedPrice[];
  /** What the source has and this book cannot hold, in words. */
  readonly leftOut: readonly string[];
};

/** The row that a proposed price becomes when it is learned on a day. */
export function learnedRow(price: ProposedPrice, day: string): PriceRow {
  return { ...price, unit: METERS[price.meter].unit, known_at: day, checked_at: day, derived_from: null };
}
