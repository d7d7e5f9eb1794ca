import type { PriceFinding } from './compare-prices.ts';
import { findModelId } from './model-id.ts';
import type { PriceBook, PriceRow } from './price.ts';
import { holdsOn, rowsKnownOn } from './price.ts';
import { daysBetween, isStale } from './price-age.ts';
import type { ProposedPrice } from './proposed-price.ts';

/** A list that says the same for so long is learned again, so that its prices do not go stale. */
const vouchAgainDays = 14;

/**
 * Prices of a list that is read each day which say what the same list said before: there is nothing to learn from them.
 * A meter of a model is restated with all its thresholds and hours or not at all, since a list that drops one means it.
 *
 * After two weeks a price is learned again under the new day, unless somebody else's later price is believed instead and
 * still fresh: two lists that disagree would otherwise take turns.
 */
export function findRestated(
  book: PriceBook,
  findings: readonly PriceFinding[],
  asOf: string,
): ReadonlySet<ProposedPrice> {
  const groups = Map.groupBy(findings, ({ proposed: { provider, model, meter } }) =>
    JSON.stringify([provider, findModelId(book, provider, model) ?? model, meter]),
  );
  const restated = [...groups.values()].filter((group) => isRestated(book, group, asOf));
  return new Set(restated.flat().map(({ proposed }) => proposed));
}

function isRestated(book: PriceBook, group: readonly PriceFinding[], asOf: string): boolean {
  const said = lastSaid(book, group, asOf);
  const [first] = said.values();
  // A list may have a model twice, under its id and an alias: the last counts, as where prices are looked up.
  const says = new Map(group.map(({ proposed }) => [conditionOf(proposed), proposed.price]));
  if (first === undefined || said.size !== says.size) return false;
  if (![...says].every(([condition, price]) => said.get(condition)?.price.equals(price) === true)) return false;
  if (daysBetween(first.checked_at ?? asOf, asOf) < vouchAgainDays) return true;
  return group.every(
    ({ believed }) =>
      believed !== null && believed.catalogue !== first.catalogue && !isStale(believed.checked_at ?? asOf, asOf),
  );
}

/** What the list said of this meter when it was last learned from, by condition, as far as that holds today. */
function lastSaid(book: PriceBook, group: readonly PriceFinding[], asOf: string): ReadonlyMap<string, PriceRow> {
  const [finding] = group;
  if (finding === undefined) return new Map();
  const { provider, model, meter, catalogue } = finding.proposed;
  const id = findModelId(book, provider, model) ?? model;
  const rows = rowsKnownOn(book.providers.get(provider)?.models.get(id)?.rows ?? [], asOf).filter(
    (row) => row.catalogue === catalogue && row.meter === meter && holdsOn(row.valid_from, row.valid_to, asOf),
  );
  const latest = rows.reduce((last, { known_at }) => ((known_at ?? '') > last ? (known_at ?? '') : last), '');
  const said = rows.filter(({ known_at }) => (known_at ?? '') === latest);
  return new Map(said.map((row) => [conditionOf(row), row]));
}

function conditionOf({
  above_input_tokens,
  utc_hours,
}: Pick<ProposedPrice, 'above_input_tokens' | 'utc_hours'>): string {
  return `${above_input_tokens} ${utc_hours}`;
}
