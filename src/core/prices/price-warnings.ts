import type { FoundPrices, PriceWarning } from './find-prices.ts';
import { findModelId } from './model-id.ts';
import type { PriceBook, StatedPrice } from './price.ts';
import { daysBetween, isStale, rowsInUse } from './price-age.ts';

/**
 * One `price-stale` warning for each model whose oldest price in use was last vouched for more than 30 days before
 * `asOf`; over 90 days it says so more plainly. Prices the scenario states do not age.
 */
export function priceAgeWarnings(found: readonly FoundPrices[], asOf: string): readonly PriceWarning[] {
  return found.flatMap((prices) => {
    const { provider, model } = prices;
    const checked = rowsInUse(prices).flatMap(({ checked_at }) => checked_at ?? []);
    const oldest = checked.reduce((first, day) => (day < first ? day : first), asOf);
    if (!isStale(oldest, asOf)) return [];
    const days = daysBetween(oldest, asOf);
    const advice = days > 90 ? 'check it against the provider before relying on it' : 'it may have changed since';
    const message = `The price of ${provider} ${model} was last checked on ${oldest}, ${days} days before ${asOf}: ${advice}.`;
    return { code: 'price-stale' as const, provider, model, message };
  });
}

/**
 * Positions of stated prices that no model in use is priced by: most often a misspelt id, which would otherwise change
 * nothing in silence.
 */
export function findUnusedPrices(
  book: PriceBook,
  stated: readonly StatedPrice[],
  used: readonly { readonly provider: string; readonly model: string }[],
): readonly number[] {
  const inUse = new Set(used.map(({ provider, model }) => nameOf(book, provider, model)));
  return stated.flatMap((price, index) => (inUse.has(nameOf(book, price.provider, price.model)) ? [] : index));
}

function nameOf(book: PriceBook, provider: string, model: string): string {
  return `${provider}\n${findModelId(book, provider, model) ?? model}`;
}
