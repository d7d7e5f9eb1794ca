import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import Papa from 'papaparse';
import type { BillRecord } from '../../../src/importers/bills/bill-format.ts';
import { BILL_LIMITS } from '../../../src/importers/bills/bill-limits.ts';
import { openCsvRecords } from '../../../src/importers/bills/csv-records.ts';

type Read = {
  readonly columns: readonly string[];
  readonly records: readonly BillRecord[];
  readonly found: readonly string[];
  readonly delimiter: string;
};

/** Reads CSV in pieces of a few characters, so that every record is cut somewhere. */
async function read(text: string, pieceLength = 7, limits = BILL_LIMITS): Promise<Read> {
  const found: string[] = [];
  async function* pieces(): AsyncGenerator<string> {
    for (let at = 0; at < text.length; at += pieceLength) yield text.slice(at, at + pieceLength);
  }
  const findings = {
    report: ({ code, pointer }: { code: string; pointer: string }) => found.push(`${code} ${pointer}`),
    warn: ({ code, pointer }: { code: string; pointer: string }) => found.push(`${code} ${pointer} left out`),
  };
  const { columns, batches, delimiter } = await openCsvRecords(pieces(), limits, findings);
  const records: BillRecord[] = [];
  for await (const batch of batches) records.push(...batch);
  return { columns, records, found, delimiter };
}

const rejection = (text: string, limits = BILL_LIMITS): Promise<string> =>
  read(text, 7, limits).then(
    () => 'was read',
    (cause: { problems: { code: string; pointer: string }[] }) =>
      `${cause.problems[0]?.code} ${cause.problems[0]?.pointer}`.trim(),
  );

describe('CSV', () => {
  test('records keep the line on which they begin, whatever ends the lines', async () => {
    const { records } = await read('a,b\r\n1,"two\r\nlines"\n\n3,4\r5,6');
    expect(records).toEqual([
      { line: 2, fields: { a: '1', b: 'two\r\nlines' } },
      { line: 5, fields: { a: '3', b: '4' } },
      { line: 6, fields: { a: '5', b: '6' } },
    ]);
  });

  test.each([
    ['a,b\n1,2\n', ','],
    ['a;b\n1;2\n', ';'],
    ['a\tb\n1\t2\n', '\t'],
    ['a|b\n1|2\n', '|'],
    ['sep=;\na;b\n1;2\n', ';'],
    ['"a,x;y";b\n1;2\n', ';'],
    ['sep=|\r\n"x"|b\r\n1|2', '|'],
  ])('%j is delimited by %j', async (text, delimiter) => {
    const found = await read(text);
    expect([found.delimiter, found.columns.length, found.records.length]).toEqual([delimiter, 2, 1]);
  });

  test('quotes within quotes are halved', async () => {
    const { records } = await read('a,b\n"say ""hi""","x,y"\n');
    expect(records[0]?.fields).toEqual({ a: 'say "hi"', b: 'x,y' });
  });

  test('a line with another number of fields is told with its number; delimiters behind the last column are not', async () => {
    const { records, found } = await read('a,b,,\n1,2,,\n1,2,3,\n1\n4,5,,\n');
    expect(records.map(({ line }) => line)).toEqual([2, 5]);
    expect(found).toEqual(['wrong-field-count /lines/3', 'wrong-field-count /lines/4']);
  });

  test('rows of totals at the end are left out, one among the others is a problem', async () => {
    expect(await read('day,cost\n1,2\nGrand total:,2\n,\nTotal,2')).toMatchObject({
      records: [{ line: 2 }],
      found: ['totals-row /lines/3 left out', 'totals-row /lines/5 left out'],
    });
    expect((await read('day,cost\n1,2\nSubtotal,2\n3,4\n')).found).toEqual(['totals-row /lines/3']);
  });

  test.each([
    ['a,b\n1,"2\n3,4\n', 'unclosed-quote /lines/2'],
    ['a,b\n1,"2"x\n', 'malformed-csv /lines/2'],
    ['a,b\n1,2\n1,\0\n', 'nul-byte /lines/3'],
    ['a,b\n1,2\n1,\uFFFD\n', 'no-utf-8 /lines/3'],
    ['a,b,a\n1,2,3\n', 'column-twice /lines/1'],
    ['a,__proto__\n1,2\n', 'forbidden-column /lines/1'],
    ['\n\n', 'empty-file'],
    ['sep=;\n', 'empty-file'],
  ])('%j is refused: %s', async (text, refused) => {
    expect(await rejection(text)).toBe(refused);
  });

  test('records, fields and columns are taken at their limit and refused one over it', async () => {
    const limits = { ...BILL_LIMITS, recordText: 30, fieldText: 10, columns: 3 };
    const tens = ['x'.repeat(10), 'y'.repeat(10), 'z'.repeat(8)];
    expect((await read(`a,b,c\n${tens.join(',')}\n`, 7, limits)).records).toHaveLength(1);
    expect(await rejection(`a,b,c\n${tens.join(',')}z\n`, limits)).toBe('record-too-long /lines/2');
    expect(await rejection(`a,b,c\n1,${'x'.repeat(11)},2\n`, limits)).toBe('field-too-long /lines/2');
    expect(await rejection('a,b,c,d\n', limits)).toBe('too-many-columns /lines/1');
    expect(await rejection(`a,b,c\n1,"${'x\n'.repeat(40)}`, limits)).toBe('record-too-long /lines/2');
  });

  test('any table that papaparse writes is read as papaparse reads it, however it is cut', async () => {
    const field = fc.string({
      unit: fc.constantFrom('a', 'b', '"', ',', ';', '\n', '\r\n', ' ', 'é', '€', '-'),
      maxLength: 6,
    });
    const rows = fc.array(fc.tuple(field, field, field), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.constantFrom(',', ';', '\t'),
        fc.integer({ min: 1, max: 20 }),
        async (data, delimiter, cut) => {
          const text = Papa.unparse([['one', 'two', 'three'], ...data], { delimiter });
          const ours = await read(text, cut);
          const theirs = Papa.parse<string[]>(text, { delimiter, skipEmptyLines: false }).data.slice(1);
          const withText = theirs.filter((fields) => fields.some((each) => each.trim() !== ''));
          expect(ours.records.map(({ fields }) => Object.values(fields))).toEqual(withText);
        },
      ),
    );
  });
});
