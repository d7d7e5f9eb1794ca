import { normalQuantile } from './normal.ts';
import { regularizedBetaInverse } from './special-functions.ts';

const { exp, log, sqrt } = Math;

/**
 * What a range stands for. All are sampled by their quantile function, one uniform each.
 *
 * `least` and `most` move draws beyond them onto them. They let `0 to 10` hours or `0 % to 20 %` keep exactly the 5 % and
 * 95 % points that were asked for, where no lognormal or logit-normal has them, without a draw below 0 or above 1.
 *
 * `prior-volatility` is the prior of a log standard deviation nothing is known about: σ² ~ scaled inverse χ² with ν₀ = 2
 * and s₀ = scale, so σ² = 2·scale²/χ²₂. As P(χ²₂ ≥ x) = e^(−x/2), P(σ ≤ s) = e^(−(scale/s)²), hence σ = scale/√(−ln u).
 * With scale 0.15: median 18 %, 90 % between 9 and 66 %. The tail is so long that e^σz has no mean: give `most` wherever a
 * mean is taken.
 */
export type Distribution =
  | {
      readonly kind: 'normal';
      readonly mean: number;
      readonly sd: number;
      readonly least?: number;
      readonly most?: number;
    }
  | { readonly kind: 'lognormal'; readonly mu: number; readonly sigma: number }
  | { readonly kind: 'logit-normal'; readonly mu: number; readonly sigma: number }
  | { readonly kind: 'pert'; readonly min: number; readonly mode: number; readonly max: number }
  | { readonly kind: 'metalog'; readonly a1: number; readonly a2: number; readonly a3: number }
  | {
      readonly kind: 'log-metalog';
      readonly a1: number;
      readonly a2: number;
      readonly a3: number;
      readonly most?: number;
    }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'triangular'; readonly min: number; readonly mode: number; readonly max: number }
  | { readonly kind: 'prior-volatility'; readonly scale: number; readonly most?: number };

/** What a number may be: above 0, a share between 0 and 1, or anything (growth). */
export type Sort = 'positive' | 'share' | 'any';

/**
 * `low to high` as 5 % and 95 % points: lognormal for positive quantities, logit-normal for shares, else normal.
 * `5 to 15` of a positive quantity has mu = ½ ln(5·15) = 2.158744, sigma = ln(15/5)/(2·1.644854) = 0.333954.
 * A range that touches 0 (or 1 for a share) is normal and held at that end; low = high is a constant.
 *
 * @returns the distribution, or a sentence saying what is wrong with the range
 */
export function fitRange(low: number, high: number, sort: Sort): Distribution | string {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return 'both ends of a range must be finite numbers';
  if (low > high) return `the range starts at ${low}, above its end ${high}: write the smaller number first`;
  if (sort === 'positive' && low < 0) return `the range starts at ${low}, but this cannot be below 0`;
  if (sort === 'share' && (low < 0 || high > 1)) return `the range ${low} to ${high} leaves the shares from 0 to 1`;
  if (sort === 'share' && low > 0 && high < 1) {
    return { kind: 'logit-normal', mu: (logit(low) + logit(high)) / 2, sigma: (logit(high) - logit(low)) / (2 * z95) };
  }
  if (sort === 'positive' && low > 0) {
    return {
      kind: 'lognormal',
      mu: (log(low) + log(high)) / 2,
      sigma: (log(high) - log(low)) / (2 * z95),
    };
  }
  const normal = { kind: 'normal', mean: low + (high - low) / 2, sd: (high - low) / (2 * z95) } as const;
  if (sort === 'share') return { ...normal, least: 0, most: 1 };
  return sort === 'positive' ? { ...normal, least: 0 } : normal;
}

/**
 * `value ±fraction`: 5 % and 95 % points at value·(1 − fraction) and value·(1 + fraction), fitted as {@link fitRange}
 * does. `1000 ±15 %` of a positive quantity therefore has the median 1000·√(0.85·1.15) = 988.7.
 */
