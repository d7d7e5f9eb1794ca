import { monthIndex } from '../scenario/months.ts';
import { localMonth, monthBefore, nextMonth, startOfLastDay, startOfMonth } from './local-time.ts';
import type { Fires } from './timing.ts';

/** A schedule as the calendar sees it. */
export type Calendar = { readonly fires: Fires; readonly zone: string };

/** Periods whose run is due, and where to go on. */
export type Due = {
  /** Oldest first. */
  readonly due: readonly { readonly period: string; readonly at: number }[];
  readonly next: { readonly period: string; readonly at: number };
};

/** Longer than any outage worth listing month by month. */
const mostPeriods = 120;

/**
 * When the run of a period is due: the schedule's first firing after the period, a calendar month in its zone, has ended.
 * So each month has one run, whatever the expression: a schedule on the 3rd runs November on 3 December; a quarterly one
 * in April runs January, February and March; one that fires weekly runs a month at its first firing. Throws RangeError
 * for a schedule that never fires again.
 */
export function dueAt({ fires, zone }: Calendar, period: string): number {
  const at = fires(startOfMonth(nextMonth(period), zone));
  if (at === null) throw new RangeError(`nothing fires after ${period}`);
  return at;
}

/** The first period whose run comes after an instant: where a new schedule begins. */
export function firstPeriodAfter(calendar: Calendar, now: number): string {
  let period = monthBefore(localMonth(now, calendar.zone));
  while (dueAt(calendar, period) > now && dueAt(calendar, monthBefore(period)) > now) period = monthBefore(period);
  while (dueAt(calendar, period) <= now) period = nextMonth(period);
  return period;
}

/** The periods from `from` on that are due by now. */
export function findDuePeriods(calendar: Calendar, from: string, now: number): Due {
  const due: { period: string; at: number }[] = [];
  let period = from;
  let at = dueAt(calendar, period);
  while (at <= now && due.length < mostPeriods) {
    due.push({ period, at });
    period = nextMonth(period);
    at = dueAt(calendar, period);
  }
  return { due, next: { period, at } };
}

/** The next runs, each with the period it covers. */
export function findNextRuns(
  calendar: Calendar,
  from: string,
  count: number,
): readonly { readonly period: string; readonly at: number }[] {
  const runs: { period: string; at: number }[] = [];
  for (let period = from; runs.length < count; period = nextMonth(period))
    runs.push({ period, at: dueAt(calendar, period) });
  return runs;
}

/**
 * When the forecast of a period is frozen: on the last day of the month before, in the zone, from its first moment. What
 * is frozen after the period began would know some of it, and is no forecast.
 */
export function freezeWindow(period: string, zone: string): { readonly opens: number; readonly closes: number } {
  return { opens: startOfLastDay(monthBefore(period), zone), closes: startOfMonth(period, zone) };
}

/** The first period that can still be frozen at an instant. */
export function firstFreezable(now: number, zone: string): string {
  return nextMonth(localMonth(now, zone));
}

/** Whether a period has ended in the zone. */
export function hasEnded(period: string, now: number, zone: string): boolean {
  return monthIndex(period) < monthIndex(localMonth(now, zone));
}

export function isPeriod(text: string): boolean {
  return /^20\d\d-(0[1-9]|1[0-2])$/.test(text);
}
