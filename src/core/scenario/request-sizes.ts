import type { Decimal } from 'decimal.js';
import { quantileOf } from '../sampling/distributions.ts';
import { ScenarioDecimal } from './decimal-text.ts';
import type { RequestSize } from './scenario.ts';

const sizes = 12;
const z95 = 1.6448536269514722;

/** Above it no lognormal has this mean and 95 % point: e^(z²/2) = 3.868. */
export const greatestP95ToMean = '3.868';

/**
 * A lognormal of the given mean and 95 % point, cut into 12 sizes of equal share.
 *
 * σ solves p95/mean = e^(zσ − σ²/2), so σ = z − √(z² − 2·ln(p95/mean)): 4 gives none, 2 gives 0.4963. Size i stands at
 * the quantile (i + ½)/12, scaled so that the 12 average to the mean, and rounded to 12 significant digits; the last
 * takes what is left, so that shares × sizes is exactly 1. Only the input is cut: every size has the mean output,
 * because how the two go together is not known; where it is, `sizes` states both.
 */
export function computeSizesOfInput(mean: Decimal, p95: Decimal): readonly RequestSize[] {
  const sigma = z95 - Math.sqrt(Math.max(0, z95 * z95 - 2 * Math.log(p95.toNumber() / mean.toNumber())));
  const quantiles = Array.from({ length: sizes }, (_, i) =>
    quantileOf({ kind: 'lognormal', mu: 0, sigma }, (i + 0.5) / sizes),
  );
  const average = quantiles.reduce((sum, quantile) => sum + quantile, 0) / sizes;
  const share = new ScenarioDecimal(1).dividedBy(sizes).toSignificantDigits(12);
  const one = new ScenarioDecimal(1);
  return withRemainderInLast(
    quantiles.map((quantile) => ({
      share,
      input: new ScenarioDecimal(quantile / average).toSignificantDigits(12),
      output: one,
    })),
  );
}

/** Sizes in tokens made relative to the mean request. Tokens of 0 on average (no output at all) count as 1 for every size. */
export function computeRelativeSizes(stated: readonly RequestSize[]): {
  readonly input: Decimal;
  readonly output: Decimal;
  readonly sizes: readonly RequestSize[];
} {
  const input = weightedMean(stated, 'input');
  const output = weightedMean(stated, 'output');
  const relative = (tokens: Decimal, mean: Decimal) =>
    mean.isZero() ? new ScenarioDecimal(1) : tokens.dividedBy(mean);
  return {
    input,
    output,
    sizes: stated.map((size) => ({
      share: size.share,
      input: relative(size.input, input),
      output: relative(size.output, output),
    })),
  };
}

function weightedMean(stated: readonly RequestSize[], tokens: 'input' | 'output'): Decimal {
  return stated.reduce((sum, size) => sum.plus(size.share.times(size[tokens])), new ScenarioDecimal(0));
}

function withRemainderInLast(cut: readonly RequestSize[]): readonly RequestSize[] {
  const last = cut.at(-1);
  if (last === undefined) return cut;
  const before = cut.slice(0, -1);
  const one = new ScenarioDecimal(1);
  const share = before.reduce((rest, size) => rest.minus(size.share), one);
  const input = before.reduce((rest, size) => rest.minus(size.share.times(size.input)), one).dividedBy(share);
  return [...before, { ...last, share, input }];
}
