import { z } from 'zod';
import { normalQuantile } from '../sampling/normal.ts';
import { isHit } from './accuracy.ts';
import { logErrorOf } from './calibration.ts';
import type { Score } from './predictability.ts';
import type { Band, Perimeter } from './result.ts';

const amount = z.string().regex(/^-?\d+(\.\d+)?$/);

/**
 * A closed month of a tier against the forecast frozen before it began: what a locked bill teaches the next forecast.
 * Amounts are decimal text in the scenario's currency. Whoever compares bills writes them; a forecast keeps them among its
 * inputs, so that it can be computed again.
 */
export const billScoreInput = z.strictObject({
  tier: z.string().min(1),
  perimeter: z.enum(['bill', 'full']),
  /** YYYY-MM. */
  month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/),
  /** F, the median that was frozen one month ahead. */
  forecast: amount,
  actual: amount,
  /** Where the actual fell, as a standard normal score: `placeInBand` where only the band was kept, −6 to 6. */
  z: z.number().min(-6).max(6),
});

export type BillScore = z.infer<typeof billScoreInput>;

/** The scores of one tier and perimeter, oldest first; a month of which several are given counts once, with the last. */
export function scoresOfBills(
  bills: readonly BillScore[],
  tier: string,
  perimeter: Perimeter,
  tolerance: number,
): readonly Score[] {
  const byMonth = new Map<string, BillScore>();
  for (const bill of bills) if (bill.tier === tier && bill.perimeter === perimeter) byMonth.set(bill.month, bill);
  return [...byMonth.values()]
    .filter(({ forecast }) => Number(forecast) > 0)
    .toSorted((a, b) => (a.month < b.month ? -1 : 1))
    .map(({ month, forecast, actual, z: score }) => ({
      month,
      z: score,
      error: logErrorOf(Number(actual), Number(forecast)),
      hit: isHit(Number(actual), Number(forecast), tolerance),
    }));
}

/**
 * The score of an actual in a band of which P5, P10, P50, P90 and P95 were kept: on the straight line through the two points
 * beside it, amounts taken as logarithms where all are above 0. Beyond P5 and P95 that line goes on, up to ±6. An actual of
 * 108 in a band of 80, 85, 100, 118, 125 lies at 1.2816·ln(108/100)/ln(118/100) = 0.596.
 */
export function placeInBand(band: Pick<Band, 'p5' | 'p10' | 'p50' | 'p90' | 'p95'>, actual: string): number {
  const amounts = [band.p5, band.p10, band.p50, band.p90, band.p95].map(Number);
  const positive = [...amounts, Number(actual)].every((value) => value > 0);
  const scaled = (value: number): number => (positive ? Math.log(value) : value);
  const at = scaled(Number(actual));
  const points = amounts.map((value, i) => ({ x: scaled(value), z: scores[i] as number }));
  const middle = points[2] as { readonly x: number; readonly z: number };
  if (at === middle.x) return 0;
  // On either side of the median, the segment that holds the actual; the outermost goes on.
  const [first, second] = at > middle.x ? [points[3], points[4]] : [points[1], points[0]];
  const [near, far] = [first ?? middle, second ?? middle];
  const isBeyond = at > middle.x ? at > near.x : at < near.x;
  const [from, to] = isBeyond ? [near, far] : [middle, near];
  const slope = (to.z - from.z) / (to.x - from.x);
  const score = Number.isFinite(slope) ? from.z + (at - from.x) * slope : Math.sign(at - middle.x) * 6;
  return Math.max(-6, Math.min(6, score));
}

const scores = [0.05, 0.1, 0.5, 0.9, 0.95].map(normalQuantile);
