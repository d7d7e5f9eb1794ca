import { Decimal } from 'decimal.js';
import { monthColumn } from './addresses.ts';
import { safeText } from './safe-text.ts';
import type { Cached, Cell, CellStyle, Chart, InputLimits } from './sheet.ts';

/** A sheet while it is filled, row by row from the top. */
export type Draft = {
  readonly name: string;
  readonly cells: Cell[];
  readonly charts: Chart[];
  readonly detailRows: number[];
  /** Columns that a heading spans at least. */
  readonly headingColumns: number;
  /** The next free row. */
  next: number;
};

/** Rows 1 to 6 are the head of every sheet, which stays when it is scrolled. */
export const firstRow = 8;

export function openDraft(name: string, headingColumns = 8): Draft {
  return { name, cells: [], charts: [], detailRows: [], headingColumns, next: firstRow };
}

export function putText(draft: Draft, row: number, column: number, text: string, style: CellStyle): void {
  if (text !== '') draft.cells.push({ row, column, value: { kind: 'text', text: safeText(text) }, style });
}

export function putNumber(
  draft: Draft,
  row: number,
  column: number,
  value: Decimal | number,
  style: CellStyle,
  format: string,
  limits?: InputLimits,
): void {
  const number = new Decimal(value);
  draft.cells.push({ row, column, value: { kind: 'number', value: number }, style, format, ...(limits && { limits }) });
}

export function putFormula(
  draft: Draft,
  row: number,
  column: number,
  formula: string,
  cached: Cached,
  style: CellStyle,
  format?: string,
): void {
  draft.cells.push({
    row,
    column,
    value: { kind: 'formula', formula, cached },
    style: style === 'calculation' && isLink(formula) ? 'link' : style,
    ...(format !== undefined && { format }),
  });
}

/** One formula for every month of a row; `formula` and `cached` are asked by month, counted from 1. */
export function putMonths(
  draft: Draft,
  row: number,
  months: number,
  formula: (month: number) => string,
  cached: (month: number) => Cached,
  style: CellStyle,
  format: string,
): void {
  for (let month = 1; month <= months; month++)
    putFormula(draft, row, monthColumn(month), formula(month), cached(month), style, format);
}

/** A heading, with captions of columns that the rows below use differently. */
export function putHeading(draft: Draft, text: string, captions: Readonly<Record<number, string>> = {}): void {
  const row = draft.next++;
  const last = Math.max(draft.headingColumns, ...Object.keys(captions).map(Number));
  putText(draft, row, 1, text, 'heading');
  for (let column = 2; column <= last; column++) {
    const caption = captions[column];
    if (caption !== undefined) putText(draft, row, column, caption, 'caption');
    else draft.cells.push({ row, column, value: { kind: 'blank' }, style: 'heading' });
  }
}

/** A formula that only fetches a cell of another sheet: `Local!J80`. */
function isLink(formula: string): boolean {
  return /^(?:[A-Za-z_][A-Za-z0-9_]*|'(?:[^']|'')+')!\$?[A-Z]+\$?\d+$/.test(formula);
}
