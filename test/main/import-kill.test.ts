import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { App } from '../../src/services/app.ts';
import { requestImport } from '../../src/services/bills/import-job.ts';
import { clearWaitingFiles } from '../../src/services/bills/waiting-files.ts';
import { getRun } from '../../src/services/runs/runs.ts';
import type { ImportWorkerOptions } from '../helpers/import-worker.ts';
import type { JobStore } from '../helpers/job-app.ts';
import { openJobApp } from '../helpers/job-app.ts';
import { plainImport } from '../helpers/plain-import.ts';
import { temporaryFolder } from '../helpers/process.ts';
import { startPostgres } from '../setup/postgres.ts';

const program = join(import.meta.dirname, '../helpers/import-worker.ts');
const run = 'run_killed';
const header =
  'BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceProviderName,BillingAccountId,SkuId';
const days = '2026-10-01T00:00:00Z,2026-10-02T00:00:00Z';
/** Several batches of lines, in a bill of each of two accounts. */
const lines = Array.from({ length: 2_000 }, (_, i) => `0.01,USD,Usage,${days},ACME,acct-${i % 2},sku-${i}`);

test('an import whose process is killed at its last step leaves nothing, and is whole after the restart, once', async () => {
  const server = await startPostgres();
  try {
    await killAndRestart([
      { url: null, dataDir: join(temporaryFolder(), 'data') },
      { url: server.url('postgres'), dataDir: '' },
    ]);
  } finally {
    await server.stop();
  }
}, 300_000);

/** On each of the stores; their workers at the same time, as they mostly wait until the death of the first is noticed. */
async function killAndRestart(stores: readonly JobStore[]): Promise<void> {
  const workAll = (dies: boolean) => Promise.all(stores.map((store) => work({ ...store, run, dies })));
  for (const store of stores) await within(store, requestFile);
  expect(await workAll(true)).toEqual(stores.map(() => [null, 'SIGKILL']));
  for (const store of stores) await within(store, expectNothing);
  expect(await workAll(false)).toEqual(stores.map(() => [0, null]));
  for (const store of stores) await within(store, expectAllOnce);
}

async function expectNothing(app: App): Promise<void> {
  expect(await count(app)).toEqual({ bills: 0, lines: 0, files: 0, waiting: 1 });
  expect(await getRun(app, run)).toMatchObject({ state: 'running', attempt: 1, result: null });
}

async function expectAllOnce(app: App): Promise<void> {
  expect(await getRun(app, run)).toMatchObject({
    state: 'succeeded',
    attempt: 2,
    result: { stored: true, bills: [{ billed: '10' }, { billed: '10' }] },
  });
  await clearWaitingFiles(app);
  expect(await count(app)).toEqual({ bills: 2, lines: 2_000, files: 1, waiting: 0 });
}

async function within(store: JobStore, use: (app: App) => Promise<void>): Promise<void> {
  const app = await openJobApp(store);
  try {
    await use(app);
  } finally {
    await app.close();
  }
}

async function requestFile(app: App): Promise<void> {
  const folder = temporaryFolder();
  const path = join(folder, 'file');
  const text = `${[header, ...lines].join('\n')}\n`;
  writeFileSync(path, text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const upload = { folder, path, bytes: Buffer.byteLength(text), sha256, mediaType: 'text/csv' };
  const request = { ...plainImport, fileName: 'october.csv' };
  expect((await requestImport(app, run.slice('run_'.length), upload, request)).id).toBe(run);
}

/** How a worker ended: its exit code, or the signal that killed it. */
async function work(options: ImportWorkerOptions): Promise<unknown[]> {
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // What a killed process leaves in its temporary folder goes with the test.
    env: { ...process.env, TMPDIR: temporaryFolder() },
  });
  const atExit = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', atExit);
  const ended = await once(child, 'exit');
  process.removeListener('exit', atExit);
  return ended;
}

async function count(app: App): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<Record<string, string>>`
    select (select count(*) from bills) as bills, (select count(*) from bill_lines) as lines,
      (select count(*) from bill_files) as files, (select count(*) from waiting_files) as waiting`.execute(app.db);
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)]));
}
