import type { HistoryUnit } from '../sampling/history-forecast.ts';

/** A measured history, oldest first; null is a gap or a one-off. `last` is the month it ends in, YYYY-MM. */
export type VolumeHistory = {
  readonly unit: HistoryUnit;
  readonly values: readonly (number | null)[];
};

/** A span of a history that is forecast as one: a calendar month of days, four weeks, or a month. */
export type Period = {
  /** First step and the one after the last, as places in the values. */
  readonly from: number;
  readonly to: number;
  /** Days of the calendar month; 28 for four weeks. */
  readonly days: number;
  /** Sum of its steps; null where too many of them are unknown. A few gaps count as the mean of the others. */
  readonly total: number | null;
};

/**
 * Cuts a history into whole months, the last of which ends with the history. `daysOfLastMonths(back)` gives the days of the
 * month that lies `back` months before the one after the history (1 is the last). Weeks are taken four at a time, because
 * they end in no month. What is left over at the beginning is left out.
 */
export function cutIntoPeriods(
  { unit, values }: VolumeHistory,
  daysOfLastMonths: (back: number) => number,
): readonly Period[] {
  const first = values.findIndex((value) => value !== null && value > 0);
  if (first < 0) return [];
  const periods: Period[] = [];
  let to = values.length;
  for (let back = 1; ; back++) {
    const days = unit === 'week' ? 28 : daysOfLastMonths(back);
    const from = to - { day: days, week: 4, month: 1 }[unit];
    if (from < first) return periods.reverse();
    periods.push({ from, to, days, total: totalOf(values.slice(from, to)) });
    to = from;
  }
}

/** At least this share of a period's steps must be known before the others are taken to be like them. */
const leastKnown = 0.8;

function totalOf(steps: readonly (number | null)[]): number | null {
  const known = steps.filter((value) => value !== null && value > 0) as readonly number[];
  if (known.length === 0 || known.length < leastKnown * steps.length) return null;
  return (known.reduce((sum, value) => sum + value, 0) / known.length) * steps.length;
}
