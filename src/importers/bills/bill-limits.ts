/** What one file may ask of us. Each is settable; a file that passes one is refused with the line where it did. */
export type BillLimits = {
  /** Bytes of CSV and Parquet. */
  readonly bytes: number;
  /** Characters of one JSON document, which is held whole: about a seventh of the heap. JSON Lines are many documents. */
  readonly jsonBytes: number;
  readonly xlsxBytes: number;
  /** Bytes of everything in the workbook's ZIP once inflated. */
  readonly inflatedBytes: number;
  readonly zipEntries: number;
  /** Inflated bytes for each compressed one. */
  readonly zipRatio: number;
  readonly sheets: number;
  readonly records: number;
  readonly columns: number;
  /** Characters of one record and of one field. */
  readonly recordText: number;
  readonly fieldText: number;
  readonly jsonDepth: number;
  /** Lines kept one by one; a file of more is summed by day, SKU and account. */
  readonly linesKept: number;
  /** Different sums of a summed file. */
  readonly sums: number;
  /** Problems shown; the rest is counted. */
  readonly problems: number;
};

const kB = 1024;
const MB = 1024 * kB;
const GB = 1024 * MB;

export const BILL_LIMITS: BillLimits = {
  bytes: 4 * GB,
  jsonBytes: 32 * MB,
  xlsxBytes: 25 * MB,
  inflatedBytes: 64 * MB,
  zipEntries: 200,
  zipRatio: 200,
  sheets: 10,
  records: 10_000_000,
  columns: 1000,
  recordText: 256 * kB,
  fieldText: 64 * kB,
  jsonDepth: 32,
  linesKept: 200_000,
  sums: 100_000,
  problems: 100,
};
