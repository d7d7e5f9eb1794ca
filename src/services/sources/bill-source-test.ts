import { openNamedAccounts } from '../../core/bills/line-account.ts';
import { monthBefore } from '../../core/schedule/local-time.ts';
import type { BillQuestion, ColumnMapping } from '../../importers/bills/bill-import.ts';
import type { PulledFile } from '../../sources/bill-source.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import type { ImportedBill } from '../bills/bill-report.ts';
import { Refusal } from '../refusal.ts';
import { pullFiles } from './bill-pulls.ts';
import type { BillSourceInput, OpenSource } from './bill-sources.ts';
import { openBillSource, requireBillSource, requireSource } from './bill-sources.ts';
import type { PullRequest } from './pulled-bills.ts';
import { importPulled, noteBilled } from './pulled-bills.ts';
import { describeQuestion } from './source-reading.ts';

export type TestedFile = {
  readonly name: string;
  readonly bytes: number;
  readonly format: string | null;
  readonly bills: readonly Pick<ImportedBill, 'provider' | 'account' | 'currency' | 'kind' | 'lines' | 'billed'>[];
  /** What it can be read as in more than one way; each says where in `reading` its answer belongs. */
  readonly questions: readonly (BillQuestion & { readonly pointer: string })[];
  /** Of a file of no known format: what may stand in `reading.mapping`, to be edited. */
  readonly suggested_mapping: ColumnMapping | null;
  readonly problem: string | null;
};

export type BillSourceTest = {
  readonly ok: boolean;
  readonly period: string;
  readonly files: readonly TestedFile[];
  readonly missing_days: readonly string[];
  readonly problem: string | null;
};

/** Fetches a month from a source that is not saved yet. Throws Refusal where what was sent is no source. */
export async function testNewSource(
  app: App,
  input: BillSourceInput,
  period: string | null,
  signal: AbortSignal,
): Promise<BillSourceTest> {
  return tryPull(app, requireSource(app, input), period, signal);
}

/** The same of a stored one. */
export async function testStoredSource(
  app: App,
  id: string,
  period: string | null,
  signal: AbortSignal,
): Promise<BillSourceTest> {
  return tryPull(app, openBillSource(app, await requireBillSource(app, id)), period, signal);
}

/** The last month that ended in UTC, as providers count. */
export function lastMonth(app: App): string {
  return monthBefore(nowText(app).slice(0, 7));
}

/** Somebody waits for the answer. */
const patienceMs = 15_000;

async function tryPull(
  app: App,
  source: OpenSource,
  wanted: string | null,
  signal: AbortSignal,
): Promise<BillSourceTest> {
  const period = wanted ?? lastMonth(app);
  try {
    const { files, missing_days } = await pullFiles(app, source, period, { signal, log: async () => {}, patienceMs });
    const tested: TestedFile[] = [];
    const accounts = openNamedAccounts();
    for (const file of files) {
      const request = { period, dryRun: true, billedAccounts: accounts.settle() };
      const found = await tryFile(app, source, file, request, signal);
      for (const bill of found.bills) noteBilled(accounts, bill);
      tested.push(found);
    }
    return { ok: tested.every(({ problem }) => problem === null), period, files: tested, missing_days, problem: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, period, files: [], missing_days: [], problem: error.message };
  }
}

async function tryFile(
  app: App,
  source: OpenSource,
  file: PulledFile,
  request: PullRequest,
  signal: AbortSignal,
): Promise<TestedFile> {
  const shown = { name: file.name, bytes: file.bytes.byteLength, questions: [], suggested_mapping: null };
  try {
    const report = await importPulled(app, source, file, request, signal);
    if (report === null) return { ...shown, format: null, bills: [], problem: null };
    const [question] = report.questions;
    return {
      ...shown,
      format: report.file.format?.id ?? null,
      bills: report.bills.map(({ provider, account, currency, kind, lines, billed }) => ({
        provider,
        account,
        currency,
        kind,
        lines,
        billed,
      })),
      questions: report.questions.map((each) => ({ ...each, pointer: `/reading/answers/${each.id}` })),
      problem: question === undefined ? null : `It can be read in more than one way: ${describeQuestion(question)}`,
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const [first] = error.errors;
    const { suggested_mapping = null } = error.members as { readonly suggested_mapping?: ColumnMapping };
    return { ...shown, format: null, bills: [], suggested_mapping, problem: first?.message ?? error.message };
  }
}
