import type { BillLimits } from './bill-limits.ts';
import type { CsvRow } from './csv-splitter.ts';
import type { Findings } from './record-stream.ts';
import { problemAt, refuse } from './refuse.ts';
import { dayNumberText } from './xlsx-styles.ts';
import type { XmlToken } from './xml-tokens.ts';
import { attributeOf } from './xml-tokens.ts';

/** What the cells of a sheet refer to. */
export type XlsxBook = {
  readonly strings: readonly string[];
  readonly dateStyles: readonly boolean[];
  readonly from1904: boolean;
};

type Cell = { readonly column: number; readonly place: string; readonly type: string; readonly style: number };

/**
 * The rows of a sheet with the text of each cell: numbers as the shortest decimal that is that number, dates as ISO,
 * formulas by the value stored with them. Empty cells are ''.
 */
export async function* readSheetRows(
  xml: AsyncIterable<readonly XmlToken[]>,
  book: XlsxBook,
  limits: BillLimits,
  { report }: Findings,
): AsyncGenerator<readonly CsvRow[]> {
  let line = 0;
  let fields: string[] = [];
  let cell: Cell | null = null;
  let nextColumn = 0;
  let text: string | null = null;
  let formula = false;
  let reading = false;
  let skipping = false;

  function closeCell({ column, place, type, style }: Cell): void {
    if (text === null && formula)
      report(
        problemAt(
          'formula-without-value',
          line,
          `${place} has a formula without a stored value. Open the workbook, let it calculate, and save it.`,
        ),
      );
    if (text === null || text === '') return;
    if (column >= limits.columns)
      refuse(
        'too-many-columns',
        line,
        `${place} stands beyond column ${limits.columns}. Save only the bill's columns.`,
        String(limits.columns),
      );
    const shown = cellText(text, type, style, book);
    if (shown.length > limits.fieldText)
      refuse('field-too-long', line, `${place} has more than ${limits.fieldText} characters. Leave that column out.`);
    while (fields.length < column) fields.push('');
    fields[column] = shown;
  }

  for await (const tokens of xml) {
    const rows: CsvRow[] = [];
    for (const token of tokens) {
      if (token.kind === 'text') {
        if (reading && !skipping) text = (text ?? '') + token.text;
      } else if (token.kind === 'open') {
        const { name, attributes, empty } = token;
        if (name === 'row') {
          line = wholeOr(attributeOf(attributes, 'r'), line + 1);
          if (line > limits.records)
            refuse(
              'too-many-records',
              line,
              `The sheet has more than ${limits.records} rows. Save it as CSV by month.`,
            );
          fields = [];
          nextColumn = 0;
        } else if (name === 'c') {
          const place = attributeOf(attributes, 'r') ?? `column ${nextColumn + 1}`;
          const column = columnOf(place) ?? nextColumn;
          nextColumn = column + 1;
          cell = {
            column,
            place,
            type: attributeOf(attributes, 't') ?? 'n',
            style: wholeOr(attributeOf(attributes, 's'), 0),
          };
          text = null;
          formula = false;
          if (empty) cell = null;
        } else if (name === 'f') formula = cell !== null;
        else if ((name === 'v' || name === 't') && cell !== null) {
          reading = !empty;
          text ??= '';
        } else if (name === 'rPh') skipping = !empty;
      } else if (token.name === 'v' || token.name === 't') reading = false;
      else if (token.name === 'rPh') skipping = false;
      else if (token.name === 'c' && cell !== null) {
        closeCell(cell);
        cell = null;
      } else if (token.name === 'row' && fields.length > 0) rows.push({ line, fields });
    }
    yield rows;
  }
}

/** The texts that cells share, each once. Phonetic readings are left out. */
export async function readSharedStrings(xml: AsyncIterable<readonly XmlToken[]>): Promise<readonly string[]> {
  const strings: string[] = [];
  let text = '';
  let reading = false;
  let phonetic = false;
  for await (const tokens of xml)
    for (const token of tokens) {
      if (token.kind === 'text') {
        if (reading && !phonetic) text += token.text;
      } else if (token.kind === 'open') {
        if (token.name === 'si') text = '';
        if (token.name === 'si' && token.empty) strings.push('');
        if (token.name === 't') reading = !token.empty;
        if (token.name === 'rPh') phonetic = !token.empty;
      } else if (token.name === 't') reading = false;
      else if (token.name === 'rPh') phonetic = false;
      else if (token.name === 'si') strings.push(text);
    }
  return strings;
}

function cellText(text: string, type: string, style: number, { strings, dateStyles, from1904 }: XlsxBook): string {
  if (type === 's') return strings[wholeOr(text, -1)] ?? '#REF!';
  if (type === 'b') return text === '1' ? 'true' : 'false';
  if (type !== 'n') return text;
  const number = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(number)) return text;
  const day = dateStyles[style] === true ? dayNumberText(number, from1904) : null;
  if (day !== null) return day;
  // A number of a cell has a point, never thousands: a fourth decimal leaves no doubt.
  const shortest = String(number);
  return /^-?\d+\.\d{3}$/.test(shortest) ? `${shortest}0` : shortest;
}

/** `AB12` is column 27, counted from 0. */
function columnOf(place: string): number | null {
  const letters = /^[A-Z]{1,3}(?=\d{1,7}$)/.exec(place)?.[0];
  if (letters === undefined) return null;
  return [...letters].reduce((column, letter) => 26 * column + letter.charCodeAt(0) - 64, 0) - 1;
}

function wholeOr(text: string | null, otherwise: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : otherwise;
}
