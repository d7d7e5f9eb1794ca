import type { Decimal } from 'decimal.js';
import type { QuantileScratch } from '../sampling/quantiles.ts';
import { createQuantileScratch, quantilesOf } from '../sampling/quantiles.ts';

/** Where the draws of one month or total lie, beside its exact base case. */
export type SampleBand = {
  readonly base: Decimal;
  readonly p5: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly mean: number;
};

/**
 * The band of a column of draws; quantiles interpolate linearly. Give a scratch of the column's length when many bands are
 * taken. Draws may be tied or negative, but not NaN.
 *
 * @throws RangeError for an empty column
 */
export function bandOf(
  draws: Float64Array,
  base: Decimal,
  scratch: QuantileScratch = createQuantileScratch(draws.length),
): SampleBand {
  const [p5, p10, p50, p90, p95] = quantilesOf(draws, bandProbabilities, scratch) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { base, p5, p10, p50, p90, p95, mean: meanOf(draws) };
}

/**
 * Arithmetic mean by pairwise sums, whose error does not grow with the number of draws. Differences from the first draw
 * are summed, so that the mean of draws that do not vary is that number to the last bit.
 */
export function meanOf(draws: Float64Array): number {
  const first = draws[0] as number;
  const origin = Number.isFinite(first) ? first : 0;
  return origin + pairwiseSum(draws, origin, 0, draws.length) / draws.length;
}

const bandProbabilities = [0.05, 0.1, 0.5, 0.9, 0.95] as const;

function pairwiseSum(values: Float64Array, origin: number, from: number, to: number): number {
  if (to - from > 64) {
    const middle = (from + to) >>> 1;
    return pairwiseSum(values, origin, from, middle) + pairwiseSum(values, origin, middle, to);
  }
  let sum = 0;
  for (let i = from; i < to; i++) sum += (values[i] as number) - origin;
  return sum;
}
