import { pointerTo } from '../../core/problem.ts';
import type { BillRecord } from './bill-format.ts';
import type { BillLimits } from './bill-limits.ts';
import type { CsvRow } from './csv-splitter.ts';
import type { Findings } from './record-stream.ts';
import { problemAt, refuse } from './refuse.ts';

/** Rows under a header, as records by column name. */
export type Table = {
  readonly columns: readonly string[];
  /** null for a row that is none: it was reported, or held back as a row of totals. */
  readonly recordOf: (row: CsvRow) => BillRecord | null;
  /** After the last row. */
  readonly end: () => void;
};

const totalsWord =
  /^(?:(?:grand|sub|invoice)?[ -]?totals?|sum|summe|(?:gesamt|zwischen)(?:summe|betrag)?|insgesamt|total g[ée]n[ée]ral|totale?|suma|somme)\s*:?$/i;

/**
 * Takes the first row as header. Rows that begin with a word such as `Total` are left out, with a warning, where only such
 * rows follow; in the middle of a file they are a problem, as nobody knows what they add up.
 * Throws InvalidInput for a header with a name twice or with too many columns.
 */
export function openTable(header: CsvRow, limits: BillLimits, { report, warn }: Findings): Table {
  const columns = namesOf(header, limits);
  let totals: number[] = [];

  function recordOf({ line, fields }: CsvRow): BillRecord | null {
    const first = fields.find((field) => field.trim() !== '');
    if (first === undefined) return null;
    if (first.length < 40 && totalsWord.test(first.trim())) {
      totals.push(line);
      return null;
    }
    if (totals.length > 0) {
      for (const at of totals)
        report(
          problemAt(
            'totals-row',
            at,
            'The line looks like a row of totals among the others. Remove it, or say what it is.',
          ),
        );
      totals = [];
    }
    if (fields.length !== columns.length && !isTrailingEmpty(fields, columns.length)) {
      report(
        problemAt(
          'wrong-field-count',
          line,
          `The line has ${fields.length} fields, the header has ${columns.length}. Look for a delimiter or line end without quotation marks.`,
        ),
      );
      return null;
    }
    const record: Record<string, string> = {};
    for (let i = 0; i < columns.length; i++) record[columns[i] as string] = fields[i] as string;
    return { line, fields: record };
  }

  return {
    columns,
    recordOf,
    end: () => {
      for (const at of totals)
        warn({
          code: 'totals-row',
          pointer: pointerTo(['lines', at]),
          message: 'A row of totals was left out: its amounts stand in the lines above.',
        });
    },
  };
}

function namesOf({ line, fields }: CsvRow, limits: BillLimits): readonly string[] {
  let last = fields.length;
  while (last > 0 && (fields[last - 1] ?? '').trim() === '') last--;
  if (last > limits.columns)
    refuse(
      'too-many-columns',
      line,
      `The header has ${last} columns, of at most ${limits.columns}. Export only the columns of the bill.`,
      String(limits.columns),
    );
  const names = fields.slice(0, last).map((name, i) => name.trim() || `column ${i + 1}`);
  const places = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    const before = places.get(name);
    if (before !== undefined)
      refuse(
        'column-twice',
        line,
        `The column "${name.slice(0, 60)}" stands twice, as ${before + 1} and ${i + 1}. Rename or remove one of them.`,
      );
    if (name === '__proto__') refuse('forbidden-column', line, 'A column cannot be named __proto__. Rename it.');
    places.set(name, i);
  }
  return names;
}

/** Spreadsheets end lines with delimiters for columns that have no name and no values. */
function isTrailingEmpty(fields: readonly string[], columns: number): boolean {
  if (fields.length < columns) return false;
  for (let i = columns; i < fields.length; i++) if ((fields[i] ?? '').trim() !== '') return false;
  return true;
}
