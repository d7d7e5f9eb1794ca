import { describe, expect, test } from '@jest/globals';
import ExcelJs from 'exceljs';
import type { Zippable } from 'fflate';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { dayNumberText } from '../../../src/importers/bills/xlsx-styles.ts';
import { attributeOf, readXml } from '../../../src/importers/bills/xml-tokens.ts';
import { importBytes, refusalOf } from '../../helpers/import-bytes.ts';

const header = [
  'BilledCost',
  'BillingCurrency',
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'ServiceProviderName',
  'ServiceName',
  'BillingPeriodStart',
  'BillingPeriodEnd',
  'ChargeCategory',
  'ChargeDescription',
];
const october = new Date('2026-10-01T00:00:00Z');
const november = new Date('2026-11-01T00:00:00Z');
const row = (cost: ExcelJs.CellValue, description: ExcelJs.CellValue = 'Tokens'): ExcelJs.CellValue[] => [
  cost,
  'USD',
  october,
  new Date('2026-10-02T00:00:00Z'),
  'Example',
  'Inference',
  october,
  november,
  'Usage',
  description,
];

async function workbook(fill: (sheet: ExcelJs.Worksheet, book: ExcelJs.Workbook) => void): Promise<Uint8Array> {
  const book = new ExcelJs.Workbook();
  const sheet = book.addWorksheet('Bill');
  sheet.addRow(header);
  fill(sheet, book);
  return new Uint8Array(await book.xlsx.writeBuffer());
}

/** The same workbook with parts changed or added. */
function repacked(bytes: Uint8Array, change: (parts: Record<string, Uint8Array>) => void): Uint8Array {
  const parts = unzipSync(bytes);
  change(parts);
  return zipSync(parts as Zippable);
}

const inPart = (bytes: Uint8Array, part: string, from: string | RegExp, to: string): Uint8Array =>
  repacked(bytes, (parts) => {
    parts[part] = strToU8(new TextDecoder().decode(parts[part]).replace(from, to));
  });
const sheetPart = 'xl/worksheets/sheet1.xml';

