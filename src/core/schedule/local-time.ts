import { monthAt, monthIndex } from '../scenario/months.ts';

/** A wall clock reading without a zone: `2027-03-28T02:30`. */
export type LocalTime = {
  readonly month: string;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
};

const hourMs = 3_600_000;

/**
 * The instant, in milliseconds since 1970, at which clocks in an IANA zone first show a wall clock reading. A reading
 * that a change skips gives the first instant after the gap (02:30 in Berlin on 2027-03-28 is 01:00Z, when clocks show
 * 03:00); one that comes twice gives its first time. A whole day that a zone skipped is a gap like any other.
 */
export function instantOf({ month, day, hour, minute }: LocalTime, zone: string): number {
  const wall = Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)) - 1, day, hour, minute);
  const before = offsetAt(wall - 26 * hourMs, zone);
  const after = offsetAt(wall + 26 * hourMs, zone);
  const first = Math.min(wall - before, wall - after);
  const last = Math.max(wall - before, wall - after);
  if (wallAt(first, zone) === wall) return first;
  if (wallAt(last, zone) === wall) return last;
  return firstShowing(wall, first, last, zone);
}

/** The local month that an instant falls in, `YYYY-MM`. */
export function localMonth(instant: number, zone: string): string {
  return new Date(wallAt(instant, zone)).toISOString().slice(0, 7);
}

/** The local day that an instant falls on, `YYYY-MM-DD`. */
export function localDay(instant: number, zone: string): string {
  return new Date(wallAt(instant, zone)).toISOString().slice(0, 10);
}

/** An instant as clocks in the zone show it, with their offset: `2027-03-03T06:00:00+01:00`. */
export function localText(instant: number, zone: string): string {
  const offset = Math.round(offsetAt(instant, zone) / 60_000);
  const sign = offset < 0 ? '-' : '+';
  const two = (value: number): string => String(value).padStart(2, '0');
  const ahead = Math.abs(offset);
  return `${new Date(wallAt(instant, zone)).toISOString().slice(0, 19)}${sign}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
}

/** The instant at which a local month begins. */
export function startOfMonth(month: string, zone: string): number {
  return instantOf({ month, day: 1, hour: 0, minute: 0 }, zone);
}

/** The instant at which the last day of a local month begins. */
export function startOfLastDay(month: string, zone: string): number {
  return instantOf({ month, day: lastDayOf(month), hour: 0, minute: 0 }, zone);
}

export function lastDayOf(month: string): number {
  return new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate();
}

export function nextMonth(month: string): string {
  return monthAt(monthIndex(month) + 1);
}

export function monthBefore(month: string): string {
  return monthAt(monthIndex(month) - 1);
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The first instant in (from, to] whose reading is not before `wall`; readings pass it once, in a jump. */
function firstShowing(wall: number, from: number, to: number, zone: string): number {
  let low = from;
  let high = to;
  while (high - low > 1_000) {
    const middle = Math.floor((low + high) / 2_000) * 1_000;
    if (wallAt(middle, zone) >= wall) high = middle;
    else low = middle;
  }
  return high;
}

/** What clocks in the zone show at an instant, as if it were UTC, to the second. */
function wallAt(instant: number, zone: string): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(instant)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function offsetAt(instant: number, zone: string): number {
  return wallAt(instant, zone) - Math.floor(instant / 1_000) * 1_000;
}

/** Making one takes longer than anything done with it. A service knows few zones; a test that knows all of them is let be. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (formatters.size > 600) formatters.clear();
  formatters.set(zone, made);
  return made;
}
