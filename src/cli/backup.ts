import { rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { loadConfig } from '../config.ts';
import { lockDataFolder } from '../db/folder-lock.ts';
import { proveArchive, readArchive, readDatabaseFolder, writeArchive, writeDatabaseFolder } from './backup-archive.ts';
import { badUsage, CommandFailed, exitCodes } from './exit.ts';
import type { GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import { packageVersion } from './package-version.ts';
import { clockOf } from './settings.ts';

/** `infercast backup OUT`: a copy of the resting embedded database, opened and read once before it is called done. */
export async function runBackup(out: string, options: GlobalOptions): Promise<void> {
  const config = loadConfig();
  if (config.DATABASE_URL !== undefined) throw badUsage(serverHint('pg_dump -Fc -f FILE "$DATABASE_URL"'));
  if (await isThere(out)) throw badUsage(`${out} exists already: choose another name, backups are never overwritten.`);
  const folder = path.join(config.DATA_DIR, 'database');
  if (!(await isThere(folder)))
    throw badUsage(`There is no database in ${config.DATA_DIR}: name its folder with DATA_DIR.`);
  const lock = lockDataFolder(config.DATA_DIR);
  try {
    const archive = await readDatabaseFolder(folder, {
      version: packageVersion,
      created_at: clockOf(config)().toISOString(),
    });
    const counts = await proveArchive(archive);
    await writeArchive(out, archive);
    outputOf(options).say(`Wrote ${out}: ${describeCounts(counts)}, opened and read once to prove it.`);
  } finally {
    lock.release();
  }
}

/** `infercast restore FILE`: every digest is compared and the copy opened once before anything there is moved aside. */
export async function runRestore(file: string, options: GlobalOptions): Promise<void> {
  const config = loadConfig();
  if (config.DATABASE_URL !== undefined) throw badUsage(serverHint('pg_restore -d "$DATABASE_URL" FILE'));
  const archive = await readArchive(file);
  const lock = lockDataFolder(config.DATA_DIR);
  try {
    const counts = await proveArchive(archive);
    const folder = path.join(config.DATA_DIR, 'database');
    const arriving = `${folder}.restoring`;
    await rm(arriving, { recursive: true, force: true });
    await writeDatabaseFolder(arriving, archive);
    const aside = (await isThere(folder)) ? await findFreeName(`${folder}.before-restore`) : null;
    if (aside !== null) await rename(folder, aside);
    await rename(arriving, folder);
    const kept = aside === null ? '' : ` What was there is in ${aside}.`;
    outputOf(options).say(`Restored ${describeCounts(counts)} from ${archive.manifest.created_at}.${kept}`);
  } finally {
    lock.release();
  }
}

function serverHint(command: string): string {
  return `DATABASE_URL names a PostgreSQL server, which has its own tools for this: ${command}`;
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([table, count]) => `${count} ${table.replaceAll('_', ' ')}`)
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
