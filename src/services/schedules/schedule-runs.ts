import { localMonth, monthBefore } from '../../core/schedule/local-time.ts';
import { dueAt, hasEnded } from '../../core/schedule/periods.ts';
import { findRun } from '../../db/runs.ts';
import { findPeriod, listPeriods } from '../../db/schedule-periods.ts';
import type { FreezeStatus, PeriodStatus } from '../../db/schedule-tables.ts';
import { findAnySchedule } from '../../db/schedules.ts';
import type { SchedulePeriodRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import type { Page, PageRequest } from '../paging.ts';
import { makePage, parseCursor } from '../paging.ts';
import { Refusal, refuseInput, refuseUnknown } from '../refusal.ts';
import { retryRun } from '../runs/run-control.ts';
import type { RunView } from '../runs/runs.ts';
import { showRun } from '../runs/runs.ts';
import type { MonthNowcast } from './period-work.ts';
import { repeatPull, startPeriod } from './schedule-plan.ts';
import { calendarOf, requireSchedule } from './schedules.ts';

export type PeriodView = {
  readonly period: string;
  readonly status: PeriodStatus;
  readonly due_at: string | null;
  readonly backfilled: boolean;
  readonly pulls: number;
  readonly pulled_at: string | null;
  readonly next_pull_at: string | null;
  readonly run_id: string | null;
  readonly result: unknown;
  readonly forecast_id: string | null;
  readonly freeze_status: FreezeStatus | null;
  readonly frozen_at: string | null;
  readonly nowcast: MonthNowcast | null;
  readonly looked_at: string | null;
  readonly next_look_at: string | null;
};

/**
 * Runs a period of a schedule now, the last one that ended unless another is named: for the first time, once more while
 * its result is provisional, or again after it failed or was missed. Throws Refusal where it is under way or locked, with
 * the run that stands, and where the month has not ended.
 */
export async function runSchedule(app: App, id: string, wanted: string | null, run_id: string): Promise<RunView> {
  const schedule = await requireSchedule(app, id);
  const now = app.clock().getTime();
  const period = wanted ?? monthBefore(localMonth(now, schedule.time_zone));
  if (!hasEnded(period, now, schedule.time_zone)) {
    const message = `${period} has not ended in ${schedule.time_zone}: its bills are not complete.`;
    throw refuseInput([{ code: 'not-ended', pointer: '/period', message }]);
  }
  const due_at = new Date(Math.min(now, dueAt(calendarOf(schedule), period))).toISOString();
  const started = await app.db
    .transaction()
    .execute((trx) =>
      startPeriod(app, trx, { schedule_id: id, period, due_at, status: 'due', trigger: 'manual', run_id }),
    );
  if (started !== null) return wakeFor(app, started);
  const row = await findPeriod(app.db, { schedule_id: id, period });
  if (row === undefined) throw refuseUnknown('period', `${period} of ${id}`);
  if (row.run_id === run_id) return wakeFor(app, run_id);
  if (row.status === 'failed' || row.status === 'missed') return retryRun(app, row.run_id ?? '');
  const repeated =
    row.status === 'provisional'
      ? await app.db.transaction().execute((trx) => repeatPull(app, trx, row, 'manual'))
      : null;
  if (repeated !== null) return wakeFor(app, repeated);
  throw refuseRun(row);
}

/** The results of a schedule, newest month first; also of one that was deleted. */
export async function findPeriods(app: App, id: string, { cursor, limit }: PageRequest): Promise<Page<PeriodView>> {
  if ((await findAnySchedule(app.db, id)) === undefined) throw refuseUnknown('schedule', id);
  const before = parseCursor(cursor, /^\d{4}-\d{2}$/);
  const rows = await listPeriods(app.db, id, before, limit);
  return makePage(rows, limit, ({ period }) => period, showPeriod);
}

async function wakeFor(app: App, id: string): Promise<RunView> {
  app.queue.wake();
  const row = await findRun(app.db, id);
  if (row === undefined) throw refuseUnknown('run', id);
  return showRun(row);
}

function refuseRun({ period, status, run_id }: SchedulePeriodRow): Refusal {
  const why = status === 'locked' ? 'is locked: two pulls a day apart agreed' : 'is under way';
  return new Refusal('run-exists', `${period} ${why}.`, { members: { existing: `/v1/runs/${run_id}` } });
}

function showPeriod(row: SchedulePeriodRow): PeriodView {
  const { period, status, due_at, backfilled, pulls, pulled_at, next_pull_at, run_id } = row;
  return {
    period,
    status,
    due_at,
    backfilled,
    pulls,
    pulled_at,
    next_pull_at,
    run_id,
    result: row.result === null ? null : JSON.parse(row.result),
    forecast_id: row.forecast_id,
    freeze_status: row.freeze_status,
    frozen_at: row.frozen_at,
    nowcast: row.nowcast === null ? null : (JSON.parse(row.nowcast) as MonthNowcast),
    looked_at: row.looked_at,
    next_look_at: row.next_look_at,
  };
}
