import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BillLine } from '../../src/core/bills/bill-line.ts';
import { readBillLine } from '../../src/core/bills/bill-line-text.ts';
import type { BillFormat } from '../../src/importers/bills/bill-format.ts';
import type { BillOutcome, BillSource } from '../../src/importers/bills/bill-import.ts';
import { importBill } from '../../src/importers/bills/import-bill.ts';
import { temporaryFolder } from './process.ts';

export type Imported = {
  readonly outcome: BillOutcome;
  readonly lines: readonly BillLine[];
  /** Whether a file of lines was left behind. */
  readonly left: boolean;
};

/** Imports a file of these bytes, as the service does. */
export async function importBytes(
  bytes: string | Uint8Array,
  options: Partial<BillSource> = {},
  formats?: readonly BillFormat[],
): Promise<Imported> {
  const folder = temporaryFolder();
  const path = join(folder, 'bill');
  const linesPath = join(folder, 'lines');
  writeFileSync(path, bytes);
  const source = { path, fileName: 'bill', source: null, answers: {}, mapping: null, linesPath, ...options };
  const outcome = await importBill(source, () => {}, formats);
  const left = existsSync(linesPath);
  const lines = left ? readFileSync(linesPath, 'utf8').split('\n').filter(Boolean).map(readBillLine) : [];
  return { outcome, lines, left };
}

/** What a file is refused for, as `code at line`; throws where it was read. */
export async function refusalOf(bytes: string | Uint8Array, options: Partial<BillSource> = {}): Promise<string> {
  const { outcome, left } = await importBytes(bytes, options);
  if (outcome.ok && outcome.problem_count === 0) throw new Error('The file was read.');
  if (left) throw new Error('Lines were left behind.');
  return outcome.problems.map(({ code, pointer }) => `${code} ${pointer}`.trim()).join(', ');
}

/** A bill in FOCUS columns, one line for each `[day, amount]`. */
export function focusCsv(rows: readonly (readonly [day: string, cost: string])[], delimiter = ','): string {
  const columns = [
    'BilledCost',
    'BillingCurrency',
    'ChargePeriodStart',
    'ChargePeriodEnd',
    'ServiceProviderName',
    'ServiceName',
    'BillingPeriodStart',
    'BillingPeriodEnd',
    'ChargeCategory',
  ];
  const quoted = (text: string): string => (text.includes(delimiter) ? `"${text}"` : text);
  const lines = rows.map(([day, cost]) =>
    [quoted(cost), 'USD', day, day, 'Example', 'Inference', '', '', 'Usage'].join(delimiter),
  );
  return `${[columns.join(delimiter), ...lines].join('\n')}\n`;
}
