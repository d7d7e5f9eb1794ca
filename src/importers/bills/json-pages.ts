import { isRecord } from '../price-text.ts';
import type { BillRecord } from './bill-format.ts';
import { flattenRecord } from './json-records.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The results of a page of buckets, each with the times of its bucket; null where the document is another. A bucket
 * without results stands for nothing charged or used, and gives no record; a page of such buckets gives none at all.
 */
export function bucketRecords(
  document: unknown,
  isResult: (result: JsonObject) => boolean,
  times: readonly string[],
): readonly BillRecord[] | null {
  const buckets = dataOf(document);
  if (buckets === null) return null;
  const records: BillRecord[] = [];
  for (const bucket of buckets) {
    if (!isRecord(bucket) || !Array.isArray(bucket.results) || !times.every((time) => time in bucket)) return null;
    const during = flattenRecord(Object.fromEntries(times.map((time) => [time, bucket[time]])));
    for (const result of bucket.results) {
      if (!isRecord(result) || !isResult(result)) return null;
      records.push({ line: records.length + 1, fields: { ...flattenRecord(result), ...during } });
    }
  }
  return records;
}

/** The objects under `data` as records; null where the document is no such page or one of them is of another kind. */
export function pageRecords(document: unknown, isRow: (row: JsonObject) => boolean): readonly BillRecord[] | null {
  const rows = dataOf(document);
  if (rows === null) return null;
  const objects = rows.filter(isRecord);
  if (objects.length < rows.length || !objects.every(isRow)) return null;
  return objects.map((row, i) => ({ line: i + 1, fields: flattenRecord(row) }));
}

/** One object that is a record by itself, as a row of a table. */
export function rowRecord(document: unknown, isRow: (row: JsonObject) => boolean): readonly BillRecord[] | null {
  return isRecord(document) && isRow(document) ? [{ line: 1, fields: flattenRecord(document) }] : null;
}

/** What a page holds; null where the document is no page. */
export function dataOf(document: unknown): readonly unknown[] | null {
  return isRecord(document) && Array.isArray(document.data) ? document.data : null;
}
