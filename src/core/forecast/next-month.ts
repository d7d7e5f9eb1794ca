import { fitHistory } from '../sampling/history-forecast.ts';
import { simulateMonthlyVolumes } from '../sampling/history-paths.ts';
import { quantilesOf } from '../sampling/quantiles.ts';
import { learnDrift, learnSpread, recalibratedBand } from './calibration.ts';
import type { VolumeHistory } from './history-periods.ts';
import type { Score } from './predictability.ts';
import type { Rating, Verdict } from './result.ts';
import { judgePredictability } from './verdict.ts';

/** The month after a history, and whether it can be foreseen within ±τ. */
export type NextMonth = {
  readonly median: number;
  /** As the history model has it. */
  readonly p10: number;
  readonly p90: number;
  /** The 80 % band after what the back-tested months taught of its width; the same without any. */
  readonly recalibrated: { readonly low: number; readonly high: number };
  readonly probability: number | null;
  readonly evidence: number | null;
  readonly verdict: Verdict | null;
  readonly rating: Rating | null;
};

/**
 * Forecasts the month (`days` long; four weeks for weeks) after a history. The scores of back-tested months count as bills.
 * @returns the forecast, or a sentence saying what is wrong with the history
 */
export function forecastNextMonth({
  history,
  days,
  tolerance,
  confidence,
  past,
  draws: count = 10_000,
}: {
  readonly history: VolumeHistory;
  readonly days: number;
  readonly tolerance: number;
  readonly confidence: number;
  readonly past: readonly Pick<Score, 'z' | 'error'>[];
  readonly draws?: number;
}): NextMonth | string {
  const model = fitHistory(history.values, history.unit);
  if (typeof model === 'string') return model;
  const daysInMonths = [history.unit === 'week' ? 28 : days];
  const [draws] = simulateMonthlyVolumes(model, {
    seed: 1,
    name: 'next',
    daysInMonths,
    firstDraw: 0,
    count,
  }) as [Float64Array];
  const [p10, p90] = quantilesOf(draws, [0.1, 0.9]) as [number, number];
  const pitScores = past.map(({ z }) => z);
  const { forecast, probability, evidence, verdict, rating } = judgePredictability({
    draws,
    tolerance,
    confidence,
    pitScores,
    drift: learnDrift(past.map(({ error }) => error)),
  });
  const recalibrated =
    past.length === 0 ? { low: p10, high: p90 } : recalibratedBand(draws, 0.8, learnSpread(pitScores));
  return { median: forecast, p10, p90, recalibrated, probability, evidence, verdict, rating };
}
