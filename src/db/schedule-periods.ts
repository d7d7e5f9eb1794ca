import type { FreezeStatus } from './schedule-tables.ts';
import type { Db, SchedulePeriodRow } from './tables.ts';
import { workspace } from './workspace.ts';

type Key = { readonly schedule_id: string; readonly period: string };

export type PeriodClaim = Key & {
  readonly status: 'due' | 'missed';
  readonly due_at: string;
  readonly backfilled: boolean;
  readonly run_id: string;
  readonly now: string;
};

/**
 * Takes a period for its first run, or records that it was missed. False where it was taken before: of any number of
 * planners, restarts and manual runs exactly one is told true.
 */
export async function claimPeriod(trx: Db, { now, ...claim }: PeriodClaim): Promise<boolean> {
  const taken = await trx
    .insertInto('schedule_periods')
    .values({ ...claim, workspace_id: workspace, created_at: now, updated_at: now })
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_id', 'schedule_id', 'period'])
        .doUpdateSet({ ...claim, next_look_at: null, updated_at: now })
        .where('schedule_periods.status', '=', 'open'),
    )
    .returning('period')
    .executeTakeFirst();
  return taken !== undefined;
}

/** A period whose forecast is to be frozen, and when it is first looked at. */
export type FreezeClaim = Key & {
  readonly status: 'due' | 'missed';
  readonly next_look_at: string;
  readonly now: string;
};

/** Opens a period for the freezing of its forecast. False where that was done before. */
export async function claimFreeze(
  trx: Db,
  { schedule_id, period, status, next_look_at, now }: FreezeClaim,
): Promise<boolean> {
  const taken = await trx
    .insertInto('schedule_periods')
    .values({
      workspace_id: workspace,
      schedule_id,
      period,
      status: 'open',
      freeze_status: status,
      next_look_at,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_id', 'schedule_id', 'period'])
        .doUpdateSet({ freeze_status: status, next_look_at, updated_at: now })
        .where('schedule_periods.freeze_status', 'is', null)
        .where('schedule_periods.status', '!=', 'locked'),
    )
    .returning('period')
    .executeTakeFirst();
  return taken !== undefined;
}

export async function endFreeze(
  trx: Db,
  { schedule_id, period }: Key,
  frozen: { readonly freeze_status: FreezeStatus; readonly forecast_id: string | null; readonly now: string },
): Promise<void> {
  const { freeze_status, forecast_id, now } = frozen;
  await trx
    .updateTable('schedule_periods')
    .set({ freeze_status, forecast_id, frozen_at: forecast_id === null ? null : now, updated_at: now })
    .where('workspace_id', '=', workspace)
    .where('schedule_id', '=', schedule_id)
    .where('period', '=', period)
    .where('status', '!=', 'locked')
    .execute();
}

export type PeriodResult = Key & {
  /** The pull this is; the period must have one less. */
  readonly pull: number;
  readonly run_id: string;
  readonly status: 'provisional' | 'locked';
  readonly digest: string;
  readonly agreed_since: string;
  readonly next_pull_at: string | null;
  readonly result: string;
  readonly now: string;
};

/** Writes the result of a pull. False where another run wrote it, or the period is locked. */
export async function updatePeriodResult(
  trx: Db,
  { schedule_id, period, pull, now, ...result }: PeriodResult,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('schedule_periods')
    .set({ ...result, pulls: pull, pulled_at: now, updated_at: now })
    .where('workspace_id', '=', workspace)
    .where('schedule_id', '=', schedule_id)
    .where('period', '=', period)
    .where('pulls', '=', pull - 1)
    .where('status', 'in', ['due', 'provisional'])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Moves a period from one status to another, where it has the first; it is then not waiting to be pulled. */
export async function movePeriod(
  trx: Db,
  { schedule_id, period }: Key,
  from: readonly SchedulePeriodRow['status'][],
  to: 'due' | 'failed',
  now: string,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('schedule_periods')
    .set({ status: to, next_pull_at: null, updated_at: now })
    .where('workspace_id', '=', workspace)
    .where('schedule_id', '=', schedule_id)
    .where('period', '=', period)
    .where('status', 'in', [...from])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Takes a provisional period off the list of those to pull, for a run that pulls it; one that failed is due again. False
 * where it has moved on.
 */
export async function startRepeat(trx: Db, { schedule_id, period }: Key, pulls: number, now: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('schedule_periods')
    .set((set) => ({
      next_pull_at: null,
      updated_at: now,
      status: set
        .case()
        .when('status', '=', 'failed')
        .then('due' as const)
        .else(set.ref('status'))
        .end(),
    }))
    .where('workspace_id', '=', workspace)
    .where('schedule_id', '=', schedule_id)
    .where('period', '=', period)
    .where('pulls', '=', pulls)
    .where('status', 'in', ['provisional', 'failed'])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Says when a period that is provisional or failed is pulled again. */
export async function delayRepeat(trx: Db, { schedule_id, period }: Key, at: string, now: string): Promise<void> {
  await trx
    .updateTable('schedule_periods')
    .set({ next_pull_at: at, updated_at: now })
    .where('workspace_id', '=', workspace)
    .where('schedule_id', '=', schedule_id)
    .where('period', '=', period)
    .where('status', 'in', ['provisional', 'failed'])
    .execute();
}

/** Periods of schedules that are neither paused nor deleted. */
export function selectRunningPeriods(db: Db) {
  return db
    .selectFrom('schedule_periods')
    .innerJoin('schedules', (join) =>
      join
        .onRef('schedules.workspace_id', '=', 'schedule_periods.workspace_id')
        .onRef('schedules.id', '=', 'schedule_periods.schedule_id'),
    )
    .where('schedule_periods.workspace_id', '=', workspace)
    .where('schedules.deleted_at', 'is', null)
    .where('schedules.paused', '=', false);
}

/** A period whose time to be pulled again has come, held until the transaction ends. Paused schedules rest. */
export async function lockPeriodToRepeat(trx: Db, now: string): Promise<SchedulePeriodRow | undefined> {
  return selectRunningPeriods(trx)
    .selectAll('schedule_periods')
    .where('schedule_periods.status', 'in', ['provisional', 'failed'])
    .where('schedule_periods.next_pull_at', '<=', now)
    .orderBy('schedule_periods.next_pull_at')
    .limit(1)
    .forUpdate('schedule_periods')
    .skipLocked()
    .executeTakeFirst();
}

export async function findPeriod(db: Db, { schedule_id, period }: Key): Promise<SchedulePeriodRow | undefined> {
  return db
    .selectFrom('schedule_periods')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('schedule_id', '=', schedule_id)
    .where('period', '=', period)
    .executeTakeFirst();
}

/** Newest first, one more than `limit` where there is more. */
export async function listPeriods(
  db: Db,
  schedule_id: string,
  before: string | null,
  limit: number,
): Promise<SchedulePeriodRow[]> {
  return db
    .selectFrom('schedule_periods')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('schedule_id', '=', schedule_id)
    .$if(before !== null, (query) => query.where('period', '<', before ?? ''))
    .orderBy('period', 'desc')
    .limit(limit + 1)
    .execute();
}
