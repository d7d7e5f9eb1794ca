// By its own path each: the barrel would load hundreds of modules at every start.
import { addMonths } from 'date-fns/addMonths';
import { format } from 'date-fns/format';
import { getDaysInMonth } from 'date-fns/getDaysInMonth';
import { parseISO } from 'date-fns/parseISO';

/** `count` months from `start`, both as YYYY-MM; each is derived from the start, so that no day of a month can drift. */
export function monthsFrom(start: string, count: number): readonly string[] {
  const first = parseISO(`${start}-01`);
  return Array.from({ length: count }, (_, i) => format(addMonths(first, i), 'yyyy-MM'));
}

/** Days of a calendar month: 31 for 2027-01. */
export function daysOfMonth(month: string): number {
  return getDaysInMonth(parseISO(`${month}-01`));
}
