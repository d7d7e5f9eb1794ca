import { Decimal } from 'decimal.js';

export type CellErrorCode = '#DIV/0!' | '#NUM!' | '#VALUE!' | '#N/A' | '#REF!';

/** An error that travels through formulas as it does in Excel, so that one bad row does not hide the good ones. */
export type CellError = { readonly kind: 'error'; readonly code: CellErrorCode };

export type ExactValue = Decimal | CellError;

/**
 * The arithmetic of the exact reading: 34 digits (IEEE 754 decimal128), halves away from zero. From 1e307 a value
 * overflows, below 1e-307 it is 0: the range in which Excel can hold it too.
 */
export const Exact = Decimal.clone({
  precision: 34,
  rounding: Decimal.ROUND_HALF_UP,
  maxE: 306,
  minE: -307,
  toExpPos: 400,
  toExpNeg: -400,
});

export const zero: Decimal = new Exact(0);

export function cellError(code: CellErrorCode): CellError {
  return { kind: 'error', code };
}

export function isError(value: unknown): value is CellError {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'error';
}
