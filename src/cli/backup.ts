import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Config } from '../config.ts';
import { loadConfig } from '../config.ts';
import type { Database } from '../db/connect.ts';
import { openDatabase } from '../db/connect.ts';
import type { Restore } from '../db/dump.ts';
import { countOthers, countRows, dumpDatabase, restoreDatabase } from '../db/dump.ts';
import { lockDataFolder } from '../db/folder-lock.ts';
import { migrationNames } from '../db/migrate.ts';
import type { BackupSummary } from './backup-file.ts';
import { checkBackup, readTables, writeBackup } from './backup-file.ts';
import { badUsage, CommandFailed, exitCodes } from './exit.ts';
import type { GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import { packageVersion } from './package-version.ts';
import { clockOf } from './settings.ts';

export type RestoreOptions = GlobalOptions & { readonly force?: boolean };

/**
 * `infercast backup OUT`: every row of the embedded database at rest, or of a PostgreSQL that others go on writing to, and
 * restored once into a database of its own before it is called done.
 */
export async function runBackup(out: string, options: GlobalOptions): Promise<void> {
  const config = loadConfig();
  if (await isThere(out)) throw badUsage(`${out} exists already: choose another name, backups are never overwritten.`);
  if (config.DATABASE_URL === undefined && !(await isThere(path.join(config.DATA_DIR, 'database'))))
    throw badUsage(`There is no database in ${config.DATA_DIR}: name its folder with DATA_DIR.`);
  const database = await openStore(config);
  const unproved = `${out}.unproved`;
  try {
    const head = { version: packageVersion, created_at: clockOf(config)().toISOString() };
    await writeBackup(unproved, head, (take) => dumpDatabase(database.db, take));
    const summary = await checkBackup(unproved);
    await prove(unproved, summary);
    await rename(unproved, out);
    outputOf(options).say(`Wrote ${out}: ${describe(summary)}, restored once to prove it.`);
  } finally {
    await rm(unproved, { force: true });
    await database.close();
  }
}

/**
 * `infercast restore FILE`: into the PostgreSQL of DATABASE_URL or the embedded database of DATA_DIR, whichever the backup
 * came from. Every digest is compared and the backup restored elsewhere once before anything there is touched.
 */
export async function runRestore(file: string, { force = false, ...options }: RestoreOptions): Promise<void> {
  const config = loadConfig();
  const summary = await checkBackup(file);
  requireKnown(file, summary);
  const restored =
    config.DATABASE_URL === undefined
      ? await restoreFolder(config, file, summary, force)
      : await restoreServer(config, file, summary, force);
  outputOf(options).say(`Restored ${describe(summary)} from ${summary.created_at}.${restored}`);
}

async function restoreFolder(config: Config, file: string, summary: BackupSummary, force: boolean): Promise<string> {
  const folder = path.join(config.DATA_DIR, 'database');
  const lock = lockDataFolder(config.DATA_DIR);
  const arriving = path.join(config.DATA_DIR, 'restoring');
  try {
    const isTaken = await isThere(folder);
    if (isTaken && !force) {
      throw badUsage(`${config.DATA_DIR} holds a database already: with --force it is kept beside the restored one.`);
    }
    await rm(arriving, { recursive: true, force: true });
    // What arrives whole in a folder of its own has proved itself.
    await restoreInto(await openFolder(arriving), file, summary);
    const aside = isTaken ? await findFreeName(`${folder}.before-restore`) : null;
    if (aside !== null) await rename(folder, aside);
    await rename(path.join(arriving, 'database'), folder);
    return aside === null ? '' : ` What was there is in ${aside}.`;
  } finally {
    await rm(arriving, { recursive: true, force: true });
    lock.release();
  }
}

async function restoreServer(config: Config, file: string, summary: BackupSummary, force: boolean): Promise<string> {
  const database = await openStore(config);
  try {
    const others = await countOthers(database.db);
    if (others > 0) {
      throw badUsage(`${others} other connections of infercast are open: stop its services and workers first.`);
    }
    const rows = await countRows(database.db);
    if (rows > 0 && !force) {
      throw badUsage(
        `The database of DATABASE_URL holds ${rows} rows of infercast: back them up, then say --force to replace them.`,
      );
    }
    await prove(file, summary);
    await restoreDatabase(database.db, restoreOf(file, summary));
    return rows === 0 ? '' : ` ${rows} rows that were there are gone.`;
  } finally {
    await database.close();
  }
}

/** Restores a backup into an embedded database in a temporary folder. */
async function prove(file: string, summary: BackupSummary): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'infercast-backup-'));
  try {
    await restoreInto(await openFolder(folder), file, summary);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function restoreInto(database: Database, file: string, summary: BackupSummary): Promise<void> {
  try {
    await restoreDatabase(database.db, restoreOf(file, summary));
  } finally {
    await database.close();
  }
}

function restoreOf(file: string, { migrations, digests }: BackupSummary): Restore {
  return { migrations, digests, tables: () => readTables(file) };
}

/** The database of these settings. A service holds the folder of the embedded one, so that one has to be stopped. */
async function openStore(config: Config): Promise<Database> {
  return openDatabase({ ...databaseOptions(config), url: config.DATABASE_URL ?? null });
}

function openFolder(dataDir: string): Promise<Database> {
  return openDatabase({ ...databaseOptions({ DB_STATEMENT_TIMEOUT_MS: 60_000, DB_SSL: 'off' }), url: null, dataDir });
}

function databaseOptions(config: Pick<Config, 'DB_STATEMENT_TIMEOUT_MS' | 'DB_SSL'> & { readonly DATA_DIR?: string }) {
  const ended = (error: unknown): void => {
    throw error instanceof Error ? error : new Error(String(error));
  };
  return {
    dataDir: config.DATA_DIR ?? '',
    poolMax: 1,
    statementTimeoutMs: config.DB_STATEMENT_TIMEOUT_MS,
    ssl: config.DB_SSL,
    onConnectionLost: ended,
    onFatal: ended,
  };
}

function requireKnown(file: string, { version, migrations }: BackupSummary): void {
  const unknown = migrations.filter((name) => !migrationNames().includes(name));
  if (unknown.length === 0) return;
  throw badUsage(
    `${file} was made by a newer infercast (${version}, with ${unknown.join(', ')}): restore it with that.`,
  );
}

function describe({ rows }: BackupSummary): string {
  return ['scenarios', 'forecasts', 'api_keys']
    .map((table) => `${rows.get(table) ?? 0} ${table.replaceAll('_', ' ')}`)
    .join(', ');
}

async function findFreeName(name: string): Promise<string> {
  for (let i = 1; i < 1_000; i++) {
    if (!(await isThere(`${name}-${i}`))) return `${name}-${i}`;
  }
  throw new CommandFailed(exitCodes.failed, [`There are a thousand folders ${name}-…: remove old ones first.`]);
}

async function isThere(name: string): Promise<boolean> {
  return stat(name).then(
    () => true,
    () => false,
  );
}
