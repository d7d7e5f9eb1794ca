import type { PriceFinding } from './compare-prices.ts';
import { findModelId } from './model-id.ts';
import type { PriceBook, PriceRow } from './price.ts';
import { holdsOn } from './price.ts';
import { isStale } from './price-age.ts';
import type { ProposedPrice } from './proposed-price.ts';

export type Restated = {
  /** What teaches nothing. */
  readonly prices: ReadonlySet<ProposedPrice>;
  /** The rows it was learned by, which are vouched for once more. */
  readonly rows: ReadonlySet<PriceRow>;
};

/**
 * Prices of a list that is read each day which say what the same list `said` before: there is nothing to learn from them.
 * A meter of a model is restated with all its thresholds and hours or not at all, since a list that drops one means it.
 * Where another list was believed since and nobody vouches for its price any more, it is learned again.
 */
export function findRestated(
  book: PriceBook,
  findings: readonly PriceFinding[],
  said: readonly PriceRow[],
  asOf: string,
): Restated {
  const groupOf = ({ provider, model, meter, catalogue }: Named): string =>
    JSON.stringify([provider, findModelId(book, provider, model) ?? model, meter, catalogue]);
  const saidOf = Map.groupBy(
    said.filter((row) => holdsOn(row.valid_from, row.valid_to, asOf)),
    groupOf,
  );
  const groups = [...Map.groupBy(findings, ({ proposed }) => groupOf(proposed))].map(([key, group]) => ({
    group,
    rows: latestOf(saidOf.get(key) ?? []),
  }));
  const restated = groups.filter(({ group, rows }) => isRestated(group, rows, asOf));
  return {
    prices: new Set(restated.flatMap(({ group }) => group.map(({ proposed }) => proposed))),
    rows: new Set(restated.flatMap(({ rows }) => rows)),
  };
}

type Named = Pick<PriceRow, 'provider' | 'model' | 'meter' | 'catalogue'>;

function isRestated(group: readonly PriceFinding[], rows: readonly PriceRow[], asOf: string): boolean {
  // A list may have a model twice, under its id and an alias: the last counts, as where prices are looked up.
  const before = new Map(rows.map((row) => [conditionOf(row), row.price]));
  const now = new Map(group.map(({ proposed }) => [conditionOf(proposed), proposed.price]));
  if (before.size !== now.size) return false;
  if (![...now].every(([condition, price]) => before.get(condition)?.equals(price) === true)) return false;
  return group.every(
    ({ proposed, believed }) =>
      believed === null || believed.catalogue === proposed.catalogue || !isStale(believed.checked_at ?? asOf, asOf),
  );
}

function latestOf(rows: readonly PriceRow[]): readonly PriceRow[] {
  const latest = rows.reduce((last, { known_at }) => ((known_at ?? '') > last ? (known_at ?? '') : last), '');
  return rows.filter(({ known_at }) => (known_at ?? '') === latest);
}

function conditionOf({
  above_input_tokens,
  utc_hours,
}: Pick<ProposedPrice, 'above_input_tokens' | 'utc_hours'>): string {
  return `${above_input_tokens} ${utc_hours}`;
}
