import { closeCells, decimalOf, neededInstant, neededText, openCells, otherColumns, textOf } from './bill-cells.ts';
import type { BillFormat } from './bill-format.ts';
import { dayOf } from './charge-period.ts';
import { billLine, countOf, ZERO } from './format-line.ts';
import { chargeFor, neededCurrency } from './local-charge.ts';

/** Hours of those who run the machines, at their rate: 3.25 h × 75 = 243.75. */
export const timesheet: BillFormat = {
  id: 'timesheet',
  label: 'Timesheet (own sheet)',
  columns: ['date', 'hours', 'hourly_rate', 'currency', 'activity', 'person'],
  matches: (columns) => ['date', 'hours', 'hourly_rate', 'currency'].every((column) => columns.has(column)),
  read: (record, context) => {
    const cells = openCells(record, context);
    const currency = neededCurrency(cells, 'currency');
    for (const column of ['hours', 'hourly_rate'] as const) neededText(cells, column);
    const hours = countOf(cells, 'hours');
    const rate = decimalOf(cells, 'hourly_rate') ?? ZERO;
    const amount = chargeFor(hours, rate, currency);
    const line = billLine(cells, {
      ...dayOf(neededInstant(cells, 'date', 'UTC')),
      BilledCost: amount,
      EffectiveCost: amount,
      BillingCurrency: currency,
      SubAccountName: textOf(cells, 'person'),
      ChargeDescription: textOf(cells, 'activity'),
      ServiceProviderName: 'local',
      ServiceName: 'Operations',
      SkuMeter: 'Operator hours',
      ListUnitPrice: rate,
      PricingQuantity: hours,
      PricingUnit: 'Hours',
      ConsumedQuantity: hours,
      ConsumedUnit: 'Hours',
      x_Provider: 'local',
      x_Other: otherColumns(cells, READ),
    });
    return closeCells(cells, [line]);
  },
};

const READ: ReadonlySet<string> = new Set(['date', 'hours', 'hourly_rate', 'currency', 'activity', 'person']);
