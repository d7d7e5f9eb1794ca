import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Locks in force. An unreachable SQLite handle is collected and closed, and its lock goes with it: so they are kept here. */
const held = new Set<DatabaseSync>();

export type FolderLock = { readonly release: () => void };

/** A start that cannot go on; `message` is one sentence with the cure. */
export class StartRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartRefused';
  }
}

/**
 * Makes this process the only owner of a data folder until it ends. Two processes on one embedded database lose committed
 * rows without any error, so this comes before the database is opened. The lock is an exclusive transaction on a SQLite
 * file: the kernel frees it when the process dies, however it dies, and nobody can steal it from a live one.
 * Throws StartRefused naming the owner.
 */
export function lockDataFolder(folder: string): FolderLock {
  makeWritable(folder);
  const ownerFile = join(folder, 'owner.json');
  const lock = new DatabaseSync(join(folder, 'infercast.lock'));
  try {
    lock.exec('begin exclusive');
  } catch (cause) {
    lock.close();
    throw new StartRefused(
      `${folder} is in use by ${describeOwner(ownerFile)}: stop that one first, or give this one its own folder with DATA_DIR.`,
      { cause },
    );
  }
  held.add(lock);
  writeFileSync(ownerFile, JSON.stringify({ pid: process.pid, host: hostname() }));
  return {
    release: () => {
      if (held.delete(lock)) lock.close();
    },
  };
}

function makeWritable(folder: string): void {
  const probe = join(folder, '.writable');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(probe, '');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new StartRefused(
      `${folder} cannot be written (${code}): give this user the right to write there, or name another folder with DATA_DIR.`,
      { cause },
    );
  }
}

function describeOwner(ownerFile: string): string {
  try {
    const owner: unknown = JSON.parse(readFileSync(ownerFile, 'utf8'));
    const { pid, host } = owner as { pid: unknown; host: unknown };
    if (typeof pid === 'number' && typeof host === 'string') return `process ${pid} on ${host}`;
  } catch {
    // The owner wrote nothing readable; that somebody holds the lock is certain all the same.
  }
  return 'another process';
}
