import type { BillLine } from '../../core/bills/bill-line.ts';
import type { Cells } from './bill-cells.ts';
import { closeCells, decimalOf, neededInstant, openCells, otherColumns, textOf } from './bill-cells.ts';
import type { BillFormat } from './bill-format.ts';
import type { StandardMeter } from './format-line.ts';
import { billLine, currencyOf, tokenColumns, ZERO } from './format-line.ts';
import { bucketRecords } from './json-pages.ts';

/**
 * What an organisation was charged at OpenAI by day: the answers of `GET /v1/organization/costs`, whose names are joined
 * by dots, and the export of the dashboard. Days end at midnight UTC. In the dashboard's export a day without amounts is
 * one on which nothing was charged: its amount is 0, not unknown.
 */
export const openAiCosts: BillFormat = {
  id: 'openai-costs',
  label: 'OpenAI, costs (API or dashboard)',
  columns: ['start_time', 'end_time', 'amount_value', 'amount_currency', 'line_item', 'project_id', 'organization_id'],
  matches: (columns) =>
    columns.has('start_time') &&
    columns.has('end_time') &&
    (columns.has('amount_value') || (columns.has('amount.value') && columns.has('line_item'))),
  recordsOf: (document) =>
    bucketRecords(document, ({ object }) => object === 'organization.costs.result', ['start_time', 'end_time']),
  read: (record, context) => {
    const cells = openCells(record, context);
    const dashboard = record.fields.amount_value !== undefined;
    const amount = dashboard ? (decimalOf(cells, 'amount_value') ?? ZERO) : decimalOf(cells, 'amount.value');
    const item = textOf(cells, 'line_item');
    const line = billLine(cells, {
      BilledCost: amount,
      EffectiveCost: amount,
      BillingCurrency: currencyOf(cells, dashboard ? 'amount_currency' : 'amount.currency', 'USD'),
      ChargePeriodStart: neededInstant(cells, 'start_time', 'UTC'),
      ChargePeriodEnd: neededInstant(cells, 'end_time', 'UTC'),
      ChargeDescription: item,
      InvoiceIssuerName: 'OpenAI',
      BillingAccountId: textOf(cells, 'organization_id'),
      SubAccountId: textOf(cells, 'project_id'),
      SubAccountName: textOf(cells, 'project_name'),
      ServiceProviderName: 'OpenAI',
      ServiceName: 'OpenAI API',
      SkuId: item,
      x_Provider: 'openai',
      x_CostReason: amount === null ? 'not-in-this-export' : null,
      x_Other: otherColumns(cells, READ),
      ...quantityOf(cells, item),
    });
    return closeCells(cells, [line]);
  },
};

const READ: ReadonlySet<string> = new Set([
  'object',
  'start_time',
  'end_time',
  'start_time_iso',
  'end_time_iso',
  'amount_value',
  'amount_currency',
  'amount.value',
  'amount.currency',
  'line_item',
  'quantity',
  'organization_id',
  'project_id',
  'project_name',
]);

/**
 * A line item is a text such as `priority | gpt-5.6-sol, cached input, long context` or `gpt-image-1 image, output`. Only
 * this grammar counts tokens; another item, such as `web search tool calls`, keeps its quantity without a unit.
 */
function quantityOf(cells: Cells, item: string | null): Partial<BillLine> {
  const quantity = decimalOf(cells, 'quantity');
  const match = item === null ? null : LINE_ITEM.exec(item);
  if (match === null) return { PricingQuantity: quantity };
  const [, service = null, model = null, modality, tokens = ''] = match;
  const meter = METERS_BY_NAME[`${modality === 'text' ? '' : `${modality ?? ''} `}${tokens}`.trim()];
  if (meter === undefined) return { x_Model: model, x_ServiceTier: service, PricingQuantity: quantity };
  const counted = quantity === null ? { ConsumedUnit: null } : { ConsumedQuantity: quantity };
  const priced = quantity === null ? {} : { PricingQuantity: quantity, PricingUnit: 'Tokens' };
  return { x_Model: model, x_ServiceTier: service, ...tokenColumns(meter, service), ...counted, ...priced };
}

const LINE_ITEM =
  /^(?:(batch|flex|priority) \| )?([\w.:/-]+)(?: (text|audio|image))?, (input|output|cached input|cache writes)(?:, long context)?$/i;

const METERS_BY_NAME: Readonly<Partial<Record<string, StandardMeter>>> = {
  input: 'input',
  'cached input': 'cached_input',
  'cache writes': 'cache_write_5m',
  output: 'output',
  'audio input': 'input_audio',
  'audio cached input': 'cached_input_audio',
  'audio output': 'output_audio',
  'image input': 'input_image',
  'image cached input': 'cached_input_image',
  'image output': 'output_image',
};
