import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { z } from 'zod';
import { openDatabase } from '../db/connect.ts';
import { badUsage } from './exit.ts';

const relative = z
  .string()
  .regex(/^[\w.-]+(\/[\w.-]+)*$/)
  .refine((name) => !name.split('/').includes('..'));
const manifestSchema = z.strictObject({
  format: z.literal('infercast-backup-1'),
  version: z.string(),
  created_at: z.iso.datetime(),
  folders: z.array(relative),
  files: z.array(z.strictObject({ path: relative, sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});

export type Manifest = Readonly<z.output<typeof manifestSchema>>;

/** A database folder at rest: its files by path from the folder, and the digest of each. */
export type Archive = { readonly manifest: Manifest; readonly files: ReadonlyMap<string, Uint8Array> };

const manifestName = 'manifest.json';
const filesPrefix = 'database/';

/** Reads a folder that nobody writes to; empty folders are kept, since the database misses them. */
export async function readDatabaseFolder(
  folder: string,
  { version, created_at }: Pick<Manifest, 'version' | 'created_at'>,
): Promise<Archive> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const nameOf = (entry: (typeof entries)[number]): string =>
    path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/');
  const files = new Map<string, Uint8Array>();
  for (const name of entries
    .filter((entry) => entry.isFile())
    .map(nameOf)
    .toSorted()) {
    files.set(name, await readFile(path.join(folder, name)));
  }
  return {
    manifest: {
      format: 'infercast-backup-1',
      version,
      created_at,
      folders: entries
        .filter((entry) => entry.isDirectory())
        .map(nameOf)
        .toSorted(),
      files: [...files].map(([name, bytes]) => ({ path: name, sha256: digest(bytes) })),
    },
    files,
  };
}

export async function writeDatabaseFolder(folder: string, { manifest, files }: Archive): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of manifest.folders) await mkdir(path.join(folder, name), { recursive: true, mode: 0o700 });
  for (const [name, bytes] of files) await writeFile(path.join(folder, name), bytes, { mode: 0o600 });
}

/** Writes the archive as a zip, whole or not at all. */
export async function writeArchive(out: string, { manifest, files }: Archive): Promise<void> {
  const entries = [...files].map(([name, bytes]) => [`${filesPrefix}${name}`, bytes] as const);
  const zip = zipSync(
    { [manifestName]: strToU8(JSON.stringify(manifest)), ...Object.fromEntries(entries) },
    { level: 6 },
  );
  const partial = `${out}.partial`;
  const handle = await open(partial, 'w', 0o600).catch((cause: unknown) => {
    throw badUsage(
      `${out} cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}): choose a folder that exists and may be written.`,
      { cause },
    );
  });
  try {
    await handle.writeFile(zip);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, out);
}

/** Reads an archive and compares every digest. Throws CommandFailed for one that is cut short, edited, or none of ours. */
export async function readArchive(file: string): Promise<Archive> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw badUsage(code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read (${code}).`, { cause });
  });
  const { entries, manifest } = openZip(file, bytes);
  const files = new Map<string, Uint8Array>();
  for (const { path: name, sha256 } of manifest.files) {
    const content = entries[`${filesPrefix}${name}`];
    if (content === undefined || digest(content) !== sha256) {
      throw badUsage(`${file} is damaged: ${name} is not what was backed up. Use another backup; nothing was changed.`);
    }
    files.set(name, content);
  }
  return { manifest, files };
}

/** Opens a copy of the archive as a database and counts what it holds: a backup that was never read is none. */
export async function proveArchive(
  archive: Archive,
): Promise<Readonly<Record<'scenarios' | 'forecasts' | 'api_keys', number>>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'infercast-backup-'));
  try {
    await writeDatabaseFolder(path.join(folder, 'database'), archive);
    const fail = (error: unknown): void => {
      throw error instanceof Error ? error : new Error(String(error));
    };
    const { db, close } = await openDatabase({
      url: null,
      dataDir: folder,
      poolMax: 1,
      statementTimeoutMs: 15_000,
      ssl: 'off',
      onConnectionLost: fail,
      onFatal: fail,
    });
    try {
      const count = async (table: 'scenarios' | 'forecasts' | 'api_keys'): Promise<number> => {
        const row = await db
          .selectFrom(table)
          .select(({ fn }) => fn.countAll<string>().as('rows'))
          .executeTakeFirstOrThrow();
        return Number(row.rows);
      };
      return {
        scenarios: await count('scenarios'),
        forecasts: await count('forecasts'),
        api_keys: await count('api_keys'),
      };
    } finally {
      await close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function openZip(
  file: string,
  bytes: Uint8Array,
): { readonly entries: Readonly<Record<string, Uint8Array>>; readonly manifest: Manifest } {
  try {
    const entries = unzipSync(bytes);
    const manifest = manifestSchema.parse(JSON.parse(strFromU8(entries[manifestName] ?? new Uint8Array())));
    return { entries, manifest };
  } catch (cause) {
    throw badUsage(`${file} is no backup of infercast, or it was cut short. Nothing was changed.`, { cause });
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
