import { acceptedHits } from '../sampling/binomial.ts';
import { normalCdf, normalQuantile } from '../sampling/normal.ts';
import { countCovering, kthSmallest, quantilesOf } from '../sampling/quantiles.ts';
import { chiSquareQuantile, chiSquareUpperTail, studentTQuantile } from '../sampling/special-functions.ts';

const { abs, log, max, min, sqrt } = Math;

/** What past bills say of the true spread over the stated one: scaled inverse χ² with `degrees` ν and `variance` ŝ². */
export type Spread = { readonly degrees: number; readonly variance: number };

/** How much the stated spread is trusted before any bill: as much as four bills. */
const billsThePriorIsWorth = 4;

/**
 * ν = 4 + n and ŝ² = (4 + Σz²)/ν. Six bills with Σz² = 4.87 give ν = 10 and ŝ² = 0.887.
 */
export function learnSpread(pitScores: readonly number[]): Spread {
  const degrees = billsThePriorIsWorth + pitScores.length;
  return { degrees, variance: (billsThePriorIsWorth + sumOfSquares(pitScores)) / degrees };
}

/** How far forecasts ran to one side of what came: the mean of ln(A/F), its standard error, and how far it may lie out. */
export type Drift = {
  readonly mean: number;
  readonly error: number;
  /** The end of the mean's 80 % interval that lies further from 0. */
  readonly farEnd: number;
};

/**
 * The drift of past months from their log errors ln(A/F). A forecast that lags a trend misses to one side again and again;
 * Σz² takes that for width and a median of the draws takes no notice of it. Null with fewer than six months, of which
 * nothing can be said. Six errors of .03, .05, .02, .04, .03, .01 have a mean of .030 ± .0058, and .0374 as far end.
 */
export function learnDrift(logErrors: readonly number[]): Drift | null {
  const n = logErrors.length;
  if (n < fewestForAClaim) return null;
  const mean = logErrors.reduce((sum, error) => sum + error, 0) / n;
  const variance = logErrors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / (n - 1);
  const error = sqrt(variance / n);
  return { mean, error, farEnd: mean + (mean < 0 ? -1 : 1) * endOf80 * error };
}

/** ln(A/F), of an actual of 0 as of a billionth of the forecast. */
export function logErrorOf(actual: number, forecast: number): number {
  return log(max(actual / forecast, leastShare));
}

/**
 * Where a bill fell in its forecast, as a standard normal score: z = Φ⁻¹(u) with u the share of draws below it, ties
 * counting half. 0 is the median, ±1.28 the ends of the 80 % band.
 *
 * Draws say nothing of how far outside them a bill lies. Beyond the lowest or highest draw the score of that draw is
 * stretched by the ratio of log distances from the median, up to the scores of u = 1e-9 and 1 − 1e-9 (about ±6).
 *
 * @throws RangeError without draws
 */
export function pitScore(draws: Float64Array, bill: number): number {
  let below = 0;
  let equal = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const draw of draws) {
    if (draw < bill) below++;
    else if (draw === bill) equal++;
    lowest = min(lowest, draw);
    highest = max(highest, draw);
  }
  if (draws.length === 0) throw new RangeError('a bill cannot be placed among no draws');
  if (bill >= lowest && bill <= highest) return scoreOf((below + equal / 2) / draws.length);
  const edge = bill < lowest ? lowest : highest;
  const score = scoreOf(bill < lowest ? 0.5 / draws.length : 1 - 0.5 / draws.length);
  const [median] = quantilesOf(draws, [0.5]) as [number];
  const stretched = abs(score) * abs(log(bill / median) / log(edge / median));
  return (bill < lowest ? -1 : 1) * (Number.isNaN(stretched) ? farthestScore : min(stretched, farthestScore));
}

/** Φ⁻¹(u) with u held to [1e-9, 1 − 1e-9], so that no single bill counts without limit. */
export function scoreOf(u: number): number {
  return normalQuantile(min(1 - leastShare, max(leastShare, u)));
}

/**
 * Evidence that the true spread is at most `safetyFactor` times the stated one: P(χ²_ν > ν·ŝ²/s²).
 */
export function evidenceFor(safetyFactor: number, { degrees, variance }: Spread): number {
  return chiSquareUpperTail((degrees * variance) / safetyFactor ** 2, degrees);
}

