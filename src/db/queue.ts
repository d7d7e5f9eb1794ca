import type { Job } from 'pg-boss';
import { fromKysely, PgBoss } from 'pg-boss';
import type { Database } from './connect.ts';
import type { Db } from './tables.ts';

/** A job in the queue says which run it is; what the run is stands in our own table. */
type Message = { readonly run: string };

export type WorkOptions = {
  readonly concurrency: number;
  /** One attempt at a run. What it throws is tried again later, unless it is the last. */
  readonly run: (id: string, isLast: boolean, signal: AbortSignal) => Promise<void>;
  /** A run whose last worker died, or whose last attempt could not be noted. */
  readonly lost: (id: string) => Promise<void>;
};

export type Queue = {
  /** Puts a run in the queue, within the transaction that stores it. */
  readonly send: (db: Db, run: string) => Promise<void>;
  /** Looks for work now, where this process works; else the next look finds it. */
  readonly wake: () => void;
  /** Whether a run stands in the queue or is at work somewhere. */
  readonly holds: (run: string) => Promise<boolean>;
  readonly work: (options: WorkOptions) => Promise<void>;
  /** Waits this long for runs at work, then gives them back. */
  readonly stop: (graceMs: number) => Promise<void>;
};

export type QueueOptions = {
  /** Create or update the schema of the queue; one process does, others wait. */
  readonly migrate: boolean;
  readonly onError: (error: unknown) => void;
  /** Seconds between looks; only tests are in a hurry. */
  readonly pollSeconds?: number;
  /** Seconds without a sign of life after which a run is given to another worker. */
  readonly heartbeatSeconds?: number;
  /** Seconds until a failed attempt is repeated; doubles each time. */
  readonly retrySeconds?: number;
};

const queue = 'runs';
const lostQueue = 'lost-runs';
const retries = 5;
const hour = 3_600;

/**
 * The job queue in the same database, in a schema of its own. It delivers each run at least once: at most one worker at
 * a time is given it while its heart beats, and it is given to another when that stops.
 */
export async function openQueue(database: Database, options: QueueOptions): Promise<Queue> {
  const { migrate, onError, pollSeconds = 1, heartbeatSeconds = 30, retrySeconds = 30 } = options;
  const boss = new PgBoss({
    db: { executeSql: database.executeSql },
    backend: database.kind === 'embedded' ? 'pglite' : 'postgres',
    schema: 'jobs',
    migrate,
    createSchema: migrate,
    schedule: false,
    supervise: true,
    superviseIntervalSeconds: Math.max(1, Math.floor(heartbeatSeconds / 3)),
    monitorIntervalSeconds: Math.max(1, Math.floor(heartbeatSeconds / 3)),
    registerInstance: false,
    monitorVacuum: false,
    reindex: false,
    openTelemetry: { enabled: false },
  });
  // Without a listener an 'error' event would end the process.
  boss.on('error', onError);
  // Of two that create the schema in the same moment one may be refused; it then finds it there.
  await boss.start({ attempts: migrate ? 4 : 1 });
  await createQueues(boss, heartbeatSeconds, retrySeconds);
  const workers: string[] = [];
  const wake = (): void => {
    for (const worker of workers) boss.notifyWorker(worker);
  };
  return {
    send: async (db, run) => {
      await boss.send(queue, { run }, { db: fromKysely(db) });
    },
    wake,
    holds: async (run) => {
      const jobs = await boss.findJobs<Message>(queue, { data: { run }, limit: 100 });
      return jobs.some(({ state }) => state === 'created' || state === 'retry' || state === 'active');
    },
    work: async ({ concurrency, run, lost }) => {
      workers.push(
        await boss.work<
          Message,
          void,
          { includeMetadata: true; localConcurrency: number; pollingIntervalSeconds: number }
        >(
          queue,
          { includeMetadata: true, localConcurrency: concurrency, pollingIntervalSeconds: pollSeconds },
          async ([job]) => {
            if (job !== undefined) await run(job.data.run, job.retryCount >= job.retryLimit, job.signal);
          },
        ),
        await boss.work<Message>(
          lostQueue,
          { pollingIntervalSeconds: Math.max(2, pollSeconds) },
          async ([job]: Job<Message>[]) => {
            if (job !== undefined) await lost(job.data.run);
          },
        ),
      );
    },
    stop: async (graceMs) => boss.stop({ graceful: true, timeout: graceMs, close: false }),
  };
}

async function createQueues(boss: PgBoss, heartbeatSeconds: number, retrySeconds: number): Promise<void> {
  const settings = {
    retryLimit: retries,
    retryDelay: retrySeconds,
    retryBackoff: true,
    retryDelayMax: hour,
    heartbeatSeconds,
    expireInSeconds: 4 * hour,
    deleteAfterSeconds: 24 * hour,
    retentionSeconds: 365 * 24 * hour,
  };
  if ((await boss.getQueue(lostQueue)) === null) await boss.createQueue(lostQueue, { retryLimit: 10, retryDelay: 30 });
  if ((await boss.getQueue(queue)) === null) await boss.createQueue(queue, { ...settings, deadLetter: lostQueue });
  else await boss.updateQueue(queue, settings);
}
