import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { WaitingFilesTable } from './bill-tables.ts';
import type { Db } from './tables.ts';
import { workspace } from './workspace.ts';

export type WaitingFileRow = Selectable<WaitingFilesTable>;

export type NewWaitingFile = Omit<WaitingFileRow, 'workspace_id'>;

export type WaitingLimits = { readonly files: number; readonly bytes: number };

/**
 * Makes room for the file of a run, and takes the place of one that was left half under its name. Files whose runs have
 * failed or were cancelled give way, the oldest first; false, and nothing changed, where those that are still to be
 * imported leave no room.
 */
export async function openWaitingFile(db: Db, file: NewWaitingFile, limits: WaitingLimits): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    // One at a time, or two would take the same room.
    await sql`lock table waiting_files in share row exclusive mode`.execute(trx);
    await deleteWaitingFile(trx, file.run_id);
    const standing = await listWaitingFiles(trx);
    const fits = (kept: readonly WaitingFile[]): boolean =>
      kept.length < limits.files &&
      kept.reduce((sum, { bytes }) => sum + Number(bytes), Number(file.bytes)) <= limits.bytes;
    if (!fits(standing.filter(({ isNeeded }) => isNeeded))) return false;
    for (let kept = standing; !fits(kept); ) {
      const first = kept.find(({ isNeeded }) => !isNeeded);
      kept = kept.filter((one) => one !== first);
      await deleteWaitingFile(trx, first?.run_id ?? '');
    }
    await trx
      .insertInto('waiting_files')
      .values({ ...file, workspace_id: workspace })
      .execute();
    return true;
  });
}

/** One piece of a file, compressed by itself. */
export async function insertWaitingChunk(db: Db, run_id: string, place: number, chunk: Uint8Array): Promise<void> {
  const content = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  await db.insertInto('waiting_file_chunks').values({ workspace_id: workspace, run_id, place, content }).execute();
}

export async function findWaitingFile(db: Db, run_id: string): Promise<WaitingFileRow | undefined> {
  return db
    .selectFrom('waiting_files')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('run_id', '=', run_id)
    .executeTakeFirst();
}

/** The file of a run, piece by piece as it was compressed. */
export async function* streamWaitingFile(db: Db, run_id: string): AsyncGenerator<Uint8Array> {
  for (let place = 0; ; place++) {
    const chunk = await db
      .selectFrom('waiting_file_chunks')
      .select('content')
      .where('workspace_id', '=', workspace)
      .where('run_id', '=', run_id)
      .where('place', '=', place)
      .executeTakeFirst();
    if (chunk === undefined) return;
    yield chunk.content;
  }
}

export async function deleteWaitingFile(db: Db, run_id: string): Promise<void> {
  await db.deleteFrom('waiting_files').where('workspace_id', '=', workspace).where('run_id', '=', run_id).execute();
}

/** Deletes the files whose runs have succeeded, and those from before an instant that no run is to import. Gives how many. */
export async function deleteWaitingFiles(db: Db, before: string): Promise<number> {
  const waiting = await listWaitingFiles(db);
  const over = waiting.filter(
    ({ state, created_at }) =>
      state === 'succeeded' || (created_at < before && state !== 'queued' && state !== 'running'),
  );
  for (const { run_id } of over) await deleteWaitingFile(db, run_id);
  // The embedded database gives no room back by itself.
  if (over.length > 0) await sql`vacuum waiting_file_chunks`.execute(db);
  return over.length;
}

type WaitingFile = WaitingFileRow & {
  /** Of its run; null while the file is still being laid down. */
  readonly state: string | null;
  readonly isNeeded: boolean;
};

/** The oldest first. */
async function listWaitingFiles(db: Db): Promise<readonly WaitingFile[]> {
  const rows = await db
    .selectFrom('waiting_files')
    .leftJoin('runs', (join) =>
      join.onRef('runs.workspace_id', '=', 'waiting_files.workspace_id').onRef('runs.id', '=', 'waiting_files.run_id'),
    )
    .selectAll('waiting_files')
    .select('runs.state')
    .where('waiting_files.workspace_id', '=', workspace)
    .orderBy('waiting_files.created_at')
    .orderBy('waiting_files.run_id')
    .execute();
  return rows.map((row) => ({
    ...row,
    isNeeded: row.state === null || row.state === 'queued' || row.state === 'running',
  }));
}
