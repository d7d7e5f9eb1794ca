import { sql } from 'kysely';
import { isTaken } from './failures.ts';
import type { Timing } from './schedule-tables.ts';
import type { Db, ScheduleRow } from './tables.ts';
import { workspace } from './workspace.ts';

/** What comes next of a schedule. */
export type ScheduleCursor = Pick<ScheduleRow, 'next_period' | 'next_due_at' | 'freeze_period' | 'freeze_due_at'>;

export type ScheduleTerms = ScheduleCursor & {
  readonly name: string;
  readonly scenario_id: string;
  readonly timing: Timing;
  readonly time_zone: string;
  readonly paused: boolean;
  readonly sources: readonly string[];
  readonly alert_above: string | null;
};

/** Stores a schedule as version 1. `taken` gives the id of the one that has the name; an id that is there is left as it is. */
export async function insertSchedule(
  db: Db,
  id: string,
  terms: ScheduleTerms,
  now: string,
): Promise<{ taken: string | null }> {
  try {
    await db
      .insertInto('schedules')
      .values({
        ...columnsOf(terms),
        workspace_id: workspace,
        id,
        version: 1,
        created_at: now,
        updated_at: now,
        deleted_at: null,
      })
      .onConflict((conflict) => conflict.columns(['workspace_id', 'id']).doNothing())
      .execute();
    return { taken: null };
  } catch (error) {
    if (!isTaken(error)) throw error;
    return { taken: await findIdByName(db, terms.name) };
  }
}

/** Changes a schedule where `expected` is still its version. */
export async function updateSchedule(
  db: Db,
  id: string,
  expected: number,
  terms: ScheduleTerms,
  now: string,
): Promise<{ outcome: 'stored' | 'changed-meanwhile' } | { outcome: 'name-taken'; by: string }> {
  try {
    const { numUpdatedRows } = await db
      .updateTable('schedules')
      .set({ ...columnsOf(terms), version: expected + 1, updated_at: now })
      .where('workspace_id', '=', workspace)
      .where('id', '=', id)
      .where('version', '=', expected)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    return { outcome: numUpdatedRows === 0n ? 'changed-meanwhile' : 'stored' };
  } catch (error) {
    if (!isTaken(error)) throw error;
    return { outcome: 'name-taken', by: await findIdByName(db, terms.name) };
  }
}

/** Hides a schedule; its results stay. False when `expected` is no longer its version. */
export async function markScheduleDeleted(db: Db, id: string, expected: number, now: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('schedules')
    .set({ deleted_at: now, updated_at: now })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('version', '=', expected)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function findSchedule(db: Db, id: string): Promise<ScheduleRow | undefined> {
  return active(db).where('id', '=', id).executeTakeFirst();
}

/** The same, also when it was deleted: a run of it may still be under way. */
export async function findAnySchedule(db: Db, id: string): Promise<ScheduleRow | undefined> {
  return db
    .selectFrom('schedules')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Newest first, one more than `limit` where there is more. */
export async function listSchedules(
  db: Db,
  { scenario_id, before, limit }: { scenario_id: string | null; before: string | null; limit: number },
): Promise<ScheduleRow[]> {
  return active(db)
    .$if(scenario_id !== null, (query) => query.where('scenario_id', '=', scenario_id ?? ''))
    .$if(before !== null, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

/** Those that are not paused, oldest first. */
export async function listRunningSchedules(db: Db): Promise<ScheduleRow[]> {
  return active(db).where('paused', '=', false).orderBy('id').execute();
}

export async function countSchedules(db: Db): Promise<number> {
  const row = await db
    .selectFrom('schedules')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('workspace_id', '=', workspace)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/**
 * One schedule with something due, held until the transaction ends; of several planners each gets another. Its key stays free
 * for rows that refer to it: a run by hand that has claimed a period would wait for the planner, and the planner for it.
 */
export async function lockDueSchedule(trx: Db, now: string): Promise<ScheduleRow | undefined> {
  return active(trx)
    .where('paused', '=', false)
    .where(sql<boolean>`least(next_due_at, freeze_due_at) <= ${now}::timestamptz`)
    .orderBy(sql`least(next_due_at, freeze_due_at)`)
    .limit(1)
    .forNoKeyUpdate()
    .skipLocked()
    .executeTakeFirst();
}

/** Moves on to what comes next. The version stays: nobody changed the schedule. */
export async function advanceSchedule(trx: Db, id: string, cursor: ScheduleCursor): Promise<void> {
  await trx.updateTable('schedules').set(cursor).where('workspace_id', '=', workspace).where('id', '=', id).execute();
}

/** Stops a schedule that cannot go on. */
export async function pauseSchedule(trx: Db, id: string, now: string): Promise<void> {
  await trx
    .updateTable('schedules')
    .set((set) => ({ paused: true, version: set('version', '+', 1), updated_at: now }))
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .execute();
}

function active(db: Db) {
  return db.selectFrom('schedules').selectAll().where('workspace_id', '=', workspace).where('deleted_at', 'is', null);
}

function columnsOf({ timing, sources, ...terms }: ScheduleTerms) {
  return { ...terms, timing: JSON.stringify(timing), sources: JSON.stringify(sources) };
}

async function findIdByName(db: Db, name: string): Promise<string> {
  const row = await active(db).where(sql<boolean>`lower(name) = lower(${name})`).executeTakeFirst();
  return row?.id ?? '';
}
