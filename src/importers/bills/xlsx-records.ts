import { pointerTo } from '../../core/problem.ts';
import type { BillFormat, BillRecord } from './bill-format.ts';
import type { BillLimits } from './bill-limits.ts';
import { decodeText } from './bill-text.ts';
import type { CsvRow } from './csv-splitter.ts';
import type { Findings, RecordStream } from './record-stream.ts';
import { refuse } from './refuse.ts';
import { openTable } from './table-records.ts';
import type { XlsxBook } from './xlsx-sheet.ts';
import { readSharedStrings, readSheetRows } from './xlsx-sheet.ts';
import { readDateStyles } from './xlsx-styles.ts';
import type { XmlToken } from './xml-tokens.ts';
import { attributeOf, readXml } from './xml-tokens.ts';
import type { ZipParts } from './zip-gate.ts';
import { openZip } from './zip-gate.ts';

/**
 * The records of a workbook: of the first visible sheet whose header a format knows, else of the first with any text. Sheets are
 * read as they stream; macros, links and pictures are never looked at. Lines are the sheet's row numbers.
 */
export async function openXlsxRecords(
  path: string,
  limits: BillLimits,
  findings: Findings,
  formats: readonly BillFormat[],
): Promise<RecordStream> {
  const zip = await openZip(path, limits);
  try {
    if (zip.names.some((name) => /vbaProject/i.test(name)))
      refuse('macros', null, 'The workbook holds macros (.xlsm). Save it as .xlsx or CSV.');
    if (!zip.names.includes('xl/workbook.xml'))
      refuse('unknown-file', null, 'The ZIP archive is no .xlsx workbook. Send the file inside by itself.');
    const { sheets, from1904 } = await readBook(zip);
    if (sheets.length > limits.sheets)
      refuse(
        'too-many-sheets',
        null,
        `The workbook has ${sheets.length} sheets, of at most ${limits.sheets}. Save the bill's sheet by itself.`,
        String(limits.sheets),
      );
    const book: XlsxBook = {
      strings: await readSharedStrings(xmlOf(zip, 'xl/sharedStrings.xml')),
      dateStyles: await readDateStyles(xmlOf(zip, 'xl/styles.xml')),
      from1904,
    };
    const sheet = await chooseSheet(zip, sheets, book, limits, findings, formats);
    const table = openTable(sheet.header, limits, findings);
    const rows = readSheetRows(xmlOf(zip, sheet.part), book, limits, findings);
    return { columns: table.columns, batches: readBatches(zip, rows, table, sheet.header.line) };
  } catch (cause) {
    zip.close();
    throw cause;
  }
}

async function* readBatches(
  zip: ZipParts,
  pieces: AsyncIterable<readonly CsvRow[]>,
  table: ReturnType<typeof openTable>,
  headerLine: number,
): AsyncGenerator<readonly BillRecord[]> {
  try {
    for await (const rows of pieces) {
      const records: BillRecord[] = [];
      for (const { line, fields } of rows) {
        if (line <= headerLine) continue;
        const missing = Math.max(0, table.columns.length - fields.length);
        const record = table.recordOf({
          line,
          fields: missing > 0 ? [...fields, ...Array<string>(missing).fill('')] : fields,
        });
        if (record !== null) records.push(record);
      }
      yield records;
    }
    table.end();
  } finally {
    zip.close();
  }
}

type Sheet = { readonly name: string; readonly part: string };

async function chooseSheet(
  zip: ZipParts,
  sheets: readonly Sheet[],
  book: XlsxBook,
  limits: BillLimits,
  findings: Findings,
  formats: readonly BillFormat[],
): Promise<Sheet & { readonly header: CsvRow }> {
  const headed: (Sheet & { readonly header: CsvRow })[] = [];
  for (const sheet of sheets) {
    const header = await readHeader(zip, sheet, book, limits);
    if (header !== null) headed.push({ ...sheet, header });
  }
  const known = headed.find(({ header }) => {
    const columns = new Set(header.fields.map((name) => name.trim()));
    return formats.some((format) => format.matches(columns));
  });
  const chosen = known ?? headed[0];
  if (chosen === undefined) return refuse('empty-file', null, 'The workbook has no visible sheet with text.');
  if (headed.length > 1)
    findings.warn({
      code: 'other-sheets',
      pointer: pointerTo(['sheets']),
      message: `Only the sheet "${chosen.name.slice(0, 60)}" was read, of ${headed.length} with text.`,
    });
  return chosen;
}

async function readHeader(zip: ZipParts, sheet: Sheet, book: XlsxBook, limits: BillLimits): Promise<CsvRow | null> {
  const silent: Findings = { report: () => {}, warn: () => {} };
  for await (const rows of readSheetRows(xmlOf(zip, sheet.part), book, limits, silent)) {
    const first = rows.find(({ fields }) => fields.some((field) => field.trim() !== ''));
    if (first !== undefined) return first;
  }
  return null;
}

/** The visible sheets in their order, with the parts that hold them. */
async function readBook(zip: ZipParts): Promise<{ readonly sheets: readonly Sheet[]; readonly from1904: boolean }> {
  const targets = new Map<string, string>();
  for await (const tokens of xmlOf(zip, 'xl/_rels/workbook.xml.rels'))
    for (const token of tokens)
      if (token.kind === 'open' && token.name === 'Relationship')
        targets.set(attributeOf(token.attributes, 'Id') ?? '', attributeOf(token.attributes, 'Target') ?? '');
  const sheets: Sheet[] = [];
  let from1904 = false;
  for await (const tokens of xmlOf(zip, 'xl/workbook.xml'))
    for (const token of tokens) {
      if (token.kind !== 'open') continue;
      if (token.name === 'workbookPr') from1904 = /^(?:1|true)$/.test(attributeOf(token.attributes, 'date1904') ?? '');
      if (token.name !== 'sheet' || (attributeOf(token.attributes, 'state') ?? 'visible') !== 'visible') continue;
      const target = targets.get(attributeOf(token.attributes, 'id') ?? '') ?? '';
      const part = target.startsWith('/') ? target.slice(1) : `xl/${target}`;
      sheets.push({ name: attributeOf(token.attributes, 'name') ?? '', part });
    }
  return { sheets, from1904 };
}

function xmlOf(zip: ZipParts, part: string): AsyncGenerator<readonly XmlToken[]> {
  return readXml(decodeText(zip.read(part)));
}
