import { answerFor } from './bill-context.ts';
import type { BillContext } from './bill-format.ts';
import { utcOfLocal } from './local-time.ts';

const canonical = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const time =
  '(?:[T ,]+(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?(?: ?([AaPp])\\.?[Mm]\\.?)?(?: ?(Z|z|UTC|GMT|[+-]\\d{2}(?::?\\d{2})?))?)?';
const yearFirst = new RegExp(`^(\\d{4})([-/.])(\\d{1,2})\\2(\\d{1,2})${time}$`);
const compact = /^(\d{4})(\d{2})(\d{2})$/;
const yearLast = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4}|\\d{2})${time}$`);
const namedMonth = new RegExp(
  `^(?:(\\d{1,2})[ -]([A-Za-z]{3,9})\\.?[ -](\\d{4})|([A-Za-z]{3,9})\\.? (\\d{1,2}),? (\\d{4}))${time}$`,
);
const unix = /^\d{9,10}(?:\.0+)?$/;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * An instant of a bill as RFC 3339 in UTC, from ISO dates and times, Unix seconds, dates with the month as a word, and
 * dates of three numbers. null for anything else and for days that do not exist.
 *
 * A day without a time, or at midnight of no stated zone, is that calendar day. A time without a zone is in the answer to
 * `zone`, else in `zone` (IANA), else asked about. `4/1/25` is the first of April or the fourth of January: the answer
 * to `date-order` decides (`month-first`, `day-first`); until there is one, the month comes first.
 */
export function parseBillInstant(
  text: string,
  context: BillContext,
  line: number,
  column: string,
  zone?: string,
): string | null {
  if (canonical.test(text)) return isDay(text) && isTime(text) ? text : null;
  const date = readDate(text, context, line, column);
  if (date === null) return null;
  const [year, month, day, clock] = date;
  if (year < 1990 || year > 2100 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  const [hour, minute, second, fraction, half, offset] = clock;
  const hours = hour === undefined ? 0 : hourOf(Number(hour), half);
  const seconds = Number(second ?? 0);
  if (hours === null || hours > 23 || Number(minute ?? 0) > 59 || seconds > 59) return null;
  const local = Date.UTC(year, month - 1, day, hours, Number(minute ?? 0), seconds);
  const milliseconds = fraction === undefined ? 0 : Number(fraction.padEnd(3, '0').slice(0, 3));
  const at = (instant: number): string => printInstant(instant + milliseconds);
  if (hour === undefined) return at(local);
  if (offset !== undefined) return at(local - offsetMinutes(offset) * 60_000);
  const known = answerFor(context, 'zone', column) ?? zone;
  if (known !== undefined) return at(utcOfLocal(local, known));
  if (local % 86_400_000 !== 0) context.hear('zone', null, line, column, text);
  return at(local);
}

/** The instant of whole Unix seconds, `1730419200`; null for anything else. */
export function unixInstant(text: string): string | null {
  return unix.test(text) ? printInstant(Number(text) * 1000) : null;
}

/** The same time `days` later: the end of a day is the beginning of the next. */
export function daysAfter(instant: string, days = 1): string {
  return printInstant(Date.parse(instant) + days * 86_400_000);
}

/** The calendar month in UTC in which an instant lies, ended exclusively. */
export function monthOf(instant: string): { readonly start: string; readonly end: string } {
  const at = new Date(instant);
  const start = Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
  return { start: printInstant(start), end: printInstant(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1)) };
}

type Clock = readonly (string | undefined)[];
type Parts = readonly [year: number, month: number, day: number, clock: Clock];

function readDate(text: string, context: BillContext, line: number, column: string): Parts | null {
  if (text.length > 60) return null;
  const iso = yearFirst.exec(text);
  if (iso !== null) return [Number(iso[1]), Number(iso[3]), Number(iso[4]), iso.slice(5)];
  const numbers = yearLast.exec(text);
  if (numbers !== null) {
    const [, first, , second, year] = numbers.map(Number) as [number, number, number, number, number];
    const full = year < 100 ? 2000 + year : year;
    const dayFirst = isDayFirst(first, second, text, context, line, column);
    return dayFirst ? [full, second, first, numbers.slice(5)] : [full, first, second, numbers.slice(5)];
  }
  const named = namedMonth.exec(text);
  if (named !== null) {
    const month = months.indexOf((named[2] ?? named[4] ?? '').slice(0, 3).toLowerCase()) + 1;
    return [Number(named[3] ?? named[6]), month, Number(named[1] ?? named[5]), named.slice(7)];
  }
  const digits = compact.exec(text);
  if (digits !== null) return [Number(digits[1]), Number(digits[2]), Number(digits[3]), []];
  const seconds = unixInstant(text);
  return seconds === null ? null : readDate(seconds, context, line, column);
}

function isDayFirst(
  first: number,
  second: number,
  text: string,
  context: BillContext,
  line: number,
  column: string,
): boolean {
  if (first === second) return false;
  const says = first > 12 ? 'day-first' : second > 12 ? 'month-first' : null;
  context.hear('date-order', says, line, column, text);
  return (says ?? answerFor(context, 'date-order', column)) === 'day-first';
}

function hourOf(hour: number, half: string | undefined): number | null {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return null;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

/** `+02:00` is 120. */
function offsetMinutes(offset: string): number {
  const found = /^([+-])(\d{2}):?(\d{2})?$/.exec(offset);
  if (found === null) return 0;
  return (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3] ?? 0));
}

function printInstant(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z');
}

function isDay(text: string): boolean {
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8, 10));
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(Number(text.slice(0, 4)), month) &&
    text >= '1990' &&
    text < '2101'
  );
}

function isTime(text: string): boolean {
  return text.slice(11, 13) < '24' && text.slice(14, 16) < '60' && text.slice(17, 19) < '60';
}

function daysIn(year: number, month: number): number {
  return month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31;
}
