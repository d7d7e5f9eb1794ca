import { addMonths, format, getDaysInMonth, parseISO } from 'date-fns';

/** `count` months from `start`, both as YYYY-MM; each is derived from the start, so that no day of a month can drift. */
export function monthsFrom(start: string, count: number): readonly string[] {
  const first = parseISO(`${start}-01`);
  return Array.from({ length: count }, (_, i) => format(addMonths(first, i), 'yyyy-MM'));
}

/** Days of a calendar month: 31 for 2027-01. */
export function daysOfMonth(month: string): number {
  return getDaysInMonth(parseISO(`${month}-01`));
}
