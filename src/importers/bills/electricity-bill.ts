import type { Decimal } from 'decimal.js';
import type { BillLine } from '../../core/bills/bill-line.ts';
import type { Problem } from '../../core/problem.ts';
import { pointerTo } from '../../core/problem.ts';
import type { Cells } from './bill-cells.ts';
import { closeCells, decimalOf, neededText, openCells, otherColumns, textOf } from './bill-cells.ts';
import type { BillFormat } from './bill-format.ts';
import type { LineFacts } from './format-line.ts';
import { billLine, countOf, ZERO } from './format-line.ts';
import { billedMonth, chargeFor, daysOf, neededCurrency } from './local-charge.ts';

/**
 * An electricity bill as a line of a sheet of one's own: kWh at a price, and where wanted standing charge, tax and the
 * amount for energy that the supplier states. Without that amount it is kWh × price, rounded once:
 * 412.5 kWh × 0.1872 = 77.22.
 */
export const electricityBill: BillFormat = {
  id: 'electricity-bill',
  label: 'Electricity bill (own sheet)',
  columns: [
    'first_day',
    'last_day',
    'kwh',
    'price_per_kwh',
    'currency',
    'energy_amount',
    'standing_charge',
    'tax',
    'supplier',
    'account_id',
    'invoice_id',
  ],
  matches: (columns) =>
    ['first_day', 'last_day', 'kwh', 'price_per_kwh', 'currency'].every((column) => columns.has(column)),
  read: (record, context) => {
    const cells = openCells(record, context);
    const currency = neededCurrency(cells, 'currency');
    const supplier = textOf(cells, 'supplier') ?? 'Electricity supplier';
    const warnings: Problem[] = [];
    const period = daysOf(cells, 'first_day', 'last_day');
    const facts: LineFacts = {
      ...period,
      ...billedMonth(cells, period, 'last_day', warnings),
      BillingCurrency: currency,
      BillingAccountId: textOf(cells, 'account_id'),
      InvoiceId: textOf(cells, 'invoice_id'),
      InvoiceIssuerName: supplier,
      ServiceProviderName: supplier,
      ServiceName: 'Electricity',
      x_Provider: 'local',
      x_Other: otherColumns(cells, READ),
    };
    const fixed = decimalOf(cells, 'standing_charge') ?? ZERO;
    const tax = decimalOf(cells, 'tax') ?? ZERO;
    const extra = (amount: Decimal, columns: Partial<BillLine>): readonly BillLine[] =>
      amount.isZero() ? [] : [billLine(cells, { ...facts, ...columns, BilledCost: amount, EffectiveCost: amount })];
    const lines = [
      billLine(cells, { ...facts, ...energyColumns(cells, currency, warnings) }),
      ...extra(fixed, { SkuMeter: 'Standing charge', ChargeDescription: 'Standing charge' }),
      ...extra(tax, { ChargeCategory: 'Tax', ChargeDescription: 'Tax' }),
    ];
    return { ...closeCells(cells, lines), warnings };
  },
};

const READ: ReadonlySet<string> = new Set([
  'first_day',
  'last_day',
  'kwh',
  'price_per_kwh',
  'currency',
  'energy_amount',
  'standing_charge',
  'tax',
  'supplier',
  'account_id',
  'invoice_id',
]);

function energyColumns(cells: Cells, currency: string, warnings: Problem[]): Partial<BillLine> {
  neededText(cells, 'kwh');
  const kwh = countOf(cells, 'kwh');
  const price = decimalOf(cells, 'price_per_kwh');
  const stated = decimalOf(cells, 'energy_amount');
  if (price === null && stated === null) neededText(cells, 'price_per_kwh');
  const computed = price === null ? null : chargeFor(kwh, price, currency);
  const amount = stated ?? computed;
  if (stated !== null && computed !== null && stated.minus(computed).abs().gt('0.01')) {
    const message = `The bill states ${stated.toFixed()}, but ${kwh.toFixed()} kWh × ${price?.toFixed()} is ${computed.toFixed()}; the stated amount was taken.`;
    warnings.push({
      code: 'does-not-add-up',
      pointer: pointerTo(['lines', cells.record.line, 'energy_amount']),
      message,
    });
  }
  return {
    BilledCost: amount,
    EffectiveCost: amount,
    ChargeDescription: 'Electricity',
    SkuMeter: 'Electricity',
    ListUnitPrice: price,
    PricingQuantity: kwh,
    PricingUnit: 'kWh',
    ConsumedQuantity: kwh,
    ConsumedUnit: 'kWh',
  };
}
