import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Migration, MigrationProvider } from 'kysely/migration';
import { Migrator } from 'kysely/migration';
import { StartRefused } from './folder-lock.ts';
import type { Db } from './tables.ts';

const folder = join(import.meta.dirname, '../../sql');

/**
 * Brings the schema up to date, each file whole or not at all; of several processes one migrates and the others wait.
 * Gives the names it ran. Throws StartRefused when the schema is newer than this program, or a file fails.
 */
export async function migrateToLatest(db: Db): Promise<readonly string[]> {
  const { error, results } = await migratorOf(db).migrateToLatest();
  if (error === undefined) return (results ?? []).map(({ migrationName }) => migrationName);
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName;
  throw new StartRefused(
    failed === undefined
      ? `The database was made by a newer infercast (${messageOf(error)}): start that version, or restore an older backup.`
      : `Migration ${failed} failed (${messageOf(error)}): nothing of it was kept; start again, or report it with this line.`,
    { cause: error },
  );
}

/** The files that have not run yet, oldest first. */
export async function findPendingMigrations(db: Db): Promise<readonly string[]> {
  const migrations = await migratorOf(db).getMigrations();
  return migrations.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name);
}

/** The files that have run, oldest first. */
export async function listMigrations(db: Db): Promise<readonly string[]> {
  const migrations = await migratorOf(db).getMigrations();
  return migrations.filter(({ executedAt }) => executedAt !== undefined).map(({ name }) => name);
}

/** The names of all files, oldest first. */
export function migrationNames(): readonly string[] {
  return Object.keys(loadMigrations());
}

/** The tables and functions that the files make; whatever else is in a database is not ours. */
export function ownNames(): { readonly tables: readonly string[]; readonly functions: readonly string[] } {
  const texts = Object.keys(loadMigrations()).map((name) => readFileSync(join(folder, `${name}.sql`), 'utf8'));
  const made = (what: string): string[] =>
    texts.flatMap((text) =>
      [...text.matchAll(new RegExp(`^create ${what} (\\w+)`, 'gm'))].map(([, name = '']) => name),
    );
  return { tables: made('table'), functions: made('function') };
}

/** Runs files that have not run, within a transaction, and notes them where the migrator looks. */
export async function runMigrations(trx: Db, names: readonly string[]): Promise<void> {
  await sql`
    create table if not exists kysely_migration (name varchar(255) not null primary key, timestamp varchar(255) not null);
    create table if not exists kysely_migration_lock (id varchar(255) not null primary key, is_locked integer not null default 0);
    insert into kysely_migration_lock (id) values ('migration_lock') on conflict do nothing`.execute(trx);
  const migrations = loadMigrations();
  for (const name of names) {
    await migrations[name]?.up(trx);
    const at = sql`to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
    await sql`insert into kysely_migration (name, timestamp) values (${name}, ${at})`.execute(trx);
  }
}

function migratorOf(db: Db): Migrator {
  const provider: MigrationProvider = { getMigrations: async () => loadMigrations() };
  return new Migrator({ db, provider });
}

function loadMigrations(): Record<string, Migration> {
  const files = readdirSync(folder).filter((file) => /^\d{4}_[a-z_]+\.sql$/.test(file));
  return Object.fromEntries(
    files.sort().map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const up = async (db: Parameters<Migration['up']>[0]): Promise<void> => {
        await sql.raw(text).execute(db);
      };
      return [file.slice(0, -'.sql'.length), { up }];
    }),
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
