import { selectRunningPeriods } from './schedule-periods.ts';
import type { Timing } from './schedule-tables.ts';
import type { Db } from './tables.ts';
import { workspace } from './workspace.ts';

type Key = { readonly schedule_id: string; readonly period: string };

/** A month that is to be looked at, and what the calendar has to know of its schedule. */
export type PeriodToLookAt = Key & {
  readonly version: number;
  readonly timing: Timing;
  readonly time_zone: string;
};

/** A month whose next look has come, held until the transaction ends; of several planners each gets another. Paused schedules rest. */
export async function lockPeriodToLookAt(trx: Db, now: string): Promise<PeriodToLookAt | undefined> {
  return selectRunningPeriods(trx)
    .select([
      'schedule_periods.schedule_id',
      'schedule_periods.period',
      'schedules.version',
      'schedules.timing',
      'schedules.time_zone',
    ])
    .where('schedule_periods.status', '=', 'open')
    .where('schedule_periods.next_look_at', '<=', now)
    .orderBy('schedule_periods.next_look_at')
    .limit(1)
    .forUpdate('schedule_periods')
    .skipLocked()
    .executeTakeFirst();
}

/** Says when a month is looked at next; null: no more. */
export async function moveLook(
  trx: Db,
  { schedule_id, period }: Key,
  next_look_at: string | null,
  now: string,
): Promise<void> {
  await trx
    .updateTable('schedule_periods')
    .set({ next_look_at, updated_at: now })
    .where('workspace_id', '=', workspace)
    .where('schedule_id', '=', schedule_id)
    .where('period', '=', period)
    .where('status', '=', 'open')
    .execute();
}

/** Opens a month that nothing was frozen for, so that a look at it has its place. One that is there is left as it is. */
export async function openPeriod(
  trx: Db,
  { next_look_at, now, ...key }: Key & { readonly next_look_at: string | null; readonly now: string },
): Promise<void> {
  await trx
    .insertInto('schedule_periods')
    .values({ ...key, workspace_id: workspace, status: 'open', next_look_at, created_at: now, updated_at: now })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'schedule_id', 'period']).doNothing())
    .execute();
}

/** Keeps what a look saw. False where a later one was faster, or the month is over and its bills are compared. */
export async function updateNowcast(
  trx: Db,
  {
    schedule_id,
    period,
    nowcast,
    looked_at,
    now,
  }: Key & {
    readonly nowcast: string;
    readonly looked_at: string;
    readonly now: string;
  },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('schedule_periods')
    .set({ nowcast, looked_at, updated_at: now })
    .where('workspace_id', '=', workspace)
    .where('schedule_id', '=', schedule_id)
    .where('period', '=', period)
    .where('status', '=', 'open')
    .where((where) => where.or([where('looked_at', 'is', null), where('looked_at', '<=', looked_at)]))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
