import type { Decimal } from 'decimal.js';
import { meanRow } from './mean-prices.ts';
import type { Meter } from './meters.ts';
import { METERS } from './meters.ts';
import type { PriceRow } from './price.ts';
import type { BusyHours } from './utc-hours.ts';
import { sharesOfHours } from './utc-hours.ts';

/** A meter's price in one month; `row` says where it comes from. Money is in `METERS[meter].unit`. */
export type MonthlyPrice = {
  /** YYYY-MM. */
  readonly month: string;
  /** The meter that bills: not always the one asked for (see `billedBy`). */
  readonly meter: Meter;
  readonly unit: string;
  /** null: nothing is known for this month. */
  readonly price: Decimal | null;
  /** A mean of rows where the price depends on the hour: see `mean_of`. */
  readonly row: PriceRow | null;
  /** Long-context prices, lowest threshold first. A request pays the last one whose threshold its whole input is above. */
  readonly above: readonly PriceRow[];
};

/** A meter's price from the rows that are in force in a month, over the hours in which the requests come. */
export function toMonthlyPrice(
  month: string,
  meter: Meter,
  group: readonly PriceRow[],
  busyHours: BusyHours | null,
): MonthlyPrice {
  const windows = [...new Set(group.flatMap(({ utc_hours }) => utc_hours ?? []))];
  const shares = [...sharesOfHours(windows, busyHours)];
  const rowAbove = (threshold: number | null): PriceRow | null =>
    meanRow(shares.map(([hours, share]) => ({ share, row: rowIn(group, hours, threshold) })));
  const row = rowAbove(null);
  const thresholds = [...new Set(group.flatMap(({ above_input_tokens }) => above_input_tokens ?? []))];
  const above = thresholds
    .sort((a, b) => a - b)
    .flatMap((threshold) => {
      const found = rowAbove(threshold);
      return found === null ? [] : { ...found, above_input_tokens: threshold };
    });
  return { month, meter, unit: METERS[meter].unit, price: row?.price ?? null, row, above };
}

/**
 * The row of a request above a threshold (null: above none) in some hours (null: in those of no window). The highest
 * threshold counts first; at equal thresholds the row of the hours goes before the one of all hours.
 */
function rowIn(group: readonly PriceRow[], hours: string | null, threshold: number | null): PriceRow | null {
  const reached = group.filter(
    (row) => (row.utc_hours === null || row.utc_hours === hours) && (row.above_input_tokens ?? 0) <= (threshold ?? 0),
  );
  return reached.reduce<PriceRow | null>((best, row) => (best === null || rank(row) >= rank(best) ? row : best), null);
}

function rank({ above_input_tokens, utc_hours }: PriceRow): number {
  return (above_input_tokens ?? 0) + (utc_hours === null ? 0 : 0.5);
}
