import { sql } from 'kysely';
import type { RunError, RunProgress, RunState, RunTrigger } from './schedule-tables.ts';
import { storableJson } from './storable-json.ts';
import type { Db, RunLogRow, RunRow } from './tables.ts';
import { workspace } from './workspace.ts';

export type NewRun = {
  readonly id: string;
  readonly kind: string;
  /** What must be done once: a second run with the key is not made. */
  readonly key: string | null;
  readonly state: 'queued' | 'missed';
  readonly trigger: RunTrigger;
  readonly schedule_id: string | null;
  readonly period: string | null;
  readonly input: string;
  readonly now: string;
};

/** Stores a run. `made` is false where its id or its key is there already; `row` is what then stands. */
export async function insertRun(db: Db, { now, ...run }: NewRun): Promise<{ made: boolean; row: RunRow }> {
  const row = await db
    .insertInto('runs')
    .values({
      ...run,
      workspace_id: workspace,
      created_at: now,
      updated_at: now,
      ended_at: run.state === 'missed' ? now : null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row !== undefined) return { made: true, row };
  const there = await db
    .selectFrom('runs')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where((where) => where.or([where('id', '=', run.id), ...(run.key === null ? [] : [where('key', '=', run.key)])]))
    .executeTakeFirstOrThrow();
  return { made: false, row: there };
}

export async function findRun(db: Db, id: string): Promise<RunRow | undefined> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .executeTakeFirst();
}

export type RunFilter = {
  readonly schedule_id: string | null;
  readonly period: string | null;
  readonly kind: string | null;
  readonly state: RunState | null;
  /** Rows with a smaller id, that is older ones. */
  readonly before: string | null;
  readonly limit: number;
};

/** Newest first, one more than `limit` where there is more. */
export async function listRuns(
  db: Db,
  { schedule_id, period, kind, state, before, limit }: RunFilter,
): Promise<RunRow[]> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .$if(schedule_id !== null, (query) => query.where('schedule_id', '=', schedule_id))
    .$if(period !== null, (query) => query.where('period', '=', period))
    .$if(kind !== null, (query) => query.where('kind', '=', kind ?? ''))
    .$if(state !== null, (query) => query.where('state', '=', state ?? 'queued'))
    .$if(before !== null, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

export async function countQueuedRequests(db: Db): Promise<number> {
  const row = await db
    .selectFrom('runs')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('workspace_id', '=', workspace)
    .where('state', '=', 'queued')
    .where('trigger', '=', 'request')
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/**
 * Takes a run for one attempt, whose number goes up by one: a worker that held an earlier attempt can no longer end it.
 * Undefined where the run has ended or is to be cancelled.
 */
export async function claimRun(db: Db, id: string, now: string): Promise<RunRow | undefined> {
  return db
    .updateTable('runs')
    .set((set) => ({
      state: 'running',
      attempt: set('attempt', '+', 1),
      started_at: now,
      updated_at: now,
      progress: null,
    }))
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'running'])
    .where('cancel_requested_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

export type RunEnd = {
  readonly id: string;
  readonly attempt: number;
  /** queued: it will be tried again. */
  readonly state: 'succeeded' | 'failed' | 'queued';
  readonly result: string | null;
  readonly error: RunError | null;
  readonly now: string;
};

/** Ends an attempt. False where the run was taken by another worker, was cancelled or has ended: then nothing is changed. */
export async function endAttempt(db: Db, { id, attempt, state, result, error, now }: RunEnd): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('runs')
    .set({
      state,
      result,
      error: error === null ? null : storableJson(JSON.stringify(error)),
      ended_at: state === 'queued' ? null : now,
      updated_at: now,
    })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('attempt', '=', attempt)
    .where('state', '=', 'running')
    .where('cancel_requested_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Notes how far an attempt has come. False where it should stop: cancelled, or another worker's. */
export async function noteProgress(
  db: Db,
  id: string,
  attempt: number,
  progress: RunProgress | null,
  now: string,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('runs')
    .set({ updated_at: now, ...(progress === null ? {} : { progress: JSON.stringify(progress) }) })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('attempt', '=', attempt)
    .where('state', '=', 'running')
    .where('cancel_requested_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Ends a run that no worker holds any more, whatever its attempt. False where it had ended. */
export async function endLostRun(db: Db, id: string, error: RunError, now: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('runs')
    .set({ state: 'failed', error: JSON.stringify(error), ended_at: now, updated_at: now })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'running'])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Asks a run to stop: one that waits ends at once, one at work is told at its next step. Undefined where it had ended. */
export async function requestCancel(db: Db, id: string, now: string): Promise<RunRow | undefined> {
  return db
    .updateTable('runs')
    .set((set) => ({
      cancel_requested_at: now,
      updated_at: now,
      ended_at: sql<string | null>`case when state = 'queued' then ${now}::timestamptz end`,
      state: set
        .case()
        .when('state', '=', 'queued')
        .then('cancelled' as const)
        .else(set.ref('state'))
        .end(),
    }))
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'running'])
    .returningAll()
    .executeTakeFirst();
}

/** Ends a run that was asked to stop. */
export async function markCancelled(db: Db, id: string, now: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('runs')
    .set({ state: 'cancelled', ended_at: now, updated_at: now })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'running'])
    .where('cancel_requested_at', 'is not', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Puts an ended run that did not succeed back in the queue. Undefined where it is not one. */
export async function requeueRun(db: Db, id: string, now: string): Promise<RunRow | undefined> {
  return db
    .updateTable('runs')
    .set({ state: 'queued', cancel_requested_at: null, ended_at: null, error: null, progress: null, updated_at: now })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('state', 'in', ['failed', 'cancelled', 'missed'])
    .returningAll()
    .executeTakeFirst();
}

/** Runs that should be under way and about which nothing was heard since an instant. */
export async function findQuietRuns(db: Db, since: string): Promise<RunRow[]> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('state', 'in', ['queued', 'running'])
    .where('updated_at', '<', since)
    .orderBy('id')
    .limit(200)
    .execute();
}

const mostLines = 500;

/** Adds a line; beyond 500 of a run nothing is added, so that a loop cannot fill the database. */
export async function insertLogLine(
  db: Db,
  { run_id, attempt, at, message }: { run_id: string; attempt: number; at: string; message: string },
): Promise<void> {
  await sql`
    insert into run_log (workspace_id, run_id, place, attempt, at, message)
    select ${workspace}, ${run_id}, coalesce(max(place), 0) + 1, ${attempt}::integer, ${at}::timestamptz,
      ${message.replaceAll('\0', '\ufffd')}
    from run_log where workspace_id = ${workspace} and run_id = ${run_id}
    having coalesce(max(place), 0) < ${mostLines}
    on conflict do nothing`.execute(db);
}

export async function listLogLines(db: Db, run_id: string): Promise<RunLogRow[]> {
  return db
    .selectFrom('run_log')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('run_id', '=', run_id)
    .orderBy('place')
    .execute();
}
