import type { Decimal } from 'decimal.js';
import type { BillLine } from '../../core/bills/bill-line.ts';
import { minorUnitsOf } from '../../core/forecast/plan.ts';
import type { Cells } from './bill-cells.ts';
import { neededInstant, neededText, reportCell } from './bill-cells.ts';
import { daysAfter } from './bill-dates.ts';
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
