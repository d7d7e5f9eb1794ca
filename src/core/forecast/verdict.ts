import type { QuantileScratch } from '../sampling/quantiles.ts';
import { countCovering, createQuantileScratch, kthSmallest, quantilesOf } from '../sampling/quantiles.ts';
import type { Drift } from './calibration.ts';
import { evidenceFor, learnSpread } from './calibration.ts';
import type { Rating, Verdict } from './result.ts';

export type PredictabilityQuestion = {
  /** Possible bills of the month asked about. */
  readonly draws: Float64Array;
  /** τ: a bill within ±τ of the forecast is a hit; 0.10 unless the user says otherwise. */
  readonly tolerance: number;
  /** q: the share of months that must hit; 0.80 unless the user says otherwise. */
  readonly confidence: number;
  /** z = Φ⁻¹(predictive distribution at the bill) of every bill and back-test so far. */
  readonly pitScores?: readonly number[];
  /** How far they ran to one side, where enough of them are known. */
  readonly drift?: Drift | null;
};

export type PredictabilityAnswer = {
  /** F, the forecast that hits are counted around: the median of the draws. */
  readonly forecast: number;
  readonly probability: number | null;
  readonly safetyFactor: number | null;
  readonly evidence: number | null;
  readonly verdict: Verdict | null;
  readonly rating: Rating | null;
  readonly tightestTolerance: number | null;
  /** True where the spread alone would let it hold, and months that ended on one side of their forecast do not. */
  readonly withheld: boolean;
  /** Why something above is null. */
  readonly reason: 'no-cost' | 'does-not-vary' | null;
};

/**
 * Can the month be forecast within ±τ in at least q of all months?
 *
 * The safety factor is how many times larger than modelled the errors could be before the answer turns to no: with
 * e = ln(A/F), each draw bears s = ln(1+τ)/e upwards or ln(1−τ)/e downwards, and s_q is the k-th largest, k = ⌈qN⌉. How
 * far the stated spread can be trusted is a scaled inverse χ² that starts worth four bills. The evidence is the
 * probability that the true spread is at most s_q times the stated one: from 0.90 the promise holds, up to 0.10 it does
 * not, and between them no one knows yet. Without bills that takes s_q ≥ 1.94 or s_q ≤ 0.72.
 *
 * Where past months drifted to one side, "holds" is said only if the promise bears that as well: the bounds ln(1±τ) move by
 * the far end of the drift, s_q is taken again, and the smaller evidence counts. Drift never makes it fail: that is what
 * the scores are for.
 *
 * A draw of 0 or less is a miss that no spread could excuse (s = 0). A forecast of 0 or less has no relative error: all
 * null, `no-cost`. Where so many draws equal the forecast that s_q has no bound, it is null, `does-not-vary`, and holds.
 *
 * @throws RangeError when there are no draws, or unless 0 < τ < 1 and 0 < q ≤ 1
 */
export function judgePredictability(question: PredictabilityQuestion): PredictabilityAnswer {
  const { draws, tolerance, confidence, pitScores = [], drift = null } = question;
  if (!(tolerance > 0 && tolerance < 1)) throw new RangeError(`a tolerance lies between 0 and 1, not at ${tolerance}`);
  if (!(confidence > 0 && confidence <= 1))
    throw new RangeError(`a confidence lies between 0 and 1, not at ${confidence}`);
  const scratch = createQuantileScratch(draws.length);
  const [forecast] = quantilesOf(draws, [0.5], scratch) as [number];
  if (!(forecast > 0)) return answerWithoutCost(forecast);

  const needed = countCovering(confidence, draws.length);
  const probability = shareOfHits(draws, forecast, tolerance);
  const safetyFactorAfter = (shift: number): number => {
    const bearable = draws.map((bill) => bearableSpread(bill, forecast, tolerance, shift));
    return kthSmallest(bearable, draws.length - needed + 1, scratch);
  };
  const spread = learnSpread(pitScores);
  const safetyFactor = safetyFactorAfter(0);
  const deviations = draws.map((bill) => Math.abs(bill / forecast - 1));
  const ofSpread = evidenceFor(safetyFactor, spread);
  const withDrift =
    drift === null || ofSpread < evidenceToHold ? ofSpread : evidenceFor(safetyFactorAfter(drift.farEnd), spread);
  const withheld = ofSpread >= evidenceToHold && withDrift < evidenceToHold;
  const varies = safetyFactor < Number.POSITIVE_INFINITY;
  return {
    forecast,
    probability,
    safetyFactor: varies ? safetyFactor : null,
    evidence: Math.min(ofSpread, withDrift),
    verdict: withheld ? 'not enough evidence' : verdictOf(ofSpread),
    rating: rate(probability, confidence),
    tightestTolerance: kthSmallest(deviations, needed, scratch),
    withheld,
    reason: varies ? null : 'does-not-vary',
  };
}

/** P(|A − F| ≤ τ·F) for each τ, with F the median of the draws, the boundary included; null when F ≤ 0. */
export function probabilitiesWithin(
  draws: Float64Array,
  tolerances: readonly number[],
  scratch: QuantileScratch = createQuantileScratch(draws.length),
): readonly (number | null)[] {
  const [forecast] = quantilesOf(draws, [0.5], scratch) as [number];
  return tolerances.map((tolerance) => (forecast > 0 ? shareOfHits(draws, forecast, tolerance) : null));
}

/** Evidence from which a promise holds; with 0.10 or less it does not. */
export const evidenceToHold = 0.9;

/** Shown side by side, whichever is asked for. */
export const shownTolerances = [0.05, 0.1, 0.15, 0.2] as const;

function answerWithoutCost(forecast: number): PredictabilityAnswer {
  return {
    forecast,
    probability: null,
    safetyFactor: null,
    evidence: null,
    verdict: null,
    rating: null,
    tightestTolerance: null,
    withheld: false,
    reason: 'no-cost',
  };
}

function shareOfHits(draws: Float64Array, forecast: number, tolerance: number): number {
  // A hair of room, so that a bill exactly on the boundary is a hit although 0.77 − 0.7 is a little above 0.1 · 0.7.
  const reach = tolerance * forecast * (1 + 1e-12);
  let hits = 0;
  for (let i = 0; i < draws.length; i++) if (Math.abs((draws[i] as number) - forecast) <= reach) hits++;
  return hits / draws.length;
}

/** The largest s for which s·ln(A/F) + shift still lies within ln(1 ± τ). */
function bearableSpread(bill: number, forecast: number, tolerance: number, shift: number): number {
  const high = Math.log1p(tolerance) - shift;
  const low = Math.log1p(-tolerance) - shift;
  if (bill <= 0 || high <= 0 || low >= 0) return 0;
  const error = Math.log(bill / forecast);
  if (error === 0) return Number.POSITIVE_INFINITY;
  return (error > 0 ? high : low) / error;
}

function verdictOf(evidence: number): Verdict {
  if (evidence >= evidenceToHold) return 'holds';
  return evidence <= 0.1 ? 'does not hold' : 'not enough evidence';
}

/** The pass level is where Acceptable begins, whatever it is; below it only Limited and Poor remain. */
function rate(probability: number, confidence: number): Rating {
  if (probability >= confidence) {
    if (probability >= 0.95) return 'Excellent';
    return probability >= 0.9 ? 'Strong' : 'Acceptable';
  }
  return probability >= 0.5 ? 'Limited' : 'Poor';
}
