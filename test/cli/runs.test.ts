import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Worker } from '../../src/jobs/worker.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import { longImportBytes } from '../../src/services/bills/import-job.ts';
import { makeJobs } from '../../src/services/jobs.ts';
import type { RunDetails, RunView } from '../../src/services/runs/runs.ts';
import { monthWork } from '../../src/services/schedules/month-work.ts';
import type { TestService } from '../helpers/app.ts';
import { smallScenario, startTestService } from '../helpers/app.ts';
import type { CliRun } from './run-cli.ts';
import { makeTemporaryFolder } from './run-cli.ts';
import { runOnService } from './run-on-service.ts';

// Every command is a process of its own, on a machine that may be busy.
jest.setTimeout(120_000);

let service: TestService;
let folder: string;
beforeAll(async () => {
  service = await startTestService();
  folder = makeTemporaryFolder();
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: readonly string[]): Promise<CliRun> => runOnService(service.url, args);
const startWork = (): Promise<Worker> =>
  startWorker(service.app, makeJobs(monthWork), { concurrency: 1, tickMs: 60_000 });

const header =
  'BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceProviderName,BillingAccountId,Note';

/** A file that is long by its notes: a hundred lines of 0.07, the first of another amount. */
function writeLong(name: string, first = '0.07'): string {
  const note = 'n'.repeat(longImportBytes / 100);
  const amounts = [first, ...Array.from({ length: 99 }, () => '0.07')];
  const lines = amounts.map(
    (amount) => `${amount},USD,Usage,2026-09-01T00:00:00Z,2026-09-02T00:00:00Z,ACME,${name},${note}`,
  );
  const file = path.join(folder, `${name}.csv`);
  writeFileSync(file, `${[header, ...lines].join('\n')}\n`);
  return file;
}

describe('runs', () => {
  test('are listed, shown, cancelled and tried again, as tables and as JSON', async () => {
    const sent = await service.fetch('/v1/forecasts', {
      json: { scenario: smallScenario() },
      headers: { Prefer: 'respond-async' },
    });
    const { id } = (await sent.json()) as RunView;
    const listed = await run('runs', 'list', '--kind', 'forecast', '--state', 'queued');
    expect(listed.code).toBe(0);
    expect(listed.stdout).toMatch(new RegExp(`${id}\\s+forecast\\s+–\\s+queued\\s+–\\s+0\\s+2026-11-22T12:00`));
    const cancelled = await run('runs', 'cancel', id);
    expect([cancelled.code, cancelled.stderr]).toEqual([0, 'It is cancelled.\n']);
    expect(cancelled.stdout).toMatch(/State\s+cancelled/);
    const none = await run('runs', 'list', '--state', 'queued', '--format', 'json');
    expect(JSON.parse(none.stdout)).toEqual({ data: [] });
    const again = await run('runs', 'retry', id, '--format', 'json');
    expect([again.stderr, (JSON.parse(again.stdout) as RunDetails).state]).toEqual([
      'It waits for a worker again.\n',
      'queued',
    ]);
    const worker = await startWork();
    let now: RunDetails;
    do {
      now = JSON.parse((await run('runs', 'show', id, '--format', 'json')).stdout) as RunDetails;
    } while (now.ended_at === null);
    worker.stop();
    const shown = await run('runs', 'show', id);
    const forecast = `fc_${id.slice('run_'.length)}`;
    expect(shown.stdout).toMatch(new RegExp(`Result forecast\\s+/v1/forecasts/${forecast}`));
    expect(shown.stdout).toMatch(new RegExp(`Log 2026-11-22T12:00:00\\s+Stored ${forecast}\\.`));
    const refused = await run('runs', 'cancel', id);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('The run has ended (succeeded)')]);
  });

  test.each([
    [['runs', 'show', 'run_nothing'], 'There is no run run_nothing.'],
    [['runs', 'list', '--limit', '0'], '--limit 0: expected a number from 1 to 1,000.'],
    [['runs', 'list', '--state', 'asleep'], 'Allowed choices are queued, running'],
  ] as const)('%j exits with 2 and says why', async (args, says) => {
    const failed = await run(...args);
    expect([failed.code, failed.stdout, failed.stderr]).toEqual([2, '', expect.stringContaining(says)]);
  });
});

describe('bills import of a long file', () => {
  test('follows its run and prints the same report, or the same problems', async () => {
    const worker = await startWork();
    const made = await run('bills', 'import', writeLong('long'));
    expect(made.stdout).toMatch(/bill_\w+\s+new\s+acme\s+long\s+2026-09\s+billed\s+100\s+7\s+USD\s+not-stated/);
    expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('Stored; provisional until bills lock.') });
    const wrong = await run('bills', 'import', writeLong('wrong', 'much'));
    expect([wrong.code, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toMatch(/^run_\w+ failed: One thing is wrong; nothing was stored\.\n\/.+\n$/);
    worker.stop();
    const listed = await run('runs', 'list', '--kind', 'import-bills', '--format', 'json');
    const { data } = JSON.parse(listed.stdout) as { data: RunView[] };
    expect(data.map(({ state }) => state)).toEqual(['failed', 'succeeded']);
    expect(data[1]?.result).toMatchObject({ bills: [{ lines: 100, billed: '7' }] });
  });
});
