import { fitHistory } from '../sampling/history-forecast.ts';
import { simulateMonthlyVolumes } from '../sampling/history-paths.ts';
import { quantilesOf } from '../sampling/quantiles.ts';
import { meanOf } from './bands.ts';

export type NowcastQuestion = {
  /** Daily volume or spend up to the month, oldest first; null is a gap. */
  readonly history: readonly (number | null)[];
  /** The days of the month so far. */
  readonly monthToDate: readonly number[];
  readonly daysInMonth: number;
  /** F, the forecast of the month frozen before it began; null where there is none. */
  readonly forecast: number | null;
  readonly draws: number;
  readonly seed: number;
};

/** The month's total as it looks today. */
export type Nowcast = {
  readonly soFar: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly mean: number;
  /** Plain run rate, the reference: so far ÷ days so far × days of the month; null before the first day is over. */
  readonly runRate: number | null;
  /** P(month > 1.1·F); null without a forecast. */
  readonly probabilityOver: number | null;
  /** True from 80 %: the month will most likely end more than 10 % above its forecast. */
  readonly warns: boolean;
  readonly draws: Float64Array;
};

/**
 * Month to date plus the days that are left, simulated by the history model fitted to everything up to yesterday.
 * @returns the nowcast, or a sentence saying what is wrong with what was given
 */
export function computeNowcast(question: NowcastQuestion): Nowcast | string {
  const { history, monthToDate, daysInMonth, forecast, draws, seed } = question;
  if (monthToDate.length > daysInMonth)
    return `the month has ${daysInMonth} days, and ${monthToDate.length} of them are given`;
  const wrong = monthToDate.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
  if (wrong >= 0) return `day ${wrong + 1} of the month is ${monthToDate[wrong]}: expected a number from 0 up`;
  const soFar = monthToDate.reduce((sum, value) => sum + value, 0);
  const left = daysInMonth - monthToDate.length;
  const totals = new Float64Array(draws).fill(soFar);
  if (left > 0) {
    const model = fitHistory([...history, ...monthToDate], 'day');
    if (typeof model === 'string') return model;
    const request = { seed, name: 'nowcast', daysInMonths: [left], firstDraw: 0, count: draws };
    const [rest] = simulateMonthlyVolumes(model, request) as [Float64Array];
    for (let i = 0; i < draws; i++) totals[i] = soFar + (rest[i] as number);
  }
  const [p10, p50, p90] = quantilesOf(totals, [0.1, 0.5, 0.9]) as [number, number, number];
  const over = forecast === null ? null : totals.filter((total) => total > 1.1 * forecast).length / draws;
  return {
    soFar,
    p10,
    p50,
    p90,
    mean: meanOf(totals),
    runRate: monthToDate.length === 0 ? null : (soFar / monthToDate.length) * daysInMonth,
    probabilityOver: over,
    warns: over !== null && over >= warningLevel,
    draws: totals,
  };
}

const warningLevel = 0.8;
