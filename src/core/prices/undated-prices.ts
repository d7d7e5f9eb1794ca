import { findModelId } from './model-id.ts';
import type { PriceBook } from './price.ts';
import { rowsKnownOn } from './price.ts';
import type { ProposedPrice } from './proposed-price.ts';

/**
 * Prices of a list without dates, as what it says: they hold from the day it was read until the next change of that
 * meter that is announced. So a list of today's prices does not undo what is known of tomorrow's.
 */
export function datedOn(prices: readonly ProposedPrice[], book: PriceBook, day: string): readonly ProposedPrice[] {
  return prices.map((price) => {
    if (price.valid_from !== null || price.valid_to !== null) return price;
    const id = findModelId(book, price.provider, price.model) ?? price.model;
    const rows = rowsKnownOn(book.providers.get(price.provider)?.models.get(id)?.rows ?? [], day);
    const announced = rows
      .flatMap((row) => (row.meter === price.meter && (row.valid_from ?? '') > day ? (row.valid_from ?? []) : []))
      .toSorted();
    return { ...price, valid_from: day, valid_to: announced[0] ?? null };
  });
}
