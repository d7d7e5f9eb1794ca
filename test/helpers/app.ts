import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../../src/clock.ts';
import { fixedClock } from '../../src/clock.ts';
import type { Compute } from '../../src/compute/pool.ts';
import { openCompute } from '../../src/compute/pool.ts';
import type { Database } from '../../src/db/connect.ts';
import { openDatabase, openInMemory } from '../../src/db/connect.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import { openQueue } from '../../src/db/queue.ts';
import { createHttpServer } from '../../src/http/app.ts';
import type { HttpSettings } from '../../src/http/operation.ts';
import type { App, AppLog, AppSettings } from '../../src/services/app.ts';
import { loadCatalogues } from '../../src/services/load-catalogues.ts';
import { makeAnnounce } from '../../src/services/notices/announce.ts';
import type { Notice } from '../../src/services/notices/notice.ts';
import { makeSecretBox } from '../../src/services/sealed-secrets.ts';
import type { Postgres } from '../setup/postgres.ts';
import { startPostgres } from '../setup/postgres.ts';

const repository = join(import.meta.dirname, '../..');

/** The day on which every test takes place. */
export const today = '2026-11-22';

export type TestService = {
  readonly url: string;
  readonly app: App;
  readonly log: readonly { readonly level: string; readonly fields: object; readonly message: string }[];
  /** What would have been told to whoever asked, in order. */
  readonly announced: readonly Notice[];
  readonly fetch: (path: string, options?: TestRequest) => Promise<Response>;
  /** Moves the clock, for what expires. */
  readonly setClock: (clock: Clock) => void;
  readonly close: () => Promise<void>;
};

/** `json` is a body to send as JSON; `key` goes into the Authorization header. */
export type TestRequest = Omit<RequestInit, 'body'> & {
  readonly json?: unknown;
  readonly body?: RequestInit['body'];
  readonly key?: string;
};

export type TestOptions = {
  readonly http?: Partial<HttpSettings>;
  readonly settings?: Partial<AppSettings>;
  readonly compute?: Compute;
  readonly database?: Database;
  /** What is announced is kept for sending too, not only listed. */
  readonly announces?: true;
};

/**
 * The whole service on a free port of this machine, over the database that the test gives or, without one, that of the
 * jest project: the embedded one in memory, or a PostgreSQL of its own. Nothing in it is a stand-in.
 */
export async function startTestService(options: TestOptions = {}): Promise<TestService> {
  const database = options.database ?? (await openDatabaseOfProject());
  const compute = options.compute ?? openCompute({ workers: 1, timeoutMs: 30_000, heapMb: 512, maxQueue: 100 });
  let clock: Clock = fixedClock(new Date(`${today}T12:00:00.000Z`));
  const announced: Notice[] = [];
  const queue = await openQueue(database, { migrate: true, onError: () => {}, pollSeconds: 0.5 });
  const log: { level: string; fields: object; message: string }[] = [];
  const settings = { ...defaultSettings, ...options.settings };
  const announce = makeAnnounce({ clock: () => clock(), hasMail: settings.outside.mail !== null });
  const app: App = {
    db: database.db,
    queue,
    compute,
    catalogues: await loadCatalogues(),
    clock: () => clock(),
    log: recordingLog(log),
    settings,
    announce: async (trx, notice) => {
      announced.push(notice);
      if (options.announces) await announce(trx, notice);
    },
  };
  const server = createHttpServer({
    app,
    settings: { ...defaultHttp, ...options.http },
    metrics: true,
    state: () => 'serving',
  });
  const url = await listen(server);
  return {
    url,
    app,
    log,
    announced,
    fetch: (path, request = {}) => send(url, path, request),
    setClock: (next) => {
      clock = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await queue.stop(1_000);
      await compute.close();
      await database.close();
    },
  };
}

