import type { Clock } from '../../src/clock.ts';
import { openCompute } from '../../src/compute/pool.ts';
import { openQueue } from '../../src/db/queue.ts';
import { listRuns } from '../../src/db/runs.ts';
import { insertScenario } from '../../src/db/scenarios.ts';
import type { RunRow } from '../../src/db/tables.ts';
import type { App } from '../../src/services/app.ts';
import { makeJobs } from '../../src/services/jobs.ts';
import { loadCatalogues } from '../../src/services/load-catalogues.ts';
import type { Notice } from '../../src/services/notices/notice.ts';
import type { Jobs } from '../../src/services/runs/run-execution.ts';
import { executeRun } from '../../src/services/runs/run-execution.ts';
import type {
  CompareTask,
  LookTask,
  MonthNowcast,
  PeriodOutcome,
  PeriodWork,
} from '../../src/services/schedules/period-work.ts';
import type { Postgres } from '../setup/postgres.ts';
import { startPostgres } from '../setup/postgres.ts';
import { defaultSettings, openMigrated, openOn, smallScenario } from './app.ts';
import { sawNothing } from './looks.ts';

export type TestScheduler = {
  readonly app: App;
  readonly jobs: Jobs;
  readonly announced: readonly Notice[];
  /** The clock that everything sees; moves only by hand. */
  readonly setNow: (instant: string) => void;
  /** Does every run that waits, oldest first, as a worker would; what fails stays as it is. */
  readonly work: () => Promise<void>;
  readonly runs: (filter?: Partial<Pick<RunRow, 'schedule_id' | 'kind' | 'state'>>) => Promise<readonly RunRow[]>;
  /** What the bills of a month say; changes when they are restated. */
  readonly bills: Map<string, string>;
  readonly compared: readonly CompareTask[];
  /** What a look at a month sees, by month; nothing was billed where nothing is stated. */
  readonly seen: Map<string, (task: LookTask) => MonthNowcast>;
  readonly looked: readonly (LookTask & { readonly at: string })[];
  readonly close: () => Promise<void>;
};

export const scenarioId = 'sc_scheduled';

/** The use cases of schedules over a real database of either kind, with bills that the test states. */
export async function openScheduler(kind: 'embedded' | 'postgres'): Promise<TestScheduler> {
  const server: Postgres | null = kind === 'postgres' ? await startPostgres() : null;
  const database = server === null ? await openMigrated() : await openOn(server);
  const queue = await openQueue(database, { migrate: true, onError: () => {}, pollSeconds: 0.5 });
  const compute = openCompute({ workers: 1, timeoutMs: 30_000, heapMb: 512, maxQueue: 100 });
  let now = '2026-11-22T12:00:00.000Z';
  const clock: Clock = () => new Date(now);
  const announced: Notice[] = [];
  const bills = new Map<string, string>();
  const compared: CompareTask[] = [];
  const seen: Map<string, (task: LookTask) => MonthNowcast> = new Map();
  const looked: (LookTask & { at: string })[] = [];
  const app: App = {
    db: database.db,
    queue,
    compute,
    catalogues: await loadCatalogues(),
    clock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    settings: defaultSettings,
    announce: async (_trx, notice) => {
      announced.push(notice);
    },
  };
  const periodWork: PeriodWork = {
    freeze: async (_app, { period }) => ({ forecast_id: `fc_of_${period.replace('-', '')}` }),
    compare: async (_app, task): Promise<PeriodOutcome> => {
      compared.push(task);
      const bill = bills.get(task.period);
      if (bill === 'away') throw new Error('the provider is away');
      return { digest: bill ?? 'settled', result: { actual: bill ?? '100.00', pull: task.pull } };
    },
    look: async (_app, task) => {
      looked.push({ ...task, at: now });
      return (seen.get(task.period) ?? sawNothing)(task);
    },
  };
  await insertScenario(database.db, { id: scenarioId, name: 'S', body: JSON.stringify(smallScenario()), now });
  const jobs = makeJobs(periodWork);
  const runs: TestScheduler['runs'] = async (filter = {}) => {
    const rows = await listRuns(database.db, {
      schedule_id: null,
      period: null,
      kind: null,
      state: null,
      before: null,
      limit: 1_000,
      ...filter,
    });
    return rows.toReversed();
  };
  return {
    app,
    jobs,
    announced,
    setNow: (instant) => {
      now = instant;
    },
    work: async () => {
      for (const { id } of await runs({ state: 'queued' }))
        await executeRun(app, jobs, id, { isLast: true, signal: new AbortController().signal });
    },
    runs,
    bills,
    compared,
    seen,
    looked,
    close: async () => {
      await queue.stop(1_000);
      await compute.close();
      await database.close();
      await server?.stop();
    },
  };
}
