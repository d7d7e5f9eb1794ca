import { didYouMean, nearestNames } from '../nearest-name.ts';
import type { Problem } from '../problem.ts';
import type { LocalTime } from './local-time.ts';
import { instantOf, isTimeZone, lastDayOf, localMonth, nextMonth } from './local-time.ts';

/** When a schedule fires, on the clocks of its zone: a day of each month and a time, or a cron expression of five fields. */
export type Timing =
  | { readonly day: number | 'last'; readonly time: string; readonly time_zone: string }
  | { readonly cron: string; readonly time_zone: string };

/** The first instant at or after another at which a schedule fires; null where there is none. Milliseconds since 1970. */
export type Fires = (from: number) => number | null;

/** Bills settle late: most providers still restate the first two days of a month. */
export const defaultDay = 3;
export const defaultTime = '06:00';

/** What is wrong with a timing; an empty list: nothing. A cron expression itself is judged by who can read it. */
export function findTimingProblems(timing: Timing, zones: readonly string[]): readonly Problem[] {
  return [...('cron' in timing ? [] : findDayProblems(timing)), ...findZoneProblems(timing.time_zone, zones)];
}

/** When a day of the month and a time come, month after month. */
export function firesMonthly({ day, time, time_zone }: Extract<Timing, { day: unknown }>): Fires {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const inMonth = (month: string): number => {
    const reading: LocalTime = { month, day: day === 'last' ? lastDayOf(month) : day, hour, minute };
    return instantOf(reading, time_zone);
  };
  return (from) => {
    let month = localMonth(from, time_zone);
    while (inMonth(month) < from) month = nextMonth(month);
    return inMonth(month);
  };
}

function findDayProblems({ day, time }: Extract<Timing, { day: unknown }>): readonly Problem[] {
  const problems: Problem[] = [];
  if (day !== 'last' && day > 28) {
    problems.push({
      code: 'wrong-value',
      pointer: '/day',
      message: `Some months have no day ${day}: take a day from 1 to 28, or "last" for the last day of each month.`,
      suggestions: ['last'],
    });
  }
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) {
    const message = `"${time.slice(0, 20)}" is no time: expected 00:00 to 23:59, such as ${defaultTime}.`;
    problems.push({ code: 'wrong-value', pointer: '/time', message });
  }
  return problems;
}

function findZoneProblems(zone: string, zones: readonly string[]): readonly Problem[] {
  if (/^[A-Za-z0-9_+/-]{1,60}$/.test(zone) && !/^[+-]/.test(zone) && isTimeZone(zone)) return [];
  const suggestions = nearestNames(zone, zones);
  const message = `"${zone.slice(0, 60)}" is no IANA time zone such as Europe/Berlin or UTC.${didYouMean(suggestions)}`;
  return [{ code: 'wrong-value', pointer: '/time_zone', message, suggestions }];
}
