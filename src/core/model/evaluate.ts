import type { Decimal } from 'decimal.js';
import type { Expression } from '../formula/ast.ts';
import type { ExactScope } from '../formula/exact.ts';
import { evaluateExact, mostSteps } from '../formula/exact.ts';
import { referencesOf } from '../formula/references.ts';
import type { ExactValue } from '../formula/values.ts';
import { Exact, isError } from '../formula/values.ts';
import type { InputValue, Program, Reference } from './program.ts';

/** Exact values of every row and month: `table[row][month - 1]`. Errors travel as they do in Excel. */
export type ExactTable = readonly (readonly ExactValue[])[];

/**
 * The exact reading: every cell in 34-digit decimals at the base of every input. Each cell is computed once, when it is
 * first asked for.
 */
export function evaluateProgram(program: Program): ExactTable {
  const table: (ExactValue | undefined)[][] = program.rows.map(() => []);
  const budget = { remaining: mostSteps };
  const steady = findSteadyRows(program);

  const cell = (index: number, month: number): ExactValue => {
    const row = program.rows[index];
    const known = table[index]?.[month - 1];
    if (known !== undefined || row === undefined) return known ?? new Exact(0);
    const { content } = row;
    const value =
      steady.has(index) && month > 1
        ? cell(index, 1)
        : content.kind === 'input'
          ? baseOf(content.input.value, month)
          : evaluateExact(content.expression, scopeAt(content.references, month), budget);
    (table[index] as ExactValue[])[month - 1] = value;
    return value;
  };

  const opening = (index: number): ExactValue => {
    const first = program.openings.get(index);
    return first === undefined ? new Exact(0) : evaluateExact(first.expression, scopeAt(first.references, 1));
  };

  const scopeAt = (references: ReadonlyMap<string, Reference>, month: number): ExactScope => {
    const one = (name: string): number => references.get(name)?.one ?? -1;
    return {
      value: (name) => cell(one(name), month),
      previous: (name) => (month === 1 ? opening(one(name)) : cell(one(name), month - 1)),
      cumulative: (name) => {
        let sum: ExactValue = new Exact(0);
        for (let m = 1; m <= month; m++) {
          const value = cell(one(name), m);
          if (isError(value)) return value;
          sum = Exact.add(sum as Decimal, value);
        }
        return sum;
      },
      each: (name) => (references.get(name)?.each ?? []).map((index) => cell(index, month)),
      months: (name) => Array.from({ length: program.months }, (_, m) => cell(one(name), m + 1)),
    };
  };

  // Month by month, so that PREV finds last month computed and never recurses through the whole horizon.
  for (let month = 1; month <= program.months; month++) for (const row of program.rows) cell(row.index, month);
  return table as ExactValue[][];
}

/** Rows that have one value in all months, because nothing they rest on changes: their decimals are worked out once. */
function findSteadyRows({ rows }: Program): ReadonlySet<number> {
  const judged = new Map<number, boolean>();
  const isSteady = (index: number): boolean => {
    const known = judged.get(index);
    if (known !== undefined) return known;
    const content = rows[index]?.content;
    const steady =
      content?.kind === 'formula'
        ? referencesOf(content.expression).every(({ name, how }) => {
            const reference = content.references.get(name);
            if (how === 'each') return (reference?.each ?? []).every(isSteady);
            const one = reference?.one ?? null;
            return how === 'same' && (one === null || isSteady(one));
          })
        : content?.input.value.kind !== 'series' && content?.input.value.kind !== 'paths';
    judged.set(index, steady);
    return steady;
  };
  return new Set(rows.flatMap(({ index }) => (isSteady(index) ? [index] : [])));
}

/** The value of an input in the base case: ranges at their median, shocks at rest. */
export function baseOf(input: InputValue, month: number): Decimal {
  switch (input.kind) {
    case 'constant':
      return new Exact(input.value);
    case 'series':
      return new Exact(input.values[month - 1] ?? Number.NaN);
    case 'paths':
      return new Exact(input.base[month - 1] ?? Number.NaN);
    case 'range':
    case 'shock':
      return new Exact(input.base);
  }
}

/** The expression of a row, or null for an input. */
export function expressionOf(program: Program, index: number): Expression | null {
  const content = program.rows[index]?.content;
  return content?.kind === 'formula' ? content.expression : null;
}