/** The smallest safety factor whose evidence reaches `evidence`: 1.94 for 0.90 without a bill, 1.31 after 12 good ones. */
export function safetyFactorFor(evidence: number, { degrees, variance }: Spread): number {
  return sqrt((degrees * variance) / chiSquareQuantile(1 - evidence, degrees));
}

/** Half the width of the recalibrated band at `level`, in z: t_ν⁻¹((1 + level)/2)·ŝ. Without a bill 1.53 at 80 % (stated: 1.28). */
export function bandMultiplier(level: number, { degrees, variance }: Spread): number {
  return studentTQuantile((1 + level) / 2, degrees) * sqrt(variance);
}

/** The draws' quantiles at Φ(±multiplier): next month's band after what the bills taught. */
export function recalibratedBand(
  draws: Float64Array,
  level: number,
  spread: Spread,
): { readonly low: number; readonly high: number } {
  return bandWithin(draws, bandMultiplier(level, spread));
}

/**
 * The audit line that assumes nothing but that bills are exchangeable: the k-th smallest |z|, k = ⌈(n + 1)·level⌉.
 * Null while k > n: there is one from 4 bills at 80 %, 9 at 90 %, 19 at 95 %.
 */
export function conformalMultiplier(pitScores: readonly number[], level: number): number | null {
  const rank = countCovering(level, pitScores.length + 1);
  return rank > pitScores.length ? null : kthSmallest(Float64Array.from(pitScores, abs), rank);
}

/** How many bills a conformal band at `level` needs. */
export function conformalNeeds(level: number): number {
  let bills = 1;
  while (countCovering(level, bills + 1) > bills) bills++;
  return bills;
}

/** P(Σz² this large or larger) if the stated spread were right: small when bands are too narrow. */
export function tooNarrowTest(pitScores: readonly number[]): number {
  return chiSquareUpperTail(sumOfSquares(pitScores), pitScores.length);
}

/** What can be said after so many bills, and no more. Null is what the number of bills does not allow yet. */
export type TrackRecord = {
  readonly spread: Spread;
  readonly insideBand: number;
  /** Bills inside that a right 80 % band gives, at a 5 % level; from 6 bills. */
  readonly acceptedInside: { readonly least: number; readonly most: number } | null;
  /** P(Σz² as large) under the stated spread; from 6 bills. */
  readonly tooNarrow: number | null;
  /** The recalibrated 80 % and 95 % bands in z; from the first bill. */
  readonly multiplier80: number;
  readonly multiplier95: number;
  /** The assumption-free bands in z, from 4 and 9 bills. */
  readonly conformal80: number | null;
  readonly conformal90: number | null;
};

/**
 * Sums up the bills so far: with 3 each is a dot in its band and nothing is claimed; from 6 the recalibrated band and the
 * test on Σz² speak; with 12 the conformal 90 % band is there as well.
 */
export function summariseRecord(scores: readonly { readonly z: number }[]): TrackRecord {
  const pitScores = scores.map(({ z }) => z);
  const spread = learnSpread(pitScores);
  const speaks = scores.length >= fewestForAClaim;
  return {
    spread,
    insideBand: pitScores.filter((z) => abs(z) <= endOf80).length,
    acceptedInside: speaks ? acceptedHits(scores.length, 0.8) : null,
    tooNarrow: speaks ? tooNarrowTest(pitScores) : null,
    multiplier80: bandMultiplier(0.8, spread),
    multiplier95: bandMultiplier(0.95, spread),
    conformal80: conformalMultiplier(pitScores, 0.8),
    conformal90: conformalMultiplier(pitScores, 0.9),
  };
}

/** Months below which nothing is claimed of them together. */
const fewestForAClaim = 6;
const leastShare = 1e-9;
const farthestScore = -normalQuantile(leastShare);
const endOf80 = normalQuantile(0.9);

function bandWithin(draws: Float64Array, multiplier: number): { readonly low: number; readonly high: number } {
  const [low, high] = quantilesOf(draws, [normalCdf(-multiplier), normalCdf(multiplier)]) as [number, number];
  return { low, high };
}

function sumOfSquares(scores: readonly number[]): number {
  return scores.reduce((sum, z) => sum + z * z, 0);
}
