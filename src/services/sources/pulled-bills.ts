import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNamedAccounts } from '../../core/bills/line-account.ts';
import type { StoredBill } from '../../db/bills.ts';
import { findBillsOfPeriods } from '../../db/bills.ts';
import type { PulledFile } from '../../sources/bill-source.ts';
import type { App } from '../app.ts';
import { importBills } from '../bills/bill-imports.ts';
import type { BillImportReport, ImportedBill } from '../bills/bill-report.ts';
import { OpenQuestions } from '../bills/bill-report.ts';
import type { BillImportRequest, UploadedFile } from '../bills/bill-request.ts';
import { reverseBill } from '../bills/bills.ts';
import { makeId } from '../ids.ts';
import { Refusal } from '../refusal.ts';
import { requireTemporaryRoom } from '../storage.ts';
import type { PullControl } from './bill-pulls.ts';
import { pullFiles } from './bill-pulls.ts';
import type { OpenSource } from './bill-sources.ts';
import { askReading, refuseUnanswered } from './source-reading.ts';

export type PulledBills = {
  readonly bills: readonly string[];
  /** Days of the month that the source no longer gives and nobody kept. */
  readonly missing_days: readonly string[];
};

/** Fetches a month and stores its bills as if its files had been sent. Throws Refusal, as a pull and an import do. */
export async function pullBills(
  app: App,
  source: OpenSource,
  period: string,
  control: PullControl,
): Promise<PulledBills> {
  const before = await findBillsOfPeriods(app.db, [period]);
  const { files, missing_days } = await pullFiles(app, source, period, control);
  const { signal, log } = control;
  const bills: string[] = [];
  const accounts = openNamedAccounts();
  for (const file of files) {
    const billedAccounts = accounts.settle();
    const report = await importPulled(app, source, file, { period, dryRun: false, billedAccounts }, signal);
    if (report === null) await log(`${file.name}: nothing was used.`);
    for (const bill of report?.bills ?? []) {
      noteBilled(accounts, bill);
      if (bill.id === null) continue;
      bills.push(bill.id);
      await log(`${file.name}: ${bill.id}, ${describe(bill)} (${bill.action}).`);
    }
  }
  const names = files.map(({ name }) => nameOf(source, name));
  const brought = before.filter(({ file_name }) => names.includes(file_name));
  await reverseVanished(app, period, { brought, bills }, control);
  return { bills, missing_days };
}

/** Under which name a file is stored, so that what a source brought is known from what others did. */
function nameOf({ id }: OpenSource, name: string): string {
  return id === null ? name : `${id}/${name}`;
}

/** Whether a source brought a bill. */
export function isOfSource({ file_name }: Pick<StoredBill, 'file_name'>, id: string): boolean {
  return file_name.startsWith(`${id}/`);
}

/**
 * What a source had brought of a month before this pull, and says nothing of any longer, counts no more, unless it is locked.
 * What another pull brings meanwhile is newer, and stays.
 */
async function reverseVanished(
  app: App,
  period: string,
  { brought, bills }: { readonly brought: readonly StoredBill[]; readonly bills: readonly string[] },
  { signal, log }: PullControl,
): Promise<void> {
  const known = brought.map(({ id }) => id);
  const standing = await findBillsOfPeriods(app.db, [period]);
  const vanished = standing.filter(({ id }) => known.includes(id) && !bills.includes(id));
  for (const { id, status, provider, account, billed, currency } of vanished) {
    signal.throwIfAborted();
    const what = `${id}, ${provider}${account === '' ? '' : ` ${account}`} ${billed} ${currency}`;
    if (status === 'locked')
      await log(`${what}: the source says nothing of it any longer, but it is locked and stays.`);
    else {
      await reverseBill(app, id, 'The source says nothing of it any longer.');
      await log(`${what}: reversed, since the source says nothing of it any longer.`);
    }
  }
}

export type PullRequest = {
  readonly period: string;
  readonly dryRun: boolean;
  /** By provider, the one account that files before this one billed. */
  readonly billedAccounts: ReadonlyMap<string, string>;
};

/** Quantities say nothing of what is owed: their bill is one of usage, whatever the price book makes of it. */
function describe({ provider, kind, lines, billed, currency }: ImportedBill): string {
  return kind === 'usage'
    ? `${provider} usage in ${lines} ${lines === 1 ? 'line' : 'lines'}`
    : `${provider} ${billed} ${currency}`;
}

/** What a file billed tells whose the quantities of the files after it are. */
export function noteBilled(
  accounts: ReturnType<typeof openNamedAccounts>,
  { kind, provider, account }: Pick<ImportedBill, 'kind' | 'provider' | 'account'>,
): void {
  if (kind === 'billed') accounts.add(provider, account);
}

/**
 * Reads a pulled file and stores its bills of a month as if somebody had sent it, unless it is a dry run. What is stored
 * already is known again; what this source restates takes the place of what it brought before, and of nothing else: another
 * bill of the month is refused. null for a report of a month in which nothing was used. Throws Refusal.
 */
export async function importPulled(
  app: App,
  source: OpenSource,
  file: PulledFile,
  { period, dryRun, billedAccounts }: PullRequest,
  signal?: AbortSignal,
): Promise<BillImportReport | null> {
  const { name } = file;
  if (isEmptyReport(file)) return null;
  const folder = await mkdtemp(join(tmpdir(), `infercast-bill-${process.pid}-`));
  try {
    const upload = await layDown(app, folder, file);
    const request: BillImportRequest = {
      fileName: nameOf(source, name),
      ...askReading(source.reading),
      account: source.account,
      billedAccounts,
      period,
      dryRun,
      payable: [],
      overlap: 'restate',
    };
    return await importBills(app, makeId('bill'), upload, request, { signal });
  } catch (error) {
    if (hasNoLines(error)) return null;
    if (error instanceof OpenQuestions) throw refuseUnanswered(name, error.questions);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts a pulled file where an upload lies, under a name of its own in the folder. Throws Refusal where there is no room. */
export async function layDown(
  app: App,
  folder: string,
  { bytes }: PulledFile,
  ownName = 'file',
): Promise<UploadedFile> {
  await requireTemporaryRoom(app, bytes.byteLength / 1_000_000);
  const path = join(folder, ownName);
  await writeFile(path, bytes, { mode: 0o600 });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { folder, path, bytes: bytes.byteLength, sha256, mediaType: 'application/octet-stream' };
}

/** Whether a file was refused because nothing was used: a pull takes that for an answer. */
export function hasNoLines(error: unknown): boolean {
  return error instanceof Refusal && error.errors.some(({ code }) => code === 'no-lines');
}

/** Whether a report of pages has a bucket for each day and nothing in any: its shape says no format, and that is nothing wrong. */
export function isEmptyReport({ name, bytes }: PulledFile): boolean {
  if (bytes.byteLength === 0) return true;
  if (!name.endsWith('.jsonl')) return false;
  try {
    const pages = new TextDecoder().decode(bytes).trim().split('\n');
    return pages.every((page) => {
      const { data } = JSON.parse(page) as { data?: readonly { results?: unknown }[] };
      return Array.isArray(data) && data.every(({ results }) => Array.isArray(results) && results.length === 0);
    });
  } catch {
    // No JSON, or of another shape: reading it says what is wrong.
    return false;
  }
}
