import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { BillLine } from '../../../src/core/bills/bill-line.ts';
import { readBillLine } from '../../../src/core/bills/bill-line-text.ts';
import { bareContext } from '../../../src/importers/bills/bill-context.ts';
import { importBill } from '../../../src/importers/bills/import-bill.ts';
import { plain, readBill, recordsOf } from '../../helpers/bill-fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'infercast-test-'));
const linesPath = join(folder, 'lines');
afterAll(() => rmSync(folder, { recursive: true }));

const fixtures = readdirSync('test/importers/bills/fixtures').filter((name) => /\.(csv|tsv|jsonl?)$/.test(name));
const answers = { 'date-order': 'month-first' };

async function importFile(path: string): Promise<{ readonly id: string; readonly lines: readonly BillLine[] }> {
  const source = { path, fileName: path, source: null, answers, mapping: null, linesPath };
  const outcome = await importBill(source);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  expect([outcome.questions, outcome.problems]).toEqual([[], []]);
  const lines = readFileSync(linesPath, 'utf8').trim().split('\n').map(readBillLine);
  expect(outcome.lines).toBe(lines.length);
  return { id: outcome.format.id, lines };
}

describe('files as they are handed out', () => {
  test.each(fixtures)('%s is recognised by itself, and its lines are those worked out by hand', async (name) => {
    const { id, lines } = await importFile(`test/importers/bills/fixtures/${name}`);
    const read = readBill(name, bareContext(answers));
    expect(id).toBe(read.format.id);
    expect(plain(lines)).toEqual(plain(read.lines));
  });

  test('FOCUS as Parquet, with decimals and timestamps, gives the same lines as CSV', async () => {
    const name = 'focus-1.2-2026-10.csv';
    const records = recordsOf(name);
    const columns = Object.keys(records[0]?.fields ?? {});
    const money = new Set(['BilledCost', 'ContractedCost', 'EffectiveCost', 'ListCost', 'ListUnitPrice']);
    const path = join(folder, 'focus.parquet');
    const parquet = parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: columns.length },
        ...columns.map((column) => ({ name: column, repetition_type: 'OPTIONAL' as const, ...typeOf(column, money) })),
      ],
      columnData: columns.map((column) => ({
        name: column,
        data: records.map(({ fields }) => cellOf(column, fields[column] ?? '', money)),
      })),
    });
    writeFileSync(path, new Uint8Array(parquet));
    const { id, lines } = await importFile(path);
    expect(id).toBe('focus');
    const placeless = (found: readonly BillLine[]): unknown =>
      plain(found).map(({ x_FirstLine, x_LastLine, ...line }) => line);
    expect(placeless(lines)).toEqual(placeless(readBill(name).lines));
  });
});

function typeOf(column: string, money: ReadonlySet<string>): Record<string, unknown> {
  if (money.has(column)) return { type: 'INT64', converted_type: 'DECIMAL', scale: 3, precision: 18 };
  if (/Period(Start|End)$/.test(column)) return { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' };
  return { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
}

function cellOf(column: string, text: string, money: ReadonlySet<string>): unknown {
  if (text === '') return null;
  if (money.has(column)) return Number(text);
  return /Period(Start|End)$/.test(column) ? new Date(text) : text;
}
