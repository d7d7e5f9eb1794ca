import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ColumnSource } from 'hyparquet-writer';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { BillRecord } from '../../../src/importers/bills/bill-format.ts';
import { BILL_LIMITS } from '../../../src/importers/bills/bill-limits.ts';
import { openParquetRecords } from '../../../src/importers/bills/parquet-records.ts';
import { findTextOf } from '../../../src/importers/bills/parquet-values.ts';
import { refusalOf } from '../../helpers/import-bytes.ts';
import { temporaryFolder } from '../../helpers/process.ts';

async function read(bytes: Uint8Array, limits = BILL_LIMITS): Promise<readonly BillRecord[]> {
  const path = join(temporaryFolder(), 'bill.parquet');
  writeFileSync(path, bytes);
  const { batches } = await openParquetRecords(path, limits, () => {});
  const records: BillRecord[] = [];
  for await (const batch of batches) records.push(...batch);
  return records;
}

const fileOf = (columnData: ColumnSource[], rowGroupSize = 100): Uint8Array =>
  new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }));

/** A column of DECIMAL(38, 10) as 16 bytes, and one of DECIMAL(18, 4) as 64 bits. */
function decimalFile(): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 2 },
        {
          name: 'wide',
          type: 'FIXED_LEN_BYTE_ARRAY',
          type_length: 16,
          converted_type: 'DECIMAL',
          precision: 38,
          scale: 10,
          repetition_type: 'OPTIONAL',
        },
        {
          name: 'narrow',
          type: 'INT64',
          converted_type: 'DECIMAL',
          precision: 18,
          scale: 4,
          repetition_type: 'OPTIONAL',
        },
      ],
      columnData: [
        { name: 'wide', data: [12345678901234567890n, -1n, null] },
        { name: 'narrow', data: [37060000000n, -5n, 0n] },
      ],
    }),
  );
}

describe('Parquet', () => {
  test('decimals come out digit by digit, in whatever they are stored', async () => {
    const records = await read(decimalFile());
    expect(records.map(({ fields }) => fields)).toEqual([
      // 12345678901234567890 ÷ 10^10, which no float holds.
      { wide: '1234567890.1234567890', narrow: '3706000.0000' },
      { wide: '-0.0000000001', narrow: '-0.0005' },
      { wide: '', narrow: '0.0000' },
    ]);
  });

  test('texts, whole numbers, floats, truth values, dates and nothing are text', async () => {
    const [record] = await read(
      fileOf([
        { name: 'text', data: ['naïve'], type: 'STRING' },
        { name: 'whole', data: [9007199254740993n], type: 'INT64' },
        { name: 'double', data: [0.1], type: 'DOUBLE' },
        { name: 'float', data: [Math.fround(0.1)], type: 'FLOAT' },
        { name: 'truth', data: [true], type: 'BOOLEAN' },
        { name: 'time', data: [new Date('2026-10-01T05:06:07Z')], type: 'TIMESTAMP' },
        { name: 'nothing', data: [null], type: 'STRING', nullable: true },
      ]),
    );
    expect(record).toEqual({
      line: 1,
      fields: {
        text: 'naïve',
        whole: '9007199254740993',
        double: '0.1',
        float: '0.1',
        truth: 'true',
        time: '2026-10-01T05:06:07Z',
        nothing: '',
      },
    });
  });

  test('a timestamp that is not in UTC has no zone, so that it is asked about', () => {
    const column = {
      name: 't',
      type: 'INT64',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' },
    } as const;
    expect(findTextOf(column).parsers.timestampFromMicroseconds?.(1_000_000n)).toBe('1970-01-01T00:00:01');
  });

  test('records are counted through all row groups', async () => {
    const days = Array.from({ length: 2500 }, (_, i) => `day ${i}`);
    const records = await read(fileOf([{ name: 'day', data: days, type: 'STRING' }], 1000));
    expect(records.map(({ line, fields }) => `${line} ${fields.day}`)).toEqual(days.map((day, i) => `${i + 1} ${day}`));
  });

  test('files with too many columns or records are refused before they are read', async () => {
    const file = fileOf([
      { name: 'a', data: ['1', '2'], type: 'STRING' },
      { name: 'b', data: ['1', '2'], type: 'STRING' },
    ]);
    await expect(read(file, { ...BILL_LIMITS, columns: 1 })).rejects.toThrow(/2 columns/);
    await expect(read(file, { ...BILL_LIMITS, records: 1 })).rejects.toThrow(/more than 1 records/);
    expect(await read(file, { ...BILL_LIMITS, columns: 2, records: 2 })).toHaveLength(2);
  });

  test('a page that says it is larger than it may be is refused before anything is set aside for it', async () => {
    const text = 'x'.repeat(5000);
    const file = fileOf([{ name: 'a', data: [`${text}1`, `${text}2`], type: 'STRING' }]);
    await expect(read(file, { ...BILL_LIMITS, inflatedBytes: 2000 })).rejects.toThrow(/more than 2 kB/);
  });

  test('a file that was cut off or changed is refused, and never a crash', async () => {
    const file = decimalFile();
    expect(await refusalOf(file.slice(0, file.length - 10))).toMatch(/^damaged-parquet/);
    expect(await refusalOf(file.slice(0, 20))).toMatch(/^damaged-parquet/);
    const footer = Uint8Array.from(file);
    footer.fill(0xff, file.length - 60, file.length - 40);
    expect(await refusalOf(footer)).toMatch(/^(damaged-parquet|unknown-format|too-large|column-twice)/);
  });
});