describe('XLSX', () => {
  test('numbers, shared and rich texts, dates and stored results of formulas are read with their rows', async () => {
    const bytes = await workbook((sheet) => {
      sheet.addRow(row(0.1, 'one & two'));
      sheet.addRow(row(1.234, { richText: [{ text: 'ri' }, { text: 'ch' }] }));
      sheet.addRow([]);
      sheet.addRow(row({ formula: 'A2+A3', result: 1.334 }));
    });
    const { outcome, lines } = await importBytes(bytes);
    expect(outcome).toMatchObject({
      ok: true,
      kind: 'xlsx',
      format: { id: 'focus' },
      records: 3,
      problems: [],
      questions: [],
    });
    expect(
      lines.map((line) => [
        line.x_FirstLine,
        line.BilledCost?.toFixed(),
        line.ChargeDescription,
        line.ChargePeriodStart,
      ]),
    ).toEqual([
      [2, '0.1', 'one & two', '2026-10-01T00:00:00Z'],
      [3, '1.234', 'rich', '2026-10-01T00:00:00Z'],
      [5, '1.334', 'Tokens', '2026-10-01T00:00:00Z'],
    ]);
  });

  test('the sheet whose header is known is read, whatever stands before it or is hidden', async () => {
    const bytes = await workbook((sheet, book) => {
      sheet.addRow(row(2));
      const cover = book.addWorksheet('Cover');
      cover.addRow(['Hello']);
      const hidden = book.addWorksheet('Hidden', { state: 'hidden' });
      hidden.addRow(header);
      hidden.addRow(row(1000));
    });
    const { outcome, lines } = await importBytes(bytes);
    expect(lines.map((line) => line.BilledCost?.toFixed())).toEqual(['2']);
    expect(outcome.ok && outcome.warnings.map(({ code }) => code)).toEqual(['other-sheets']);
  });

  test('a row of totals at the end is not counted', async () => {
    const bytes = await workbook((sheet) => {
      sheet.addRow(row(2));
      sheet.addRow(['Total', 2]);
    });
    expect((await importBytes(bytes)).lines).toHaveLength(1);
  });

  test('a formula without a stored result is a problem of its row', async () => {
    const bytes = await workbook((sheet) => {
      sheet.addRow(row(2));
      sheet.addRow(row({ formula: 'A2*2', result: 4 }));
    });
    const stripped = inPart(bytes, sheetPart, /<\/f><v>4<\/v>/, '</f>');
    expect(await refusalOf(stripped)).toContain('formula-without-value /lines/3');
  });

  test('formula-like text is text', async () => {
    const bytes = await workbook((sheet) => sheet.addRow(row(1, '=HYPERLINK("https://example.com")')));
    expect((await importBytes(bytes)).lines[0]?.ChargeDescription).toBe('=HYPERLINK("https://example.com")');
  });

  test.each<[string, (bytes: Uint8Array) => Uint8Array, RegExp]>([
    [
      'macros',
      (bytes) =>
        repacked(bytes, (parts) => {
          parts['xl/vbaProject.bin'] = strToU8('x');
        }),
      /^macros/,
    ],
    [
      'a document type',
      (bytes) => inPart(bytes, sheetPart, '<worksheet', '<!DOCTYPE x [<!ENTITY a "b">]><worksheet'),
      /^damaged-xlsx/,
    ],
    [
      'no workbook',
      (bytes) =>
        repacked(bytes, (parts) => {
          delete parts['xl/workbook.xml'];
        }),
      /^unknown-file/,
    ],
    [
      'a cell in the last column',
      (bytes) => inPart(bytes, sheetPart, /<\/row>/, '<c r="XFD1"><v>1</v></c></row>'),
      /^too-many-columns \/lines\/1/,
    ],
    ['a part that ends too early', (bytes) => bytes.slice(0, bytes.length / 2), /^damaged-zip/],
    [
      '300 parts',
      (bytes) =>
        repacked(bytes, (parts) => {
          for (let i = 0; i < 300; i++) parts[`x/${i}`] = strToU8('x');
        }),
      /^zip-too-large/,
    ],
    [
      'a name that leaves the archive',
      (bytes) =>
        repacked(bytes, (parts) => {
          parts['../evil'] = strToU8('x');
        }),
      /^damaged-zip/,
    ],
    [
      'a part of 2 MB in 2 kB',
      (bytes) =>
        repacked(bytes, (parts) => {
          parts['xl/bomb.xml'] = new Uint8Array(2_000_000);
        }),
      /^zip-too-large/,
    ],
    ['11 sheets', (bytes) => inPart(bytes, 'xl/workbook.xml', /(<sheet [^>]*>)/, '$1'.repeat(11)), /^too-many-sheets/],
  ])('a workbook with %s is refused', async (_what, change, refused) => {
    const bytes = await workbook((sheet) => sheet.addRow(row(1)));
    expect(await refusalOf(change(bytes))).toMatch(refused);
  });

  test('a workbook is read at the limit of what it may inflate to, and refused one byte over it', async () => {
    const bytes = await workbook((sheet) => sheet.addRow(row(1)));
    const inflatedBytes = Object.values(unzipSync(bytes)).reduce((sum, part) => sum + part.length, 0);
    expect((await importBytes(bytes, { limits: { inflatedBytes } })).lines).toHaveLength(1);
    expect(await refusalOf(bytes, { limits: { inflatedBytes: inflatedBytes - 1 } })).toBe('zip-too-large');
  });

  test('a part that inflates further than the directory says is refused', async () => {
    const bytes = await workbook((sheet) => sheet.addRow(row(1, 'x'.repeat(30_000))));
    // The uncompressed size stands 24 bytes into an entry of the central directory.
    const lying = Buffer.from(bytes);
    for (let at = lying.indexOf('PK\u0001\u0002'); at !== -1; at = lying.indexOf('PK\u0001\u0002', at + 4))
      lying.writeUInt32LE(10, at + 24);
    expect(await refusalOf(lying)).toMatch(/^damaged-zip/);
  });

  test('parts that share their bytes are refused', async () => {
    const bytes = await workbook((sheet) => sheet.addRow(row(1)));
    const overlapping = Buffer.from(bytes);
    const first = overlapping.indexOf('PK\u0001\u0002');
    const second = overlapping.indexOf('PK\u0001\u0002', first + 4);
    overlapping.copy(overlapping, second + 42, first + 42, first + 46);
    expect(await refusalOf(overlapping)).toMatch(/^damaged-zip/);
  });

  test('days are counted from 1900, or from 1904 where the workbook says so', () => {
    expect([
      dayNumberText(46_296, false),
      dayNumberText(46_296.5, false),
      dayNumberText(44_834, true),
      dayNumberText(3, false),
    ]).toEqual(['2026-10-01', '2026-10-01T12:00:00', '2026-10-01', null]);
  });
});

describe('the XML of spreadsheets', () => {
  async function* pieces(text: string, length: number): AsyncGenerator<string> {
    for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
  }

  test('tags and texts are the same however the file is cut', async () => {
    const text =
      '<?xml version="1.0"?><!-- <a> --><x:row r="1"><c t=\'s\'/>a&amp;b&#65;&#x42;&unknown;<![CDATA[<&>]]></x:row>';
    for (const length of [1, 2, 3, 7, 1000]) {
      const read: string[] = [];
      for await (const tokens of readXml(pieces(text, length)))
        for (const token of tokens)
          read.push(
            token.kind === 'text'
              ? token.text
              : `${token.kind} ${token.name} ${token.kind === 'open' ? `${attributeOf(token.attributes, 'r')} ${attributeOf(token.attributes, 't')}` : ''}`.trim(),
          );
      expect(read).toEqual(['open row 1 null', 'open c null s', 'a&bAB&unknown;', '<&>', 'close row']);
    }
  });
});
