import type { FoundPrices } from './find-prices.ts';
import { rowsBehind } from './mean-prices.ts';
import type { PriceRow } from './price.ts';

/** A price that nobody vouched for within so many days is used with a warning. */
export const freshDays = 30;

const dayMs = 86_400_000;

/** The rows that prices rest on: those of the months in use, each of a mean by itself. */
export function rowsInUse({ meters }: FoundPrices): readonly PriceRow[] {
  return [...meters.values()].flat().flatMap(({ row }) => (row === null ? [] : rowsBehind(row)));
}

/** Whether a price last vouched for on a day (YYYY-MM-DD) is stale on another. */
export function isStale(checkedOn: string, asOf: string): boolean {
  return daysBetween(checkedOn, asOf) > freshDays;
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs);
}
