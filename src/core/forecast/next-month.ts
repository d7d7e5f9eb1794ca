import { fitHistory } from '../sampling/history-forecast.ts';
import { simulateMonthlyVolumes } from '../sampling/history-paths.ts';
import { quantilesOf } from '../sampling/quantiles.ts';
import type { VolumeHistory } from './history-periods.ts';
import type { Rating, Verdict } from './result.ts';
import { judgePredictability } from './verdict.ts';

/** The month after a history, and whether it can be foreseen within ±τ. */
export type NextMonth = {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
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
  pitScores,
}: {
  readonly history: VolumeHistory;
  readonly days: number;
  readonly tolerance: number;
  readonly confidence: number;
  readonly pitScores: readonly number[];
}): NextMonth | string {
  const model = fitHistory(history.values, history.unit);
  if (typeof model === 'string') return model;
  const daysInMonths = [history.unit === 'week' ? 28 : days];
  const [draws] = simulateMonthlyVolumes(model, {
    seed: 1,
    name: 'next',
    daysInMonths,
    firstDraw: 0,
    count: 10_000,
  }) as [Float64Array];
  const [p10, p90] = quantilesOf(draws, [0.1, 0.9]) as [number, number];
  const { forecast, probability, evidence, verdict, rating } = judgePredictability({
    draws,
    tolerance,
    confidence,
    pitScores,
  });
  return { median: forecast, p10, p90, probability, evidence, verdict, rating };
}
