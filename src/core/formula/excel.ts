import type { Call, Expression } from './ast.ts';
import { call, number } from './ast.ts';
import { printExpression } from './print.ts';
import type { ReferenceKind } from './references.ts';
import { Exact } from './values.ts';

/** Where rows stand in a sheet, seen from the cell that the formula is for. */
export type ExcelAddresses = {
  cell(name: string): string;
  /** The cell one column to the left; left of month 1 stands what PREV gives there. */
  previous(name: string): string;
  /** Month 1 to this month: `$J12:J12`. */
  cumulative(name: string): string;
  /** The instances of a `per:` row in this month: `J12:J15`. */
  each(name: string): string;
  /** All months: `$J12:$AS12`. */
  months(name: string): string;
};

/**
 * The formula as Excel, LibreOffice and others read it, without the leading `=`. `PREV(row, first)` is only the cell to
 * the left, because the sheet holds `first` in the column before month 1: so one formula serves every month.
 */
export function toExcel(expression: Expression, addresses: ExcelAddresses): string {
  return printExpression(expression, {
    number: excelNumber,
    name: (name) => addresses.cell(name),
    call: (called) => excelCall(called, addresses),
    separator: ',',
    space: '',
  });
}

function excelCall(called: Call, addresses: ExcelAddresses): string | Expression | undefined {
  const [first] = called.arguments;
  const row = first?.kind === 'name' ? first.name : '';
  switch (called.name) {
    case 'PREV':
      return addresses.previous(row);
    case 'CUM':
      return `SUM(${addresses.cumulative(row)})`;
    case 'TOTAL':
      return `SUM(${addresses.each(row)})`;
    case 'EACH':
      return addresses.each(row);
    case 'MONTHS':
      return addresses.months(row);
    case 'EVENTS':
      // Only the draws are random: a workbook that drew events would change at every recalculation.
      return first;
    case 'CEILING':
    case 'FLOOR':
      // Excel requires the significance, and older LibreOffice takes its sign from the value when it is left out.
      return called.arguments.length === 1 && first !== undefined ? call(called.name, first, number('1')) : undefined;
    default:
      return undefined;
  }
}

/** `.5` and `1e6` as `0.5` and `1000000`; what would be longer than 20 characters keeps its exponent. */
function excelNumber(text: string): string {
  const value = new Exact(text);
  const plain = value.toFixed();
  return plain.length <= 20 ? plain : value.toExponential().toUpperCase();
}

/**
 * The formula in words or in figures, for people: `show` gives what stands for a reference (`cost` or `312.44`), and
 * undefined leaves it as written, so that `toWords(expression, () => undefined)` is the formula itself and parses to the
 * same tree. TOTAL(row) asks with how `total`; a PREV left as written shows its second argument the same way.
 */
export function toWords(
  expression: Expression,
  show: (name: string, how: ReferenceKind | 'total') => string | undefined,
): string {
  return printExpression(expression, {
    number: (text) => text,
    name: (name) => show(name, 'same') ?? name,
    call: (called) => wordsOfCall(called, show),
    separator: ', ',
    space: ' ',
  });
}

const readings: ReadonlyMap<string, ReferenceKind | 'total'> = new Map([
  ['PREV', 'previous'],
  ['CUM', 'cumulative'],
  ['TOTAL', 'total'],
  ['EACH', 'each'],
  ['MONTHS', 'months'],
] as const);

function wordsOfCall(
  called: Call,
  show: (name: string, how: ReferenceKind | 'total') => string | undefined,
): string | undefined {
  const how = readings.get(called.name);
  const [row, first] = called.arguments;
  if (how === undefined || row?.kind !== 'name') return undefined;
  const written = first === undefined ? row.name : `${row.name}, ${toWords(first, show)}`;
  return show(row.name, how) ?? `${called.name}(${written})`;
}
