import type { Problem } from '../../core/problem.ts';
import { pointerTo } from '../../core/problem.ts';
import { ANTHROPIC, chargedColumns, isKnownTokens } from './anthropic-tokens.ts';
import type { Cells } from './bill-cells.ts';
import { closeCells, decimalOf, neededInstant, neededText, openCells, otherColumns, textOf } from './bill-cells.ts';
import type { BillFormat } from './bill-format.ts';
import { billLine, currencyOf, isKnownClass } from './format-line.ts';
import { bucketRecords } from './json-pages.ts';

/**
 * What was charged at Anthropic by day: the answers of `GET /v1/organizations/cost_report` and of its successor
 * `/analytics/cost`, which adds the amount at list price and the requests. Amounts are texts in cents: `"123.78912"` is
 * 1.2378912 dollars.
 */
export const anthropicCostReport: BillFormat = {
  id: 'anthropic-cost-report',
  label: 'Anthropic, cost report (API)',
  notes: ['Priority Tier costs are not in the cost report: add them from the invoice.'],
  columns: ['starting_at', 'ending_at', 'amount', 'currency', 'cost_type', 'description', 'model', 'token_type'],
  matches: (columns) =>
    ['starting_at', 'ending_at', 'amount', 'currency', 'cost_type', 'token_type'].every((column) =>
      columns.has(column),
    ),
  recordsOf: (document) =>
    bucketRecords(document, (result) => typeof result.amount === 'string' && 'currency' in result, [
      'starting_at',
      'ending_at',
    ]),
  read: (record, context) => {
    const cells = openCells(record, context);
    neededText(cells, 'amount');
    const amount = dollarsOf(cells, 'amount');
    const service = textOf(cells, 'service_tier');
    const tokens = textOf(cells, 'token_type');
    const description = textOf(cells, 'description');
    const line = billLine(cells, {
      ...ANTHROPIC,
      BilledCost: amount,
      EffectiveCost: amount,
      ListCost: dollarsOf(cells, 'list_amount'),
      BillingCurrency: currencyOf(cells, 'currency', 'USD'),
      ChargePeriodStart: neededInstant(cells, 'starting_at', 'UTC'),
      ChargePeriodEnd: neededInstant(cells, 'ending_at', 'UTC'),
      ChargeDescription: description,
      InvoiceIssuerName: 'Anthropic',
      SubAccountId: textOf(cells, 'workspace_id'),
      SkuId: description,
      x_Model: textOf(cells, 'model'),
      x_ServiceTier: service,
      x_Requests: decimalOf(cells, 'requests'),
      x_Other: otherColumns(cells, READ),
      ...chargedColumns(tokens, textOf(cells, 'cost_type'), service),
    });
    return { ...closeCells(cells, [line]), warnings: warningsOf(cells, service, tokens) };
  },
};

const READ: ReadonlySet<string> = new Set([
  'amount',
  'list_amount',
  'currency',
  'starting_at',
  'ending_at',
  'description',
  'workspace_id',
  'model',
  'requests',
  'service_tier',
  'token_type',
]);

function dollarsOf(cells: Cells, column: string): ReturnType<typeof decimalOf> {
  return decimalOf(cells, column)?.times('0.01') ?? null;
}

function warningsOf({ record: { line } }: Cells, service: string | null, tokens: string | null): readonly Problem[] {
  const warnings: Problem[] = [];
  const warn = (code: string, column: string, found: string): void => {
    const message = `"${found.slice(0, 60)}" is not known here: the cost is kept, but may lack a meter.`;
    warnings.push({ code, pointer: pointerTo(['lines', line, column]), message });
  };
  if (service !== null && !isKnownClass(service)) warn('unknown-service-tier', 'service_tier', service);
  if (tokens !== null && !isKnownTokens(tokens)) warn('unknown-token-type', 'token_type', tokens);
  return warnings;
}
