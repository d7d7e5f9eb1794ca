import { Decimal } from 'decimal.js';
import type { InputValue } from '../model/program.ts';
import type { Distribution } from '../sampling/distributions.ts';
import { central } from '../sampling/distributions.ts';
import type { Quantity } from '../scenario/scenario.ts';

/** A quantity of the scenario as an input; the base of a range is its median (PERT: mode) to 12 significant digits. */
export function inputValueOf(given: unknown): InputValue {
  if (typeof given === 'number' || typeof given === 'boolean') return constant(Number(given));
  if (given instanceof Decimal) return constant(given);
  const quantity = given as Quantity;
  if (quantity.kind === 'constant') return constant(quantity.value);
  if (quantity.kind === 'series') return seriesOf(quantity.values);
  return {
    kind: 'range',
    base: baseOfRange(quantity.distribution),
    distribution: quantity.distribution,
    varies: quantity.varies,
    text: quantity.text,
  };
}

export function constant(value: Decimal | number): InputValue {
  return { kind: 'constant', value: new Decimal(value) };
}

export function seriesOf(values: readonly Decimal[]): InputValue {
  const [first] = values;
  return first !== undefined && values.every((value) => value.equals(first))
    ? constant(first)
    : { kind: 'series', values };
}

export function baseOfRange(distribution: Distribution): Decimal {
  return new Decimal(central(distribution)).toSignificantDigits(12);
}

/** The value at a dotted path; undefined where it ends early. */
export function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}
