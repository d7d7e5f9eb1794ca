/** `2027-01` as a count of months since year 0, so that months can be subtracted: January 2027 is 2027 × 12 + 0. */
export function monthIndex(month: string): number {
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;
}

/** The inverse of {@link monthIndex}. */
export function monthAt(index: number): string {
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`;
}

/** The month after that of a date: `2026-11-22` gives `2026-12`, `2026-12-01` gives `2027-01`. */
export function monthAfter(date: string): string {
  return monthAt(monthIndex(date) + 1);
}

/** Whether text of the form `YYYY-MM-DD` names a day that exists: 2027-02-29 does not. */
export function isDate(text: string): boolean {
  const [, year, month, day] = /^([12]\d{3})-(\d\d)-(\d\d)$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
