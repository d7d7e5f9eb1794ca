import type { Decimal } from 'decimal.js';
import type { BillLine } from '../../core/bills/bill-line.ts';
import { minorUnitsOf } from '../../core/forecast/plan.ts';
import type { Problem } from '../../core/problem.ts';
import { pointerTo } from '../../core/problem.ts';
import type { Cells } from './bill-cells.ts';
import { neededInstant, neededText, reportCell } from './bill-cells.ts';
import { daysAfter, monthOf } from './bill-dates.ts';
import { currencyOf } from './format-line.ts';

/**
 * From the first day to the last, both included as people write them: 2026-10-01 to 2026-10-31 ends with the first of
 * November.
 */
export function daysOf(
  cells: Cells,
  first: string,
  last: string,
): Pick<BillLine, 'ChargePeriodStart' | 'ChargePeriodEnd'> {
  const start = neededInstant(cells, first, 'UTC');
  const end = neededInstant(cells, last, 'UTC');
  if (start !== '' && end !== '' && end < start)
    reportCell(cells, last, 'ends-before-it-begins', `The last day is before ${start.slice(0, 10)}.`);
  return { ChargePeriodStart: start, ChargePeriodEnd: end === '' ? '' : daysAfter(end) };
}

/**
 * The month in which the middle of a period lies: a stretch that begins at local midnight begins in the month before it in
 * UTC. One that reaches over several months is not divided, as nobody knows how; that is said.
 */
export function billedMonth(
  cells: Cells,
  { ChargePeriodStart: start, ChargePeriodEnd: end }: Pick<BillLine, 'ChargePeriodStart' | 'ChargePeriodEnd'>,
  column: string,
  warnings: Problem[],
): Pick<BillLine, 'BillingPeriodStart' | 'BillingPeriodEnd'> {
  if (start === '' || end === '') return { BillingPeriodStart: null, BillingPeriodEnd: null };
  const [from, to] = [Date.parse(start), Date.parse(end)];
  const month = monthOf(new Date((from + to) / 2).toISOString());
  if (start < daysAfter(month.start, -1) || end > daysAfter(month.end)) {
    const message = `${start.slice(0, 10)} to ${end.slice(0, 10)} is more than one month: all of it counts in ${month.start.slice(0, 7)}.`;
    warnings.push({ code: 'several-months', pointer: pointerTo(['lines', cells.record.line, column]), message });
  }
  return { BillingPeriodStart: month.start, BillingPeriodEnd: month.end };
}

/** Quantity × price, rounded once, half away from zero, to what the currency can pay. */
export function chargeFor(quantity: Decimal, price: Decimal, currency: string): Decimal {
  const amount = quantity.times(price);
  return amount.toDecimalPlaces(isCode(currency) ? minorUnitsOf(currency) : 2);
}

export function neededCurrency(cells: Cells, column: string): string {
  return neededText(cells, column) === '' ? '' : currencyOf(cells, column, '');
}

function isCode(currency: string): boolean {
  return /^[A-Z]{3}$/.test(currency);
}
