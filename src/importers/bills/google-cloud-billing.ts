import type { Decimal } from 'decimal.js';
import type { BillLine, ChargeCategory } from '../../core/bills/bill-line.ts';
import { InvalidInput } from '../../core/problem.ts';
import { parseJsonWithNumbersAsText } from '../json-numbers.ts';
import { isRecord } from '../price-text.ts';
import type { Cells } from './bill-cells.ts';
import {
  closeCells,
  decimalOf,
  neededInstant,
  neededText,
  openCells,
  otherColumns,
  reportCell,
  textOf,
} from './bill-cells.ts';
import type { BillFormat } from './bill-format.ts';
import { parseBillDecimal } from './bill-numbers.ts';
import { billingMonth } from './charge-period.ts';
import type { LineFacts } from './format-line.ts';
import { billLine, currencyOf } from './format-line.ts';
import { googleSkuColumns } from './google-sku.ts';
import { rowRecord } from './json-pages.ts';

/**
 * Google Cloud's billing export: rows of the BigQuery table as JSON, or as CSV with nested names joined by dots. What is
 * paid is `cost` plus its credits, which are negative; each credit is a line of its own. The month of the bill is
 * `invoice.month`, whatever the time of use: months end at midnight in California.
 */
export const googleCloudBilling: BillFormat = {
  id: 'google-cloud-billing',
  label: 'Google Cloud, billing export (BigQuery, CSV or JSON)',
  columns: [
    'billing_account_id',
    'service.description',
    'sku.id',
    'sku.description',
    'cost',
    'currency',
    'invoice.month',
  ],
  matches: (columns) =>
    ['billing_account_id', 'service.description', 'sku.description', 'cost', 'currency', 'invoice.month'].every(
      (column) => columns.has(column),
    ),
  recordsOf: (document) =>
    rowRecord(document, (row) => isRecord(row.service) && isRecord(row.sku) && isRecord(row.invoice) && 'cost' in row),
  read: (record, context) => {
    const cells = openCells(record, context);
    neededText(cells, 'cost');
    const cost = decimalOf(cells, 'cost');
    const month = billingMonth(textOf(cells, 'invoice.month'));
    if (month === null)
      reportCell(cells, 'invoice.month', 'no-month', 'Expected the month of the invoice, such as 202610.');
    const facts: LineFacts = {
      ...periodOfUse(cells, month),
      BillingPeriodStart: month?.BillingPeriodStart ?? null,
      BillingPeriodEnd: month?.BillingPeriodEnd ?? null,
      BillingCurrency: currencyOf(cells, 'currency', 'USD'),
      BillingAccountId: textOf(cells, 'billing_account_id'),
      SubAccountId: textOf(cells, 'project.id'),
      SubAccountName: textOf(cells, 'project.name'),
      RegionId: textOf(cells, 'location.region'),
      InvoiceIssuerName: 'Google Cloud',
      ServiceProviderName: 'Google Cloud',
      ServiceName: textOf(cells, 'service.description'),
      SkuId: textOf(cells, 'sku.id'),
      x_Provider: 'google',
    };
    const sku = textOf(cells, 'sku.description');
    const charge = billLine(cells, {
      ...facts,
      ...googleSkuColumns(
        facts.ServiceName ?? null,
        sku,
        decimalOf(cells, 'usage.amount'),
        textOf(cells, 'usage.unit'),
      ),
      BilledCost: cost,
      EffectiveCost: cost,
      ListCost: decimalOf(cells, 'cost_at_list'),
      ChargeCategory: categoryOf(cells),
      ChargeDescription: sku,
      PricingQuantity: decimalOf(cells, 'usage.amount_in_pricing_units'),
      PricingUnit: textOf(cells, 'usage.pricing_unit'),
      x_Other: otherColumns(cells, READ),
    });
    const { x_Model, x_ServiceTier } = charge;
    return closeCells(cells, [charge, ...creditLines(cells, { ...facts, x_Model, x_ServiceTier })]);
  },
};

