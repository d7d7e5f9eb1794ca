import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import type { DumpRow, DumpStep, DumpTable } from '../db/dump.ts';
import { lineOf } from '../db/dump.ts';
import { badUsage } from './exit.ts';

const format = 'infercast-backup-2';
/** Far longer than any row; a file of one endless line is none of ours. */
const longestLine = 64_000_000;
const name = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);
const headSchema = z.strictObject({ format: z.literal(format), version: z.string(), created_at: z.iso.datetime() });
const tableSchema = z.strictObject({ table: name, columns: z.array(name).min(1) });
const endSchema = z.strictObject({ end: name, rows: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const tailSchema = z.strictObject({ migrations: z.array(z.string().regex(/^\d{4}_[a-z_]+$/)).min(1), tables: z.int() });
const rowSchema = z.array(z.string().nullable());

export type BackupHead = z.output<typeof headSchema>;
/** What a backup says of itself once all of it was read and every digest compared. */
export type BackupSummary = BackupHead & {
  readonly migrations: readonly string[];
  readonly digests: ReadonlyMap<string, string>;
  readonly rows: ReadonlyMap<string, number>;
};

/**
 * Writes a backup, whole or not at all: gzipped JSON lines, so that it is written and read in little memory and outlives
 * the database that made it. `dump` gives the tables and, at the end, the migrations that made them.
 */
export async function writeBackup(
  out: string,
  head: Omit<BackupHead, 'format'>,
  dump: (take: (step: DumpStep) => Promise<void>) => Promise<readonly string[]>,
): Promise<void> {
  const partial = `${out}.partial`;
  const file = await open(partial, 'w', 0o600).catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw badUsage(`${out} cannot be written (${code}): choose a folder that exists and may be written.`, { cause });
  });
  await file.close();
  const lines = new PassThrough({ highWaterMark: 1 << 20 });
  const put = async (line: string): Promise<void> => {
    if (!lines.write(line)) await new Promise((resolve) => lines.once('drain', resolve));
  };
  const written = pipeline(lines, createGzip(), createWriteStream(partial, { mode: 0o600, flush: true }));
  const write = async (): Promise<void> => {
    await put(`${JSON.stringify({ format, ...head })}\n`);
    let table = '';
    let tables = 0;
    const migrations = await dump(async (step) => {
      if (step.step === 'table') {
        table = step.table.name;
        tables++;
        await put(`${JSON.stringify({ table, columns: step.table.columns })}\n`);
      } else if (step.step === 'row') await put(lineOf(step.row));
      else await put(`${JSON.stringify({ end: table, rows: step.rows, sha256: step.sha256 })}\n`);
    });
    await put(`${JSON.stringify({ migrations, tables })}\n`);
    lines.end();
  };
  try {
    await Promise.all([write(), written]);
    await rename(partial, out);
  } catch (error) {
    lines.destroy();
    await rm(partial, { force: true });
    throw error;
  }
}

/** Reads a whole backup and compares every digest. Throws CommandFailed for one that is cut short, edited, or none of ours. */
export async function checkBackup(file: string): Promise<BackupSummary> {
  const reader = readLines(file);
  const parse = <T>(schema: z.ZodType<T>, line: string | undefined): T => {
    const parsed = schema.safeParse(line === undefined ? undefined : parseJson(line));
    if (parsed.success) return parsed.data;
    throw refuse(file);
  };
  try {
    const head = parse(headSchema, (await reader.next()).value as string | undefined);
    const digests = new Map<string, string>();
    const rows = new Map<string, number>();
    for (;;) {
      const line = (await reader.next()).value as string | undefined;
      if (line?.startsWith('{"migrations"') !== true) {
        const { table } = parse(tableSchema, line);
        const hash = createHash('sha256');
        let count = 0;
        let row = (await reader.next()).value as string | undefined;
        while (row?.startsWith('[') === true) {
          hash.update(`${row}\n`);
          count++;
          row = (await reader.next()).value as string | undefined;
        }
        const end = parse(endSchema, row);
        if (end.end !== table || end.rows !== count || end.sha256 !== hash.digest('hex')) {
          throw badUsage(
            `${file} is damaged: ${table} is not what was backed up. Use another backup; nothing was changed.`,
          );
        }
        digests.set(table, end.sha256);
        rows.set(table, count);
        continue;
      }
      const { migrations, tables } = parse(tailSchema, line);
      if (tables !== digests.size || (await reader.next()).done !== true) throw refuse(file);
      return { ...head, migrations, digests, rows };
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw badUsage(`There is no file ${file}.`, { cause: error });
    if (code === 'EACCES' || code === 'EISDIR') throw badUsage(`${file} cannot be read (${code}).`, { cause: error });
    if (code?.startsWith('Z_') === true) throw refuse(file, error);
    throw error;
  } finally {
    await reader.return(undefined);
  }
}

/** The tables of a backup that was checked, one after the other; the rows of one must be read before the next. */
export async function* readTables(
  file: string,
): AsyncIterable<{ readonly table: DumpTable; readonly rows: AsyncIterable<DumpRow> }> {
  const reader = readLines(file);
  await reader.next();
  try {
    for (;;) {
      const line = (await reader.next()).value as string | undefined;
      if (line === undefined || line.startsWith('{"migrations"')) return;
      const { table, columns } = tableSchema.parse(JSON.parse(line));
      yield { table: { name: table, columns }, rows: rowsOf(reader) };
    }
  } finally {
    await reader.return(undefined);
  }
}

async function* rowsOf(reader: AsyncGenerator<string>): AsyncIterable<DumpRow> {
  for (;;) {
    const line = (await reader.next()).value as string | undefined;
    if (line?.startsWith('[') !== true) return;
    yield rowSchema.parse(JSON.parse(line));
  }
}

async function* readLines(file: string): AsyncGenerator<string> {
  const gunzip = createGunzip();
  const source = createReadStream(file);
  source.once('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  // A row may hold a file: its pieces are joined once, when its end has come.
  let pieces: string[] = [];
  let length = 0;
  try {
    for await (const chunk of gunzip.setEncoding('utf8') as AsyncIterable<string>) {
      const [first = '', ...others] = chunk.split('\n');
      pieces.push(first);
      length += first.length;
      if (length > longestLine) throw refuse(file);
      for (const next of others) {
        yield pieces.join('');
        pieces = [next];
        length = next.length;
      }
    }
    if (length > 0) yield pieces.join('');
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuse(file: string, cause?: unknown): Error {
  return badUsage(`${file} is no backup of infercast, or it was cut short. Nothing was changed.`, { cause });
}
