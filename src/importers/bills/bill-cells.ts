import type { Decimal } from 'decimal.js';
import type { BillLine } from '../../core/bills/bill-line.ts';
import type { Problem } from '../../core/problem.ts';
import { pointerTo } from '../../core/problem.ts';
import { parseBillInstant } from './bill-dates.ts';
import type { BillContext, BillRecord, ReadRecord } from './bill-format.ts';
import { parseBillDecimal } from './bill-numbers.ts';

/** A record under the eyes of its format: what is wrong with it gathers in `problems`. */
export type Cells = {
  readonly record: BillRecord;
  readonly context: BillContext;
  readonly problems: Problem[];
};

export function openCells(record: BillRecord, context: BillContext): Cells {
  return { record, context, problems: [] };
}

/** What a format hands back: no line of a record in which anything is wrong. */
export function closeCells(cells: Cells, lines: readonly BillLine[]): ReadRecord {
  return { lines: cells.problems.length > 0 ? [] : lines, problems: cells.problems };
}

/** The text of a column without spaces around it; null where it is empty or the file has no such column. */
export function textOf({ record }: Cells, column: string): string | null {
  const text = record.fields[column];
  if (text === undefined || text === '') return null;
  const trimmed = text.trim();
  return trimmed === '' ? null : trimmed;
}

/** The text of a column that must have one: where it is missing that is a problem, and the answer is ''. */
export function neededText(cells: Cells, column: string): string {
  const text = textOf(cells, column);
  if (text === null) reportCell(cells, column, 'missing-value', `${column} is empty, but every line needs one.`);
  return text ?? '';
}

/** The number of a column; null where it is empty (what that means only the format knows) or no number (a problem). */
export function decimalOf(cells: Cells, column: string): Decimal | null {
  const text = textOf(cells, column);
  if (text === null) return null;
  const number = parseBillDecimal(text, cells.context, cells.record.line, column);
  if (number === null)
    reportCell(cells, column, 'no-number', `Expected a number such as 1234.56, found "${shown(text)}".`);
  return number;
}

/**
 * The instant of a column as RFC 3339 in UTC (`2026-10-01T00:00:00Z`); null where it is empty or no date (a problem). `zone` is
 * the IANA zone of times that name none, where the format's maker documents it; without it the user is asked.
 */
export function instantOf(cells: Cells, column: string, zone?: string): string | null {
  const text = textOf(cells, column);
  if (text === null) return null;
  const instant = parseBillInstant(text, cells.context, cells.record.line, column, zone);
  if (instant === null)
    reportCell(
      cells,
      column,
      'no-date',
      `Expected a date such as 2026-10-01 or 2026-10-01T00:00:00Z, found "${shown(text)}".`,
    );
  return instant;
}

/** As `instantOf`, for a column that every line needs: where it is missing that is a problem, and the answer is ''. */
export function neededInstant(cells: Cells, column: string, zone?: string): string {
  if (textOf(cells, column) === null) return neededText(cells, column);
  return instantOf(cells, column, zone) ?? '';
}

export function reportCell(cells: Cells, column: string, code: string, message: string): void {
  cells.problems.push({ code, pointer: pointerTo(['lines', cells.record.line, column]), message });
}

/** The columns of a record that have a text and are not among those the format reads. */
export function otherColumns({ record }: Cells, read: ReadonlySet<string>): Readonly<Record<string, string>> {
  const others: Record<string, string> = {};
  for (const column in record.fields) {
    const text = record.fields[column];
    if (text !== undefined && text !== '' && !read.has(column)) others[column] = text;
  }
  return others;
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
