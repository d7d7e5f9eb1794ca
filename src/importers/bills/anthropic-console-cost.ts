import { pointerTo } from '../../core/problem.ts';
import { ANTHROPIC, chargedColumns, isKnownTokens } from './anthropic-tokens.ts';
import { closeCells, decimalOf, neededInstant, neededText, openCells, otherColumns, textOf } from './bill-cells.ts';
import { daysAfter } from './bill-dates.ts';
import type { BillFormat } from './bill-format.ts';
import { billLine } from './format-line.ts';

/**
 * The cost export of Anthropic's console in its three headers (7, 12 and 14 columns). Models are display names such as
 * `Claude Opus 4.6`, days are of UTC, `cost_type` says `token` where the API says `tokens`.
 */
export const anthropicConsoleCost: BillFormat = {
  id: 'anthropic-console-cost',
  label: 'Anthropic console, costs',
  notes: [
    'The console rounds every row to the cent, so that the rows may differ from the invoice by up to half a cent each.',
    'Token counts are in another export of the console.',
  ],
  columns: ['usage_date_utc', 'model', 'workspace', 'api_key', 'usage_type', 'token_type', 'cost_usd'],
  matches: (columns) => ['usage_date_utc', 'model', 'token_type', 'cost_usd'].every((column) => columns.has(column)),
  read: (record, context) => {
    const cells = openCells(record, context);
    neededText(cells, 'cost_usd');
    const amount = decimalOf(cells, 'cost_usd');
    const start = neededInstant(cells, 'usage_date_utc', 'UTC');
    const service = serviceTierOf(textOf(cells, 'usage_type'), textOf(cells, 'speed'));
    const tokens = textOf(cells, 'token_type');
    const line = billLine(cells, {
      ...ANTHROPIC,
      BilledCost: amount,
      EffectiveCost: amount,
      ListCost: decimalOf(cells, 'list_price_usd'),
      BillingCurrency: 'USD',
      ChargePeriodStart: start,
      ChargePeriodEnd: start && daysAfter(start),
      InvoiceIssuerName: 'Anthropic',
      SubAccountName: textOf(cells, 'workspace'),
      x_Model: textOf(cells, 'model'),
      x_ServiceTier: service,
      x_Other: otherColumns(cells, READ),
      ...chargedColumns(tokens, textOf(cells, 'cost_type'), service),
    });
    const message = `"${tokens?.slice(0, 60)}" is no kind of tokens known here: the cost is kept without a meter.`;
    const pointer = pointerTo(['lines', record.line, 'token_type']);
    const isUnknown = tokens !== null && !isKnownTokens(tokens);
    return {
      ...closeCells(cells, [line]),
      warnings: isUnknown ? [{ code: 'unknown-token-type', pointer, message }] : [],
    };
  },
};

const READ: ReadonlySet<string> = new Set([
  'usage_date_utc',
  'model',
  'workspace',
  'usage_type',
  'token_type',
  'cost_usd',
  'list_price_usd',
  'speed',
]);

/** `message` and `standard` are the ordinary use; `fast` is a speed sold at a premium. */
export function serviceTierOf(usage: string | null, speed: string | null): string | null {
  if (usage?.includes('batch')) return 'batch';
  if (usage !== null && usage !== 'message' && usage !== 'standard') return usage;
  return speed === 'fast' ? 'fast' : usage === null ? null : 'standard';
}
