import type { Decimal } from 'decimal.js';
import type { Problem } from '../../core/problem.ts';
import { pointerTo } from '../../core/problem.ts';
import type { Cells } from './bill-cells.ts';
import { closeCells, neededInstant, openCells, otherColumns, reportCell, textOf } from './bill-cells.ts';
import type { BillFormat } from './bill-format.ts';
import type { Counts, LineFacts } from './format-line.ts';
import { countOf, isKnownClass, tokenLines } from './format-line.ts';
import { bucketRecords } from './json-pages.ts';

/**
 * What was used at OpenAI: the answers of `GET /v1/organization/usage/completions` and `/embeddings`, and the export of
 * the dashboard. There is no money in it. `input_tokens` holds what was read from and written to the cache, so that it is
 * split here: 59,200 with 5,760 cached are 53,440 plain and 5,760 cached tokens.
 */
export const openAiUsage: BillFormat = {
  id: 'openai-usage',
  label: 'OpenAI, usage (API or dashboard)',
  notes: ['OpenAI states tokens and costs in two exports: this one has tokens, the costs export has the money.'],
  columns: [
    'start_time',
    'end_time',
    'model',
    'num_model_requests',
    'input_tokens',
    'output_tokens',
    'input_cached_tokens',
  ],
  matches: (columns) =>
    ['start_time', 'end_time', 'num_model_requests', 'input_tokens'].every((column) => columns.has(column)),
  recordsOf: (document) =>
    bucketRecords(
      document,
      ({ object }) =>
        object === 'organization.usage.completions.result' || object === 'organization.usage.embeddings.result',
      ['start_time', 'end_time'],
    ),
  read: (record, context) => {
    const cells = openCells(record, context);
    const service = serviceTierOf(cells);
    const facts: LineFacts = {
      BillingCurrency: 'USD',
      ChargePeriodStart: neededInstant(cells, 'start_time', 'UTC'),
      ChargePeriodEnd: neededInstant(cells, 'end_time', 'UTC'),
      SubAccountId: textOf(cells, 'project_id'),
      ServiceProviderName: 'OpenAI',
      ServiceName: 'OpenAI API',
      x_Provider: 'openai',
      x_Model: textOf(cells, 'model'),
      x_ServiceTier: service,
      x_Requests: countOf(cells, 'num_model_requests'),
      x_CostReason: 'billed-elsewhere',
      x_Other: otherColumns(cells, READ),
    };
    const warnings: Problem[] = [];
    const counts = splitTokens(cells, warnings);
    if (service !== null && !isKnownClass(service)) {
      const message = `"${service}" is no class of service that a price list names; its tokens are counted at standard meters.`;
      warnings.push({
        code: 'unknown-service-tier',
        pointer: pointerTo(['lines', record.line, 'service_tier']),
        message,
      });
    }
    return { ...closeCells(cells, tokenLines(cells, facts, counts)), warnings };
  },
};

const READ: ReadonlySet<string> = new Set([
  'object',
  'start_time',
  'end_time',
  'start_time_iso',
  'end_time_iso',
  'project_id',
  'num_model_requests',
  'model',
  'batch',
  'service_tier',
  'input_tokens',
  'output_tokens',
  'input_cached_tokens',
  'input_cache_write_tokens',
  'input_uncached_tokens',
  'input_text_tokens',
  'output_text_tokens',
  'input_cached_text_tokens',
  'input_audio_tokens',
  'input_cached_audio_tokens',
  'output_audio_tokens',
  'input_image_tokens',
  'input_cached_image_tokens',
  'output_image_tokens',
]);

/** A batch is a class of service of its own, whatever else is named beside it. */
function serviceTierOf(cells: Cells): string | null {
  const batch = (textOf(cells, 'batch') ?? '').toLowerCase();
  if (!['', 'true', 'false', '0', '1'].includes(batch))
    reportCell(cells, 'batch', 'no-truth-value', `Expected TRUE or FALSE, found "${batch.slice(0, 40)}".`);
  return batch === 'true' || batch === '1' ? 'batch' : textOf(cells, 'service_tier');
}

/**
 * Every token once. Input by kind (text, audio, images) counts without what was cached, cached input by kind stands
 * beside it, and both are parts of the totals; observed in the dashboard's export of 2025-10 and the API in 2026-08.
 */
function splitTokens(cells: Cells, warnings: Problem[]): Counts {
  const input = countOf(cells, 'input_tokens');
  const cached = countOf(cells, 'input_cached_tokens');
  const written = countOf(cells, 'input_cache_write_tokens');
  const apart = {
    input_audio: countOf(cells, 'input_audio_tokens'),
    cached_input_audio: countOf(cells, 'input_cached_audio_tokens'),
    output_audio: countOf(cells, 'output_audio_tokens'),
    input_image: countOf(cells, 'input_image_tokens'),
    cached_input_image: countOf(cells, 'input_cached_image_tokens'),
    output_image: countOf(cells, 'output_image_tokens'),
  };
  const stated = textOf(cells, 'input_uncached_tokens') === null ? null : countOf(cells, 'input_uncached_tokens');
  const uncached = input.minus(cached);
  if (stated !== null && !stated.eq(uncached) && !stated.eq(uncached.minus(written))) {
    const message = `input_uncached_tokens is ${stated.toFixed()}, but input less cached is ${uncached.toFixed()}; the latter was taken.`;
    warnings.push({
      code: 'does-not-add-up',
      pointer: pointerTo(['lines', cells.record.line, 'input_uncached_tokens']),
      message,
    });
  }
  return {
    input: restOf(cells, 'input_tokens', input, [cached, written, apart.input_audio, apart.input_image]),
    cached_input: restOf(cells, 'input_cached_tokens', cached, [apart.cached_input_audio, apart.cached_input_image]),
    cache_write_5m: written,
    output: restOf(cells, 'output_tokens', countOf(cells, 'output_tokens'), [apart.output_audio, apart.output_image]),
    ...apart,
  };
}

function restOf(cells: Cells, column: string, total: Decimal, parts: readonly Decimal[]): Decimal {
  const rest = parts.reduce((left, part) => left.minus(part), total);
  if (rest.lt(0))
    reportCell(cells, column, 'parts-exceed-total', `Its parts are ${rest.negated().toFixed()} more than ${column}.`);
  return rest;
}
