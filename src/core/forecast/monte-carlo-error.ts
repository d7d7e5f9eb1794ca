import { quantileRanks } from '../sampling/binomial.ts';
import { normalQuantile } from '../sampling/normal.ts';
import type { QuantileScratch } from '../sampling/quantiles.ts';
import { createQuantileScratch, quantilesOf } from '../sampling/quantiles.ts';

const { abs, exp, max, sqrt } = Math;

/** A quantile of draws, and how well so many draws know it. */
export type KnownQuantile = {
  readonly value: number;
  /** Ends of the interval that holds the true quantile with 95 %; null where there are too few draws to say. */
  readonly low: number | null;
  readonly high: number | null;
  /** The farther end's distance from the quantile; null where an end is. */
  readonly error: number | null;
  /** True where the quantile lies between two regimes, and a few draws more or less would throw it from one to the other. */
  readonly inGap: boolean;
};

/** What has to be looked up in every column of `draws` draws for its quantiles and their intervals; made once, used often. */
export type QuantilePlan = {
  readonly probabilities: readonly number[];
  readonly intervals: readonly { readonly low: number | null; readonly high: number | null }[];
  readonly places: readonly number[];
  readonly draws: number;
};

/**
 * The 95 % interval of a quantile lies between two order statistics, because the number of draws below the true quantile
 * is binomial, whatever the distribution.
 */
export function planQuantiles(probabilities: readonly number[], draws: number): QuantilePlan {
  const placeOf = (rank: number | null): number | null => (rank === null ? null : (rank - 1) / max(1, draws - 1));
  const intervals = probabilities.map((p) => {
    const { below, above } = quantileRanks(draws, p);
    return { low: placeOf(below), high: placeOf(above) };
  });
  const ends = intervals.flatMap(({ low, high }) => [low ?? 0, high ?? 0]);
  return { probabilities, intervals, places: [...probabilities, ...ends, 0.1, 0.5, 0.9], draws };
}

/**
 * The planned quantiles of a column with their errors.
 *
 * A quantile lies in a gap of the density when its interval is more than four times as wide as draws of a normal with
 * the same spread would make it, and wider than 2 % of the quantile: so the P95 of a bill that 5 % of the months multiply.
 * For smooth skewed bills the ratio stays below three.
 */
export function knownQuantilesOf(
  draws: Float64Array,
  plan: QuantilePlan,
  scratch: QuantileScratch = createQuantileScratch(draws.length),
): readonly KnownQuantile[] {
  const values = quantilesOf(draws, plan.places, scratch);
  const [p10, median, p90] = values.slice(-3) as [number, number, number];
  return plan.probabilities.map((p, i) => {
    const value = values[i] as number;
    const planned = plan.intervals[i] as { low: number | null; high: number | null };
    const ends = plan.probabilities.length + 2 * i;
    const low = planned.low === null ? null : (values[ends] as number);
    const high = planned.high === null ? null : (values[ends + 1] as number);
    if (low === null || high === null) return { value, low, high, error: null, inGap: false };
    const z = normalQuantile(p);
    const spread = p === 0.5 ? (p90 - p10) / (2 * endOf80) : abs((value - median) / z);
    const density = exp(-0.5 * z * z) / sqrt(2 * Math.PI);
    const usual = (2 * 1.96 * spread * sqrt((p * (1 - p)) / plan.draws)) / density;
    const width = high - low;
    return {
      value,
      low,
      high,
      error: max(high - value, value - low),
      inGap: width > 4 * usual && width > 0.02 * abs(value),
    };
  });
}

const endOf80 = normalQuantile(0.9);
