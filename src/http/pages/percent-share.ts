import { Decimal } from 'decimal.js';
import type { Problem } from '../../core/problem.ts';

export type PercentShare =
  | { readonly ok: true; readonly share: string | null }
  | { readonly ok: false; readonly problem: (pointer: string) => Problem };

/** A percentage as people type it, as the share that the API takes: `7.5` is `0.075`. Empty is none. */
export function percentShare(text: string): PercentShare {
  const number = text.replace(/\s*%$/, '').replace(',', '.');
  if (number === '') return { ok: true, share: null };
  if (/^\d{1,4}(\.\d{1,4})?$/.test(number)) return { ok: true, share: new Decimal(number).div(100).toFixed() };
  const message = `"${text.slice(0, 20)}" is no percentage: expected one such as 10 or 7.5, or nothing for no alert.`;
  return { ok: false, problem: (pointer) => ({ code: 'wrong-value', pointer, message }) };
}
