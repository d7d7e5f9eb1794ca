import type { Decimal } from 'decimal.js';
import type { BillLine } from '../../core/bills/bill-line.ts';
import type { Problem } from '../../core/problem.ts';
import { pointerTo } from '../../core/problem.ts';
import type { Cells } from './bill-cells.ts';
import { closeCells, decimalOf, neededInstant, neededText, openCells, otherColumns, textOf } from './bill-cells.ts';
import type { BillFormat } from './bill-format.ts';
import { dayOf } from './charge-period.ts';
import type { Counts } from './format-line.ts';
import { billLine, countOf, tokenLines, ZERO } from './format-line.ts';
import { BESIDE, OPENROUTER, routedLines } from './openrouter-activity.ts';

/**
 * OpenRouter's export of single calls. `cost_total` holds all that was charged for the call; searches and files in it are
 * told apart, so that the lines of a call add up to its total.
 */
export const openRouterGenerations: BillFormat = {
  id: 'openrouter-generations',
  label: 'OpenRouter, single calls (CSV)',
  notes: ['The fee on credit purchases is not in this export: add the purchases, or let the price book state the fee.'],
  columns: ['generation_id', 'created_at', 'cost_total', 'tokens_prompt', 'tokens_completion', 'model_permaslug'],
  matches: (columns) =>
    ['generation_id', 'created_at', 'cost_total', 'model_permaslug'].every((column) => columns.has(column)),
  read: (record, context) => {
    const cells = openCells(record, context);
    neededText(cells, 'cost_total');
    const facts = {
      ...OPENROUTER,
      ...dayOf(neededInstant(cells, 'created_at', 'UTC')),
      SkuId: textOf(cells, 'model_permaslug'),
      SubAccountName: textOf(cells, 'api_key_name'),
      HostProviderName: textOf(cells, 'provider_name'),
      x_Model: textOf(cells, 'model_permaslug'),
      x_Other: otherColumns(cells, READ),
    };
    const searched = decimalOf(cells, 'cost_web_search') ?? ZERO;
    const files = decimalOf(cells, 'cost_file_processing') ?? ZERO;
    const rest = (decimalOf(cells, 'cost_total') ?? ZERO).minus(searched).minus(files);
    const extra = (cost: Decimal, columns: Partial<BillLine>): readonly BillLine[] =>
      cost.isZero() ? [] : [billLine(cells, { ...facts, ...columns, BilledCost: cost, EffectiveCost: cost })];
    const warnings: Problem[] = [];
    const counts = countsOf(cells, warnings);
    const lines = [
      ...routedLines(cells, { ...facts, x_Requests: ONE }, rest, decimalOf(cells, 'byok_usage_inference')),
      ...extra(searched, { x_Meter: 'web_searches', SkuMeter: 'Web searches' }),
      ...extra(files, { SkuMeter: 'File processing' }),
      ...tokenLines(cells, { ...facts, ...BESIDE, x_ReasoningTokens: decimalOf(cells, 'tokens_reasoning') }, counts),
    ];
    return { ...closeCells(cells, lines), warnings };
  },
};

const ONE = ZERO.plus(1);

const READ: ReadonlySet<string> = new Set([
  'cost_total',
  'cost_web_search',
  'cost_file_processing',
  'byok_usage_inference',
  'tokens_prompt',
  'tokens_completion',
  'tokens_reasoning',
  'tokens_cached',
  'model_permaslug',
  'provider_name',
  'api_key_name',
]);

/** Cached tokens are a part of the prompt; where they are said to be more, nothing is split. */
function countsOf(cells: Cells, warnings: Problem[]): Counts {
  const prompt = countOf(cells, 'tokens_prompt');
  const cached = countOf(cells, 'tokens_cached');
  const output = countOf(cells, 'tokens_completion');
  if (cached.lte(prompt)) return { input: prompt.minus(cached), cached_input: cached, output };
  const message = `${cached.toFixed()} cached tokens are more than the ${prompt.toFixed()} of the prompt: all count as plain input.`;
  warnings.push({
    code: 'does-not-add-up',
    pointer: pointerTo(['lines', cells.record.line, 'tokens_cached']),
    message,
  });
  return { input: prompt, output };
}
