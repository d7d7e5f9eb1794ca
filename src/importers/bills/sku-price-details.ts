import type { BillLine, CacheAction } from '../../core/bills/bill-line.ts';
import { InvalidInput } from '../../core/problem.ts';
import { parseJsonWithNumbersAsText } from '../json-numbers.ts';
import { isRecord } from '../price-text.ts';

export type SkuPriceDetails = {
  readonly direction: BillLine['x_TokenDirection'];
  readonly cacheAction: CacheAction | null;
  /** True where the text says nothing but this. */
  readonly isWhole: boolean;
};

const NOTHING: SkuPriceDetails = { direction: null, cacheAction: null, isWhole: false };

/**
 * `TokenDirection` and `TokenCacheAction` out of FOCUS's `SkuPriceDetails`, as proposed for 1.5
 * (https://github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec/pull/2606). A cache action without a lifetime is the
 * default one. Text that is no JSON object says nothing.
 */
export function parseSkuPriceDetails(text: string | null): SkuPriceDetails {
  if (text === null || !text.startsWith('{') || !/Token(?:Direction|CacheAction)/.test(text)) return NOTHING;
  const details = parseObject(text);
  if (details === null) return NOTHING;
  const word = (key: string): string => {
    const value = details[key];
    return typeof value === 'string' ? value.toLowerCase() : '';
  };
  const direction = word('TokenDirection');
  const found = {
    direction: direction === 'input' || direction === 'output' ? direction : null,
    cacheAction: ACTIONS.get(word('TokenCacheAction')) ?? null,
  } as const;
  const said = (found.direction === null ? 0 : 1) + (found.cacheAction === null ? 0 : 1);
  return { ...found, isWhole: said === Object.keys(details).length };
}

const ACTIONS: ReadonlyMap<string, CacheAction> = new Map([
  ['none', 'none'],
  ['read', 'read'],
  ['write', 'write_5m'],
  ['write_5m', 'write_5m'],
  ['write_1h', 'write_1h'],
]);

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const details = parseJsonWithNumbersAsText(text);
    return isRecord(details) ? details : null;
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}
