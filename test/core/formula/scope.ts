import { Decimal } from 'decimal.js';
import type { Expression } from '../../../src/core/formula/ast.ts';
import type { ExactScope } from '../../../src/core/formula/exact.ts';
import { parseFormula } from '../../../src/core/formula/parse.ts';
import type { CellErrorCode, ExactValue } from '../../../src/core/formula/values.ts';
import { cellError, Exact } from '../../../src/core/formula/values.ts';
import type { Given } from './cases.ts';

/** A scope without names: asking for one fails the test. */
export const nothingGiven: ExactScope = scopeOf({}, 1);

/** The scope of one month in which rows have the values given. */
export function scopeOf(given: Readonly<Record<string, Given>> = {}, month = 1): ExactScope {
  const rows = new Map(Object.entries(given));
  const row = (name: string): Given => {
    const found = rows.get(name);
    if (found === undefined) throw new Error(`the case gives no ${name}`);
    return found;
  };
  const monthly = (name: string): readonly ExactValue[] => {
    const found = row(name);
    return typeof found === 'object' && 'months' in found ? found.months.map(exactValue) : [];
  };
  return {
    value: (name) => {
      const found = row(name);
      return typeof found === 'string' ? exactValue(found) : (monthly(name)[month - 1] ?? cellError('#REF!'));
    },
    previous: (name) => monthly(name)[month - 2],
    cumulative: (name) =>
      monthly(name)
        .slice(0, month)
        .reduce((sum, value) => new Exact(String(sum)).plus(String(value)), new Exact(0)),
    each: (name) => {
      const found = row(name);
      return typeof found === 'object' && 'each' in found ? found.each.map(exactValue) : [];
    },
    months: monthly,
  };
}

export function parsed(formula: string): Expression {
  const result = parseFormula(formula);
  if (!result.ok) throw new Error(`${formula}: ${JSON.stringify(result.problems)}`);
  return result.expression;
}

/** A value, or its text, in the 30 digits that two ways of calculating it share; errors as their code. */
export function shown(value: ExactValue | string): string {
  if (typeof value === 'string') return value.startsWith('#') ? value : shown(new Exact(value));
  if (!(value instanceof Decimal)) return value.code;
  const rounded = value.toSignificantDigits(30);
  return rounded.abs().lt('1e-30') ? '0' : rounded.toFixed();
}

function exactValue(text: string): ExactValue {
  return text.startsWith('#') ? cellError(text as CellErrorCode) : new Exact(text);
}

/** A tree without its places, for comparison. */
export function treeOf(expression: Expression): unknown {
  return JSON.parse(JSON.stringify(expression, (key, value) => (key === 'at' ? undefined : value)));
}
