import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { BillReader } from '../../src/compute/bill-reader.ts';
import { openBillReader } from '../../src/compute/bill-reader.ts';
import { Abandoned, TooExpensive } from '../../src/compute/task-pool.ts';
import type { BillProgress, BillSource } from '../../src/importers/bills/bill-import.ts';
import { focusCsv } from '../helpers/import-bytes.ts';
import { temporaryFolder } from '../helpers/process.ts';

describe('the reader of bills', () => {
  let reader: BillReader | undefined;
  afterEach(() => reader?.close());

  function open(heapMb?: number): BillReader {
    reader = openBillReader(heapMb);
    return reader;
  }

  function fileOf(text: string): BillSource & { readonly linesPath: string } {
    const folder = temporaryFolder();
    const path = join(folder, 'bill');
    writeFileSync(path, text);
    return { path, fileName: 'bill.csv', source: null, answers: {}, mapping: null, linesPath: join(folder, 'lines') };
  }

  const rows = (count: number): string =>
    focusCsv(Array.from({ length: count }, (_, i): [string, string] => ['2026-10-01', `${i}.5`]));

  test('reads a file in its thread and tells how far it is', async () => {
    const told: BillProgress[] = [];
    const text = rows(20_000);
    const outcome = await open().read(fileOf(text), undefined, (progress) => told.push(progress));
    expect(outcome).toMatchObject({ ok: true, records: 20_000, lines: 20_000 });
    expect(told[0]).toMatchObject({ of: text.length });
    expect(told[0]?.bytes).toBeGreaterThan(0);
  });

  test('hands back what is wrong with a file as plain data', async () => {
    expect(await open().read(fileOf('a;b\n1;2\n'))).toMatchObject({
      ok: false,
      problems: [{ code: 'unknown-format' }],
    });
  });

  test('stops when its client goes, and reads the next file', async () => {
    const { read } = open();
    const client = new AbortController();
    const given = fileOf(rows(200_000));
    await expect(read(given, client.signal, () => client.abort())).rejects.toBeInstanceOf(Abandoned);
    expect(existsSync(given.linesPath)).toBe(false);
    expect(await read(fileOf(rows(1)))).toMatchObject({ ok: true, lines: 1 });
  });

  test('a file that needs more than the heap is refused with the limit, and the next one is read', async () => {
    const { read } = open(24);
    const wide = `[${Array.from({ length: 200_000 }, (_, i) => `{"a${i % 50}":"${i}"}`).join(',')}]`;
    await expect(read(fileOf(wide))).rejects.toEqual(new TooExpensive('24 MB'));
    const small = fileOf(rows(1));
    expect(await read(small)).toMatchObject({ ok: true, lines: 1 });
    expect(existsSync(small.linesPath)).toBe(true);
  });
});