export function fitAround(value: number, fraction: number, sort: Sort): Distribution | string {
  if (!(fraction >= 0)) return `the spread after ± must be 0 or more, not ${fraction}`;
  const reach = Math.abs(value) * fraction;
  if (sort === 'positive' && value - reach < 0) {
    return `${value} ±${percent(fraction)} reaches below 0: write at most ±100 %, or both ends of the range`;
  }
  if (sort === 'share' && (value - reach < 0 || value + reach > 1)) {
    return `${percent(value)} ±${percent(fraction)} leaves the shares from 0 % to 100 %: write both ends of the range`;
  }
  return fitRange(value - reach, value + reach, sort);
}

/**
 * A three-term metalog through the 10 %, 50 % and 90 % points, on ln x unless the quantity may be 0 or less (Keelin 2016):
 * Q(u) = exp(a1 + a2·ln(u/(1−u)) + a3·(u − ½)·ln(u/(1−u))). A share's draws above 1 count as 1.
 *
 * @returns the distribution, or a sentence: the points must rise, and the middle one must not lie so near an end that the
 *   curve would turn back on itself (16.66 % to 83.34 % of the way from p10 to p90, in logarithms)
 */
export function fitP10P50P90(p10: number, p50: number, p90: number, sort: Sort): Distribution | string {
  if (![p10, p50, p90].every(Number.isFinite)) return 'p10, p50 and p90 must be finite numbers';
  if (p10 === p50 && p50 === p90 && (sort === 'any' || p10 >= 0)) return fitRange(p50, p50, sort);
  if (!(p10 < p50 && p50 < p90)) return `p10, p50 and p90 must rise: ${p10}, ${p50}, ${p90} do not`;
  if (sort !== 'any' && p10 <= 0) return `p10 must be above 0, not ${p10}`;
  if (sort === 'share' && p90 > 1) return `p90 of a share must be at most 1, not ${p90}`;
  const onLogs = p10 > 0;
  const [q10, q50, q90] = onLogs ? [log(p10), log(p50), log(p90)] : [p10, p50, p90];
  const position = (q50 - q10) / (q90 - q10);
  if (!(position > leastPosition && position < 1 - leastPosition)) {
    return `p50 = ${p50} lies too near ${position < 0.5 ? `p10 = ${p10}` : `p90 = ${p90}`} for one smooth curve: expected ${expectedMiddle(q10, q90, onLogs)}`;
  }
  const width = q90 - q10;
  const terms = { a1: q50, a2: width / (2 * ln9), a3: ((1 - 2 * position) * width) / (0.8 * ln9) };
  if (!onLogs) return { kind: 'metalog', ...terms };
  return sort === 'share' ? { kind: 'log-metalog', ...terms, most: 1 } : { kind: 'log-metalog', ...terms };
}

/** PERT, the beta distribution on [min, max] with shapes 1 + 4(mode − min)/(max − min) and 1 + 4(max − mode)/(max − min). */
export function fitPert(min: number, mode: number, max: number): Distribution | string {
  if (![min, mode, max].every(Number.isFinite)) return 'min, mode and max must be finite numbers';
  if (!(min <= mode && mode <= max)) return `min, mode and max must not fall: ${min}, ${mode}, ${max} do`;
  return { kind: 'pert', min, mode, max };
}

/** The base case's number: the median, or the mode of a PERT or triangular distribution. */
export function central(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'pert':
    case 'triangular':
      return distribution.mode;
    default:
      return quantileOf(distribution, 0.5);
  }
}

/** The value below which a share `u`, strictly between 0 and 1, of the distribution lies. */
export function quantileOf(distribution: Distribution, u: number): number {
  const into = new Float64Array(1);
  fillQuantiles(distribution, Float64Array.of(u), into, 1);
  return into[0] as number;
}

