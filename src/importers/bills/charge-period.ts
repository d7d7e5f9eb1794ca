import { daysAfter } from './bill-dates.ts';

type Period = { readonly ChargePeriodStart: string; readonly ChargePeriodEnd: string };

/** The whole day in UTC in which an instant lies: the period of one call, since a charge period must not be empty. */
export function dayOf(instant: string): Period {
  if (instant === '') return { ChargePeriodStart: '', ChargePeriodEnd: '' };
  const start = `${instant.slice(0, 10)}T00:00:00Z`;
  return { ChargePeriodStart: start, ChargePeriodEnd: daysAfter(start) };
}

/** From `start` to `end`, or the day of `start` where no time lies between them. */
export function periodOf(start: string, end: string | null): Period {
  return end === null || end <= start ? dayOf(start) : { ChargePeriodStart: start, ChargePeriodEnd: end };
}

/** The calendar month written as `2026-10` or `202610`, as a billing period ended exclusively; null for another text. */
export function billingMonth(
  text: string | null,
): { readonly BillingPeriodStart: string; readonly BillingPeriodEnd: string } | null {
  const [, year, month] = /^(\d{4})-?(0[1-9]|1[0-2])$/.exec(text ?? '') ?? [];
  if (year === undefined || month === undefined) return null;
  const next = month === '12' ? `${Number(year) + 1}-01` : `${year}-${String(Number(month) + 1).padStart(2, '0')}`;
  return { BillingPeriodStart: `${year}-${month}-01T00:00:00Z`, BillingPeriodEnd: `${next}-01T00:00:00Z` };
}
