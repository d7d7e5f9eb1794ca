import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { isFatal } from './failures.ts';
import { lockDataFolder, StartRefused } from './folder-lock.ts';
import type { Db, Tables } from './tables.ts';

export type Database = {
  readonly db: Db;
  readonly kind: 'embedded' | 'postgres';
  /** Raw SQL, several statements at once where it has no values. For the queue, which brings its own. */
  readonly executeSql: (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>;
  readonly close: () => Promise<void>;
};

export type DatabaseOptions = {
  /** Empty: the embedded database in `dataDir`. */
  readonly url: string | null;
  readonly dataDir: string;
  readonly poolMax: number;
  readonly statementTimeoutMs: number;
  readonly ssl: 'off' | 'require' | 'verify';
  /** An idle connection was lost; the pool opens another by itself. Without a listener the process would end. */
  readonly onConnectionLost: (error: Error) => void;
  /** The embedded database can no longer be used (disk full, aborted): nothing further may be sent to it. */
  readonly onFatal: (error: unknown) => void;
};

/**
 * One code path for both databases: a node-postgres pool, which over the embedded database has one connection.
 * Throws StartRefused when the folder is taken or cannot be written, or the server does not answer.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.url === null ? openEmbedded(options) : openServer(options, options.url);
}

/** A database in memory, for tests; `template` is the dump of a migrated one. */
export async function openInMemory(template?: Blob): Promise<Database & { readonly dump: () => Promise<Blob> }> {
  const lite = await PGlite.create({ ...(template === undefined ? {} : { loadDataDir: template }) });
  const database = overPglite(lite, () => {});
  return { ...database, dump: async () => lite.dumpDataDir('none') };
}

async function openEmbedded({ dataDir, onFatal }: DatabaseOptions): Promise<Database> {
  const lock = lockDataFolder(dataDir);
  try {
    const folder = join(dataDir, 'database');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const database = overPglite(await PGlite.create(folder), onFatal);
    return {
      ...database,
      close: async () => {
        await database.close();
        lock.release();
      },
    };
  } catch (cause) {
    lock.release();
    throw new StartRefused(
      `The database in ${dataDir} could not be opened: check that its disk has room, else restore a backup there.`,
      { cause },
    );
  }
}

function overPglite(lite: PGlite, onFatal: (error: unknown) => void): Database {
  const pool = new pg.Pool({ ...createPgConfig(lite), max: 1, idleTimeoutMillis: 0, types });
  pool.on('error', onFatal);
  const db = connectKysely(pool, (error) => {
    if (isFatal(error)) onFatal(error);
  });
  return {
    db,
    kind: 'embedded',
    executeSql: executeOver(pool),
    close: async () => {
      await db.destroy();
      await lite.close();
    },
  };
}

async function openServer(options: DatabaseOptions, url: string): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolMax,
    connectionTimeoutMillis: 5_000,
    statement_timeout: options.statementTimeoutMs,
    idle_in_transaction_session_timeout: 10_000,
    application_name: 'infercast',
    types,
    ...(options.ssl === 'off' ? {} : { ssl: { rejectUnauthorized: options.ssl === 'verify' } }),
  });
  pool.on('error', options.onConnectionLost);
  // The pool listens to idle connections only. One that is lost in the middle of a query fails it and tells this besides.
  pool.on('connect', (client) => client.on('error', options.onConnectionLost));
  const db = connectKysely(pool, () => {});
  try {
    await sql`select 1`.execute(db);
  } catch (cause) {
    await db.destroy();
    const reason = (cause as { code?: string }).code ?? (cause as Error).message;
    throw new StartRefused(
      `The database of DATABASE_URL does not answer (${reason}): check the address, the password and that it runs.`,
      {
        cause,
      },
    );
  }
  return { db, kind: 'postgres', executeSql: executeOver(pool), close: async () => db.destroy() };
}

function connectKysely(pool: pg.Pool, onError: (error: unknown) => void): Db {
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    log: (event) => {
      if (event.level === 'error') onError(event.error);
    },
  });
}

function executeOver(pool: pg.Pool): Database['executeSql'] {
  return async (text, values) => {
    const result: pg.QueryResult | pg.QueryResult[] = await pool.query(text, values);
    return { rows: Array.isArray(result) ? result.flatMap(({ rows }) => rows ?? []) : result.rows };
  };
}

const timestamptz = 1184;
const date = 1082;
const int8 = 20;
const numericArray = 1231;

/** What leaves the database as text, so that no digit, zone or day is lost on the way: numeric does so by itself. */
const parsers: ReadonlyMap<number, (value: string) => unknown> = new Map<number, (value: string) => unknown>([
  [timestamptz, (value) => new Date(value).toISOString()],
  [date, (value) => value],
  [int8, (value) => value],
  [numericArray, (value) => value.slice(1, -1).split(',')],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    parsers.get(oid) ?? pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};
