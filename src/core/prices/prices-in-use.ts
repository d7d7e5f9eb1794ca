import type { FoundPrices } from './find-prices.ts';
import { daysBetween, isStale, rowsInUse } from './price-age.ts';

/** The prices of one model that a forecast rests on, as old as the oldest of them. */
export type PriceInUse = {
  readonly provider: string;
  readonly model: string;
  /** The last day on which the oldest of them was vouched for, YYYY-MM-DD. */
  readonly checked_at: string;
  /** How long before the as-of date that was. */
  readonly days: number;
  /** Where the oldest can be read again. */
  readonly source: string;
  readonly catalogue: string | null;
  readonly stale: boolean;
};

/** One entry for each model, successors and fallbacks included. What a scenario states itself does not age and is left out. */
export function listPricesInUse(found: readonly FoundPrices[], asOf: string): readonly PriceInUse[] {
  const rows = found.flatMap(rowsInUse).filter(({ checked_at }) => checked_at !== null);
  const models = Map.groupBy(rows, ({ provider, model }) => JSON.stringify([provider, model]));
  return [...models.values()].flatMap((group) => {
    const [oldest] = group.toSorted((a, b) => ((a.checked_at ?? '') < (b.checked_at ?? '') ? -1 : 1));
    if (oldest === undefined || oldest.checked_at === null) return [];
    const { provider, model, checked_at, source, catalogue } = oldest;
    const days = daysBetween(checked_at, asOf);
    return [{ provider, model, checked_at, days, source, catalogue, stale: isStale(checked_at, asOf) }];
  });
}
