import type { Decimal } from 'decimal.js';
import type { QuantileScratch } from '../sampling/quantiles.ts';
import { createQuantileScratch } from '../sampling/quantiles.ts';
import type { KnownQuantile, QuantilePlan } from './monte-carlo-error.ts';
import { knownQuantilesOf, planQuantiles } from './monte-carlo-error.ts';

export const bandPoints = ['p5', 'p10', 'p50', 'p90', 'p95'] as const;
export type BandPoint = (typeof bandPoints)[number];

/** Where the draws of one month or total lie, beside its exact base case, and how well so many draws know it. */
export type SampleBand = { readonly [Point in BandPoint]: number } & {
  readonly base: Decimal;
  readonly mean: number;
  /** Half a 95 % interval of each; null where there are too few draws to say. */
  readonly error: { readonly [Point in BandPoint | 'mean']: number | null };
  /** The points that lie in a gap of the density: known only to lie somewhere between two regimes. */
  readonly inGap: readonly BandPoint[];
};

/** The order statistics that bands of columns of `draws` draws need; make it once where many bands are taken. */
export function planBands(draws: number): QuantilePlan {
  return planQuantiles(bandProbabilities, draws);
}

/**
 * The band of a column of draws; quantiles interpolate linearly. Give plan and scratch of the column's length when many
 * bands are taken. Draws may be tied or negative, but not NaN.
 *
 * @throws RangeError for an empty column
 */
export function bandOf(
  draws: Float64Array,
  base: Decimal,
  plan: QuantilePlan = planBands(draws.length),
  scratch: QuantileScratch = createQuantileScratch(draws.length),
): SampleBand {
  const known = knownQuantilesOf(draws, plan, scratch);
  const [p5, p10, p50, p90, p95] = known as readonly [
    KnownQuantile,
    KnownQuantile,
    KnownQuantile,
    KnownQuantile,
    KnownQuantile,
  ];
  const mean = meanOf(draws);
  return {
    base,
    p5: p5.value,
    p10: p10.value,
    p50: p50.value,
    p90: p90.value,
    p95: p95.value,
    mean,
    error: {
      p5: p5.error,
      p10: p10.error,
      p50: p50.error,
      p90: p90.error,
      p95: p95.error,
      mean: errorOfMean(draws, mean),
    },
    inGap: bandPoints.filter((_, i) => known[i]?.inGap),
  };
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

/** 1.96 standard errors of the mean; null for a single draw. */
function errorOfMean(draws: Float64Array, mean: number): number | null {
  if (draws.length < 2 || !Number.isFinite(mean)) return null;
  let squares = 0;
  for (let i = 0; i < draws.length; i++) squares += ((draws[i] as number) - mean) ** 2;
  return 1.96 * Math.sqrt(squares / (draws.length - 1) / draws.length);
}

function pairwiseSum(values: Float64Array, origin: number, from: number, to: number): number {
  if (to - from > 64) {
    const middle = (from + to) >>> 1;
    return pairwiseSum(values, origin, from, middle) + pairwiseSum(values, origin, middle, to);
  }
  let sum = 0;
  for (let i = from; i < to; i++) sum += (values[i] as number) - origin;
  return sum;
}
