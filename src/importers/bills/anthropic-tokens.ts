import type { Decimal } from 'decimal.js';
import type { BillLine } from '../../core/bills/bill-line.ts';
import type { StandardMeter } from './format-line.ts';
import { tokenColumns } from './format-line.ts';

export const ANTHROPIC = {
  ServiceProviderName: 'Anthropic',
  ServiceName: 'Claude API',
  x_Provider: 'anthropic',
} as const;

/** Which meter a cost is of, by the words of the cost report and of the console. Costs state no quantities. */
export function chargedColumns(tokens: string | null, kind: string | null, service: string | null): Partial<BillLine> {
  const meter = ANTHROPIC_TOKENS.get(tokens ?? '');
  if (meter !== undefined) return { ...tokenColumns(meter, service), ConsumedUnit: null };
  if (kind === 'web_search') return { x_Meter: 'web_searches', SkuMeter: 'Web searches' };
  return { SkuMeter: kind === 'tokens' || kind === 'token' ? null : kind };
}

export function isKnownTokens(tokens: string): boolean {
  return ANTHROPIC_TOKENS.has(tokens);
}

export function searchedColumns(searches: Decimal): Partial<BillLine> {
  return { x_Meter: 'web_searches', SkuMeter: 'Web searches', ConsumedQuantity: searches, ConsumedUnit: 'Searches' };
}

const ANTHROPIC_TOKENS: ReadonlyMap<string, StandardMeter> = new Map([
  ['uncached_input_tokens', 'input'],
  ['cache_read_input_tokens', 'cached_input'],
  ['cache_creation.ephemeral_5m_input_tokens', 'cache_write_5m'],
  ['cache_creation.ephemeral_1h_input_tokens', 'cache_write_1h'],
  ['output_tokens', 'output'],
  ['input_no_cache', 'input'],
  ['input_cache_read', 'cached_input'],
  ['input_cache_write_5m', 'cache_write_5m'],
  ['input_cache_write_1h', 'cache_write_1h'],
  ['output', 'output'],
]);
