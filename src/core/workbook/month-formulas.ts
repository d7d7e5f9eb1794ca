import type { Expression } from '../formula/ast.ts';
import { name, number } from '../formula/ast.ts';
import type { ExcelAddresses } from '../formula/excel.ts';
import { toExcel } from '../formula/excel.ts';
import type { Reference as NamedReference } from '../formula/references.ts';
import { referencesOf } from '../formula/references.ts';
import type { Opening, Program, ProgramRow, Reference } from '../model/program.ts';
import { withoutNames } from '../model/simplify.ts';
import { absolute, monthColumn, onSheet, rangesOf, relative, totalColumn } from './addresses.ts';

/** Where a row of the program stands. One with months has a cell in every month's column, else its value is in column E. */
export type Place = { readonly sheet: string; readonly row: number; readonly months: boolean };
export type Places = ReadonlyMap<number, Place>;

/** A formula as the sheet has it: shocks of the draws left out, totals of one row or none as that row or 0. */
export type SheetFormula = {
  readonly expression: Expression;
  readonly references: ReadonlyMap<string, Reference>;
};

/** What a formula reads, by row of the program, and how. */
export type Read = { readonly row: number; readonly how: NamedReference['how'] };

/** The formula of a row for its sheet, or null for an input. */
export function sheetFormula({ content }: ProgramRow): SheetFormula | null {
  return content.kind === 'input' ? null : compact(content.expression, content.references);
}

export function openingFormula(opening: Opening): SheetFormula {
  return compact(opening.expression, opening.references);
}

export function readsOf({ expression, references }: SheetFormula): readonly Read[] {
  return referencesOf(expression).flatMap(({ name: id, how }): readonly Read[] => {
    const reference = references.get(id);
    if (reference === undefined) return [];
    if (how === 'each') return reference.each.map((row) => ({ row, how }));
    return reference.one === null ? [] : [{ row: reference.one, how }];
  });
}

/**
 * The formula of one cell, without the leading `=`, seen from the sheet it stands on. Every month's is the same in R1C1:
 * constants are absolute, months relative.
 */
export function cellFormula(
  { expression, references }: SheetFormula,
  month: number,
  places: Places,
  program: Program,
  sheet: string,
): string {
  const placeOf = (row: number | null): Place => {
    const place = row === null ? undefined : places.get(row);
    if (place === undefined) throw new Error(`row ${program.rows[row ?? -1]?.key} has no place in the workbook`);
    return place;
  };
  const at = (place: Place, inMonth: number): string =>
    place.months ? relative(monthColumn(inMonth), place.row) : absolute(totalColumn, place.row);
  const one = (id: string): Place => placeOf(references.get(id)?.one ?? null);
  const months = (id: string, to: string): string => {
    const place = one(id);
    return onSheet(place.sheet, `$${relative(monthColumn(1), place.row)}:${to}${place.row}`, sheet);
  };
  const column = (inMonth: number): string => relative(monthColumn(inMonth), 0).slice(0, -1);
  const addresses: ExcelAddresses = {
    cell: (id) => {
      const place = one(id);
      return onSheet(place.sheet, at(place, month), sheet);
    },
    previous: (id) => {
      const place = one(id);
      return onSheet(place.sheet, at(place, month - 1), sheet);
    },
    cumulative: (id) => months(id, column(month)),
    months: (id) => months(id, `$${column(program.months)}`),
    each: (id) => {
      const each = (references.get(id)?.each ?? []).map(placeOf);
      const [first] = each;
      if (first === undefined) return '0';
      const spell = (row: number): string => at({ ...first, row }, month);
      return rangesOf(
        each.map(({ row }) => row),
        spell,
        first.sheet === sheet ? null : first.sheet,
      );
    },
  };
  return toExcel(expression, addresses);
}

function compact(expression: Expression, references: ReadonlyMap<string, Reference>): SheetFormula {
  const all = new Map(references);
  const walk = (inner: Expression): Expression => {
    switch (inner.kind) {
      case 'number':
      case 'name':
        return inner;
      case 'unary':
        return { ...inner, operand: walk(inner.operand) };
      case 'binary':
        return { ...inner, left: walk(inner.left), right: walk(inner.right) };
      case 'call': {
        const [first] = inner.arguments;
        // The sheet holds the number of events to expect: one that drew them would change at every recalculation.
        if (inner.name === 'EVENTS' && first !== undefined) return walk(first);
        if (inner.name === 'TOTAL' && first?.kind === 'name') {
          const each = references.get(first.name)?.each ?? [];
          if (each.length === 0) return number('0');
          if (each.length > 1) return inner;
          // A space keeps it apart from every id.
          const alone = `${first.name} alone`;
          all.set(alone, { one: each[0] as number, each: [] });
          return name(alone);
        }
        return { ...inner, arguments: inner.arguments.map(walk) };
      }
    }
  };
  return { expression: withoutNames(walk(expression), new Map()), references: all };
}
