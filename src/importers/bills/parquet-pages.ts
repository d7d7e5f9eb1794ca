import type { ColumnMetaData, SchemaElement } from 'hyparquet';
import type { parquetHeader } from 'hyparquet/src/column.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { getMaxDefinitionLevel, getMaxRepetitionLevel, getSchemaPath } from 'hyparquet/src/schema.js';
import { pageCompressors } from './page-compressors.ts';

type PageHead = ReturnType<typeof parquetHeader>;
type Levels = { readonly repetition: number; readonly definition: number };

/** How deep lists and missing values nest in a column. */
export function levelsOf(schema: readonly SchemaElement[], column: ColumnMetaData): Levels {
  const path = getSchemaPath([...schema], column.path_in_schema);
  return { repetition: getMaxRepetitionLevel(path), definition: getMaxDefinitionLevel(path) };
}

/**
 * Whether the runs of a data page hold as many values as its head says. hyparquet repeats a value as often as a run
 * asks for, up to two thousand million times, and only then looks how many were wanted.
 */
export function hasSoundRuns(head: PageHead, body: Uint8Array, column: ColumnMetaData, levels: Levels): boolean {
  const { data_page_header: first, data_page_header_v2: second } = head;
  if (first !== undefined) {
    const page = inflate(body, head.uncompressed_page_size, column);
    const repetition = endOfLevels(page, 0, levels.repetition, first.num_values);
    const definition = endOfLevels(page, repetition, levels.definition, first.num_values);
    if (definition < 0) return false;
    const there = definition === repetition ? first.num_values : countThere(page, repetition, levels, first.num_values);
    return hasSoundValues(page, definition, first.encoding, there, column);
  }
  if (second === undefined) return true;
  const { repetition_levels_byte_length: one, definition_levels_byte_length: two, num_values: count } = second;
  if (!(one >= 0 && two >= 0 && one + two <= body.length)) return false;
  if (levels.repetition > 0 && !areSound(body, 0, one, bits(levels.repetition), count)) return false;
  if (levels.definition > 0 && !areSound(body, one, one + two, bits(levels.definition), count)) return false;
  const values = body.subarray(one + two);
  const size = head.uncompressed_page_size - one - two;
  const page = second.is_compressed === false ? values : inflate(values, size, column);
  return hasSoundValues(page, 0, second.encoding, count - second.num_nulls, column);
}

function hasSoundValues(
  page: Uint8Array,
  start: number,
  encoding: string,
  count: number,
  column: ColumnMetaData,
): boolean {
  if (!(count >= 0)) return false;
  if (encoding.endsWith('_DICTIONARY')) {
    const width = page[start] ?? 0;
    return width === 0 || (width <= 32 && areSound(page, start + 1, page.length, width, count));
  }
  // The length before the runs is there in pages of the first kind, and not always in those of the second.
  if (encoding === 'RLE' && column.type === 'BOOLEAN')
    return areSound(page, start, page.length, 1, count) || areSound(page, start + 4, page.length, 1, count);
  if (!encoding.startsWith('DELTA_') || count === 0) return true;
  const block = readWhole(page, start);
  const miniblocks = block === null ? null : readWhole(page, block.next);
  if (block === null || miniblocks === null) return false;
  return block.value <= 1_048_576 && miniblocks.value > 0 && miniblocks.value <= 1024;
}

/** Behind levels, which have their length before them; `start` where the column has none, -1 where they are unsound. */
function endOfLevels(page: Uint8Array, start: number, highest: number, count: number): number {
  if (highest === 0 || start < 0) return start;
  if (start + 4 > page.length) return -1;
  const end = start + 4 + viewOf(page).getUint32(start, true);
  return end <= page.length && areSound(page, start + 4, end, bits(highest), count) ? end : -1;
}

/** How many values are not missing, by sound levels. */
function countThere(page: Uint8Array, start: number, { definition }: Levels, count: number): number {
  const found = new Uint8Array(count);
  readRleBitPackedHybrid({ view: viewOf(page), offset: start }, bits(definition), found);
  let there = 0;
  for (const level of found) if (level === definition) there++;
  return there;
}

function areSound(page: Uint8Array, start: number, end: number, width: number, count: number): boolean {
  let at = start;
  let left = count;
  while (left > 0 && at < end) {
    const head = readWhole(page, at);
    if (head === null) return false;
    const packed = head.value % 2 === 1;
    const run = Math.floor(head.value / 2) * (packed ? 8 : 1);
    const bytes = packed ? (run / 8) * width : Math.ceil(width / 8);
    // Packed values may be filled up to any length, as long as their bytes are there.
    if (packed ? head.next + bytes > page.length : run > left) return false;
    left -= run;
    at = head.next + bytes;
  }
  return left <= 0;
}

/** An unsigned LEB128; null where it does not end or is longer than 32 bits. */
function readWhole(page: Uint8Array, start: number): { readonly value: number; readonly next: number } | null {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = page[start + i];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: start + i + 1 };
  }
  return null;
}

function inflate(bytes: Uint8Array, size: number, { codec }: ColumnMetaData): Uint8Array {
  if (codec === 'UNCOMPRESSED') return bytes;
  const inflater = pageCompressors[codec];
  if (inflater === undefined) throw new Error(`compressed with ${codec}`);
  return inflater(bytes, size);
}

function viewOf(page: Uint8Array): DataView {
  return new DataView(page.buffer, page.byteOffset, page.byteLength);
}

function bits(level: number): number {
  return 32 - Math.clz32(level);
}
