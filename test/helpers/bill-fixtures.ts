import { readFileSync } from 'node:fs';
import { Decimal } from 'decimal.js';
import Papa from 'papaparse';
import type { BillLine } from '../../src/core/bills/bill-line.ts';
import type { Problem } from '../../src/core/problem.ts';
import { bareContext } from '../../src/importers/bills/bill-context.ts';
import type { BillContext, BillFormat, BillRecord } from '../../src/importers/bills/bill-format.ts';
import { BILL_FORMATS } from '../../src/importers/bills/formats.ts';
import { parseJsonWithNumbersAsText } from '../../src/importers/json-numbers.ts';

export type ReadBill = {
  readonly format: BillFormat;
  readonly columns: ReadonlySet<string>;
  readonly lines: readonly BillLine[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
};

/** Reads a fixture with the one format that its columns, or its JSON, can be. Throws where there is none or another. */
export function readBill(name: string, context: BillContext = bareContext()): ReadBill {
  return readBillText(readFileSync(`test/importers/bills/fixtures/${name}`, 'utf8'), name, context);
}

/** The same for text; the end of `name` tells its kind. */
export function readBillText(text: string, name = 'bill.csv', context: BillContext = bareContext()): ReadBill {
  const { records, told } = readRecords(text, name);
  const columns = new Set(records.flatMap(({ fields }) => Object.keys(fields)));
  const formats = told ?? BILL_FORMATS.filter((format) => format.matches(columns));
  const [format] = formats;
  if (format === undefined || formats.length > 1)
    throw new Error(`${name} is ${formats.map(({ id }) => id).join(' and ') || 'of no format'}`);
  const read = records.map((record) => format.read(record, context));
  return {
    format,
    columns,
    lines: read.flatMap(({ lines }) => lines),
    problems: read.flatMap(({ problems }) => problems),
    warnings: read.flatMap(({ warnings = [] }) => warnings),
  };
}

/** The records of a fixture, as a format sees them. */
export function recordsOf(name: string): readonly BillRecord[] {
  return readRecords(readFileSync(`test/importers/bills/fixtures/${name}`, 'utf8'), name).records;
}

/** The sum of a column over the lines that have it, as plain digits. */
export function sumOf(lines: readonly BillLine[], column: 'BilledCost' | 'EffectiveCost' | 'ConsumedQuantity'): string {
  return lines.reduce((sum, line) => sum.plus(line[column] ?? 0), new Decimal(0)).toFixed();
}

/** `model meter`, `meter` or the description, and the amount of a column: what a bill charges or counts, in its order. */
export function amounts(
  lines: readonly BillLine[],
  column: 'BilledCost' | 'ListCost' | 'ConsumedQuantity',
): readonly string[] {
  return lines
    .filter((line) => line[column] !== null)
    .map((line) => `${line.x_Meter ?? line.SkuMeter ?? line.ChargeDescription ?? '–'} ${line[column]?.toFixed()}`);
}

/** The same lines with their decimals as plain digits, for comparing whole lines. */
export function plain(lines: readonly BillLine[]): readonly Readonly<Record<string, unknown>>[] {
  return lines.map((line) =>
    Object.fromEntries(
      Object.entries(line).map(([column, value]) => [column, Decimal.isDecimal(value) ? value.toFixed() : value]),
    ),
  );
}

type Records = { readonly records: readonly BillRecord[]; readonly told: readonly BillFormat[] | null };

function readRecords(text: string, name: string): Records {
  return /jsonl?$/.test(name) ? jsonRecords(text, name) : { records: csvRecords(text), told: null };
}

function csvRecords(text: string): readonly BillRecord[] {
  const { data } = Papa.parse<Record<string, string>>(text.replace(/^\uFEFF/, ''), {
    header: true,
    skipEmptyLines: 'greedy',
  });
  return data.map((fields, i) => ({ line: i + 2, fields }));
}

function jsonRecords(text: string, name: string): Records {
  const texts = name.endsWith('l') ? text.trim().split('\n') : [text];
  const documents = texts.map((document) => parseJsonWithNumbersAsText(document));
  const told = BILL_FORMATS.filter(({ recordsOf }) => (recordsOf?.(documents[0]) ?? null) !== null);
  const records = documents.flatMap((document) => told[0]?.recordsOf?.(document) ?? []);
  return { told, records: records.map((record, i) => ({ ...record, line: i + 1 })) };
}
