import type { ExcelAddresses } from '../../../src/core/formula/excel.ts';
import { toExcel } from '../../../src/core/formula/excel.ts';
import { referencesOf } from '../../../src/core/formula/references.ts';
import type { Excelize } from '../../helpers/excelize.ts';
import type { Case, Given } from './cases.ts';
import { parsed } from './scope.ts';

const monthOne = 10;
const sheet = 'Sheet1';

/** What the spreadsheet calculates for a case: rows in blocks, month 1 in column J, `first` of a PREV in column I. */
export function calculateInSpreadsheet(excelize: Excelize, { formula, given = {}, month = 1 }: Case): string {
  const file = excelize.NewFile();
  const rowOf = placeRows(given);
  const column = (m: number) => excelize.ColumnNumberToName(monthOne + m - 1).col;
  const cell = (name: string, m = month, offset = 0) => `${column(m)}${(rowOf.get(name) ?? 0) + offset}`;
  for (const [name, values] of Object.entries(given)) {
    for (const [i, value] of listed(values).entries()) {
      const address = typeof values === 'object' && 'months' in values ? cell(name, i + 1) : cell(name, month, i);
      file.SetCellFormula(sheet, address, spelled(value));
    }
  }
  const lengthOf = (name: string) => listed(given[name] ?? '').length;
  const addresses: ExcelAddresses = {
    cell,
    previous: (name) => cell(name, month - 1),
    cumulative: (name) => `$${cell(name, 1)}:${cell(name)}`,
    each: (name) => `${cell(name)}:${cell(name, month, lengthOf(name) - 1)}`,
    months: (name) => `$${cell(name, 1)}:$${cell(name, lengthOf(name))}`,
  };
  const expression = parsed(formula);
  for (const { name, how, first } of referencesOf(expression)) {
    if (how === 'previous' && first !== undefined) file.SetCellFormula(sheet, cell(name, 0), toExcel(first, addresses));
  }
  file.SetCellFormula(sheet, 'A1', toExcel(expression, addresses));
  const { value, error } = file.CalcCellValue(sheet, 'A1', { RawCellValue: true });
  return error?.startsWith('#') ? error : value;
}

/** Equal to 12 digits, which is what is left of a double after a formula; errors by their code. */
export function agree(calculated: string, expected: string): boolean {
  if (expected.startsWith('#') || !/^-?[\d.]+(E[+-]?\d+)?$/i.test(calculated)) return calculated === expected;
  const difference = Math.abs(Number(calculated) - Number(expected));
  return difference <= 1e-12 * Math.max(1, Math.abs(Number(expected)));
}

function placeRows(given: Readonly<Record<string, Given>>): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  let next = 3;
  for (const [name, values] of Object.entries(given)) {
    rows.set(name, next);
    next += typeof values === 'object' && 'each' in values ? values.each.length : 1;
  }
  return rows;
}

function listed(values: Given): readonly string[] {
  if (typeof values === 'string') return [values];
  return 'months' in values ? values.months : values.each;
}

/** A given value as a formula, because excelize keeps a number that is set as a float and an error as text. */
function spelled(text: string): string {
  const errors = new Map([
    ['#DIV/0!', '1/0'],
    ['#NUM!', 'SQRT(-1)'],
    ['#N/A', 'NA()'],
  ]);
  return errors.get(text) ?? text.toUpperCase();
}
