import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import { fixedClock, systemClock } from './clock.ts';
import { openCompute } from './compute/pool.ts';
import type { Config } from './config.ts';
import { allowedHosts, loadConfig, WrongSettings } from './config.ts';
import type { Database } from './db/connect.ts';
import { openDatabase } from './db/connect.ts';
import { StartRefused } from './db/folder-lock.ts';
import { findPendingMigrations, migrateToLatest } from './db/migrate.ts';
import { createHttpServer } from './http/app.ts';
import type { HttpSettings, ServiceState } from './http/operation.ts';
import { makeLog } from './log.ts';
import { hasAdminKey } from './services/api-keys.ts';
import type { App, AppSettings } from './services/app.ts';
import { loadCatalogues } from './services/load-catalogues.ts';
import { storeSampleOnce } from './services/sample.ts';

export type RunningService = { readonly url: string; readonly app: App; readonly close: () => Promise<void> };

export type StartOptions = {
  readonly log: Logger;
  /** The database broke in a way that a restart alone mends: leave at once. */
  readonly onFatal: (error: unknown) => void;
};

/**
 * Puts the service together and listens: lock, database, schema, worker threads, HTTP, then the sample on a first start.
 * Throws StartRefused with one sentence and the cure; whatever was opened by then is closed again.
 */
export async function startService(config: Config, { log, onFatal }: StartOptions): Promise<RunningService> {
  let state: ServiceState = 'starting';
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    state = 'stopping';
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const database = await openStore(config, log, onFatal);
    closers.push(database.close);
    const compute = openCompute({
      workers: config.COMPUTE_WORKERS,
      timeoutMs: config.COMPUTE_TIMEOUT_MS,
      heapMb: 512,
      maxQueue: 100,
    });
    closers.push(compute.close);
    const clock =
      config.INFERCAST_TEST_CLOCK === undefined ? systemClock : fixedClock(new Date(config.INFERCAST_TEST_CLOCK));
    const catalogues = await loadCatalogues();
    const app: App = { db: database.db, compute, catalogues, clock, log, settings: appSettings(config) };
    await prepareStore(config, app);
    const server = createHttpServer({
      app,
      settings: httpSettings(config),
      metrics: config.METRICS === 'on',
      state: () => state,
    });
    const url = await listen(server, config);
    closers.push(() => stop(server));
    await storeSampleOnce(app).catch((error: unknown) => {
      log.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'the sample scenario was not stored',
      );
    });
    state = 'serving';
    return { url, app, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Runs the service until it is told to stop. Prints where it is once it is ready; a start that cannot go on sets exit code 1. */
export async function serve(config: Config): Promise<void> {
  const log = makeLog({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const onFatal = (error: unknown): void => {
    log.fatal({ reason: error instanceof Error ? error.message : String(error) }, 'the database cannot go on');
    process.exit(1);
  };
  const started = startService(config, { log, onFatal });
  closeWithGrace({ delay: config.SHUTDOWN_GRACE_MS, logger: false }, async ({ signal, err }) => {
    if (err !== undefined) log.fatal({ reason: err.message, stack: err.stack }, 'unforeseen error');
    else log.info({ signal }, 'stopping');
    await started.then(({ close }) => close());
  });
  const { url } = await started;
  console.log(`infercast is ready: ${url}`);
}

async function openStore(config: Config, log: Logger, onFatal: (error: unknown) => void): Promise<Database> {
  let lastSaid = 0;
  return openDatabase({
    url: config.DATABASE_URL ?? null,
    dataDir: config.DATA_DIR,
    poolMax: config.DB_POOL_MAX,
    statementTimeoutMs: config.DB_STATEMENT_TIMEOUT_MS,
    ssl: config.DB_SSL,
    onConnectionLost: (error) => {
      // A restart of the server ends every idle connection at once; one line tells it.
      const now = performance.now();
      if (now - lastSaid < 5_000) return;
      lastSaid = now;
      log.warn({ reason: error.message }, 'a database connection was lost');
    },
    onFatal,
  });
}

async function prepareStore(config: Config, app: App): Promise<void> {
  if (config.MIGRATE_ON_START) {
    const migrations = await migrateToLatest(app.db);
    if (migrations.length > 0) app.log.info({ migrations }, 'schema brought up to date');
  } else {
    const pending = await findPendingMigrations(app.db);
    if (pending.length > 0) {
      throw new StartRefused(
        `The schema lacks ${pending.join(', ')} and MIGRATE_ON_START is false: start once with true.`,
      );
    }
  }
  if (config.AUTH_MODE === 'token' && !(await hasAdminKey(app))) {
    throw new StartRefused(
      'AUTH_MODE=token and there is no admin key yet: start without AUTH_MODE and HOST, make one (infercast keys create NAME --scopes admin), then start again.',
    );
  }
}

async function listen(server: Server, { HOST, PORT }: Config): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new StartRefused(describeListenError(cause, HOST, PORT), { cause })),
    );
    server.listen({ host: HOST, port: PORT }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${port}`;
}

function describeListenError({ code }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use: stop what uses it, or choose another with PORT=${port + 1}.`;
    case 'EACCES':
      return `Port ${port} is reserved for the system: choose one above 1023 with PORT.`;
    default:
      return `${host} is not an address of this machine (${code}): set HOST=127.0.0.1, or one that it has.`;
  }
}

/** Lets requests in work finish; connections without one are closed at once. */
async function stop(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

function appSettings(config: Config): AppSettings {
  return {
    timeZone: config.DEFAULT_TZ,
    currency: config.DEFAULT_CURRENCY,
    apiKeyTtlDays: config.API_KEY_DEFAULT_TTL_DAYS,
    priceStaleDays: config.PRICE_STALE_DAYS,
    maxMonths: config.MAX_MONTHS,
    maxSamples: config.MAX_SAMPLES,
    maxCells: config.MAX_CELLS,
    billLimits: { bytes: config.BILL_LIMIT_MB * 1_048_576, records: config.BILL_MAX_LINES },
    guardedFolder: config.DATABASE_URL === undefined ? config.DATA_DIR : null,
    minFreeMb: config.MIN_FREE_MB,
  };
}

function httpSettings(config: Config): HttpSettings {
  return {
    allowedHosts: allowedHosts(config),
    publicUrl: config.PUBLIC_URL ?? null,
    trustProxy: config.TRUST_PROXY,
    keysRequired: config.AUTH_MODE === 'token',
    bodyLimitBytes: config.BODY_LIMIT_MB * 1_048_576,
    ratesPerMinute: {
      read: config.RATE_READ,
      write: config.RATE_WRITE,
      compute: config.RATE_COMPUTE,
      upload: config.RATE_UPLOAD,
    },
    metricsToken: config.METRICS_TOKEN ?? null,
  };
}

if (import.meta.main) {
  try {
    await serve(loadConfig());
  } catch (error) {
    if (!(error instanceof StartRefused || error instanceof WrongSettings)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
