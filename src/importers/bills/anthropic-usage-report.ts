import { ANTHROPIC, searchedColumns } from './anthropic-tokens.ts';
import { closeCells, neededInstant, openCells, otherColumns, textOf } from './bill-cells.ts';
import type { BillFormat } from './bill-format.ts';
import type { LineFacts } from './format-line.ts';
import { billLine, countOf, tokenLines } from './format-line.ts';
import { bucketRecords } from './json-pages.ts';

/**
 * What was used at Anthropic: the answers of `GET /v1/organizations/usage_report/messages`. There is no money in it.
 * Input comes split (plain, read from the cache, written to it), the opposite of OpenAI's one total.
 */
export const anthropicUsageReport: BillFormat = {
  id: 'anthropic-usage-report',
  label: 'Anthropic, usage report (API)',
  notes: [
    'Anthropic states tokens and costs in two reports: this one has tokens, the cost report has the money.',
    'Code execution is in the cost report only.',
  ],
  columns: ['starting_at', 'ending_at', 'uncached_input_tokens', 'cache_read_input_tokens', 'output_tokens', 'model'],
  matches: (columns) =>
    ['starting_at', 'ending_at', 'uncached_input_tokens', 'output_tokens'].every((column) => columns.has(column)),
  recordsOf: (document) =>
    bucketRecords(document, (result) => 'uncached_input_tokens' in result && 'output_tokens' in result, [
      'starting_at',
      'ending_at',
    ]),
  read: (record, context) => {
    const cells = openCells(record, context);
    const facts: LineFacts = {
      ...ANTHROPIC,
      BillingCurrency: 'USD',
      ChargePeriodStart: neededInstant(cells, 'starting_at', 'UTC'),
      ChargePeriodEnd: neededInstant(cells, 'ending_at', 'UTC'),
      SubAccountId: textOf(cells, 'workspace_id'),
      x_Model: textOf(cells, 'model'),
      x_ServiceTier: textOf(cells, 'service_tier'),
      x_CostReason: 'billed-elsewhere',
      x_Other: otherColumns(cells, READ),
    };
    const searches = countOf(cells, 'server_tool_use.web_search_requests');
    const tokens = tokenLines(cells, facts, {
      input: countOf(cells, 'uncached_input_tokens'),
      cached_input: countOf(cells, 'cache_read_input_tokens'),
      cache_write_5m: countOf(cells, 'cache_creation.ephemeral_5m_input_tokens'),
      cache_write_1h: countOf(cells, 'cache_creation.ephemeral_1h_input_tokens'),
      output: countOf(cells, 'output_tokens'),
    });
    return closeCells(
      cells,
      searches.isZero() ? tokens : [...tokens, billLine(cells, { ...facts, ...searchedColumns(searches) })],
    );
  },
};

const READ: ReadonlySet<string> = new Set([
  'starting_at',
  'ending_at',
  'workspace_id',
  'model',
  'service_tier',
  'uncached_input_tokens',
  'cache_read_input_tokens',
  'cache_creation.ephemeral_5m_input_tokens',
  'cache_creation.ephemeral_1h_input_tokens',
  'output_tokens',
  'server_tool_use.web_search_requests',
]);
