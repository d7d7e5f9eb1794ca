import type { Reference } from '../formula/references.ts';
import { referencesOf } from '../formula/references.ts';
import type { Belongings } from './belongings.ts';
import type { RowDefinition } from './definition.ts';
import type { Names } from './names.ts';
import { lineOf, linesOf, wholeDemand } from './names.ts';
import { isNumber, withoutNames } from './simplify.ts';

/** By the id of a row and its instance: whether it has a line there. */
export type Kept = ReadonlyMap<string, ReadonlyMap<string | null, boolean>>;

/**
 * Takes away the rows whose formula is 0 once what was left out reads as 0: of a lot that is kept for good, "the old
 * machines reach the end of their life" is IF(OR(0 = 1, 0 = 1), …) = 0, then what they are sold for, then the line. Only what
 * a choice decides is taken away, never what a figure happens to come to, so that a sheet can be calculated with others.
 *
 * @param kept what `only_if` leaves
 */
export function withoutZeroRows(
  rows: readonly RowDefinition[],
  kept: Kept,
  names: Names,
  belongings: Belongings,
): Kept {
  const mentions = new Map(rows.map((row) => [row.id, referencesOf(row.expression)]));
  for (let known = kept; ; ) {
    const all: Names = new Map([
      ...names,
      ...rows.map((row) => [row.id, { definition: row, rows: linesKept(known.get(row.id)) }] as const),
    ]);
    const next = new Map(
      rows.map(({ id, per, expression }) => {
        const isNothing = (instance: string | null): boolean =>
          isZero(expression, mentions.get(id) ?? [], { names: all, per, instance, belongings });
        const here = [...(known.get(id) ?? [])];
        return [id, new Map(here.map(([one, isKept]) => [one, isKept && !isNothing(one)]))] as const;
      }),
    );
    if (rows.every(({ id }) => countKept(next.get(id)) === countKept(known.get(id)))) return known;
    known = next;
  }
}

type Where = {
  readonly names: Names;
  readonly per: RowDefinition['per'];
  readonly instance: string | null;
  readonly belongings: Belongings;
};

function isZero(
  expression: RowDefinition['expression'],
  mentions: readonly Reference[],
  { names, per, instance, belongings }: Where,
): boolean {
  const acrossMonths = new Set(mentions.flatMap(({ name, how }) => (how === 'same' || how === 'each' ? [] : name)));
  const constants = new Map<string, string>();
  for (const { name, how } of mentions) {
    const slot = names.get(name);
    if (slot === undefined || acrossMonths.has(name)) continue;
    const lines = how === 'each' ? linesOf(slot, per, instance, belongings) : [lineOf(slot, per, instance, belongings)];
    if (lines.every((line) => line === null)) constants.set(name, '0');
    else if (how === 'same' && lines[0] === wholeDemand) constants.set(name, '1');
  }
  return constants.size > 0 && isNumber(withoutNames(expression, constants), '0');
}

/** Any line will do where there is one. */
function linesKept(kept: ReadonlyMap<string | null, boolean> | undefined): ReadonlyMap<string | null, number | null> {
  return new Map([...(kept ?? [])].map(([instance, isKept]) => [instance, isKept ? 0 : null]));
}

function countKept(kept: ReadonlyMap<string | null, boolean> | undefined): number {
  return [...(kept ?? [])].filter(([, isKept]) => isKept).length;
}
