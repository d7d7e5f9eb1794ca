import { quantileRanks } from '../sampling/binomial.ts';
import { normalQuantile } from '../sampling/normal.ts';
import type { QuantileScratch } from '../sampling/quantiles.ts';
import { createQuantileScratch, quantilesOf } from '../sampling/quantiles.ts';

const { abs, exp, max, sqrt } = Math;

/** How well so many draws know a quantile. */
export type QuantileError = {
  /** Ends of the interval that holds the true quantile with 95 %; null where there are too few draws to say. */
  readonly low: number | null;
  readonly high: number | null;
  /** The farther end's distance from the quantile; null where an end is. */
  readonly error: number | null;
  /** True where the quantile lies between two regimes, and a few draws more or less would throw it from one to the other. */
  readonly inGap: boolean;
};

/**
 * The 95 % interval of each quantile by order statistics: the number of draws below the true quantile is binomial,
 * whatever the distribution.
 *
 * A quantile lies in a gap of the density when that interval is more than four times as wide as draws of a normal with
 * the same spread would make it, and wider than 2 % of the quantile: so the P95 of a bill that 5 % of the months multiply.
 * For smooth skewed bills the ratio stays below three.
 */
export function quantileErrorsOf(
  draws: Float64Array,
  probabilities: readonly number[],
  scratch: QuantileScratch = createQuantileScratch(draws.length),
): readonly QuantileError[] {
  const n = draws.length;
  const placeOf = (rank: number | null): number => (rank === null || n < 2 ? 0 : (rank - 1) / (n - 1));
  const ranks = probabilities.map((p) => quantileRanks(n, p));
  const ends = ranks.flatMap(({ below, above }) => [placeOf(below), placeOf(above)]);
  const values = quantilesOf(draws, [...probabilities, ...ends, 0.1, 0.5, 0.9], scratch);
  const [p10, median, p90] = values.slice(-3) as [number, number, number];
  return probabilities.map((p, i) => {
    const { below, above } = ranks[i] as { below: number | null; above: number | null };
    const value = values[i] as number;
    const low = below === null ? null : (values[probabilities.length + 2 * i] as number);
    const high = above === null ? null : (values[probabilities.length + 2 * i + 1] as number);
    if (low === null || high === null) return { low, high, error: null, inGap: false };
    const z = normalQuantile(p);
    const spread = p === 0.5 ? (p90 - p10) / (2 * endOf80) : abs((value - median) / z);
    const density = exp(-0.5 * z * z) / sqrt(2 * Math.PI);
    const usual = (2 * 1.96 * spread * sqrt((p * (1 - p)) / n)) / density;
    const width = high - low;
    return {
      low,
      high,
      error: max(high - value, value - low),
      inGap: width > 4 * usual && width > 0.02 * abs(value),
    };
  });
}

const endOf80 = normalQuantile(0.9);
