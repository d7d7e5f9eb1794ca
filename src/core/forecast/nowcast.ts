import { fitHistory } from '../sampling/history-forecast.ts';
import { simulateMonthlyVolumes } from '../sampling/history-paths.ts';
import { quantilesOf } from '../sampling/quantiles.ts';
import { meanOf } from './bands.ts';

export type NowcastQuestion = {
  /** Daily volume or spend up to the month, oldest first; null is a gap. */
  readonly history: readonly (number | null)[];
  /** The days of the month so far; or their sum, where no more is known. */
  readonly monthToDate: readonly number[] | { readonly days: number; readonly total: number };
  readonly daysInMonth: number;
  /** F, the forecast of the month frozen before it began; null where there is none. */
  readonly forecast: number | null;
  readonly draws: number;
  readonly seed: number;
  /** Names the random numbers; `nowcast` when left out. */
  readonly name?: string;
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
 * Month to date plus the days that are left. Of single days: simulated by the history model fitted to everything up to
 * yesterday. Of their sum alone: the days left are to the days so far as they are in whole months that the model of the
 * history simulates (without a history, the model of a single day, which knows but its prior), so that the level is the
 * one that was counted.
 * @returns the nowcast, or a sentence saying what is wrong with what was given
 */
export function computeNowcast(question: NowcastQuestion): Nowcast | string {
  const { monthToDate, daysInMonth, forecast, draws } = question;
  const byDay = 'length' in monthToDate ? monthToDate : null;
  const days = 'length' in monthToDate ? monthToDate.length : monthToDate.days;
  if (days > daysInMonth) return `the month has ${daysInMonth} days, and ${days} of them are given`;
  const given = 'length' in monthToDate ? monthToDate : [monthToDate.total];
  const wrong = given.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
  if (wrong >= 0) return `day ${wrong + 1} of the month is ${given[wrong]}: expected a number from 0 up`;
  const soFar = given.reduce((sum, value) => sum + value, 0);
  const rest =
    days === daysInMonth
      ? new Float64Array(draws)
      : byDay === null
        ? restByRatio(question, days, soFar)
        : restOfMonth(question, byDay);
  if (typeof rest === 'string') return rest;
  const totals = rest.map((value) => soFar + value);
  const [p10, p50, p90] = quantilesOf(totals, [0.1, 0.5, 0.9]) as [number, number, number];
  const over = forecast === null ? null : totals.filter((total) => total > 1.1 * forecast).length / draws;
  return {
    soFar,
    p10,
    p50,
    p90,
    mean: meanOf(totals),
    runRate: days === 0 ? null : (soFar / days) * daysInMonth,
    probabilityOver: over,
    warns: over !== null && over >= warningLevel,
    draws: totals,
  };
}

const warningLevel = 0.8;

function restOfMonth(
  { history, daysInMonth, draws, seed, name = 'nowcast' }: NowcastQuestion,
  monthToDate: readonly number[],
): Float64Array | string {
  const model = fitHistory([...history, ...monthToDate], 'day');
  if (typeof model === 'string') return model;
  const daysInMonths = [daysInMonth - monthToDate.length];
  const [rest] = simulateMonthlyVolumes(model, { seed, name, daysInMonths, firstDraw: 0, count: draws });
  return rest as Float64Array;
}

function restByRatio(
  { history, daysInMonth, draws, seed, name = 'nowcast' }: NowcastQuestion,
  days: number,
  soFar: number,
): Float64Array | string {
  if (days === 0) return 'no day of the month is given';
  const model = fitHistory(history.length === 0 ? [1] : history, 'day');
  if (typeof model === 'string') return model;
  const daysInMonths = [days, daysInMonth - days];
  const [before, after] = simulateMonthlyVolumes(model, { seed, name, daysInMonths, firstDraw: 0, count: draws });
  return (after as Float64Array).map((value, i) => (soFar * value) / ((before as Float64Array)[i] as number));
}
