import type { Decimal } from 'decimal.js';
import { Decimal as Plain } from 'decimal.js';
import type { PriceRow } from './price.ts';

/** One of the prices that a mean is made of, with its share of the requests. */
export type PricePart = { readonly share: Decimal; readonly row: PriceRow };

const Exact = Plain.clone({ precision: 34 });

/** As many digits as a spreadsheet keeps, so that the three readings start from one number. */
const digits = 15;

/**
 * The mean of several prices by their shares, as a row that remembers them (`mean_of`): 17/24 at 0.66 and 7/24 at 1.32 is
 * 0.8525. Facts beside the price are those of the first. A single price is itself; null where one of them is unknown.
 */
export function meanRow(parts: readonly { readonly share: Decimal; readonly row: PriceRow | null }[]): PriceRow | null {
  const counted = parts.filter(({ share }) => !share.isZero());
  if (counted.some(({ row }) => row === null)) return null;
  const known = together(counted.flatMap(({ share, row }) => (row === null ? [] : partsOf(row, share))));
  const [first] = known;
  if (first === undefined) return null;
  if (known.length === 1) return first.row;
  const price = known
    .reduce((sum, { share, row }) => sum.plus(row.price.times(share)), new Exact(0))
    .toSignificantDigits(digits);
  return { ...first.row, price: new Plain(price), mean_of: known };
}

/** The rows of the book behind a price: itself, or those it is the mean of. */
export function rowsBehind(row: PriceRow): readonly PriceRow[] {
  return row.mean_of?.map((part) => part.row) ?? [row];
}

function partsOf(row: PriceRow, share: Decimal): readonly PricePart[] {
  return row.mean_of?.map((part) => ({ ...part, share: new Exact(part.share).times(share) })) ?? [{ share, row }];
}

/** Shares of one and the same row added up. */
function together(parts: readonly PricePart[]): readonly PricePart[] {
  const byRow = Map.groupBy(parts, ({ row }) => row);
  return [...byRow].map(([row, same]) => ({
    row,
    share: same.reduce((sum, { share }) => sum.plus(share), new Exact(0)),
  }));
}
