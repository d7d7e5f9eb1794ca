import type { Decimal } from 'decimal.js';
import type { HistoryModel } from '../sampling/history-forecast.ts';
import { fitHistory } from '../sampling/history-forecast.ts';
import type { Workload } from '../scenario/scenario.ts';
import { median } from './accuracy.ts';
import { daysOfMonth, monthBefore } from './calendar.ts';
import type { Period, VolumeHistory } from './history-periods.ts';
import { cutIntoPeriods } from './history-periods.ts';
import type { MixModel, MixPart, TokenHistory } from './learned-mix.ts';
import { learnMix } from './learned-mix.ts';
import type { SpikeRecord } from './spike-record.ts';
import { countSpikes } from './spike-record.ts';

/** A workload's history with everything that is learned from it. */
export type LearnedHistory = {
  readonly history: VolumeHistory;
  readonly model: HistoryModel;
  readonly periods: readonly Period[];
  /** Days of the month `back` months before the scenario's first (1 is the month before it). */
  readonly daysOfLastMonths: (back: number) => number;
  readonly observations: number;
  readonly gaps: number;
  readonly oneOffs: number;
  readonly spikes: SpikeRecord;
  /** Of tokens, where their totals were given. */
  readonly mix: ReadonlyMap<MixPart, MixModel>;
  /** Steps at the end that are not known: the forecast begins before them, or it would be too sure of what follows. */
  readonly trailing: number;
};

/**
 * Fits a workload's history, which ends with the month before `start` (YYYY-MM), the one forecast next.
 * @returns what was learned, or a sentence saying what is wrong with the history
 */
export function learnHistory(given: NonNullable<Workload['history']>, start: string): LearnedHistory | string {
  const values = given.values.map((value) => value?.toNumber() ?? null);
  const end = values.findLastIndex((value) => value !== null && value !== 0) + 1;
  const model = fitHistory(values.slice(0, end), given.unit);
  if (typeof model === 'string') return model;
  const daysOfLastMonths = (back: number): number => daysOfMonth(monthBefore(start, back));
  const history: VolumeHistory = { unit: given.unit, values };
  const periods = cutIntoPeriods(history, daysOfLastMonths);
  const observations = values.filter((value) => value !== null && value > 0).length;
  const from = values.findIndex((value) => value !== null && value > 0);
  return {
    history,
    model,
    periods,
    daysOfLastMonths,
    observations,
    gaps: values.length - from - observations - given.one_offs,
    oneOffs: given.one_offs,
    spikes: countSpikes(periods),
    mix: given.tokens === undefined ? new Map() : learnMix(history, tokensOf(given.tokens), daysOfLastMonths),
    trailing: values.length - end,
  };
}

function tokensOf({
  input,
  output,
  cached_input,
}: NonNullable<NonNullable<Workload['history']>['tokens']>): TokenHistory {
  const numbers = (values: readonly (Decimal | null)[] | null): readonly (number | null)[] | null =>
    values?.map((value) => value?.toNumber() ?? null) ?? null;
  return { input: numbers(input), output: numbers(output), cached_input: numbers(cached_input) };
}

/** How far the history carries: how long it is, what part of the band's width is a stated prior, whether a season can be seen. */
export function describeHistory({ model, periods, observations, history, oneOffs, gaps }: LearnedHistory): string {
  const unit = history.unit;
  const prior = Math.round((100 * (model.degrees - observationsUsed(model))) / model.degrees);
  const length = `${count(observations, unit)} of history`;
  const left = [
    ...(oneOffs > 0 ? [`${oneOffs} tagged as one-off and left out`] : []),
    ...(gaps > 0 ? [`${gaps} missing, not counted as 0`] : []),
  ];
  const weight = `${prior} % of what sets the width of the band is a stated prior (${Math.round(100 * model.priorSpread)} % from ${unit} to ${unit})`;
  const season =
    unit === 'month' && observations < 24
      ? ['a season needs two years to show, so it is hardly counted on']
      : unit === 'day' && observations < 28
        ? ['a weekly pattern needs four weeks to show, so it is hardly counted on']
        : [];
  const weak = isShort({ observations, history })
    ? ['the history is short: "the same as last month" may do as well']
    : [];
  const months =
    unit === 'month' ? [] : [`${periods.length} whole ${unit === 'week' ? 'periods of four weeks' : 'months'}`];
  return `${[length, ...months, ...left, weight, ...season, ...weak].join('; ')}.`;
}

/** Below two years of months, half a year of weeks, two months of days. */
export function isShort({
  observations,
  history: { unit },
}: Pick<LearnedHistory, 'observations' | 'history'>): boolean {
  return observations < { month: 24, week: 26, day: 60 }[unit];
}

/**
 * Places of values that look like another unit: more than a hundred times as large, or as small, as the median of the
 * ten values around them.
 */
export function findUnitJumps(values: readonly (number | null)[]): readonly number[] {
  return values.flatMap((value, i) => {
    if (value === null || value <= 0) return [];
    const around = [...values.slice(Math.max(0, i - 5), i), ...values.slice(i + 1, i + 6)].filter(
      (other) => other !== null && other > 0,
    ) as number[];
    if (around.length < 3) return [];
    const ratio = value / median(around);
    return ratio > 100 || ratio < 0.01 ? [i] : [];
  });
}

/** The prior is worth two observations. */
function observationsUsed(model: HistoryModel): number {
  return model.degrees - 2;
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}
