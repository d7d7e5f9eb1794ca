import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { fixedClock, systemClock } from '../clock.ts';
import { openCompute } from '../compute/pool.ts';
import type { Config } from '../config.ts';
import { egressRules } from '../config.ts';
import type { Database } from '../db/connect.ts';
import { openDatabase } from '../db/connect.ts';
import { StartRefused } from '../db/folder-lock.ts';
import { findPendingMigrations, migrateToLatest } from '../db/migrate.ts';
import type { Queue } from '../db/queue.ts';
import { openQueue } from '../db/queue.ts';
import { startDeliveries } from '../jobs/deliveries.ts';
import { startWorker } from '../jobs/worker.ts';
import type { App, AppSettings } from '../services/app.ts';
import { makeJobs } from '../services/jobs.ts';
import { loadCatalogues } from '../services/load-catalogues.ts';
import { makeAnnounce } from '../services/notices/announce.ts';
import type { Outside } from '../services/outside.ts';
import { monthWork } from '../services/schedules/month-work.ts';
import { makeSecretBox } from '../services/sealed-secrets.ts';
import { anthropicOrigin } from '../sources/anthropic-bills.ts';
import { openaiOrigin } from '../sources/openai-bills.ts';
import { openrouterOrigin } from '../sources/openrouter-bills.ts';
import { priceLists } from '../sources/price-lists.ts';

export type StartOptions = {
  readonly log: Logger;
  /** The database broke in a way that a restart alone mends: leave at once. */
  readonly onFatal: (error: unknown) => void;
};

/** What was opened, to be closed in the opposite order. */
export type Closers = {
  readonly add: (closer: () => unknown) => void;
  readonly close: () => Promise<void>;
};

export function makeClosers(): Closers {
  const closers: (() => unknown)[] = [];
  return {
    add: (closer) => closers.push(closer),
    close: async () => {
      for (const closer of closers.splice(0).reverse()) await closer();
    },
  };
}

/** Lock, database, schema, queue, worker threads: everything a service and a worker have in common. Throws StartRefused. */
export async function assemble(config: Config, { log, onFatal }: StartOptions, closers: Closers): Promise<App> {
  const database = await openStore(config, log, onFatal);
  closers.add(database.close);
  const clock: Clock =
    config.INFERCAST_TEST_CLOCK === undefined ? systemClock : fixedClock(new Date(config.INFERCAST_TEST_CLOCK));
  await prepareSchema(config, database, log);
  const compute = openCompute({
    workers: config.COMPUTE_WORKERS,
    timeoutMs: config.COMPUTE_TIMEOUT_MS,
    heapMb: 512,
    maxQueue: 100,
  });
  closers.add(compute.close);
  const queue = await startQueue(config, database, log);
  closers.add(() => queue.stop(config.SHUTDOWN_GRACE_MS / 2));
  const catalogues = await loadCatalogues();
  return {
    db: database.db,
    queue,
    compute,
    catalogues,
    clock,
    log,
    settings: appSettings(config),
    announce: makeAnnounce({ clock, hasMail: config.SMTP_URL !== undefined }),
  };
}

/** Lets this process work on runs and start what is due. */
export async function startJobs(config: Config, app: App, closers: Closers): Promise<void> {
  const worker = await startWorker(app, makeJobs(monthWork), { concurrency: config.JOB_CONCURRENCY, tickMs: 30_000 });
  closers.add(worker.stop);
  const deliveries = startDeliveries(app, 5_000);
  closers.add(deliveries.stop);
}

async function openStore(config: Config, log: Logger, onFatal: (error: unknown) => void): Promise<Database> {
  return openDatabase({
    url: config.DATABASE_URL ?? null,
    dataDir: config.DATA_DIR,
    poolMax: config.DB_POOL_MAX,
    statementTimeoutMs: config.DB_STATEMENT_TIMEOUT_MS,
    ssl: config.DB_SSL,
    onConnectionLost: sayingOnce(log, 'a database connection was lost'),
    onFatal,
  });
}

async function startQueue(config: Config, database: Database, log: Logger): Promise<Queue> {
  try {
    return await openQueue(database, {
      migrate: config.MIGRATE_ON_START,
      onError: sayingOnce(log, 'the job queue met an error'),
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartRefused(`The job queue could not be opened (${reason}): start once with MIGRATE_ON_START=true.`, {
      cause,
    });
  }
}

/** A restart of the server ends every connection and fails every look of the queue at once; one line tells it. */
function sayingOnce(log: Logger, message: string): (error: unknown) => void {
  let lastSaid = Number.NEGATIVE_INFINITY;
  return (error) => {
    const now = performance.now();
    if (now - lastSaid < 5_000) return;
    lastSaid = now;
    log.warn({ reason: error instanceof Error ? error.message : String(error) }, message);
  };
}

async function prepareSchema(config: Config, { db }: Database, log: Logger): Promise<void> {
  if (config.MIGRATE_ON_START) {
    const migrations = await migrateToLatest(db);
    if (migrations.length > 0) log.info({ migrations }, 'schema brought up to date');
    return;
  }
  const pending = await findPendingMigrations(db);
  if (pending.length > 0) {
    throw new StartRefused(
      `The schema lacks ${pending.join(', ')} and MIGRATE_ON_START is false: start once with true.`,
    );
  }
}

function appSettings(config: Config): AppSettings {
  return {
    timeZone: config.DEFAULT_TZ,
    currency: config.DEFAULT_CURRENCY,
    apiKeyTtlDays: config.API_KEY_DEFAULT_TTL_DAYS,
    priceStaleDays: config.PRICE_STALE_DAYS,
    pricePull: config.PRICE_PULL.length === 0 ? null : { lists: config.PRICE_PULL, time: config.PRICE_PULL_TIME },
    maxMonths: config.MAX_MONTHS,
    maxSamples: config.MAX_SAMPLES,
    maxCells: config.MAX_CELLS,
    billLimits: { bytes: config.BILL_LIMIT_MB * 1_048_576, records: config.BILL_MAX_LINES },
    guardedFolder: config.DATABASE_URL === undefined ? config.DATA_DIR : null,
    minFreeMb: config.MIN_FREE_MB,
    backfillMonths: config.SCHEDULE_BACKFILL_MONTHS,
    outside: outsideSettings(config),
  };
}

function outsideSettings(config: Config): Outside {
  const { SMTP_URL: smtpUrl, MAIL_FROM: from, MAIL_TO: to } = config;
  return {
    egress: egressRules(config),
    secrets: makeSecretBox(config.SECRETS_KEY ?? null),
    mail: smtpUrl === undefined || from === undefined ? null : { smtpUrl, from, to },
    publicUrl: config.PUBLIC_URL ?? null,
    inboxFolder: config.INBOX_DIR ?? null,
    origins: { openai: openaiOrigin, anthropic: anthropicOrigin, openrouter: openrouterOrigin },
    priceLists,
    wait: (ms, signal) => setTimeout(ms, undefined, { signal }),
  };
}
