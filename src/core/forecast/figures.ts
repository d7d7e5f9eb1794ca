import { Decimal } from 'decimal.js';

/** Writes money with exactly the decimals of its currency. */
export type MoneyText = (amount: Decimal | number) => string;

/** `moneyWith(2)(1234.5)` is `1234.50`; never an exponent, never `-0.00`. */
export function moneyWith(minorUnits: number): MoneyText {
  return (amount) => withoutNegativeZero(new Decimal(amount).toFixed(minorUnits, Decimal.ROUND_HALF_UP));
}

/** A share of draws, or a ratio, with six decimals at most: `0.93`, `1`, `0.000123`. */
export function shareText(share: number): string {
  return withoutNegativeZero(new Decimal(share).toDecimalPlaces(6, Decimal.ROUND_HALF_UP).toFixed());
}

/** A unit cost or ratio to six significant digits. */
export function sixDigits(value: Decimal | number): string {
  return withoutNegativeZero(new Decimal(value).toSignificantDigits(6, Decimal.ROUND_HALF_UP).toFixed());
}

function withoutNegativeZero(text: string): string {
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}
