import type { Decimal } from 'decimal.js';
import type { BillLine } from '../../core/bills/bill-line.ts';
import type { Cells } from './bill-cells.ts';
import { closeCells, decimalOf, neededInstant, neededText, openCells, otherColumns, textOf } from './bill-cells.ts';
import type { BillFormat } from './bill-format.ts';
import { dayOf } from './charge-period.ts';
import type { LineFacts } from './format-line.ts';
import { billLine, countOf, tokenLines, ZERO } from './format-line.ts';
import { pageRecords } from './json-pages.ts';

/**
 * What was spent at OpenRouter by day, model and endpoint: the answers of `GET /api/v1/activity`, in the names of the
 * wire or of the SDK, and the CSV of the activity page. The cost is one figure for all tokens of the row: it stands on a
 * line of its own, the tokens beside it. What own provider keys cost is the provider's bill, not OpenRouter's.
 */
export const openRouterActivity: BillFormat = {
  id: 'openrouter-activity',
  label: 'OpenRouter, activity by day (API or CSV)',
  notes: [
    'The fee on credit purchases is not in the activity: add the purchases, or let the price book state the fee.',
    'The API answers for the last 30 whole days only: a month of 31 days needs two answers.',
    'Cached input is not told apart from other input.',
  ],
  columns: [
    'Date',
    'Slug',
    'Usage',
    'BYOK Usage',
    'Requests',
    'Prompt Tokens',
    'Completion Tokens',
    'Reasoning Tokens',
  ],
  matches: (columns) => [WIRE, SDK, CSV].some((names) => NEEDED.every((name) => columns.has(names[name]))),
  recordsOf: (document) =>
    pageRecords(document, (row) =>
      [WIRE, SDK].some((names) => names.permaslug in row && NEEDED.every((name) => names[name] in row)),
    ),
  read: (record, context) => {
    const cells = openCells(record, context);
    const names = CSV.date in record.fields ? CSV : SDK.prompt in record.fields ? SDK : WIRE;
    neededText(cells, names.usage);
    const facts = {
      ...OPENROUTER,
      ...dayOf(neededInstant(cells, names.date, 'UTC')),
      SkuId: textOf(cells, names.permaslug),
      SubAccountId: textOf(cells, names.workspace),
      HostProviderName: textOf(cells, names.host),
      x_Model: textOf(cells, names.model),
      x_Other: otherColumns(cells, READ),
    };
    const counts = { input: countOf(cells, names.prompt), output: countOf(cells, names.completion) };
    const charge = { ...facts, x_Requests: decimalOf(cells, names.requests) };
    return closeCells(cells, [
      ...routedLines(cells, charge, decimalOf(cells, names.usage), decimalOf(cells, names.byok)),
      ...tokenLines(cells, { ...facts, ...BESIDE, x_ReasoningTokens: decimalOf(cells, names.reasoning) }, counts),
    ]);
  },
};

export const OPENROUTER = {
  BillingCurrency: 'USD',
  InvoiceIssuerName: 'OpenRouter',
  ServiceProviderName: 'OpenRouter',
  ServiceName: 'OpenRouter API',
  x_Provider: 'openrouter',
} as const;

/** Tokens whose money is on another line. */
export const BESIDE = { x_CostReason: 'billed-elsewhere', x_Requests: null } as const;

/** What OpenRouter charged, and beside it what the provider charges for calls with the user's own key. */
export function routedLines(
  cells: Cells,
  facts: LineFacts,
  charged: Decimal | null,
  ownKey: Decimal | null,
): readonly BillLine[] {
  const charge = billLine(cells, { ...facts, BilledCost: charged, EffectiveCost: charged });
  if ((ownKey ?? ZERO).isZero()) return [charge];
  const host = facts.HostProviderName ?? 'the provider';
  const own = billLine(cells, {
    ...facts,
    ListCost: ownKey,
    ChargeDescription: `Used with an own key (BYOK): billed by ${host}`,
    x_Requests: null,
    x_CostReason: 'billed-by-host',
  });
  return [charge, own];
}

const WIRE = {
  date: 'date',
  model: 'model',
  permaslug: 'model_permaslug',
  host: 'provider_name',
  workspace: 'workspace_id',
  usage: 'usage',
  byok: 'byok_usage_inference',
  requests: 'requests',
  prompt: 'prompt_tokens',
  completion: 'completion_tokens',
  reasoning: 'reasoning_tokens',
} as const;

type Names = Readonly<Record<keyof typeof WIRE, string>>;

const SDK: Names = {
  ...WIRE,
  permaslug: 'modelPermaslug',
  host: 'providerName',
  workspace: 'workspaceId',
  byok: 'byokUsageInference',
  prompt: 'promptTokens',
  completion: 'completionTokens',
  reasoning: 'reasoningTokens',
};

const CSV: Names = {
  ...WIRE,
  date: 'Date',
  model: 'Slug',
  permaslug: 'Slug',
  usage: 'Usage',
  byok: 'BYOK Usage',
  requests: 'Requests',
  prompt: 'Prompt Tokens',
  completion: 'Completion Tokens',
  reasoning: 'Reasoning Tokens',
};

const NEEDED = ['date', 'model', 'usage', 'requests', 'prompt', 'completion'] as const;
const READ: ReadonlySet<string> = new Set([WIRE, SDK, CSV].flatMap((names) => Object.values<string>(names)));