/**
 * Writes the quantile of each of the first `count` uniforms. `into` may be `uniforms` itself. The number at a place depends
 * on the uniform at that place alone, so blocks of any size give the same bits.
 */
export function fillQuantiles(
  distribution: Distribution,
  uniforms: Float64Array,
  into: Float64Array,
  count: number,
): void {
  switch (distribution.kind) {
    case 'normal': {
      const { mean, sd, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = distribution;
      for (let i = 0; i < count; i++) {
        into[i] = hold(mean + sd * normalQuantile(uniforms[i] as number), least, most);
      }
      return;
    }
    case 'lognormal': {
      const { mu, sigma } = distribution;
      for (let i = 0; i < count; i++) into[i] = exp(mu + sigma * normalQuantile(uniforms[i] as number));
      return;
    }
    case 'logit-normal': {
      const { mu, sigma } = distribution;
      for (let i = 0; i < count; i++) into[i] = 1 / (1 + exp(-mu - sigma * normalQuantile(uniforms[i] as number)));
      return;
    }
    case 'pert': {
      const { min, mode, max } = distribution;
      const width = max - min;
      if (width === 0) {
        into.fill(min, 0, count);
        return;
      }
      const alpha = 1 + (4 * (mode - min)) / width;
      const beta = 1 + (4 * (max - mode)) / width;
      for (let i = 0; i < count; i++)
        into[i] = min + width * regularizedBetaInverse(uniforms[i] as number, alpha, beta);
      return;
    }
    case 'metalog': {
      for (let i = 0; i < count; i++) into[i] = metalog(distribution, uniforms[i] as number);
      return;
    }
    case 'log-metalog': {
      const { most = Number.POSITIVE_INFINITY } = distribution;
      for (let i = 0; i < count; i++) into[i] = hold(exp(metalog(distribution, uniforms[i] as number)), 0, most);
      return;
    }
    case 'uniform': {
      const { low, high } = distribution;
      for (let i = 0; i < count; i++) into[i] = low + (high - low) * (uniforms[i] as number);
      return;
    }
    case 'triangular': {
      for (let i = 0; i < count; i++) into[i] = triangularQuantile(distribution, uniforms[i] as number);
      return;
    }
    case 'prior-volatility': {
      const { scale, most = Number.POSITIVE_INFINITY } = distribution;
      for (let i = 0; i < count; i++) into[i] = hold(scale / sqrt(-log(uniforms[i] as number)), 0, most);
      return;
    }
  }
}

/** Φ⁻¹(0.95): a range states the 5 % and 95 % points. */
const z95 = 1.6448536269514722;

const ln9 = log(9);

/** A three-term metalog rises everywhere only if its middle point lies at k to 1 − k of the way, k = ½(1 − 1.66711·0.4). */
const leastPosition = 0.166578;

function hold(value: number, least: number, most: number): number {
  if (value < least) return least;
  return value > most ? most : value;
}

function metalog(terms: { readonly a1: number; readonly a2: number; readonly a3: number }, u: number): number {
  const logOdds = log(u / (1 - u));
  return terms.a1 + terms.a2 * logOdds + terms.a3 * (u - 0.5) * logOdds;
}

function triangularQuantile(
  terms: { readonly min: number; readonly mode: number; readonly max: number },
  u: number,
): number {
  const { min, mode, max } = terms;
  const width = max - min;
  if (width === 0) return min;
  return u < (mode - min) / width ? min + sqrt(u * width * (mode - min)) : max - sqrt((1 - u) * width * (max - mode));
}

function expectedMiddle(q10: number, q90: number, onLogs: boolean): string {
  const [low, high] = [leastPosition, 1 - leastPosition].map((position) => {
    const middle = q10 + position * (q90 - q10);
    return Number((onLogs ? exp(middle) : middle).toPrecision(4));
  });
  return `between ${low} and ${high}`;
}

function logit(share: number): number {
  return log(share / (1 - share));
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(12))} %`;
}
