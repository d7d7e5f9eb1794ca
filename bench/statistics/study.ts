import type { BacktestMonth } from '../../src/core/forecast/backtest.ts';
import { computeBacktest } from '../../src/core/forecast/backtest.ts';
import { bandMultiplier, learnSpread } from '../../src/core/forecast/calibration.ts';
import type { NextMonth } from '../../src/core/forecast/next-month.ts';
import { forecastNextMonth } from '../../src/core/forecast/next-month.ts';
import { fitHistory, forecastQuantile } from '../../src/core/sampling/history-forecast.ts';
import { normalCdf } from '../../src/core/sampling/normal.ts';
import { average } from './findings.ts';
import type { GeneratedSeries, Kind } from './series.ts';
import { generateSeries, yearAhead } from './series.ts';

/** One series of known truth, with what is forecast of the month after its first `months`. */
export type Studied = {
  readonly series: GeneratedSeries;
  readonly months: number;
  readonly past: readonly BacktestMonth[];
};

export function studySeries(kind: Kind, months: number, noise: number, index: number): Studied {
  const series = generateSeries(kind, months, noise, index);
  const history = { unit: 'month' as const, values: series.values.slice(0, months) };
  const past = computeBacktest({ history, tolerance: 0.1, daysOfLastMonths: () => 30, latest: 24 }).months;
  return { series, months, past };
}

/** What the 80 % band truly covers, given the past: as modelled, and after the back-tested months corrected its width. */
export function coverageOf({ series, months, past }: Studied): {
  readonly modelled: number;
  readonly corrected: number;
} {
  const model = fitHistory(series.values.slice(0, months), 'month');
  if (typeof model === 'string') throw new Error(model);
  const within = (multiplier: number): number => {
    const end = (z: number): number => series.cdf(months, forecastQuantile(model, 1, normalCdf(z)));
    return end(multiplier) - end(-multiplier);
  };
  const modelled = within(endOf80);
  if (past.length === 0) return { modelled, corrected: modelled };
  return { modelled, corrected: within(bandMultiplier(0.8, learnSpread(past.map(({ z }) => z)))) };
}

/** The verdict as shipped, and without what withholds it where months drifted to one side. */
export function verdictsOf({ series, months, past }: Studied): Readonly<Record<'shipped' | 'withoutDrift', NextMonth>> {
  const history = { unit: 'month' as const, values: series.values.slice(0, months) };
  const ask = (scores: readonly { readonly z: number; readonly error: number }[]): NextMonth => {
    const asked = { history, days: 30, tolerance: 0.1, confidence: 0.8, draws: 2000, past: scores };
    const next = forecastNextMonth(asked);
    if (typeof next === 'string') throw new Error(next);
    return next;
  };
  return { shipped: ask(past), withoutDrift: ask(past.map(({ z }) => ({ z, error: 0 }))) };
}

/** True P(hit) of the next month, and its mean over the year ahead, each month forecast when it is next. */
export function truthOf({ series, months }: Studied): { readonly next: number; readonly year: number } {
  const truths = Array.from({ length: yearAhead }, (_, ahead) => {
    const model = fitHistory(series.values.slice(0, months + ahead), 'month');
    if (typeof model === 'string') throw new Error(model);
    const median = forecastQuantile(model, 1, 0.5);
    return series.cdf(months + ahead, 1.1 * median) - series.cdf(months + ahead, 0.9 * median);
  });
  return { next: truths[0] as number, year: average(truths) };
}

const endOf80 = 1.2815515655446004;
