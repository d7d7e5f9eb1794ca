import type { BillRecord } from './bill-format.ts';
import type { BillLimits } from './bill-limits.ts';
import type { CsvRow } from './csv-splitter.ts';
import { openCsvSplitter } from './csv-splitter.ts';
import type { Findings, RecordStream } from './record-stream.ts';
import { refuse } from './refuse.ts';
import type { Table } from './table-records.ts';
import { openTable } from './table-records.ts';

type CsvPiece = { readonly delimiter: string; readonly rows: readonly CsvRow[] };

/**
 * The records of CSV, TSV or what separates by semicolons or bars, in constant memory; returns when the header is read. The
 * delimiter is what `sep=` says on a first line, else the one of comma, semicolon, tab and bar that the header has most of.
 */
export async function openCsvRecords(
  texts: AsyncIterable<string>,
  limits: BillLimits,
  findings: Findings,
): Promise<RecordStream & { readonly delimiter: string }> {
  const pieces = splitPieces(texts, limits);
  for (;;) {
    const { done, value } = await pieces.next();
    if (done === true) return refuse('empty-file', null, 'The file has no line with text. Export it again.');
    const [header, ...below] = value.rows;
    if (header === undefined) continue;
    const table = openTable(header, limits, findings);
    return { columns: table.columns, delimiter: value.delimiter, batches: readBatches(table, below, pieces) };
  }
}

async function* readBatches(
  table: Table,
  below: readonly CsvRow[],
  pieces: AsyncIterable<CsvPiece>,
): AsyncGenerator<readonly BillRecord[]> {
  yield recordsOf(table, below);
  for await (const { rows } of pieces) yield recordsOf(table, rows);
  table.end();
}

function recordsOf(table: Table, rows: readonly CsvRow[]): readonly BillRecord[] {
  const records: BillRecord[] = [];
  for (const row of rows) {
    const record = table.recordOf(row);
    if (record !== null) records.push(record);
  }
  return records;
}

async function* splitPieces(texts: AsyncIterable<string>, limits: BillLimits): AsyncGenerator<CsvPiece> {
  let start = '';
  let delimiter: string | null = null;
  const splitter = openCsvSplitter(limits);
  const begin = (): CsvPiece => {
    delimiter = delimiterOf(start);
    splitter.delimitBy(delimiter);
    const rows = splitter.split(start, false);
    return { delimiter, rows: isSeparatorLine(rows[0]) ? rows.slice(1) : rows };
  };
  for await (const text of texts) {
    if (delimiter !== null) {
      yield { delimiter, rows: splitter.split(text, false) };
      continue;
    }
    start += text;
    if (hasHeader(start) || start.length > limits.recordText) yield begin();
  }
  if (delimiter === null) yield begin();
  const rows = splitter.split('', true);
  yield { delimiter: delimiter ?? ',', rows: isSeparatorLine(rows[0]) ? rows.slice(1) : rows };
}

const separatorLine = /^\s*sep=(.)[\r\n]/i;

function isSeparatorLine(row: CsvRow | undefined): boolean {
  return row?.line === 1 && /^sep=.?$/i.test(row.fields[0] ?? '');
}

/** Whether a line with text is complete, the one that only says `sep=` not counted. */
function hasHeader(text: string): boolean {
  const start = text.slice(separatorLine.exec(text)?.[0].length ?? 0).trimStart();
  return start.includes('\n') || start.includes('\r');
}

function delimiterOf(text: string): string {
  const stated = separatorLine.exec(text)?.[1];
  if (stated !== undefined) return stated;
  const header = (/\S[^\r\n]*/.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }));
  return counts.toSorted((a, b) => b.count - a.count)[0]?.delimiter ?? ',';
}