const READ: ReadonlySet<string> = new Set([
  'billing_account_id',
  'service.description',
  'sku.id',
  'sku.description',
  'usage_start_time',
  'usage_end_time',
  'project.id',
  'project.name',
  'location.region',
  'cost',
  'cost_at_list',
  'currency',
  'usage.amount',
  'usage.unit',
  'usage.amount_in_pricing_units',
  'usage.pricing_unit',
  'credits',
  'credits.amount',
  'credits.name',
  'credits.type',
  'invoice.month',
  'cost_type',
]);

/** Exports that leave the times out are of the whole month. */
function periodOfUse(
  cells: Cells,
  month: ReturnType<typeof billingMonth>,
): Pick<BillLine, 'ChargePeriodStart' | 'ChargePeriodEnd'> {
  if (textOf(cells, 'usage_start_time') === null)
    return { ChargePeriodStart: month?.BillingPeriodStart ?? '', ChargePeriodEnd: month?.BillingPeriodEnd ?? '' };
  return {
    ChargePeriodStart: neededInstant(cells, 'usage_start_time', 'UTC'),
    ChargePeriodEnd: neededInstant(cells, 'usage_end_time', 'UTC'),
  };
}

function categoryOf(cells: Cells): ChargeCategory {
  const kind = textOf(cells, 'cost_type') ?? 'regular';
  const category = COST_TYPES.get(kind);
  if (category === undefined) {
    const message = `Expected ${[...COST_TYPES.keys()].join(', ')}, found "${kind.slice(0, 40)}".`;
    reportCell(cells, 'cost_type', 'unknown-cost-type', message);
  }
  return category ?? 'Usage';
}

const COST_TYPES: ReadonlyMap<string, ChargeCategory> = new Map([
  ['regular', 'Usage'],
  ['tax', 'Tax'],
  ['adjustment', 'Adjustment'],
  ['rounding_error', 'Adjustment'],
]);

/** What is given back by contract lowers the price of use; what is given for other reasons is a credit. */
const CONTRACTUAL: ReadonlySet<string> = new Set([
  'COMMITTED_USAGE_DISCOUNT',
  'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE',
  'SUSTAINED_USAGE_DISCOUNT',
  'DISCOUNT',
  'RESELLER_MARGIN',
  'SUBSCRIPTION_BENEFIT',
  'FEE_UTILIZATION_OFFSET',
]);

function creditLines(cells: Cells, facts: LineFacts): readonly BillLine[] {
  return creditsOf(cells).map(({ amount, name, kind }) =>
    billLine(cells, {
      ...facts,
      BilledCost: amount,
      EffectiveCost: amount,
      ChargeCategory: CONTRACTUAL.has(kind) ? 'Usage' : 'Credit',
      ChargeDescription: name,
    }),
  );
}

type Credit = { readonly amount: Decimal; readonly name: string; readonly kind: string };

/** Credits as a JSON list in `credits`, as its total there, or as one flattened credit. */
function creditsOf(cells: Cells): readonly Credit[] {
  const text = textOf(cells, 'credits');
  const single = decimalOf(cells, 'credits.amount');
  const name = textOf(cells, 'credits.name') ?? 'Credit';
  const kind = textOf(cells, 'credits.type') ?? '';
  const flattened = single === null || single.isZero() ? [] : [{ amount: single, name, kind }];
  if (text === null) return flattened;
  if (!text.startsWith('[')) {
    const total = decimalOf(cells, 'credits');
    return total === null || total.isZero() ? flattened : [...flattened, { amount: total, name: 'Credits', kind: '' }];
  }
  return [...flattened, ...listedCredits(cells, text)];
}

function listedCredits(cells: Cells, text: string): readonly Credit[] {
  const listed = parseList(text);
  const credits = (listed ?? []).map((credit) => {
    const entry = isRecord(credit) ? credit : {};
    return {
      amount: parseBillDecimal(wordOf(entry.amount), cells.context, cells.record.line, 'credits'),
      name: wordOf(entry.full_name) || wordOf(entry.name) || 'Credit',
      kind: wordOf(entry.type),
    };
  });
  const known = credits.filter((credit): credit is Credit => credit.amount !== null);
  if (listed === null || known.length < credits.length)
    reportCell(cells, 'credits', 'no-credits', 'Expected a JSON list of credits, each with name and amount.');
  return known;
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parseList(text: string): readonly unknown[] | null {
  try {
    const list = parseJsonWithNumbersAsText(text);
    return Array.isArray(list) ? list : null;
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}
