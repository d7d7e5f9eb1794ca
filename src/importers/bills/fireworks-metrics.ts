import { closeCells, instantOf, neededInstant, openCells, otherColumns, reportCell, textOf } from './bill-cells.ts';
import type { BillFormat } from './bill-format.ts';
import { periodOf } from './charge-period.ts';
import type { LineFacts } from './format-line.ts';
import { billLine, countOf, tokenLines } from './format-line.ts';

/**
 * Fireworks' metered quantities (`firectl billing export-metrics`), with and without the two columns on cached tokens.
 * There is no money in it. `prompt_tokens` holds the cached ones: 803 with 200 cached are 603 plain and 200 cached.
 */
export const fireworksMetrics: BillFormat = {
  id: 'fireworks-metrics',
  label: 'Fireworks AI, metrics (CSV)',
  notes: ['This export has quantities only: what they cost is worked out from the price book, and is no invoice.'],
  columns: ['email', 'start_time', 'end_time', 'usage_type', 'base_model_name', 'prompt_tokens', 'completion_tokens'],
  matches: (columns) =>
    ['start_time', 'end_time', 'usage_type', 'base_model_name', 'prompt_tokens', 'completion_tokens'].every((column) =>
      columns.has(column),
    ),
  read: (record, context) => {
    const cells = openCells(record, context);
    const kind = textOf(cells, 'usage_type');
    const facts: LineFacts = {
      ...periodOf(neededInstant(cells, 'start_time', 'UTC'), instantOf(cells, 'end_time', 'UTC')),
      BillingCurrency: 'USD',
      ChargeDescription: kind,
      ServiceProviderName: 'Fireworks AI',
      ServiceName: 'Fireworks AI',
      x_Provider: 'fireworks',
      x_Model: textOf(cells, 'base_model_name'),
      x_ServiceTier: kind !== null && /\bBATCH|_BATCH/i.test(kind) ? 'batch' : null,
      x_CostReason: 'not-in-this-export',
      x_Other: otherColumns(cells, READ),
    };
    const prompt = countOf(cells, 'prompt_tokens');
    const cached = countOf(cells, 'cached_prompt_tokens');
    const stated = textOf(cells, 'uncached_prompt_tokens') === null ? null : countOf(cells, 'uncached_prompt_tokens');
    if (cached.gt(prompt) || (stated !== null && !stated.plus(cached).eq(prompt))) {
      const parts = `${cached.toFixed()} cached and ${stated?.toFixed() ?? '?'} uncached tokens`;
      reportCell(cells, 'prompt_tokens', 'does-not-add-up', `${parts} are not the ${prompt.toFixed()} of the prompt.`);
    }
    const seconds = countOf(cells, 'accelerator_seconds');
    const gpu = textOf(cells, 'accelerator_type');
    const tokens = tokenLines(cells, facts, {
      input: prompt.minus(cached),
      cached_input: cached,
      output: countOf(cells, 'completion_tokens'),
    });
    if (seconds.isZero()) return closeCells(cells, tokens);
    const accelerator = { SkuMeter: 'GPU time', SkuId: gpu, ConsumedQuantity: seconds, ConsumedUnit: 'GPU-Seconds' };
    return closeCells(cells, [...tokens, billLine(cells, { ...facts, ...accelerator })]);
  },
};

const READ: ReadonlySet<string> = new Set([
  'start_time',
  'end_time',
  'usage_type',
  'accelerator_seconds',
  'accelerator_type',
  'base_model_name',
  'prompt_tokens',
  'completion_tokens',
  'cached_prompt_tokens',
  'uncached_prompt_tokens',
]);
