import type { BillLine } from '../../core/bills/bill-line.ts';
import { isRecord } from '../price-text.ts';
import type { Cells } from './bill-cells.ts';
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
import type { BillFormat, BillRecord } from './bill-format.ts';
import { billingMonth, dayOf, periodOf } from './charge-period.ts';
import type { StandardMeter } from './format-line.ts';
import { billLine, currencyOf, tokenColumns } from './format-line.ts';
import { flattenRecord } from './json-records.ts';

/**
 * Together's usage report (`GET /v1/billing/usage`, in beta): priced line items in windows of a day or an hour. Products
 * are display names and not stable, so that only their words are read: a name with `Tokens` counts tokens.
 */
export const togetherUsage: BillFormat = {
  id: 'together-usage',
  label: 'Together AI, billing usage (API)',
  notes: ['The current month may lag by an hour, earlier months by a day.'],
  columns: ['date', 'start_time', 'end_time', 'product_name', 'quantity', 'unit_price', 'cost', 'currency'],
  matches: (columns) =>
    ['product_name', 'quantity', 'unit_price', 'cost', 'date'].every((column) => columns.has(column)),
  recordsOf: reportRecords,
  read: (record, context) => {
    const cells = openCells(record, context);
    neededText(cells, 'cost');
    const cost = decimalOf(cells, 'cost');
    const product = neededText(cells, 'product_name');
    const month = billingMonth(textOf(cells, 'billing_period'));
    if (month === null && textOf(cells, 'billing_period') !== null)
      reportCell(cells, 'billing_period', 'no-month', 'Expected the month of the bill, such as 2026-10.');
    const line = billLine(cells, {
      ...windowOf(cells),
      ...month,
      BilledCost: cost,
      EffectiveCost: cost,
      BillingCurrency: currencyOf(cells, 'currency', 'USD'),
      BillingAccountId: textOf(cells, 'organization_id'),
      SubAccountId: textOf(cells, 'attributes.project_id'),
      ChargeDescription: product,
      InvoiceIssuerName: 'Together AI',
      ListUnitPrice: decimalOf(cells, 'unit_price'),
      ServiceProviderName: 'Together AI',
      ServiceName: product.split(' - ')[0] ?? product,
      SkuId: product,
      x_Provider: 'together',
      x_Model: MODELS.map((column) => textOf(cells, column)).find((name) => name !== null) ?? null,
      x_Other: otherColumns(cells, READ),
      ...quantityOf(cells, product),
    });
    return closeCells(cells, [line]);
  },
};

const MODELS = [
  'pricing_dimensions.model',
  'pricing_dimensions.model_name',
  'attributes.model',
  'attributes.model_name',
];

const READ: ReadonlySet<string> = new Set([
  'date',
  'start_time',
  'end_time',
  'billing_period',
  'currency',
  'organization_id',
  'product_name',
  'quantity',
  'unit_price',
  'cost',
  'attributes.project_id',
  ...MODELS,
]);

function reportRecords(document: unknown): readonly BillRecord[] | null {
  if (!isRecord(document) || !Array.isArray(document.data) || !('billing_period' in document)) return null;
  const { billing_period, currency, organization_id } = document;
  const report = flattenRecord({ billing_period, currency, organization_id });
  const records: BillRecord[] = [];
  for (const period of document.data) {
    if (!isRecord(period) || !Array.isArray(period.line_items)) return null;
    const { date, start_time, end_time } = period;
    const during = flattenRecord({ date, start_time, end_time });
    for (const item of period.line_items) {
      if (!isRecord(item) || typeof item.product_name !== 'string') return null;
      records.push({ line: records.length + 1, fields: { ...flattenRecord(item), ...during, ...report } });
    }
  }
  return records;
}

function windowOf(cells: Cells): Pick<BillLine, 'ChargePeriodStart' | 'ChargePeriodEnd'> {
  const start = instantOf(cells, 'start_time', 'UTC');
  return start === null
    ? dayOf(neededInstant(cells, 'date', 'UTC'))
    : periodOf(start, instantOf(cells, 'end_time', 'UTC'));
}

/** Quantities come in the product's own unit, which only its name tells. */
function quantityOf(cells: Cells, product: string): Partial<BillLine> {
  const quantity = decimalOf(cells, 'quantity');
  const meter = meterOf(product);
  const tier = /\bbatch\b/i.test(product) ? 'batch' : null;
  if (meter !== null)
    return {
      ...tokenColumns(meter, tier),
      x_ServiceTier: tier,
      PricingQuantity: quantity,
      PricingUnit: 'Tokens',
      ConsumedQuantity: quantity,
      ConsumedUnit: 'Tokens',
    };
  const unit = /\bhours?\b/i.test(product) ? 'Hours' : /\btokens?\b/i.test(product) ? 'Tokens' : null;
  return {
    PricingQuantity: quantity,
    PricingUnit: unit,
    ConsumedQuantity: unit === null ? null : quantity,
    ConsumedUnit: unit,
  };
}

function meterOf(product: string): StandardMeter | null {
  if (!/\btokens?\b/i.test(product)) return null;
  if (/\bcached\b/i.test(product)) return 'cached_input';
  if (/\binput\b/i.test(product)) return 'input';
  return /\boutput\b/i.test(product) ? 'output' : null;
}
