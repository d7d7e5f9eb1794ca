import type { HistoryModel } from '../sampling/history-forecast.ts';
import { fitHistory, forecastCdf, forecastQuantile } from '../sampling/history-forecast.ts';
import { simulateMonthlyVolumes } from '../sampling/history-paths.ts';
import { normalQuantile } from '../sampling/normal.ts';
import { quantilesOf } from '../sampling/quantiles.ts';
import { computeSmape, intervalScore, isHit, mean, median } from './accuracy.ts';
import { logErrorOf, pitScore, scoreOf } from './calibration.ts';
import type { Period, VolumeHistory } from './history-periods.ts';
import { cutIntoPeriods } from './history-periods.ts';

const { abs, exp, log, sqrt } = Math;

export type BacktestQuestion = {
  readonly history: VolumeHistory;
  /** Days of the month `back` months before the one after the history: 1 is the last month of it. */
  readonly daysOfLastMonths: (back: number) => number;
  readonly tolerance: number;
  /** 1 forecasts the next month from the history before it. */
  readonly monthsAhead?: number;
  /** Months of history before the first forecast; 5, so that the sixth month is the first one forecast. */
  readonly trainingMonths?: number;
  /** Only the latest so many months are forecast; all of them when left out. */
  readonly latest?: number;
  readonly seed?: number;
  readonly draws?: number;
};

/** A forecast of a month's total: the median and two bands; null where there is too little history for a band. */
export type BacktestForecast = {
  readonly median: number;
  readonly band80: readonly [number, number] | null;
  readonly band95: readonly [number, number] | null;
};

export const backtestMethods = ['history model', 'last month again', 'seasonal naive'] as const;
export type BacktestMethod = (typeof backtestMethods)[number];

/** One month, as it was foreseen from the history before it. */
export type BacktestMonth = {
  /** Place among the periods, counted back from the last (1). */
  readonly back: number;
  readonly actual: number;
  readonly forecasts: Readonly<Record<BacktestMethod, BacktestForecast>>;
  /** Score of the month in the history model's distribution, and ln(A/F) with its median. */
  readonly z: number;
  readonly error: number;
  /** Mean absolute month-to-month change of the history before it: what errors are measured in. */
  readonly scale: number;
};

export type BacktestSummary = {
  readonly method: BacktestMethod;
  readonly mase: number;
  readonly smape: number;
  readonly medianError: number;
  readonly coverage80: number | null;
  readonly coverage95: number | null;
  /** Mean 80 % interval score ÷ mean actual. */
  readonly intervalScore80: number | null;
  readonly hitRate: number;
};

export type Backtest = {
  readonly periods: number;
  readonly months: readonly BacktestMonth[];
  readonly summaries: readonly BacktestSummary[];
};

/**
 * Rolling origin: every month from the sixth on is forecast from what was known before it, by the history model, by last
 * month again, and by the same month a year before (last month again where there is none, so that all are judged over the
 * same months). Bands of the naive two come from their own past log errors. A month with gaps is not scored.
 */
export function computeBacktest(question: BacktestQuestion): Backtest {
  const { history, tolerance, monthsAhead = 1, trainingMonths = 5, latest = Number.POSITIVE_INFINITY } = question;
  const periods = cutIntoPeriods(history, question.daysOfLastMonths);
  const months = periods.flatMap(({ total }, target): BacktestMonth[] => {
    const origin = target - monthsAhead + 1;
    if (total === null || origin < trainingMonths || target < periods.length - latest) return [];
    const before = periods.slice(0, origin);
    const known = before.flatMap((period) => period.total ?? []);
    const last = known.at(-1);
    if (last === undefined || known.length < 2) return [];
    const model = fitHistory(history.values.slice(0, periods[origin]?.from), history.unit);
    if (typeof model === 'string') return [];
    const ahead = periods.slice(origin, target + 1);
    const year = history.unit === 'week' ? 13 : 12;
    const seasonal = periods[target - year * Math.ceil(monthsAhead / year)]?.total ?? null;
    const grid = forecastPeriod(model, ahead, question, total);
    const again = naiveForecast(before, last, monthsAhead);
    return [
      {
        back: periods.length - target,
        actual: total,
        forecasts: {
          'history model': grid.forecast,
          'last month again': again,
          'seasonal naive': seasonal === null ? again : naiveForecast(before, seasonal, year),
        },
        z: grid.z,
        error: logErrorOf(total, grid.forecast.median),
        scale: mean(known.slice(1).map((value, i) => abs(value - (known[i] as number)))),
      },
    ];
  });
  return {
    periods: periods.length,
    months,
    summaries: months.length === 0 ? [] : backtestMethods.map((method) => summarise(months, method, tolerance)),
  };
}

