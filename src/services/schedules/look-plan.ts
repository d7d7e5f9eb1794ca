import { localDay, localMonth } from '../../core/schedule/local-time.ts';
import type { LookClock } from '../../core/schedule/looks.ts';
import { isLookedAt, nextLookAt } from '../../core/schedule/looks.ts';
import { defaultTime } from '../../core/schedule/timing.ts';
import { lockPeriodToLookAt, moveLook, openPeriod } from '../../db/schedule-looks.ts';
import type { Db, ScheduleRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import { Refusal } from '../refusal.ts';
import type { RunView } from '../runs/runs.ts';
import { showRun, startRun } from '../runs/runs.ts';
import { nowcastKind } from './nowcast-job.ts';
import { pauseUnreadable } from './pause-schedule.ts';
import { requireSchedule } from './schedules.ts';

/** More than anybody needs to see a month move. */
const mostLooksADay = 24;

/** Starts the look at one month that is due. A look that is late is that of its day: none is made up for. False where none is due. */
export async function planLook(app: App, trx: Db): Promise<boolean> {
  const found = await lockPeriodToLookAt(trx, nowText(app));
  if (found === undefined) return false;
  const { schedule_id, period } = found;
  const now = app.clock().getTime();
  try {
    const clock = lookClock(found);
    if (isLookedAt(period, now, clock)) {
      await startRun(app, trx, {
        kind: nowcastKind,
        key: lookKey(schedule_id, period, localDay(now, clock.zone), 1),
        trigger: 'schedule',
        schedule_id,
        period,
        input: { schedule_id, period },
      });
    }
    await moveLook(trx, found, textOf(nextLookAt(period, now, clock)), nowText(app));
  } catch (error) {
    await pauseUnreadable(app, trx, { id: schedule_id, version: found.version }, error);
  }
  return true;
}

/**
 * Looks at the month under way now, as the first look of the day or one more. Throws Refusal while a look of this day is
 * under way, with its run.
 */
export async function lookNow(app: App, id: string, run_id: string): Promise<RunView> {
  const schedule = await requireSchedule(app, id);
  const clock = lookClock(schedule);
  const now = app.clock().getTime();
  const period = localMonth(now, clock.zone);
  const day = localDay(now, clock.zone);
  const run = await app.db.transaction().execute(async (trx) => {
    const next_look_at = textOf(nextLookAt(period, now, clock));
    await openPeriod(trx, { schedule_id: id, period, next_look_at, now: nowText(app) });
    for (let nth = 1; nth <= mostLooksADay; nth++) {
      const { made, row } = await startRun(app, trx, {
        id: run_id,
        kind: nowcastKind,
        key: lookKey(id, period, day, nth),
        trigger: 'manual',
        schedule_id: id,
        period,
        input: { schedule_id: id, period },
      });
      if (made || row.id === run_id) return row;
      if (row.ended_at === null) throw refuseSecond(period, row.id);
    }
    throw refuseMore(day);
  });
  app.queue.wake();
  return showRun(run);
}

/** What must be done once: the n-th look of a day. The planner only ever makes the first. */
function lookKey(schedule_id: string, period: string, day: string, nth: number): string {
  return `${schedule_id}:${period}:nowcast:${day}${nth === 1 ? '' : `:${nth}`}`;
}

/** A schedule looks at the time of day at which it compares; one with an expression at the usual time. */
export function lookClock({ timing, time_zone }: Pick<ScheduleRow, 'timing' | 'time_zone'>): LookClock {
  return { time: 'time' in timing ? timing.time : defaultTime, zone: time_zone };
}

function textOf(instant: number | null): string | null {
  return instant === null ? null : new Date(instant).toISOString();
}

function refuseSecond(period: string, run: string): Refusal {
  return new Refusal('run-exists', `${period} is being looked at.`, { members: { existing: `/v1/runs/${run}` } });
}

function refuseMore(day: string): Refusal {
  const message = `There were ${mostLooksADay} looks on ${day}: the next can be taken tomorrow.`;
  return new Refusal('limit-exceeded', message, { members: { limit: String(mostLooksADay) } });
}