export const defaultSettings: AppSettings = {
  timeZone: 'UTC',
  currency: 'USD',
  apiKeyTtlDays: 365,
  priceStaleDays: 30,
  pricePull: null,
  maxMonths: 120,
  maxSamples: 20_000,
  maxCells: 250_000,
  billLimits: { bytes: 64 * 1_048_576, records: 1_000_000 },
  guardedFolder: null,
  minFreeMb: 256,
  backfillMonths: 3,
  outside: {
    egress: { offline: false, hosts: [], privateRanges: ['127.0.0.1'], timeoutMs: 5_000 },
    secrets: makeSecretBox(Buffer.alloc(32, 7).toString('base64')),
    mail: null,
    publicUrl: null,
    inboxFolder: null,
    // Nothing listens there: a test names its own provider.
    origins: { openai: 'http://127.0.0.1:9', anthropic: 'http://127.0.0.1:9', openrouter: 'http://127.0.0.1:9' },
    priceLists: {
      openrouter: 'http://127.0.0.1:9/o',
      litellm: 'http://127.0.0.1:9/l',
      'models-dev': 'http://127.0.0.1:9/m',
    },
    wait: async () => {},
  },
};

const defaultHttp: HttpSettings = {
  allowedHosts: ['localhost', '127.0.0.1', '::1'],
  publicUrl: null,
  trustProxy: 0,
  keysRequired: false,
  bodyLimitBytes: 1_048_576,
  ratesPerMinute: { read: 600, write: 120, compute: 30, upload: 10 },
  metricsToken: null,
};

/** Set by the jest project in which the same tests run over PostgreSQL. */
declare const TEST_DATABASE: 'postgres' | undefined;

async function openDatabaseOfProject(): Promise<Database> {
  if (typeof TEST_DATABASE === 'undefined') return openMigrated();
  const server = await startPostgres();
  const database = await openOn(server);
  return {
    ...database,
    close: async () => {
      await database.close();
      await server.stop();
    },
  };
}

/** A database on a real server whose schema is up to date. */
export async function openOn(server: Postgres, name = 'postgres'): Promise<Database> {
  const opened = await openDatabase({
    url: server.url(name),
    dataDir: '',
    poolMax: 8,
    statementTimeoutMs: 15_000,
    ssl: 'off',
    onConnectionLost: () => {},
    onFatal: () => {},
  });
  await migrateToLatest(opened.db);
  return opened;
}

/** An embedded database whose schema is up to date, from a dump that the first test to ask makes. */
export async function openMigrated(): Promise<Database> {
  return openInMemory(await loadTemplate());
}

async function loadTemplate(): Promise<Blob> {
  const file = join(repository, 'node_modules/.cache/infercast', `template-${schemaDigest()}.tar`);
  if (!existsSync(file)) {
    const database = await openInMemory();
    await migrateToLatest(database.db);
    const queue = await openQueue(database, { migrate: true, onError: () => {} });
    await queue.stop(1_000);
    const dump = await database.dump();
    await database.close();
    mkdirSync(join(file, '..'), { recursive: true });
    // Another test may be at it too: each writes its own and the last name wins.
    const own = `${file}.${process.pid}`;
    writeFileSync(own, new Uint8Array(await dump.arrayBuffer()));
    renameSync(own, file);
  }
  return new Blob([readFileSync(file)]);
}

function schemaDigest(): string {
  const hash = createHash('sha256').update(
    readFileSync(join(repository, 'node_modules/@electric-sql/pglite/package.json')),
  );
  hash.update(readFileSync(join(repository, 'node_modules/pg-boss/package.json')));
  hash.update(readFileSync(join(repository, 'src/db/queue.ts')));
  for (const name of readdirSync(join(repository, 'sql')).sort())
    hash.update(readFileSync(join(repository, 'sql', name)));
  return hash.digest('hex').slice(0, 16);
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function send(url: string, path: string, { json, key, headers, ...request }: TestRequest): Promise<Response> {
  return fetch(url + path, {
    ...(json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) }),
    ...request,
    headers: {
      ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
      ...headers,
    },
  } as RequestInit);
}

function recordingLog(lines: { level: string; fields: object; message: string }[]): AppLog {
  const record = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return { info: record('info'), warn: record('warn'), error: record('error') };
}

/** A small scenario that is quick to forecast; `over` changes keys of it. */
export function smallScenario(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: 'Small',
    months: 3,
    workloads: [
      {
        id: 'chat',
        requests_per_month: '250k to 400k',
        input_tokens: 1200,
        output_tokens: 300,
        model: { openai: 'gpt-5.4-mini', anthropic: 'claude-haiku-4-5' },
      },
    ],
    tiers: ['openai', 'anthropic'],
    sampling: { draws: 200, seed: 42 },
    ...over,
  };
}