const bandEnds = [0.5, 0.1, 0.9, 0.025, 0.975] as const;

function forecastPeriod(
  model: HistoryModel,
  ahead: readonly Period[],
  { seed = 1, draws = 1000 }: BacktestQuestion,
  actual: number,
): { readonly forecast: BacktestForecast; readonly z: number } {
  if (model.unit === 'month') {
    const quantiles = bandEnds.map((p) => forecastQuantile(model, ahead.length, p));
    return { forecast: forecastOf(quantiles), z: scoreOf(forecastCdf(model, ahead.length, actual)) };
  }
  const daysInMonths = ahead.map(({ days }) => days);
  const request = { seed, name: 'backtest', daysInMonths, firstDraw: 0, count: draws };
  const column = simulateMonthlyVolumes(model, request).at(-1) as Float64Array;
  return { forecast: forecastOf(quantilesOf(column, bandEnds)), z: pitScore(column, actual) };
}

function forecastOf(quantiles: readonly number[]): BacktestForecast {
  const [middle, p10, p90, low, high] = quantiles as [number, number, number, number, number];
  return { median: middle, band80: [p10, p90], band95: [low, high] };
}

/** The forecast `value`, with bands from the root mean square of past log errors over the same lag; two errors at least. */
function naiveForecast(before: readonly Period[], value: number, lag: number): BacktestForecast {
  const errors = before.flatMap(({ total }, t) => {
    const then = before[t - lag]?.total ?? null;
    return total === null || then === null ? [] : [log(total / then)];
  });
  if (errors.length < 2) return { median: value, band80: null, band95: null };
  const spread = sqrt(mean(errors.map((error) => error * error)));
  const end = (p: number): number => value * exp(spread * normalQuantile(p));
  return { median: value, band80: [end(0.1), end(0.9)], band95: [end(0.025), end(0.975)] };
}

function summarise(months: readonly BacktestMonth[], method: BacktestMethod, tolerance: number): BacktestSummary {
  const judged = months.map(({ actual, scale, forecasts }) => ({ actual, scale, ...forecasts[method] }));
  const coverage = (of: 'band80' | 'band95'): number | null => {
    const banded = judged.flatMap(({ actual, [of]: band }) => (band === null ? [] : [{ actual, band }]));
    if (banded.length === 0) return null;
    return banded.filter(({ actual, band: [low, high] }) => actual >= low && actual <= high).length / banded.length;
  };
  const scores = judged.flatMap(({ actual, band80 }) =>
    band80 === null ? [] : [{ actual, score: intervalScore(actual, band80[0], band80[1], 0.8) }],
  );
  const scaled = judged.filter(({ scale }) => scale > 0);
  const actuals = judged.map(({ actual }) => actual);
  return {
    method,
    mase: mean(scaled.map(({ actual, median: forecast, scale }) => abs(actual - forecast) / scale)),
    smape: computeSmape(
      actuals,
      judged.map((month) => month.median),
    ),
    medianError: median(judged.map(({ actual, median: forecast }) => abs(actual - forecast) / actual)),
    coverage80: coverage('band80'),
    coverage95: coverage('band95'),
    intervalScore80:
      scores.length === 0 ? null : mean(scores.map(({ score }) => score)) / mean(scores.map(({ actual }) => actual)),
    hitRate: judged.filter(({ actual, median: forecast }) => isHit(actual, forecast, tolerance)).length / judged.length,
  };
}
