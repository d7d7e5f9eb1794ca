import type { Decimal } from 'decimal.js';
import { central } from '../sampling/distributions.ts';
import { ScenarioDecimal } from './decimal-text.ts';
import type { Quantity } from './scenario.ts';

/**
 * The number a quantity has in the base case of a month (1 is the first): the value itself, the month's value of a
 * series, or a range's median ({min, mode, max}: its mode) rounded to 12 significant digits. A month beyond a series
 * has its last value.
 */
export function baseOf(quantity: Quantity, month: number): Decimal {
  switch (quantity.kind) {
    case 'constant':
      return quantity.value;
    case 'series':
      return quantity.values[Math.min(month, quantity.values.length) - 1] ?? new ScenarioDecimal(0);
    case 'range':
      return new ScenarioDecimal(central(quantity.distribution)).toSignificantDigits(12);
  }
}
