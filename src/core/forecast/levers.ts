import { countCovering, kthSmallest, quantilesOf } from '../sampling/quantiles.ts';
import { meanOf } from './bands.ts';

const { abs, max, min } = Math;

export type LeverQuestion = {
  /** Possible bills of the month asked about. */
  readonly draws: Float64Array;
  readonly tolerance: number;
  readonly confidence: number;
  /** How many times wider than the draws the truth may be and the promise must still hold; 1 takes the draws as they are. */
  readonly stretch?: number;
};

/** What would make a bill hold within ±τ in a share q of the months, each with its price. */
export type Levers = {
  /** The largest hard cap: the bill is min(A, limit), forecast as limit/(1 + τ). Its price is the demand it refuses. */
  readonly cap: {
    readonly limit: number;
    readonly forecast: number;
    readonly expectedUnserved: number;
    readonly probability: number;
  };
  /** The smallest commitment: the bill is max(amount, A), forecast as amount/(1 − τ). Its price is what it adds to the mean bill. */
  readonly commitment: {
    readonly amount: number;
    readonly forecast: number;
    readonly expectedBill: number;
    readonly probability: number;
  };
  /** The smallest part of the bill that has to be fixed instead of moving with it, as share and amount a month. */
  readonly fixedPart: { readonly share: number; readonly amount: number; readonly tightestTolerance: number };
  readonly expectedBill: number;
};

/**
 * With a hard cap C only bills below (1 − τ)·C/(1 + τ) miss, so the largest is C = (1 + τ)/(1 − τ)·Q(1 − q). With a
 * commitment M only bills above (1 + τ)·M/(1 − τ) miss, so the smallest is M = (1 − τ)/(1 + τ)·Q(q). A bill of which only
 * a share v varies has v times the tightest tolerance τ*, so v may be τ/τ*. Under a stretch s draws move from the median F
 * to F·(A/F)^s first; prices are those of the draws as they are.
 *
 * @returns null for a median of 0 or less
 * @throws RangeError without draws
 */
export function computeLevers({ draws, tolerance, confidence, stretch = 1 }: LeverQuestion): Levers | null {
  const [median] = quantilesOf(draws, [0.5]) as [number];
  if (!(median > 0)) return null;
  const stretched = (bill: number): number => (bill > 0 ? median * (bill / median) ** stretch : 0);
  const needed = countCovering(confidence, draws.length);
  const width = (1 + tolerance) / (1 - tolerance);
  const limit = width * stretched(kthSmallest(draws, draws.length - needed + 1));
  const amount = stretched(kthSmallest(draws, needed)) / width;
  const deviations = draws.map((bill) => abs(stretched(bill) / median - 1));
  const tightest = kthSmallest(deviations, needed);
  const share = max(0, 1 - tolerance / tightest);
  return {
    cap: {
      limit,
      forecast: limit / (1 + tolerance),
      expectedUnserved: meanOf(draws.map((bill) => max(0, bill - limit))),
      probability: shareOf(draws, (bill) => bill >= limit / width),
    },
    commitment: {
      amount,
      forecast: amount / (1 - tolerance),
      expectedBill: meanOf(draws.map((bill) => max(amount, bill))),
      probability: shareOf(draws, (bill) => bill <= amount * width),
    },
    fixedPart: { share, amount: share * median, tightestTolerance: tightest },
    expectedBill: meanOf(draws),
  };
}

/** The share of a bill that may follow usage: τ/τ*, at most 1. A tightest tolerance of 38 % allows 26 % at ±10 %. */
export function largestUsageShare(tolerance: number, tightestTolerance: number): number {
  return tightestTolerance <= tolerance ? 1 : min(1, tolerance / tightestTolerance);
}

/** The usage part a fixed part L carries: V ≤ L·τ/(τ* − τ); any, where τ* ≤ τ. 600 fixed carry 216 at τ* = 37.7 %. */
export function largestUsagePart(fixed: number, tolerance: number, tightestTolerance: number): number {
  return tightestTolerance <= tolerance
    ? Number.POSITIVE_INFINITY
    : (fixed * tolerance) / (tightestTolerance - tolerance);
}

function shareOf(draws: Float64Array, holds: (bill: number) => boolean): number {
  let count = 0;
  for (const bill of draws) if (holds(bill)) count++;
  return count / draws.length;
}
