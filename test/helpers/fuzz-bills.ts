import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ExcelJs from 'exceljs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import Papa from 'papaparse';
import type { BillLine } from '../../src/core/bills/bill-line.ts';
import { readBillLine } from '../../src/core/bills/bill-line-text.ts';
import type { BillFormat } from '../../src/importers/bills/bill-format.ts';
import type { BillOutcome } from '../../src/importers/bills/bill-import.ts';
import { BILL_FORMATS } from '../../src/importers/bills/formats.ts';
import { importBill } from '../../src/importers/bills/import-bill.ts';
import type { BaseFile } from './mutate-bill.ts';
import { mutateBill, rollDice } from './mutate-bill.ts';

/** What became of the files of a run; `faults` are what must not happen, each with the seed that shows it again. */
export type FuzzReport = {
  readonly files: number;
  readonly refused: number;
  readonly problems: number;
  readonly asked: number;
  readonly read: number;
  readonly slowestMs: number;
  readonly peakMb: number;
  readonly faults: readonly { readonly seed: number; readonly file: string; readonly fault: string }[];
};

const answers = { 'date-order': 'month-first' };

/**
 * Imports `count` files that are broken in ways chosen by the seed, one after another in this process, which is to be run with
 * a small heap. Prints a FuzzReport. `plant` makes a format throw, so that the search itself is tested.
 */
async function fuzzBills(first: number, count: number, plant: boolean): Promise<FuzzReport> {
  const folder = await mkdtemp(join(tmpdir(), 'infercast-test-'));
  const path = join(folder, 'bill');
  const linesPath = join(folder, 'lines');
  const files = await baseFiles();
  const formats = plant ? BILL_FORMATS.map(throwsOnSomeLines) : BILL_FORMATS;
  const digests = new Map<string, string | null>();
  const run = async (bytes: Uint8Array): Promise<BillOutcome> => {
    writeFileSync(path, bytes);
    return importBill({ path, fileName: 'bill', source: null, answers, mapping: null, linesPath }, () => {}, formats);
  };
  const tally = { refused: 0, problems: 0, asked: 0, read: 0 };
  const faults: { seed: number; file: string; fault: string }[] = [];
  let slowestMs = 0;
  for (const { name, bytes } of files) {
    const outcome = plant ? null : await run(bytes);
    if (outcome?.ok === false) throw new Error(`${name} is refused as it is: ${JSON.stringify(outcome.problems)}`);
    digests.set(name, outcome?.content_digest ?? null);
    await rm(linesPath, { force: true });
  }
  for (let seed = first; seed < first + count; seed++) {
    const { name, mutation, bytes, same } = mutateBill(files, rollDice(seed));
    const began = performance.now();
    try {
      const outcome = await run(bytes);
      const fault = findFault(outcome, linesPath, bytes);
      const wanted = digests.get(name) ?? null;
      if (fault !== null) faults.push({ seed, file: `${name}, ${mutation}`, fault });
      else if (same && wanted !== null && contentOf(outcome) !== wanted)
        faults.push({ seed, file: `${name}, ${mutation}`, fault: 'is read as another bill' });
      tally[kindOf(outcome)]++;
    } catch (cause) {
      faults.push({
        seed,
        file: `${name}, ${mutation}`,
        fault: cause instanceof Error ? (cause.stack ?? '') : String(cause),
      });
    }
    slowestMs = Math.max(slowestMs, performance.now() - began);
    await rm(linesPath, { force: true });
  }
  await rm(folder, { recursive: true });
  const peakMb = Math.round(peakKb() / 1024);
  return { files: count, ...tally, slowestMs: Math.round(slowestMs), peakMb, faults: faults.slice(0, 20) };
}

/** What is wrong with an outcome; null where it is whole: all lines with good values, or none and a reason with its place. */
export function findFault(outcome: BillOutcome, linesPath: string, bytes: Uint8Array): string | null {
  const written = existsSync(linesPath);
  if (kindOf(outcome) !== 'read') {
    if (written) return 'lines are left although the file was not read';
    if (outcome.ok && outcome.lines > 0) return 'lines are counted although none is there';
    if (outcome.ok && outcome.problem_count === 0 && outcome.questions.length === 0) return 'nothing is said';
    const vague = outcome.problems.find(
      ({ code, message }) => code === '' || message.length < 10 || message.length > 3000,
    );
    if (vague !== undefined) return `a problem says too little or too much: ${JSON.stringify(vague).slice(0, 300)}`;
    // UTF-16 has two bytes a line end, an inflated file has more lines than bytes would say.
    const most = bytes[0] === 0x1f || bytes[0] === 0x50 ? Number.POSITIVE_INFINITY : bytes.length + 1;
    const nowhere = outcome.problems.find(({ pointer }) => !isPlace(pointer, most));
    return nowhere === undefined ? null : `a problem has no place in the file: ${nowhere.pointer.slice(0, 100)}`;
  }
  if (!outcome.ok || !written) return 'there are no lines';
  const lines = readFileSync(linesPath, 'utf8').split('\n').filter(Boolean).map(readBillLine);
  if (lines.length !== outcome.lines) return `${outcome.lines} lines are counted, ${lines.length} are there`;
  return lines.map(faultOfLine).find((fault) => fault !== null) ?? null;
}

