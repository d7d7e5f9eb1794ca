import type { Problem } from '../../core/problem.ts';
import {
  closeCells,
  decimalOf,
  instantOf,
  neededInstant,
  neededText,
  openCells,
  otherColumns,
  reportCell,
  textOf,
} from './bill-cells.ts';
import type { BillFormat } from './bill-format.ts';
import { billLine, countOf, ZERO } from './format-line.ts';
import { billedMonth, chargeFor, neededCurrency } from './local-charge.ts';

/**
 * Readings of an electricity meter: one line for each stretch between two readings, at the tariff then in force. `factor`
 * is that of a current transformer. (12,900.5 − 12,488.0) kWh × 0.1872 = 77.22. A time without a zone is asked about.
 */
export const meterReadings: BillFormat = {
  id: 'meter-readings',
  label: 'Electricity meter readings (own sheet)',
  columns: ['read_from', 'read_to', 'start_kwh', 'end_kwh', 'price_per_kwh', 'currency', 'factor', 'meter_id'],
  matches: (columns) =>
    ['read_from', 'read_to', 'start_kwh', 'end_kwh', 'price_per_kwh', 'currency'].every((column) =>
      columns.has(column),
    ),
  read: (record, context) => {
    const cells = openCells(record, context);
    const currency = neededCurrency(cells, 'currency');
    for (const column of ['start_kwh', 'end_kwh', 'price_per_kwh'] as const) neededText(cells, column);
    const price = decimalOf(cells, 'price_per_kwh') ?? ZERO;
    const first = countOf(cells, 'start_kwh');
    const last = countOf(cells, 'end_kwh');
    const kwh = last.minus(first).times(decimalOf(cells, 'factor') ?? 1);
    if (last.lt(first)) {
      const message = `The meter went back from ${first.toFixed()} to ${last.toFixed()}; split the line where it was exchanged or began anew.`;
      reportCell(cells, 'end_kwh', 'meter-went-back', message);
    }
    const start = neededInstant(cells, 'read_from');
    const end = neededText(cells, 'read_to') === '' ? '' : (instantOf(cells, 'read_to') ?? '');
    if (start !== '' && end !== '' && end <= start)
      reportCell(cells, 'read_to', 'ends-before-it-begins', `The second reading is not after ${start}.`);
    const warnings: Problem[] = [];
    const period = { ChargePeriodStart: start, ChargePeriodEnd: end };
    const amount = chargeFor(kwh, price, currency);
    const line = billLine(cells, {
      BilledCost: amount,
      EffectiveCost: amount,
      BillingCurrency: currency,
      BillingAccountId: textOf(cells, 'meter_id'),
      ...period,
      ...billedMonth(cells, period, 'read_to', warnings),
      ChargeDescription: 'Electricity, meter reading × tariff',
      ServiceProviderName: 'local',
      ServiceName: 'Electricity',
      SkuMeter: 'Electricity',
      ListUnitPrice: price,
      PricingQuantity: kwh,
      PricingUnit: 'kWh',
      ConsumedQuantity: kwh,
      ConsumedUnit: 'kWh',
      x_Provider: 'local',
      x_Other: otherColumns(cells, READ),
    });
    return { ...closeCells(cells, [line]), warnings };
  },
};

const READ: ReadonlySet<string> = new Set([
  'read_from',
  'read_to',
  'start_kwh',
  'end_kwh',
  'price_per_kwh',
  'currency',
  'factor',
  'meter_id',
]);
