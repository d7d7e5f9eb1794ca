import { open } from 'node:fs/promises';
import type { AsyncBuffer, FileMetaData, RowGroup, SchemaElement } from 'hyparquet';
import { parquetMetadataAsync, parquetRead } from 'hyparquet';
import { InvalidInput } from '../../core/problem.ts';
import type { BillRecord } from './bill-format.ts';
import type { BillLimits } from './bill-limits.ts';
import { pageCompressors } from './page-compressors.ts';
import { checkRowGroup, openParts } from './parquet-gate.ts';
import type { ParquetText } from './parquet-values.ts';
import { findTextOf } from './parquet-values.ts';
import type { RecordStream } from './record-stream.ts';
import { refuse } from './refuse.ts';

/** About what the texts of one part may take, and how many records are handed on at once. */
const partBytes = 16 * 1024 * 1024;
const recordsAtOnce = 1024;

/**
 * The records of a Parquet file, a part of a row group at a time, each value as the text that says exactly what is stored.
 * Records are counted from 1. `watch` is told how far in the file the reading is, in bytes.
 */
export async function openParquetRecords(
  path: string,
  limits: BillLimits,
  watch: (bytes: number) => void,
): Promise<RecordStream> {
  const metadata = await withFile(path, limits, (file) => readMetadata(file));
  const columns = rootColumns(metadata);
  if (columns.length > limits.columns)
    refuse(
      'too-many-columns',
      null,
      `The file has ${columns.length} columns, of at most ${limits.columns}. Write only those of the bill.`,
      String(limits.columns),
    );
  if (metadata.num_rows > BigInt(limits.records)) refuseRecords(limits);
  if (metadata.num_rows === 0n) refuse('empty-file', null, 'There is no record in the file. Export it again.');
  return { columns: columns.map(({ name }) => name), batches: readBatches(path, limits, metadata, columns, watch) };
}

async function* readBatches(
  path: string,
  limits: BillLimits,
  metadata: FileMetaData,
  columns: readonly SchemaElement[],
  watch: (bytes: number) => void,
): AsyncGenerator<readonly BillRecord[]> {
  const texts = columns.map((column) => findTextOf(column));
  const read = withoutDecimals(metadata);
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const file = openParts(handle, size, limits);
    let start = 0;
    for (const group of metadata.row_groups) {
      await guarded(() => checkRowGroup(file, group, metadata.schema, limits));
      const rows = Number(group.num_rows);
      const most = rowsAtOnce(group, columns.length);
      for (let from = start; from < start + rows; from += most) {
        const to = Math.min(from + most, start + rows);
        const parts = await guarded(() => readColumns(file, read, columns, texts, from, to));
        for (let at = from; at < to; at += recordsAtOnce)
          yield recordsOf(columns, parts, at, Math.min(at + recordsAtOnce, to), from);
        watch(Math.floor((size * to) / Number(metadata.num_rows)));
      }
      start += rows;
    }
  } finally {
    await handle.close();
  }
}

/** The texts of a part of the file, column by column, so that only one column is held as it was stored. */
async function readColumns(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly SchemaElement[],
  texts: readonly ParquetText[],
  from: number,
  to: number,
): Promise<readonly (readonly string[])[]> {
  const parts: (readonly string[])[] = [];
  for (const [i, { name }] of columns.entries()) {
    const { parsers, textOf } = texts[i] as ParquetText;
    const part = Array<string>(to - from);
    let found = 0;
    await parquetRead({
      file,
      metadata,
      columns: [name],
      rowStart: from,
      rowEnd: to,
      utf8: false,
      geoparquet: false,
      compressors: pageCompressors,
      parsers,
      onChunk: ({ columnData, rowStart }) => {
        for (let k = Math.max(0, from - rowStart); k < columnData.length && rowStart + k < to; k++) {
          part[rowStart + k - from] = textOf(columnData[k]);
          found++;
        }
      },
    });
    if (found !== to - from) {
      const message = `The column "${name.slice(0, 60)}" has fewer values than the file has rows. Write it again.`;
      refuse('damaged-parquet', null, message);
    }
    parts.push(part);
  }
  return parts;
}

function recordsOf(
  columns: readonly SchemaElement[],
  parts: readonly (readonly string[])[],
  from: number,
  to: number,
  start: number,
): readonly BillRecord[] {
  const records: BillRecord[] = [];
  for (let row = from; row < to; row++) {
    const fields: Record<string, string> = {};
    for (let i = 0; i < columns.length; i++)
      fields[(columns[i] as SchemaElement).name] = (parts[i] as readonly string[])[row - start] as string;
    records.push({ line: row + 1, fields });
  }
  return records;
}

function rowsAtOnce(group: RowGroup, columns: number): number {
  const rows = Math.max(1, Number(group.num_rows));
  return Math.max(1024, Math.floor(partBytes / ((3 * Number(group.total_byte_size)) / rows + 8 * columns)));
}

/** hyparquet multiplies decimals by a float: without their type it hands out the integers as they are stored. */
function withoutDecimals(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element) => {
    if (element.converted_type !== 'DECIMAL' && element.logical_type?.type !== 'DECIMAL') return element;
    const { converted_type: _converted, logical_type: _logical, ...bare } = element;
    return bare;
  });
  return { ...metadata, schema };
}

function rootColumns({ schema }: FileMetaData): readonly SchemaElement[] {
  const columns: SchemaElement[] = [];
  const skipChildren = (i: number): number => {
    let next = i + 1;
    for (let left = schema[i]?.num_children ?? 0; left > 0 && next < schema.length; left--) next = skipChildren(next);
    return next;
  };
  for (let i = 1; i < schema.length; i = skipChildren(i)) {
    const column = schema[i] as SchemaElement;
    if (column.name === '__proto__' || columns.some(({ name }) => name === column.name))
      refuse(
        'column-twice',
        null,
        `The column "${column.name.slice(0, 60)}" stands twice, or may not be named so. Rename it.`,
      );
    columns.push(column);
    if (columns.length > 100_000) break;
  }
  return columns;
}

function readMetadata(file: AsyncBuffer): Promise<FileMetaData> {
  return guarded(() => parquetMetadataAsync(file, { geoparquet: false }));
}

async function withFile<Result>(
  path: string,
  limits: BillLimits,
  task: (file: AsyncBuffer) => Promise<Result>,
): Promise<Result> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    return await task(openParts(handle, size, limits));
  } finally {
    await handle.close();
  }
}

/** Whatever the reader of Parquet stumbles over is a fault of the file. */
async function guarded<Result>(task: () => Promise<Result>): Promise<Result> {
  try {
    return await task();
  } catch (cause) {
    if (cause instanceof InvalidInput) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    return refuse(
      'damaged-parquet',
      null,
      `The Parquet file is damaged or of a kind that is not read here (${message.slice(0, 100)}). Write it again.`,
    );
  }
}

function refuseRecords(limits: BillLimits): never {
  return refuse(
    'too-many-records',
    null,
    `The file has more than ${limits.records.toLocaleString('en')} records. Split it by month.`,
    String(limits.records),
  );
}
