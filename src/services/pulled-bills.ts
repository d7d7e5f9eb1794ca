import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBillsOfPeriods } from '../db/bills.ts';
import type { PulledFile } from '../sources/bill-source.ts';
import type { App } from './app.ts';
import { importBills } from './bill-imports.ts';
import { pullFiles } from './bill-pulls.ts';
import type { BillImportReport } from './bill-report.ts';
import type { BillImportRequest, UploadedFile } from './bill-request.ts';
import type { OpenSource } from './bill-sources.ts';
import { makeId } from './ids.ts';
import { Refusal } from './refusal.ts';
import { requireTemporaryRoom } from './storage.ts';

export type PulledBills = {
  readonly bills: readonly string[];
  /** Days of the month that the source no longer gives and nobody kept. */
  readonly missing_days: readonly string[];
};

export type PullControl = {
  readonly signal: AbortSignal;
  readonly log: (message: string) => Promise<void>;
};

/** Fetches a month and stores its bills as if its files had been sent. Throws Refusal, as a pull and an import do. */
export async function pullBills(
  app: App,
  source: OpenSource,
  period: string,
  { signal, log }: PullControl,
): Promise<PulledBills> {
  const { files, missing_days } = await pullFiles(app, source, period, log);
  const bills: string[] = [];
  for (const file of files) {
    const report = await importPulled(app, source, file, { period, dryRun: false }, signal);
    if (report === null) await log(`${file.name}: nothing was used.`);
    for (const { id, action, provider, currency, billed } of report?.bills ?? []) {
      if (id === null) continue;
      bills.push(id);
      await log(`${file.name}: ${id}, ${provider} ${billed} ${currency} (${action}).`);
    }
  }
  return { bills, missing_days };
}

/**
 * Reads a pulled file and stores its bills of a month as if somebody had sent it, unless it is a dry run. What is stored
 * already is known again; what this source restates takes the place of what it brought before, and of nothing else: another
 * bill of the month is refused. null for a report of a month in which nothing was used. Throws Refusal.
 */
export async function importPulled(
  app: App,
  { id, account }: OpenSource,
  file: PulledFile,
  { period, dryRun }: { readonly period: string; readonly dryRun: boolean },
  signal?: AbortSignal,
): Promise<BillImportReport | null> {
  const { name } = file;
  if (isEmptyReport(file)) return null;
  const folder = await mkdtemp(join(tmpdir(), 'infercast-bill-'));
  try {
    const upload = await layDown(app, folder, file);
    const fileName = id === null ? name : `${id}/${name}`;
    const known = await findBillsOfPeriods(app.db, [period]);
    const request: BillImportRequest = {
      fileName,
      source: null,
      account,
      period,
      dryRun,
      answers: {},
      mapping: null,
      models: {},
      payable: [],
      overlap: known.some(({ file_name }) => file_name === fileName) ? 'replace' : 'refuse',
    };
    return await importBills(app, makeId('bill'), upload, request, { signal });
  } catch (error) {
    if (hasNoLines(error)) return null;
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
