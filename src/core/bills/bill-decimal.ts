import { Decimal } from 'decimal.js';

/**
 * Decimals of bills: wide enough that no sum of a file's amounts is ever rounded. A text has at most 40 digits before
 * and 40 after the point, ten million of them add seven more.
 */
export const BillDecimal = Decimal.clone({ precision: 100, rounding: Decimal.ROUND_HALF_UP });
