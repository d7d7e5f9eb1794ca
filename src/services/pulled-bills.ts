import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PulledFile } from '../sources/bill-source.ts';
import type { App } from './app.ts';
import { importBills } from './bill-imports.ts';
import type { BillImportReport } from './bill-report.ts';
import type { OpenSource } from './bill-sources.ts';
import { makeId } from './ids.ts';
import { Refusal } from './refusal.ts';

const mediaTypes: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  jsonl: 'application/json',
  parquet: 'application/vnd.apache.parquet',
  tsv: 'text/tab-separated-values',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/**
 * Reads and stores a pulled file as if somebody had sent it: what is stored already is known again, days that were restated
 * take the place of the old ones. null for a report of a month in which nothing was used. Throws Refusal.
 */
export async function importPulled(
  app: App,
  source: OpenSource,
  file: PulledFile,
  period: string,
  signal: AbortSignal,
): Promise<BillImportReport | null> {
  const folder = await mkdtemp(join(tmpdir(), 'infercast-bill-'));
  try {
    const path = join(folder, 'file');
    await writeFile(path, file.bytes, { mode: 0o600 });
    const upload = {
      folder,
      path,
      bytes: file.bytes.byteLength,
      sha256: createHash('sha256').update(file.bytes).digest('hex'),
      mediaType: mediaTypes[file.name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream',
    };
    return await importBills(
      app,
      makeId('bill'),
      upload,
      {
        fileName: file.name,
        source: null,
        account: source.account,
        period,
        dryRun: false,
        answers: {},
        mapping: null,
        models: {},
        payable: [],
        overlap: 'replace',
      },
      signal,
    );
  } catch (error) {
    if (error instanceof Refusal && error.errors.some(({ code }) => code === 'no-lines')) return null;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
