import type { FileHandle } from 'node:fs/promises';
import type { AsyncBuffer, RowGroup, SchemaElement } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import type { BillLimits } from './bill-limits.ts';
import { hasSoundRuns, levelsOf } from './parquet-pages.ts';
import { refuse, sizeInWords } from './refuse.ts';

/** The bytes of an open file, of which no part larger than the limit is ever read at once. */
export function openParts(handle: FileHandle, byteLength: number, limits: BillLimits): AsyncBuffer {
  return {
    byteLength,
    slice: async (start, end = byteLength) => {
      if (!(start >= 0 && end >= start && end <= byteLength))
        refuse('damaged-parquet', null, 'The Parquet file points outside itself. Write it again.');
      if (end - start > limits.inflatedBytes) refuseLarge(limits);
      const part = new ArrayBuffer(end - start);
      await handle.read(new Uint8Array(part), 0, end - start, start);
      return part;
    },
  };
}

/**
 * Refuses a row group that says it is, or would become, larger than the limits: hyparquet sets aside what a page's
 * head asks for, before it has seen the page.
 */
export async function checkRowGroup(
  file: AsyncBuffer,
  group: RowGroup,
  schema: readonly SchemaElement[],
  limits: BillLimits,
): Promise<void> {
  const rows = Number(group.num_rows);
  if (!(rows >= 0 && rows <= limits.records)) refuseLarge(limits);
  for (const { meta_data: column } of group.columns) {
    if (column === undefined)
      return refuse('damaged-parquet', null, 'The Parquet file lacks the place of a column. Write it again.');
    const start = Number(column.dictionary_page_offset || column.data_page_offset);
    const length = Number(column.total_compressed_size);
    const view = new DataView(await file.slice(start, start + length));
    const reader = { view, offset: 0 };
    const most = Math.max(rows, Number(column.num_values));
    if (most > limits.records) refuseLarge(limits);
    const levels = levelsOf(schema, column);
    let values = 0;
    while (values < Number(column.num_values) && reader.offset < view.byteLength - 1) {
      const head = parquetHeader(reader);
      const counts = [
        head.data_page_header?.num_values,
        head.data_page_header_v2?.num_values,
        head.data_page_header_v2?.num_rows,
        head.dictionary_page_header?.num_values,
      ].map((count) => count ?? 0);
      const sizes = [head.compressed_page_size, head.uncompressed_page_size];
      if (sizes.some((size) => !(size >= 0)) || counts.some((count) => !(count >= 0) || count > most))
        refuseContradiction();
      if (sizes.some((size) => size > limits.inflatedBytes)) refuseLarge(limits);
      const body = new Uint8Array(view.buffer).subarray(reader.offset, reader.offset + head.compressed_page_size);
      if (!hasSoundRuns(head, body, column, levels)) refuseContradiction();
      values += Math.max(counts[0] ?? 0, counts[1] ?? 0);
      reader.offset += head.compressed_page_size;
    }
  }
}

function refuseContradiction(): never {
  return refuse('damaged-parquet', null, 'A page of the Parquet file contradicts its file. Write it again.');
}

function refuseLarge(limits: BillLimits): never {
  const most = sizeInWords(limits.inflatedBytes);
  return refuse(
    'too-large',
    null,
    `A part of the Parquet file has more than ${most}. Write it in row groups of at most 1,000,000 rows.`,
    most,
  );
}
