import type { Expression } from '../formula/ast.ts';
import { referencesOf } from '../formula/references.ts';
import { didYouMean, nearestNames } from '../nearest-name.ts';
import type { Problem } from '../problem.ts';
import type { Belongings } from './belongings.ts';
import type { Draft, Place } from './draft.ts';
import { lineOf, linesOf, wholeDemand } from './names.ts';
import type { Opening, ProgramRow } from './program.ts';
import { withoutNames } from './simplify.ts';

/**
 * The line with every name of its formula resolved; names of lines that were left out are gone from it. PREV, CUM and
 * MONTHS need a line: for them `constantLine` gives one that holds the number in every month.
 */
export function resolveNames(
  { row, place }: Draft,
  belongings: Belongings,
  constantLine: (value: '0' | '1') => number,
  problems: Problem[],
): ProgramRow {
  if (row.content.kind !== 'formula' || place === null) return row;
  const { definition } = row.content;
  const references = new Map<string, { one: number | null; each: readonly number[] }>();
  const constants = new Map<string, string>();
  const report = (code: string, at: number, message: string, suggestions: readonly string[] = []): void => {
    const pointer = `${place.pointer}/formula`;
    problems.push({
      code,
      pointer,
      message: `At character ${at + 1}: ${message}`,
      ...(suggestions.length > 0 && { suggestions }),
    });
  };
  const mentions = referencesOf(definition.expression);
  const acrossMonths = new Set(mentions.flatMap(({ name, how }) => (how === 'same' || how === 'each' ? [] : name)));
  for (const { name, how, at } of mentions) {
    const slot = place.names.get(name);
    if (slot === undefined) {
      const suggestions = nearestNames(name, place.names.keys());
      report('unknown-name', at, `there is no row or input "${name}".${didYouMean(suggestions)}`, suggestions);
      continue;
    }
    const reference = references.get(name) ?? { one: null, each: [] };
    references.set(name, reference);
    if (how === 'each') {
      reference.each = linesOf(slot, definition.per, place.instance, belongings).filter(
        (line): line is number => line !== null && line !== wholeDemand,
      );
      if (reference.each.length === 0 && reference.one === null && !acrossMonths.has(name)) constants.set(name, '0');
      continue;
    }
    const line = lineOf(slot, definition.per, place.instance, belongings);
    if (line === undefined) {
      report('many-rows', at, `"${name}" exists once per ${slot.definition.per}; write TOTAL(${name}).`);
    } else if (line !== null && line !== wholeDemand) reference.one = line;
    else {
      const value = line === null ? '0' : '1';
      if (acrossMonths.has(name)) reference.one = constantLine(value);
      else constants.set(name, value);
    }
  }
  const expression = constants.size === 0 ? definition.expression : withoutNames(definition.expression, constants);
  // What a name that is gone stood for is no longer read.
  const read = new Set(referencesOf(expression).map(({ name }) => name));
  const kept = new Map([...references].filter(([name]) => read.has(name)));
  return { ...row, content: { kind: 'formula', definition, expression, references: kept } };
}

/** Keeps what `PREV(row, first)` of a formula begins with, at the row that it reads. */
export function collectOpenings(
  row: ProgramRow,
  { pointer }: Place,
  openings: Map<number, Opening>,
  problems: Problem[],
): void {
  if (row.content.kind !== 'formula') return;
  const { expression, references } = row.content;
  for (const { name, first } of referencesOf(expression)) {
    const line = references.get(name)?.one ?? null;
    if (line === null || first === undefined) continue;
    const known = openings.get(line);
    if (known !== undefined && !sameFormula(known.expression, first)) {
      const message = `PREV(${name}, …) begins with two different values; a row has one value before month 1.`;
      problems.push({ code: 'two-openings', pointer: `${pointer}/formula`, message });
    }
    openings.set(line, { expression: first, references });
  }
}

function sameFormula(a: Expression, b: Expression): boolean {
  const text = (expression: Expression): string =>
    JSON.stringify(expression, (key, value: unknown) => (key === 'at' ? undefined : value));
  return text(a) === text(b);
}
