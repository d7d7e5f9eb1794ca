import { Decimal } from 'decimal.js';
import { findModelId } from './model-id.ts';
import type { PriceBook, PriceRow } from './price.ts';
import { holdsOn, rowsKnownOn } from './price.ts';
import type { ProposedPrice } from './proposed-price.ts';

/**
 * How a proposed price stands to what is believed: `new` has nothing to be held against, `same` is within 1 % (and
 * confirms it), `differs` is for a person to look at, and `outlier` is more than ten times as much, or less than a tenth.
 */
export type PriceFinding = {
  readonly verdict: 'new' | 'same' | 'differs' | 'outlier';
  readonly proposed: ProposedPrice;
  /** What is believed for the same day; null where nothing is. */
  readonly believed: PriceRow | null;
  /** Proposed ÷ believed; null where there is nothing to divide by. */
  readonly ratio: Decimal | null;
};

const tolerance = new Decimal('0.01');
const outlier = new Decimal(10);

/** Holds every proposed price against the book as known on `asOf`, on the day it is to hold: today, or its first day. */
export function comparePrices(
  book: PriceBook,
  proposed: readonly ProposedPrice[],
  asOf: string,
): readonly PriceFinding[] {
  return proposed.map((price) => {
    const believed = findBelieved(book, price, asOf);
    if (believed === null) return { verdict: 'new', proposed: price, believed, ratio: null };
    if (price.price.equals(believed.price))
      return { verdict: 'same', proposed: price, believed, ratio: new Decimal(1) };
    if (believed.price.isZero()) return { verdict: 'outlier', proposed: price, believed, ratio: null };
    const ratio = price.price.div(believed.price);
    return { verdict: judgeRatio(ratio), proposed: price, believed, ratio };
  });
}

function judgeRatio(ratio: Decimal): PriceFinding['verdict'] {
  if (ratio.gt(outlier) || ratio.lt(new Decimal(1).div(outlier))) return 'outlier';
  return ratio.minus(1).abs().gt(tolerance) ? 'differs' : 'same';
}

function findBelieved(book: PriceBook, price: ProposedPrice, asOf: string): PriceRow | null {
  const id = findModelId(book, price.provider, price.model) ?? price.model;
  const rows = book.providers.get(price.provider)?.models.get(id)?.rows ?? [];
  const day = (price.valid_from ?? '') > asOf ? (price.valid_from ?? asOf) : asOf;
  const inForce = rowsKnownOn(rows, asOf).filter(
    (row) =>
      row.meter === price.meter &&
      row.above_input_tokens === price.above_input_tokens &&
      row.utc_hours === price.utc_hours &&
      holdsOn(row.valid_from, row.valid_to, day),
  );
  return inForce.reduce<PriceRow | null>(
    (latest, row) => (latest === null || (row.known_at ?? '') >= (latest.known_at ?? '') ? row : latest),
    null,
  );
}
