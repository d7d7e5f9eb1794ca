import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import {
  deleteWaitingFile,
  deleteWaitingFiles,
  findWaitingFile,
  insertWaitingChunk,
  openWaitingFile,
  streamWaitingFile,
} from '../../db/waiting-files.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import { Refusal } from '../refusal.ts';
import { requireRoom, requireTemporaryRoom } from '../storage.ts';
import { chunkBytes, compressFile } from './bill-line-file.ts';
import type { UploadedFile } from './bill-request.ts';

const decompress = promisify(gunzip);

/** Files that wait for their import at once; together they may have twice the bytes of the largest file that is taken. */
const mostFiles = 20;
const keptMs = 24 * 3_600_000;

/**
 * Lays the file of a run into the database, where a worker of any host finds it. Throws Refusal where too many wait already,
 * where there is no room, and where its sender goes away; then nothing is left behind.
 */
export async function keepWaitingFile(
  app: App,
  run_id: string,
  upload: UploadedFile,
  signal?: AbortSignal,
): Promise<void> {
  const { sha256, bytes, mediaType, path } = upload;
  await requireRoom(app, bytes / 1_000_000);
  const file = { run_id, sha256, media_type: mediaType, bytes: String(bytes), created_at: nowText(app) };
  const limits = { files: mostFiles, bytes: 2 * app.settings.billLimits.bytes };
  if (!(await openWaitingFile(app.db, file, limits))) {
    const message = `Too many files wait for their import already (at most ${mostFiles}, and ${limits.bytes} bytes): nothing was stored.`;
    throw new Refusal('too-many-jobs', message, { retryAfterSeconds: 30 });
  }
  try {
    let place = 0;
    for await (const chunk of compressFile(path)) {
      if (signal?.aborted === true) throw new Refusal('unavailable', 'The request was given up by its client.');
      await insertWaitingChunk(app.db, run_id, place++, chunk);
    }
  } catch (error) {
    await dropWaitingFile(app, run_id);
    throw error;
  }
}

export async function dropWaitingFile(app: App, run_id: string): Promise<void> {
  await deleteWaitingFile(app.db, run_id);
}

/** Throws Refusal where the file of a run is no longer kept. */
export async function requireWaitingFile(db: App['db'], run_id: string): Promise<void> {
  if ((await findWaitingFile(db, run_id)) === undefined) throw refuseGone();
}

/** Writes the file of a run into a folder, byte for byte as it was sent. Throws Refusal where it is no longer kept. */
export async function fetchWaitingFile(
  app: App,
  run_id: string,
  folder: string,
  signal: AbortSignal,
): Promise<UploadedFile> {
  const file = await findWaitingFile(app.db, run_id);
  if (file === undefined) throw refuseGone();
  await requireTemporaryRoom(app, Number(file.bytes) / 1_000_000);
  const path = join(folder, 'file');
  const hash = createHash('sha256');
  const out = await open(path, 'w', 0o600);
  try {
    for await (const chunk of streamWaitingFile(app.db, run_id)) {
      if (signal.aborted) throw new Refusal('unavailable', 'The import was stopped: nothing was stored.');
      const bytes = await decompress(chunk, { maxOutputLength: chunkBytes });
      hash.update(bytes);
      await out.writeFile(bytes);
    }
  } finally {
    await out.close();
  }
  const sha256 = hash.digest('hex');
  if (sha256 !== file.sha256) throw new Error(`the file of ${run_id} reads back differently from what was sent`);
  return { folder, path, bytes: Number(file.bytes), sha256, mediaType: file.media_type };
}

/** Deletes files that nobody will import any more: their run succeeded, or did not and a day has passed. Gives how many. */
export async function clearWaitingFiles(app: App): Promise<number> {
  return deleteWaitingFiles(app.db, new Date(app.clock().getTime() - keptMs).toISOString());
}

function refuseGone(): Refusal {
  return new Refusal('conflict', 'Its file is no longer kept, which it is for a day at most: send it again.');
}
