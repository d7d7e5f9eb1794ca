import { sql } from 'kysely';
import { fixedClock } from '../../src/clock.ts';
import { openCompute } from '../../src/compute/pool.ts';
import { openDatabase } from '../../src/db/connect.ts';
import { insertForecast } from '../../src/db/forecasts.ts';
import { openQueue } from '../../src/db/queue.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import type { App } from '../../src/services/app.ts';
import { makeJobs } from '../../src/services/jobs.ts';
import { loadCatalogues } from '../../src/services/load-catalogues.ts';
import type { PeriodWork } from '../../src/services/schedules/period-work.ts';
import { defaultSettings } from './app.ts';
import { sawNothing } from './looks.ts';

/**
 * A worker of its own, as `infercast worker` is one, with a job that stores something before its run ends and something
 * with its end. `dieAt` names a step and a job by number: there the process kills itself as the kernel would.
 */
export type RaceWorkerOptions = {
  readonly url: string;
  readonly now: string;
  readonly backfillMonths: number;
  readonly dieAt: { readonly step: RaceStep; readonly job: number } | null;
};
export const raceSteps = ['taken', 'stored', 'committing'] as const;
export type RaceStep = (typeof raceSteps)[number];

const { url, now, backfillMonths, dieAt } = JSON.parse(process.argv[2] ?? '') as RaceWorkerOptions;
const fail = (error: unknown): void => {
  process.stderr.write(`worker: ${error instanceof Error ? error.message : String(error)}\n`);
};

let jobs = 0;
const reach = (step: RaceStep, job: number): void => {
  if (dieAt?.step === step && dieAt.job === job) process.kill(process.pid, 'SIGKILL');
};

const work: PeriodWork = {
  freeze: async () => ({ forecast_id: 'fc_none' }),
  look: async (_app, task) => sawNothing(task),
  compare: async (app, { schedule, period }, { objectId, log }) => {
    const job = ++jobs;
    reach('taken', job);
    await log(`Comparing ${period}.`);
    const forecast = `fc_${objectId}`;
    await insertForecast(app.db, {
      id: forecast,
      scenario_id: schedule.scenario_id,
      scenario_version: 1,
      name: `${schedule.id} ${period}`,
      as_of: '2026-11-22',
      engine: '0',
      inputs_digest: '',
      result: '{"tiers":[]}',
      inputs: '{}',
      created_at: now,
    });
    reach('stored', job);
    return {
      digest: `${schedule.id} ${period}`,
      result: { forecast },
      commit: async (trx) => {
        await sql`insert into told (what) values (${`${schedule.id} ${period}`})`.execute(trx);
        reach('committing', job);
      },
    };
  },
};

const database = await openDatabase({
  url,
  dataDir: '',
  poolMax: 6,
  statementTimeoutMs: 15_000,
  ssl: 'off',
  onConnectionLost: fail,
  onFatal: fail,
});
const queue = await openQueue(database, {
  migrate: true,
  onError: fail,
  pollSeconds: 0.5,
  heartbeatSeconds: 10,
  retrySeconds: 1,
});
const app: App = {
  db: database.db,
  queue,
  compute: openCompute({ workers: 1, timeoutMs: 30_000, heapMb: 512, maxQueue: 10 }),
  catalogues: await loadCatalogues(),
  clock: fixedClock(new Date(now)),
  log: { info: () => {}, warn: (_fields, message) => fail(message), error: (fields) => fail(JSON.stringify(fields)) },
  settings: { ...defaultSettings, backfillMonths },
  announce: async () => {},
};
await startWorker(app, makeJobs(work), { concurrency: 2, tickMs: 1_000 });
