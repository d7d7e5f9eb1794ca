import { fitHistory } from '../sampling/history-forecast.ts';
import { simulateMonthlyVolumes } from '../sampling/history-paths.ts';
import { normalQuantile } from '../sampling/normal.ts';
import { quantilesOf } from '../sampling/quantiles.ts';
import { meanOf } from './bands.ts';

const { exp, log, sqrt } = Math;

export type NowcastQuestion = {
  /** Daily volume or spend up to the month, oldest first; null is a gap. */
  readonly history: readonly (number | null)[];
  /** The days of the month so far; or their sum, with the draws of the month's forecast, where no more is known. */
  readonly monthToDate: readonly number[] | CountedSum;
  readonly daysInMonth: number;
  /** F, the forecast of the month frozen before it began; null where there is none. */
  readonly forecast: number | null;
  /** How far above F, as a share, the month ends that is warned of; 0.10 when left out. */
  readonly over?: number;
  readonly draws: number;
  readonly seed: number;
  /** Names the random numbers; `nowcast` when left out. */
  readonly name?: string;
};

/** What the first days of a month came to, and the month as it was forecast before it began. */
export type CountedSum = { readonly days: number; readonly total: number; readonly month: Float64Array };

/** The month's total as it looks today. */
export type Nowcast = {
  readonly soFar: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly mean: number;
  /** Plain run rate, the reference: so far ÷ days so far × days of the month; null before the first day is over. */
  readonly runRate: number | null;
  /** P(month > (1 + over)·F); null without a forecast. */
  readonly probabilityOver: number | null;
  /** True from 80 %: the month will most likely end more than `over` above its forecast. */
  readonly warns: boolean;
  readonly draws: Float64Array;
};

/**
 * Month to date plus the days that are left. Of single days: simulated by the history model fitted to everything up to
 * yesterday. Of their sum alone: the forecast of the month, weighed by how likely so much of it falls into its first days.
 *
 * @returns the nowcast, or a sentence saying what is wrong with what was given
 */
export function computeNowcast(question: NowcastQuestion): Nowcast | string {
  const { monthToDate, daysInMonth, forecast, over = warnsAbove, draws } = question;
  const days = 'length' in monthToDate ? monthToDate.length : monthToDate.days;
  if (days > daysInMonth) return `the month has ${daysInMonth} days, and ${days} of them are given`;
  const given = 'length' in monthToDate ? monthToDate : [monthToDate.total];
  const wrong = given.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
  if (wrong >= 0) return `day ${wrong + 1} of the month is ${given[wrong]}: expected a number from 0 up`;
  const soFar = given.reduce((sum, value) => sum + value, 0);
  const totals =
    days === daysInMonth
      ? new Float64Array(draws).fill(soFar)
      : 'length' in monthToDate
        ? addRestOfMonth(question, monthToDate, soFar)
        : weighBySum(question, monthToDate);
  if (typeof totals === 'string') return totals;
  const [p10, p50, p90] = quantilesOf(totals, [0.1, 0.5, 0.9]) as [number, number, number];
  const probabilityOver =
    forecast === null ? null : totals.filter((total) => total > (1 + over) * forecast).length / draws;
  return {
    soFar,
    p10,
    p50,
    p90,
    mean: meanOf(totals),
    runRate: days === 0 ? null : (soFar / days) * daysInMonth,
    probabilityOver,
    warns: probabilityOver !== null && probabilityOver >= warningLevel,
    draws: totals,
  };
}

/** A month this far above its forecast is warned of where nobody says otherwise: 1 + 0.1 is 1.1 in binary too. */
const warnsAbove = 0.1;
const warningLevel = 0.8;

function addRestOfMonth(
  { history, daysInMonth, draws, seed, name = 'nowcast' }: NowcastQuestion,
  monthToDate: readonly number[],
  soFar: number,
): Float64Array | string {
  const model = fitHistory([...history, ...monthToDate], 'day');
  if (typeof model === 'string') return model;
  const daysInMonths = [daysInMonth - monthToDate.length];
  const [rest] = simulateMonthlyVolumes(model, { seed, name, daysInMonths, firstDraw: 0, count: draws }) as [
    Float64Array,
  ];
  return rest.map((value) => soFar + value);
}

/**
 * Bayes' rule over the draws V of the month's forecast. ln(so far ÷ rest) is taken as normal, so that a draw weighs
 * φ(x)·V/(V − S) at x = ln(S/(V − S)), and nothing where S is beyond it. Where next to no draw is left, the count has refuted
 * the forecast, and the rest follows from the count alone. Draws are picked at equal steps of the cumulated weight.
 */
function weighBySum(question: NowcastQuestion, { days, total, month }: CountedSum): Float64Array | string {
  if (days === 0) return 'no day of the month is given';
  if (total === 0) return 'nothing was counted so far';
  const parts = partsOfMonth(question, days, month);
  if (typeof parts === 'string') return parts;
  const { center, spread } = parts;
  const sorted = month.toSorted();
  const weights = sorted.map((value) => {
    if (value <= total) return 0;
    const x = (log(total / (value - total)) - center) / spread;
    return (exp(-0.5 * x * x) * value) / (value - total);
  });
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const squares = weights.reduce((all, weight) => all + weight * weight, 0);
  const step = (i: number): number => (i + 0.5) / question.draws;
  if (!(sum > 0 && sum * sum >= fewestDrawsLeft * squares))
    return new Float64Array(question.draws).map((_, i) => total * (1 + exp(spread * normalQuantile(step(i)) - center)));
  let place = 0;
  let reached = weights[0] as number;
  return new Float64Array(question.draws).map((_, i) => {
    while (reached < step(i) * sum && place < sorted.length - 1) {
      place++;
      reached += weights[place] as number;
    }
    return sorted[place] as number;
  });
}

/**
 * Median and spread of ln(first days ÷ days left): as whole months simulated from a daily history have them. Without one, days
 * of the prior's 25 % noise around a level that moves within the month as much as the month itself is uncertain: after 12 of
 * 31 days and a month known to 6 %, √(.25²·(1/12 + 1/19) + .06²) = .110.
 */
function partsOfMonth(
  { history, daysInMonth, draws, seed, name = 'nowcast' }: NowcastQuestion,
  days: number,
  month: Float64Array,
): { readonly center: number; readonly spread: number } | string {
  const left = daysInMonth - days;
  if (history.length === 0) {
    const known = month.filter((value) => value > 0);
    const ofMonth = known.length === 0 ? 0 : spreadOf(known.map(log));
    return { center: log(days / left), spread: sqrt(noiseOfDays ** 2 * (1 / days + 1 / left) + ofMonth ** 2) };
  }
  const model = fitHistory(history, 'day');
  if (typeof model === 'string') return model;
  const request = { seed, name, daysInMonths: [days, left], firstDraw: 0, count: draws };
  const [before, after] = simulateMonthlyVolumes(model, request) as [Float64Array, Float64Array];
  const parts = before.map((value, i) => log(value / (after[i] as number)));
  return { center: quantilesOf(parts, [0.5])[0] as number, spread: spreadOf(parts) };
}

/** The standard deviation of a normal with the same 10 and 90 % points. */
function spreadOf(values: Float64Array): number {
  const [low, high] = quantilesOf(values, [0.1, 0.9]) as [number, number];
  return (high - low) / (2 * normalQuantile(0.9));
}

const noiseOfDays = 0.25;
/** Effective draws, (Σw)²/Σw², below which the count has refuted the forecast. */
const fewestDrawsLeft = 20;