function kindOf(outcome: BillOutcome): 'refused' | 'problems' | 'asked' | 'read' {
  if (!outcome.ok) return 'refused';
  if (outcome.problem_count > 0) return 'problems';
  return outcome.questions.length > 0 ? 'asked' : 'read';
}

function contentOf(outcome: BillOutcome): string | null {
  return outcome.ok ? outcome.content_digest : null;
}

function isPlace(pointer: string, most: number): boolean {
  const line = /^\/lines\/(\d+)(?:\/|$)/.exec(pointer)?.[1];
  return line === undefined ? pointer === '' : Number(line) >= 1 && Number(line) <= most;
}

function faultOfLine(line: BillLine): string | null {
  const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;
  const money = [line.BilledCost, line.EffectiveCost, line.ListCost, line.ConsumedQuantity, line.PricingQuantity];
  if (money.some((amount) => amount !== null && !amount.isFinite())) return 'an amount is not finite';
  if (!instant.test(line.ChargePeriodStart) || !instant.test(line.ChargePeriodEnd)) return 'a time is none';
  if (!/^[A-Z]{3,10}$/.test(line.BillingCurrency)) return `a currency is none: ${line.BillingCurrency.slice(0, 20)}`;
  return line.x_FirstLine >= 1 && line.x_LastLine >= line.x_FirstLine ? null : 'a line has no place';
}

/** The fixtures, and one of them as Parquet and as a workbook. */
async function baseFiles(): Promise<readonly BaseFile[]> {
  const folder = join(import.meta.dirname, '../importers/bills/fixtures');
  const fixtures = readdirSync(folder).map((name) => ({
    name,
    bytes: Uint8Array.from(readFileSync(join(folder, name))),
  }));
  const { data, meta } = Papa.parse<Record<string, string>>(
    readFileSync(join(folder, 'focus-1.2-2026-10.csv'), 'utf8'),
    {
      header: true,
      skipEmptyLines: true,
    },
  );
  const columns = meta.fields ?? [];
  const book = new ExcelJs.Workbook();
  const sheet = book.addWorksheet('Bill');
  sheet.addRow(columns);
  for (const record of data)
    sheet.addRow(
      columns.map((column) =>
        /^-?\d+(?:\.\d+)?$/.test(record[column] ?? '') ? Number(record[column]) : record[column],
      ),
    );
  const parquet = (codec: 'SNAPPY' | 'UNCOMPRESSED'): Uint8Array =>
    new Uint8Array(
      parquetWriteBuffer({
        codec,
        columnData: columns.map((name) => ({
          name,
          type: 'STRING' as const,
          data: data.map((record) => record[name] ?? ''),
        })),
      }),
    );
  return [
    ...fixtures,
    { name: 'focus.xlsx', bytes: new Uint8Array(await book.xlsx.writeBuffer()) },
    { name: 'focus.xlsx', bytes: new Uint8Array(await book.xlsx.writeBuffer()) },
    { name: 'focus-snappy.parquet', bytes: parquet('SNAPPY') },
    { name: 'focus-plain.parquet', bytes: parquet('UNCOMPRESSED') },
  ];
}

function throwsOnSomeLines(format: BillFormat): BillFormat {
  return {
    ...format,
    read: (record, context) => {
      if (record.line % 5 === 4) throw new TypeError('planted');
      return format.read(record, context);
    },
  };
}

if (import.meta.main) {
  const [first = '1', count = '100', plant] = process.argv.slice(2);
  console.log(JSON.stringify(await fuzzBills(Number(first), Number(count), plant === 'plant')));
}

/**
 * Most memory this process has held. `maxRSS` would count that of the process it was started from too, as Linux carries it
 * over from fork to exec.
 */
function peakKb(): number {
  const own = existsSync('/proc/self/status')
    ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    : null;
  return own === null ? process.resourceUsage().maxRSS : Number(own[1]);
}
