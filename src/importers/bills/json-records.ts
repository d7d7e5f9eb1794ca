import { isRecord } from '../price-text.ts';
import type { BillFormat, BillRecord } from './bill-format.ts';
import type { BillLimits } from './bill-limits.ts';
import { parseJsonText } from './json-text.ts';
import type { Findings, RecordStream } from './record-stream.ts';
import { refuse, sizeInWords } from './refuse.ts';

const recordsAtOnce = 1024;

/**
 * The records of JSON: an answer of a provider's API, several of them in an array, an array of rows, or JSON Lines of any
 * of these. JSON Lines are read line by line, everything else is held whole. Records are counted from 1.
 *
 * Answers without results are passed over; the first with some tells the format.
 */
export async function openJsonRecords(
  texts: AsyncIterable<string>,
  limits: BillLimits,
  findings: Findings,
  formats: readonly BillFormat[],
): Promise<RecordStream> {
  const documents = readDocuments(texts, limits);
  for (;;) {
    // By hand, as leaving a loop over the documents would end them.
    const { done, value: document } = await documents.next();
    if (done === true)
      return refuse('empty-file', null, 'There is no record in the file. Export it again for days with use.');
    const shape = findShape(document, formats);
    if (shape === null)
      return refuse(
        'unknown-json',
        null,
        'The JSON is no answer and no list of rows that is known here. Send the answer of the provider as it came, or CSV.',
      );
    const start = shape.recordsOf(document) ?? [];
    if (start.length === 0) continue;
    return {
      columns: [...new Set(start.slice(0, 1000).flatMap(({ fields }) => Object.keys(fields)))],
      ...(shape.format !== undefined && { format: shape.format }),
      batches: readBatches({ records: start, goesOn: goesOn(document) }, documents, shape, findings),
    };
  }
}

/**
 * A JSON object as columns: names of nested members joined by dots (`amount.value`), numbers already text, null as the
 * empty text, arrays as JSON.
 */
export function flattenRecord(object: unknown): Record<string, string> {
  const fields: Record<string, string> = {};
  flattenInto(fields, '', object);
  return fields;
}

function flattenInto(fields: Record<string, string>, name: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, member] of Object.entries(value))
      flattenInto(fields, name === '' ? key : `${name}.${key}`, member);
  } else if (name !== '') fields[name] = textOf(value);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

type Shape = {
  readonly format?: BillFormat;
  readonly recordsOf: (document: unknown) => readonly BillRecord[] | null;
};

function findShape(document: unknown, formats: readonly BillFormat[]): Shape | null {
  let empty: Shape | null = null;
  for (const format of formats) {
    const { recordsOf } = format;
    if (recordsOf === undefined) continue;
    const shape = { format, recordsOf: (pages: unknown) => recordsOfPages(pages, recordsOf) };
    const records = shape.recordsOf(document);
    if (records !== null && records.length > 0) return shape;
    if (records !== null) empty ??= shape;
  }
  return empty ?? (rowsOf(document) === null ? null : { recordsOf: rowsOf });
}

/** null as soon as one page is of another shape: its lines would be missing unseen. */
function recordsOfPages(pages: unknown, recordsOf: NonNullable<BillFormat['recordsOf']>): readonly BillRecord[] | null {
  if (!Array.isArray(pages)) return recordsOf(pages);
  const all: BillRecord[] = [];
  for (const page of pages) {
    const records = recordsOf(page);
    if (records === null) return null;
    for (const record of records) all.push(record);
  }
  return all;
}

function rowsOf(document: unknown): readonly BillRecord[] | null {
  const rows = Array.isArray(document) ? document : [document];
  if (!rows.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row))) return null;
  return rows.map((row, i) => ({ line: i + 1, fields: flattenRecord(row) }));
}

/** What was read of the first document; the document itself is let go. */
type Begun = { readonly records: readonly BillRecord[]; readonly goesOn: boolean };

async function* readBatches(
  begun: Begun,
  documents: AsyncIterable<unknown>,
  { recordsOf }: Shape,
  { warn }: Findings,
): AsyncGenerator<readonly BillRecord[]> {
  let count = 0;
  let more = begun.goesOn;
  function* numbered(records: readonly BillRecord[]): Generator<readonly BillRecord[]> {
    for (let at = 0; at < records.length; at += recordsAtOnce)
      yield records.slice(at, at + recordsAtOnce).map(({ fields }) => ({ line: ++count, fields }));
  }
  yield* numbered(begun.records);
  for await (const document of documents) {
    more = goesOn(document);
    const records = recordsOf(document);
    if (records === null)
      refuse('mixed-json', count + 1, 'The JSON Lines are not all of one kind. Send each kind as a file of its own.');
    else yield* numbered(records);
  }
  if (more) {
    const message =
      'The last answer says that more pages follow: their amounts are missing. Send all pages in one file.';
    warn({ code: 'more-pages', pointer: '', message });
  }
}

function goesOn(document: unknown): boolean {
  const page = Array.isArray(document) ? document.at(-1) : document;
  if (!isRecord(page)) return false;
  const next = [page.next_page, page.next_cursor].some((cursor) => typeof cursor === 'string' && cursor !== '');
  return page.has_more === true || next;
}

/** The documents of a file: one for each line where the first line is a document by itself, else one. */
async function* readDocuments(texts: AsyncIterable<string>, limits: BillLimits): AsyncGenerator<unknown> {
  let kept = '';
  let line = 1;
  let byLines: boolean | null = null;
  for await (const text of texts) {
    kept += text;
    if (byLines !== false && text.includes('\n')) {
      const lines = kept.split('\n');
      const first = lines.slice(0, -1).find((each) => each.trim() !== '');
      if (first !== undefined) byLines ??= isDocument(first, limits);
      if (byLines) {
        kept = lines.pop() ?? '';
        for (const each of lines) {
          if (each.trim() !== '') yield parseJsonText(each, limits, line);
          line++;
        }
      }
    }
    if (kept.length <= limits.jsonBytes) continue;
    const mend = 'Send fewer days at a time, or one answer a line (JSON Lines).';
    const most = sizeInWords(limits.jsonBytes);
    refuse('too-large', line, `A JSON document has more than ${most}. ${mend}`, most);
  }
  if (kept.trim() !== '') yield parseJsonText(kept, limits, line);
}

function isDocument(line: string, limits: BillLimits): boolean {
  if (!/[}\]]\s*$/.test(line)) return false;
  try {
    parseJsonText(line, limits);
    return true;
  } catch {
    return false;
  }
}
