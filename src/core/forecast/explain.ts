import type { Decimal } from 'decimal.js';
import { toWords } from '../formula/excel.ts';
import { referencesOf } from '../formula/references.ts';
import { isError } from '../formula/values.ts';
import type { ExactTable } from '../model/evaluate.ts';
import type { OriginPart, Program, ProgramRow, ResolvedInput } from '../model/program.ts';
import { didYouMean, nearestNames } from '../nearest-name.ts';
import { InvalidInput } from '../problem.ts';
import { describeQuantity } from '../scenario/describe-quantity.ts';

/** A figure that a number is made of. `source` and `details` (provider, model matched, valid from …) stand where it is an input. */
export type ExplainedFigure = {
  readonly path: string;
  readonly label: string;
  readonly value: string;
  readonly unit: string;
  /** An uncertain input as it was understood. */
  readonly range?: string;
  readonly source?: string;
  readonly details?: Readonly<Record<string, string>>;
  /** The figures it is a mean of, such as a price by the hour, each with its share of the requests. */
  readonly mean_of?: readonly OriginPart[];
};

/** One number, back to its formula in names, in figures, and to every input it rests on. */
export type Explanation = ExplainedFigure & {
  readonly month: string | null;
  readonly formula: { readonly names: string; readonly figures: string } | null;
  readonly note?: string;
  /** What the formula reads. */
  readonly reads: readonly ExplainedFigure[];
  /** The inputs it rests on in the end, at most 200. */
  readonly rests_on: readonly ExplainedFigure[];
};

const mostInputs = 200;

/** As many digits as a spreadsheet shows. */
function shown15(value: Decimal): string {
  return value.toSignificantDigits(15).toFixed();
}

/**
 * Explains `local.electricity.2027-01`, `openai.input.chat.2027-01`, an input such as `workloads.chat.input_tokens`, or,
 * without a month, the sum of a row over the horizon (for an input its first month).
 * @throws InvalidInput `unknown-path` with the nearest paths
 */
export function explainPath(
  path: string,
  {
    program,
    exact,
    months,
    currency,
  }: {
    readonly program: Program;
    readonly exact: ExactTable;
    readonly months: readonly string[];
    readonly currency: string;
  },
): Explanation {
  const { row, month } = findRow(path, program, months);
  const unit = (text: string): string => text.replace('money', currency);
  const textAt = (index: number, m: number): string => {
    const value = exact[index]?.[m];
    return value === undefined ? '' : isError(value) ? value.code : shown15(value);
  };
  const figure = (index: number, m: number): ExplainedFigure => {
    const { key, label, unit: rowUnit, content, instance } = program.rows[index] as ProgramRow;
    const value = content.kind === 'input' ? content.input.value : null;
    const input = content.kind === 'input' ? originIn(content.input, m) : null;
    return {
      path: key,
      label: content.kind === 'input' || instance === null ? label : `${label}: ${instance}`,
      value: textAt(index, m),
      unit: unit(rowUnit),
      ...(value?.kind === 'range' && { range: describeQuantity(value) }),
      ...(input?.source && { source: input.source }),
      ...(input?.details && { details: input.details }),
      ...(input?.mean_of && { mean_of: input.mean_of }),
    };
  };

  const { content } = row;
  const m = month ?? 0;
  const whole = month === null && content.kind === 'formula';
  const sum = whole ? sumOf(exact[row.index] ?? []) : null;
  const own = { ...figure(row.index, m), ...(whole && { value: sum === null ? '#VALUE!' : shown15(sum) }) };
  if (content.kind === 'input')
    return { ...own, path, month: months[m] ?? null, formula: null, reads: [], rests_on: [] };

  const readsOf = (index: number): readonly number[] => {
    const inner = program.rows[index]?.content;
    return inner?.kind === 'formula'
      ? [...inner.references.values()].flatMap(({ one, each }) => [...(one === null ? [] : [one]), ...each])
      : [];
  };
  const shown = (name: string, how: string): string | undefined => {
    const reference = content.references.get(name);
    if (reference === undefined) return undefined;
    if (how === 'total' || how === 'each') {
      const values = reference.each.map((index) => textAt(index, m));
      return how === 'total' ? `(${values.join(' + ') || '0'})` : `(${values.join('; ')})`;
    }
    if (how === 'previous') return m === 0 ? undefined : textAt(reference.one ?? -1, m - 1);
    return how === 'same' ? textAt(reference.one ?? -1, m) : undefined;
  };
  return {
    ...own,
    path,
    month: whole ? null : (months[m] ?? null),
    formula: { names: toWords(content.expression, () => undefined), figures: toWords(content.expression, shown) },
    ...(content.definition.note && { note: content.definition.note }),
    reads: [
      ...new Set(referencesOf(content.expression).flatMap(({ name }) => readsOfName(content.references.get(name)))),
    ].map((index) => figure(index, m)),
    rests_on: inputsUnder(row.index, readsOf, program).map((index) => figure(index, m)),
  };
}

/** Source and details of an input in a month. */
function originIn(
  input: ResolvedInput,
  m: number,
): { readonly source: string | null } & Pick<ResolvedInput, 'details' | 'mean_of'> {
  return input.monthly === undefined ? input : (input.monthly[m] ?? { source: null });
}

function findRow(path: string, program: Program, months: readonly string[]): { row: ProgramRow; month: number | null } {
  const last = path.slice(path.lastIndexOf('.') + 1);
  const month = months.indexOf(last);
  const key = month >= 0 ? path.slice(0, path.lastIndexOf('.')) : path;
  const row =
    program.rows.find((candidate) => candidate.key === key) ??
    program.rows.find((candidate) => candidate.key === key.replace(/\.(bill|full|cash)$/, '.total.$1_total'));
  if (row !== undefined) return { row, month: month >= 0 ? month : null };
  const suggestions = nearestNames(
    key,
    program.rows.map((candidate) => candidate.key),
  );
  throw new InvalidInput([
    {
      code: 'unknown-path',
      pointer: '',
      message: `There is no number at "${path}"; a path reads tier.line.month, as in local.electricity.${months[0]}.${didYouMean(suggestions)}`,
      suggestions,
    },
  ]);
}

function readsOfName(
  reference: { readonly one: number | null; readonly each: readonly number[] } | undefined,
): readonly number[] {
  return reference === undefined ? [] : [...(reference.one === null ? [] : [reference.one]), ...reference.each];
}

function inputsUnder(
  start: number,
  readsOf: (index: number) => readonly number[],
  program: Program,
): readonly number[] {
  const seen = new Set<number>([start]);
  const inputs: number[] = [];
  for (const index of seen) {
    if (program.rows[index]?.content.kind === 'input') inputs.push(index);
    if (inputs.length === mostInputs) break;
    for (const read of readsOf(index)) seen.add(read);
  }
  return inputs;
}

function sumOf(values: ExactTable[number]): Decimal | null {
  let sum: Decimal | null = null;
  for (const value of values) {
    if (isError(value)) return null;
    sum = sum === null ? value : sum.plus(value);
  }
  return sum;
}
