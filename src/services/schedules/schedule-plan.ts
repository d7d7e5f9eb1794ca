import { monthBefore, nextMonth } from '../../core/schedule/local-time.ts';
import { firstLookAt } from '../../core/schedule/looks.ts';
import { findDuePeriods, freezeWindow } from '../../core/schedule/periods.ts';
import { insertRun, requeueRun } from '../../db/runs.ts';
import { claimFreeze, claimPeriod, lockPeriodToRepeat, startRepeat } from '../../db/schedule-periods.ts';
import type { RunTrigger } from '../../db/schedule-tables.ts';
import type { ScheduleCursor } from '../../db/schedules.ts';
import { advanceSchedule, lockDueSchedule } from '../../db/schedules.ts';
import type { Db, ScheduleRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import { makeId } from '../ids.ts';
import { startRun } from '../runs/runs.ts';
import { lookClock, planLook } from './look-plan.ts';
import { pauseUnreadable } from './pause-schedule.ts';
import { compareKind, freezeKind } from './schedule-jobs.ts';
import { calendarOf } from './schedules.ts';

/** Later than this a run was missed and is made up for. */
const lateMs = 3_600_000;
/** More than any workspace has, so that a planner always ends. */
const mostSteps = 10_000;

/**
 * Starts everything that is due by the clock: freezes, first runs, repeated pulls, looks at months under way. Any number of processes may do so at
 * once and as often as they like, with clocks that differ, stop or go back: the rows they claim decide. Gives how many
 * schedules and periods it moved on.
 */
export async function planSchedules(app: App): Promise<number> {
  let steps = 0;
  while (steps < mostSteps && (await app.db.transaction().execute((trx) => planNext(app, trx)))) steps++;
  while (steps < mostSteps && (await app.db.transaction().execute((trx) => repeatNext(app, trx)))) steps++;
  while (steps < mostSteps && (await app.db.transaction().execute((trx) => planLook(app, trx)))) steps++;
  if (steps > 0) app.queue.wake();
  return steps;
}

async function planNext(app: App, trx: Db): Promise<boolean> {
  const schedule = await lockDueSchedule(trx, nowText(app));
  if (schedule === undefined) return false;
  try {
    const freezes = await planFreezes(app, trx, schedule);
    const periods = await planPeriods(app, trx, schedule);
    await advanceSchedule(trx, schedule.id, { ...freezes, ...periods });
  } catch (error) {
    await pauseUnreadable(app, trx, schedule, error);
  }
  return true;
}

async function planFreezes(
  app: App,
  trx: Db,
  { id, freeze_period, freeze_due_at, time_zone, timing }: ScheduleRow,
): Promise<Pick<ScheduleCursor, 'freeze_period' | 'freeze_due_at'>> {
  const now = app.clock().getTime();
  let period = freeze_period;
  let opens = Date.parse(freeze_due_at);
  while (opens <= now) {
    const status = now < freezeWindow(period, time_zone).closes ? 'due' : 'missed';
    const next_look_at = new Date(firstLookAt(period, lookClock({ timing, time_zone }))).toISOString();
    const claimed = await claimFreeze(trx, { schedule_id: id, period, status, next_look_at, now: nowText(app) });
    if (claimed && status === 'due') {
      await startRun(app, trx, {
        kind: freezeKind,
        key: `${id}:${period}:freeze`,
        trigger: 'schedule',
        schedule_id: id,
        period,
        input: { schedule_id: id, period },
      });
    }
    if (claimed && status === 'missed') await announceMissed(app, trx, id, [period], freezeKind);
    period = nextMonth(period);
    opens = freezeWindow(period, time_zone).opens;
  }
  return { freeze_period: period, freeze_due_at: new Date(opens).toISOString() };
}

async function planPeriods(
  app: App,
  trx: Db,
  schedule: ScheduleRow,
): Promise<Pick<ScheduleCursor, 'next_period' | 'next_due_at'>> {
  const { id, next_period } = schedule;
  const now = app.clock().getTime();
  const { due, next } = findDuePeriods(calendarOf(schedule), next_period, now);
  const late = due.filter(({ at }) => now - at > lateMs);
  const missed = late.slice(0, Math.max(0, late.length - app.settings.backfillMonths));
  const recorded: string[] = [];
  for (const { period, at } of due) {
    const isMissed = missed.some((one) => one.period === period);
    const backfilled = !isMissed && now - at > lateMs;
    const claimed = await startPeriod(app, trx, {
      schedule_id: id,
      period,
      due_at: new Date(at).toISOString(),
      status: isMissed ? 'missed' : 'due',
      trigger: backfilled || isMissed ? 'backfill' : 'schedule',
    });
    if (claimed !== null && isMissed) recorded.push(period);
  }
  if (recorded.length > 0) await announceMissed(app, trx, id, recorded, compareKind);
  return { next_period: next.period, next_due_at: new Date(next.at).toISOString() };
}

export type PeriodStart = {
  readonly schedule_id: string;
  readonly period: string;
  readonly due_at: string;
  readonly status: 'due' | 'missed';
  readonly trigger: RunTrigger;
  readonly run_id?: string;
};

/** Claims a period and makes its first run, which waits or, where it was missed, only says so. Null where it was claimed before. */
export async function startPeriod(
  app: App,
  trx: Db,
  { schedule_id, period, due_at, status, trigger, run_id = makeId('run') }: PeriodStart,
): Promise<string | null> {
  const now = nowText(app);
  const backfilled = trigger === 'backfill';
  if (!(await claimPeriod(trx, { schedule_id, period, status, due_at, backfilled, run_id, now }))) return null;
  const run = {
    id: run_id,
    kind: compareKind,
    key: pullKey(schedule_id, period, 1),
    trigger,
    schedule_id,
    period,
    input: { schedule_id, period, pull: 1 },
  };
  if (status === 'missed') await insertRun(trx, { ...run, state: status, input: JSON.stringify(run.input), now });
  else await startRun(app, trx, run);
  return run_id;
}

/** What must be done once: the n-th pull of a period. */
export function pullKey(schedule_id: string, period: string, pull: number): string {
  return `${schedule_id}:${period}:${pull}`;
}

async function repeatNext(app: App, trx: Db): Promise<boolean> {
  const row = await lockPeriodToRepeat(trx, nowText(app));
  if (row === undefined) return false;
  await repeatPull(app, trx, row, 'repeat');
  return true;
}

/** Pulls a period once more that is provisional or failed. Null where that is under way. */
export async function repeatPull(
  app: App,
  trx: Db,
  { schedule_id, period, pulls }: { schedule_id: string; period: string; pulls: number },
  trigger: RunTrigger,
): Promise<string | null> {
  const pull = pulls + 1;
  if (!(await startRepeat(trx, { schedule_id, period }, pulls, nowText(app)))) return null;
  const { made, row } = await startRun(app, trx, {
    kind: compareKind,
    key: pullKey(schedule_id, period, pull),
    trigger,
    schedule_id,
    period,
    input: { schedule_id, period, pull },
  });
  // The same pull failed the day before: it is that run that goes on.
  if (!made && (await requeueRun(trx, row.id, nowText(app))) !== undefined) await app.queue.send(trx, row.id);
  return row.id;
}

async function announceMissed(
  app: App,
  trx: Db,
  schedule: string,
  periods: readonly string[],
  what: string,
): Promise<void> {
  await app.announce(trx, {
    id: `${schedule}-${what}-missed-${periods[0]}-${periods.at(-1)}`,
    type: 'schedule.missed',
    data: { schedule, what, periods, last_before: monthBefore(periods[0] ?? '') },
  });
}
