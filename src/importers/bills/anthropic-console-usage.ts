import { serviceTierOf } from './anthropic-console-cost.ts';
import { ANTHROPIC, searchedColumns } from './anthropic-tokens.ts';
import { closeCells, neededInstant, openCells, otherColumns, textOf } from './bill-cells.ts';
import { daysAfter } from './bill-dates.ts';
import type { BillFormat } from './bill-format.ts';
import type { LineFacts } from './format-line.ts';
import { billLine, countOf, tokenLines } from './format-line.ts';

/** The token export of Anthropic's console: its date column is that of the cost export, its other columns are counts. */
export const anthropicConsoleUsage: BillFormat = {
  id: 'anthropic-console-usage',
  label: 'Anthropic console, tokens',
  notes: ['This export has tokens only; the money is in the cost export of the console.'],
  columns: [
    'usage_date_utc',
    'model_version',
    'usage_input_tokens_no_cache',
    'usage_output_tokens',
    'web_search_count',
  ],
  matches: (columns) =>
    ['usage_date_utc', 'model_version', 'usage_input_tokens_no_cache', 'usage_output_tokens'].every((column) =>
      columns.has(column),
    ),
  read: (record, context) => {
    const cells = openCells(record, context);
    const start = neededInstant(cells, 'usage_date_utc', 'UTC');
    const facts: LineFacts = {
      ...ANTHROPIC,
      BillingCurrency: 'USD',
      ChargePeriodStart: start,
      ChargePeriodEnd: start && daysAfter(start),
      SubAccountName: textOf(cells, 'workspace'),
      x_Model: textOf(cells, 'model_version'),
      x_ServiceTier: serviceTierOf(textOf(cells, 'usage_type'), textOf(cells, 'speed')),
      x_CostReason: 'billed-elsewhere',
      x_Other: otherColumns(cells, READ),
    };
    const searches = countOf(cells, 'web_search_count');
    const tokens = tokenLines(cells, facts, {
      input: countOf(cells, 'usage_input_tokens_no_cache'),
      cached_input: countOf(cells, 'usage_input_tokens_cache_read'),
      cache_write_5m: countOf(cells, 'usage_input_tokens_cache_write_5m').plus(
        countOf(cells, 'usage_input_tokens_cache_write'),
      ),
      cache_write_1h: countOf(cells, 'usage_input_tokens_cache_write_1h'),
      output: countOf(cells, 'usage_output_tokens'),
    });
    const all = searches.isZero() ? tokens : [...tokens, billLine(cells, { ...facts, ...searchedColumns(searches) })];
    return closeCells(cells, all);
  },
};

const READ: ReadonlySet<string> = new Set([
  'usage_date_utc',
  'model_version',
  'workspace',
  'usage_type',
  'speed',
  'usage_input_tokens_no_cache',
  'usage_input_tokens_cache_read',
  'usage_input_tokens_cache_write',
  'usage_input_tokens_cache_write_5m',
  'usage_input_tokens_cache_write_1h',
  'usage_output_tokens',
  'web_search_count',
]);
