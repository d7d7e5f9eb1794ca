import type { Decimal } from 'decimal.js';
import type { BillLine } from '../../core/bills/bill-line.ts';
import type { Problem } from '../../core/problem.ts';
import { InvalidInput, pointerTo } from '../../core/problem.ts';
import { parseJsonWithNumbersAsText } from '../json-numbers.ts';
import type { Cells } from './bill-cells.ts';
import { closeCells, decimalOf, neededInstant, neededText, openCells, otherColumns, textOf } from './bill-cells.ts';
import type { BillFormat, BillRecord } from './bill-format.ts';
import { dayOf } from './charge-period.ts';
import type { Counts, LineFacts } from './format-line.ts';
import { billLine, countOf, providerIdOf, tokenLines, ZERO } from './format-line.ts';
import { rowRecord } from './json-pages.ts';
import { flattenRecord } from './json-records.ts';

/**
 * What a LiteLLM proxy logged: its table of single calls (`/spend/logs`) or of days, as JSON or CSV. The money is
 * LiteLLM's own calculation from its price list, not an invoice: the same calls are on the bills of their providers.
 */
export const liteLlmSpend: BillFormat = {
  id: 'litellm-spend',
  label: 'LiteLLM, spend logs',
  notes: [
    'LiteLLM computes these costs from its own price list: they are no invoice, and a bill of the provider wins.',
  ],
  columns: ['request_id', 'startTime', 'model', 'custom_llm_provider', 'spend', 'prompt_tokens', 'completion_tokens'],
  matches: (columns) =>
    ['spend', 'model', 'prompt_tokens', 'completion_tokens'].every((column) => columns.has(column)) &&
    TIMES.some((column) => columns.has(column)),
  recordsOf: (document) =>
    rowRecord(document, (row) => 'spend' in row && 'prompt_tokens' in row && TIMES.some((column) => column in row)),
  read: (record, context) => {
    const cells = openCells(withMetadata(record), context);
    neededText(cells, 'spend');
    const spend = decimalOf(cells, 'spend');
    const maker = textOf(cells, 'custom_llm_provider');
    const daily = textOf(cells, 'startTime') === null && textOf(cells, 'start_time') === null;
    const time = TIMES.find((column) => textOf(cells, column) !== null) ?? 'startTime';
    const facts: LineFacts = {
      ...dayOf(neededInstant(cells, time, 'UTC')),
      ...liteLlmColumns(maker),
      BillingCurrency: 'USD',
      SubAccountId: textOf(cells, 'team_id'),
      ServiceName: 'LiteLLM',
      x_Model: textOf(cells, 'model'),
      x_Other: withoutContents(otherColumns(cells, READ)),
    };
    const warnings: Problem[] = [];
    const counts = countsOf(cells, warnings);
    const charge = billLine(cells, {
      ...facts,
      BilledCost: spend,
      EffectiveCost: spend,
      x_Requests: daily ? decimalOf(cells, 'api_requests') : ZERO.plus(1),
    });
    return { ...closeCells(cells, [charge, ...tokenLines(cells, facts, counts)]), warnings };
  },
};

/** The provider behind the proxy, and that the figures are LiteLLM's own. */
export function liteLlmColumns(
  maker: string | null,
): Pick<BillLine, 'ServiceProviderName' | 'x_Provider' | 'x_CostReason'> {
  const x_Provider = maker === null ? null : providerIdOf(maker);
  return { ServiceProviderName: maker ?? 'LiteLLM', x_Provider, x_CostReason: 'computed-by-litellm' };
}

const TIMES = ['startTime', 'start_time', 'date'] as const;
const READS = [
  'cache_read_input_tokens',
  'metadata.usage_object.cache_read_input_tokens',
  'metadata.usage_object.prompt_tokens_details.cached_tokens',
  'metadata.additional_usage_values.cache_read_input_tokens',
];
const WRITES = [
  'cache_creation_input_tokens',
  'metadata.usage_object.cache_creation_input_tokens',
  'metadata.usage_object.prompt_tokens_details.cache_creation_tokens',
  'metadata.additional_usage_values.cache_creation_input_tokens',
];

/** What was said, by whom and with which key no figure needs, so that it is passed over; the file itself is kept. */
const READ: ReadonlySet<string> = new Set([
  ...TIMES,
  ...READS,
  ...WRITES,
  'spend',
  'model',
  'custom_llm_provider',
  'team_id',
  'prompt_tokens',
  'completion_tokens',
  'total_tokens',
  'api_requests',
  'api_key',
  'user',
  'cache_key',
  'requester_ip_address',
]);

const CONTENTS = /^(?:metadata|messages|response|proxy_server_request|request_tags)(?:\.|$)/;

function withoutContents(columns: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(columns).filter(([column]) => !CONTENTS.test(column)));
}

/** In CSV the metadata is a JSON text; its members become columns, as they are in JSON. */
function withMetadata(record: BillRecord): BillRecord {
  const text = record.fields.metadata ?? '';
  if (!text.startsWith('{')) return record;
  try {
    const metadata = parseJsonWithNumbersAsText(text);
    return { ...record, fields: { ...record.fields, ...flattenRecord({ metadata }) } };
  } catch (error) {
    if (error instanceof InvalidInput) return record;
    throw error;
  }
}

/** LiteLLM's prompt tokens hold the cached ones, whatever the provider's own counting. */
function countsOf(cells: Cells, warnings: Problem[]): Counts {
  const prompt = countOf(cells, 'prompt_tokens');
  const read = firstCount(cells, READS);
  const written = firstCount(cells, WRITES);
  const output = countOf(cells, 'completion_tokens');
  const input = prompt.minus(read).minus(written);
  if (!input.lt(0)) return { input, cached_input: read, cache_write_5m: written, output };
  const message = `Cache reads and writes are more than the ${prompt.toFixed()} tokens of the prompt: all count as plain input.`;
  warnings.push({
    code: 'does-not-add-up',
    pointer: pointerTo(['lines', cells.record.line, 'prompt_tokens']),
    message,
  });
  return { input: prompt, output };
}

function firstCount(cells: Cells, columns: readonly string[]): Decimal {
  const column = columns.find((name) => textOf(cells, name) !== null);
  return column === undefined ? ZERO : countOf(cells, column);
}
