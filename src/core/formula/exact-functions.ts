import { Decimal } from 'decimal.js';
import type { ExactValue } from './values.ts';
import { cellError, Exact, zero } from './values.ts';

// 34 digits are carried and 28 are trusted, so that 1/3*3 counts as the 1 it stands for when something is cut or compared.
const trustedDigits = 28;

/** The value without the last digits that earlier roundings may have spoiled: what is compared, rounded or counted. */
export function settled(value: Decimal): Decimal {
  return value.toSignificantDigits(trustedDigits);
}

/** A result of arithmetic as a value of the language: `#NUM!` from 1e307 or where it is undefined, never a negative zero. */
export function finished(value: Decimal): ExactValue {
  if (!value.isFinite()) return cellError('#NUM!');
  return value.isZero() ? zero : value;
}

/** a + b, where a remainder of cancelling that is below the trusted digits is 0: `1/3*3 - 1` is 0, as in Excel. */
export function added(a: Decimal, b: Decimal): Decimal {
  const sum = a.plus(b);
  return !a.isZero() && !b.isZero() && sum.e < a.e - trustedDigits ? zero : sum;
}

/** a ^ b as Excel: 0^0 and a fractional power of a negative number are `#NUM!`, a negative power of 0 is `#DIV/0!`. */
export function powerOf(base: Decimal, exponent: Decimal): ExactValue {
  if (base.isZero())
    return exponent.isZero() ? cellError('#NUM!') : exponent.isNegative() ? cellError('#DIV/0!') : zero;
  const whole = settled(exponent);
  if (whole.isInteger()) return finished(base.pow(whole));
  return base.isNegative() ? cellError('#NUM!') : finished(base.pow(exponent));
}

type ScalarFunction = (value: Decimal, ...more: Decimal[]) => ExactValue;

export type ScalarName =
  | 'ROUND'
  | 'ROUNDUP'
  | 'ROUNDDOWN'
  | 'CEILING'
  | 'FLOOR'
  | 'INT'
  | 'ABS'
  | 'EXP'
  | 'LN'
  | 'SQRT'
  | 'PMT'
  | 'EVENTS';

/** The functions of single numbers; arguments that a formula leaves out are left out here. */
export const scalarFunctions: Readonly<Record<ScalarName, ScalarFunction>> = {
  ROUND: (value: Decimal, digits: Decimal) => roundAt(value, digits, Decimal.ROUND_HALF_UP),
  ROUNDUP: (value: Decimal, digits: Decimal) => roundAt(value, digits, Decimal.ROUND_UP),
  ROUNDDOWN: (value: Decimal, digits: Decimal) => roundAt(value, digits, Decimal.ROUND_DOWN),
  CEILING: (value: Decimal, significance = one) => {
    if (value.isZero() || significance.isZero()) return zero;
    return multipleOf(value, significance, Decimal.ROUND_CEIL);
  },
  FLOOR: (value: Decimal, significance = one) => {
    if (value.isZero()) return zero;
    if (significance.isZero()) return cellError('#DIV/0!');
    return multipleOf(value, significance, Decimal.ROUND_FLOOR);
  },
  INT: (value: Decimal) => finished(settled(value).floor()),
  ABS: (value: Decimal) => value.abs(),
  EXP: (value: Decimal) => {
    if (value.gt(exponentLimit)) return cellError('#NUM!');
    return value.lt(-exponentLimit) ? zero : finished(value.exp());
  },
  LN: (value: Decimal) => (value.gt(0) ? finished(value.ln()) : cellError('#NUM!')),
  SQRT: (value: Decimal) => (value.isNegative() ? cellError('#NUM!') : finished(value.sqrt())),
  PMT: paymentOf,
  // Only the sampled reading draws events; the base case and the workbook carry the number expected.
  EVENTS: (expected: Decimal) => expected,
};

const one = new Exact(1);
// e^709 is about 1e307.9, beyond the largest value.
const exponentLimit = 709;
const mostPlaces = 300;

function roundAt(value: Decimal, digits: Decimal, mode: Decimal.Rounding): ExactValue {
  const places = Math.max(-mostPlaces, Math.min(mostPlaces, settled(digits).trunc().toNumber()));
  if (places >= 0) return finished(settled(value).toDecimalPlaces(places, mode));
  // A step of 1e-places shifted to the unit: exact, because only the exponent changes.
  const shifted = settled(value).times(`1e${places}`);
  return finished(shifted.toDecimalPlaces(0, mode).times(`1e${-places}`));
}

/** As Excel since 2010: a positive value needs a positive significance, a negative value takes the direction of its sign. */
function multipleOf(value: Decimal, significance: Decimal, mode: Decimal.Rounding): ExactValue {
  if (value.gt(0) && significance.isNegative()) return cellError('#NUM!');
  return finished(settled(value.div(significance)).toDecimalPlaces(0, mode).times(significance));
}

/**
 * The level payment of an annuity: -(pv·(1+r)^n + fv)·r / (((1+r)^n - 1)·(1 + r·type)); for r = 0 it is -(pv + fv)/n.
 * PMT(1 %, 12, 1000) is -88.85.
 */
function paymentOf(
  rate: Decimal,
  periods: Decimal,
  presentValue: Decimal,
  futureValue: Decimal = zero,
  type: Decimal = zero,
): ExactValue {
  if (periods.isZero() || rate.lte(-1)) return cellError('#NUM!');
  if (rate.isZero()) return finished(presentValue.plus(futureValue).div(periods).negated());
  const growth = rate.plus(1).pow(periods);
  const inAdvance = type.isZero() ? one : rate.plus(1);
  const due = presentValue.times(growth).plus(futureValue).times(rate);
  return finished(due.div(growth.minus(1).times(inAdvance)).negated());
}

/** The value discounted over its position: v1/(1+r) + v2/(1+r)² + …; a rate of -100 % is `#DIV/0!`. */
export function presentValueOf(rate: Decimal, values: readonly Decimal[]): ExactValue {
  const step = rate.plus(1);
  if (step.isZero()) return cellError('#DIV/0!');
  let factor = one;
  let total = zero;
  for (const value of values) {
    factor = factor.times(step);
    total = total.plus(value.div(factor));
  }
  return finished(total);
}
