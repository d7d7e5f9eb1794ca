import { z } from 'zod';
import { localDay } from '../../core/schedule/local-time.ts';
import { freezeWindow, isPeriod } from '../../core/schedule/periods.ts';
import { delayRepeat, endFreeze, findPeriod, movePeriod, updatePeriodResult } from '../../db/schedule-periods.ts';
import { findAnySchedule } from '../../db/schedules.ts';
import type { Db, RunRow, SchedulePeriodRow, ScheduleRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import { announceFailure } from '../notices/announce-failure.ts';
import { Refusal } from '../refusal.ts';
import type { Hooks, Job } from '../runs/run-execution.ts';
import { cancelled, reasonOf } from '../runs/run-execution.ts';
import type { PeriodOutcome, PeriodWork } from './period-work.ts';

export const freezeKind = 'freeze-forecast';
export const compareKind = 'compare-period';

/** Two pulls this far apart that agree lock a result; until then it is pulled again this often. */
export const repeatMs = 24 * 3_600_000;
/** A bill that is restated every day for a month stays provisional, and is left alone; a pull that fails so long too. */
const mostPulls = 31;

const freezeInput = z.object({ schedule_id: z.string(), period: z.string().refine(isPeriod) });
const compareInput = freezeInput.extend({ pull: z.int().min(1) });

export const freezeHooks: Hooks = {
  failed: async (app, trx, run, error) => {
    const { schedule_id, period } = freezeInput.parse(JSON.parse(run.input));
    const now = nowText(app);
    await endFreeze(trx, { schedule_id, period }, { freeze_status: 'failed', forecast_id: null, now });
    if (error !== cancelled) await announceRunFailure(app, trx, run, reasonOf(error), null);
  },
  retried: async (app, trx, run) => {
    const { schedule_id, period } = freezeInput.parse(JSON.parse(run.input));
    await endFreeze(trx, { schedule_id, period }, { freeze_status: 'due', forecast_id: null, now: nowText(app) });
  },
};

export const compareHooks: Hooks = {
  failed: async (app, trx, run, error) => {
    const { schedule_id, period } = compareInput.parse(JSON.parse(run.input));
    const now = nowText(app);
    const isFirst = await movePeriod(trx, { schedule_id, period }, ['due'], 'failed', now);
    // What somebody stopped waits for somebody; anything else may mend by itself: bills come late, keys are renewed.
    const again = isFirst && error === cancelled ? null : nextTry(app, run);
    if (again !== null) await delayRepeat(trx, { schedule_id, period }, again, now);
    if (error !== cancelled) await announceRunFailure(app, trx, run, reasonOf(error), again);
  },
  retried: async (app, trx, run) => {
    const { schedule_id, period } = compareInput.parse(JSON.parse(run.input));
    await movePeriod(trx, { schedule_id, period }, ['failed', 'missed'], 'due', nowText(app));
  },
};

/** Freezes the forecast of a coming month: what its bills will be held against. */
export function freezeJob(work: PeriodWork): Job {
  return {
    ...freezeHooks,
    work: async (app, input, context) => {
      const { schedule_id, period } = freezeInput.parse(input);
      const schedule = await requireAnySchedule(app.db, schedule_id);
      const now = app.clock().getTime();
      if (now >= freezeWindow(period, schedule.time_zone).closes) {
        const message = `${period} has begun: a forecast made now would know some of it. The newest one made before is used.`;
        throw new Refusal('validation-failed', message);
      }
      const as_of = localDay(now, schedule.time_zone);
      const { forecast_id } = await work.freeze(app, { schedule, period, as_of }, context);
      return {
        result: { forecast: `/v1/forecasts/${forecast_id}` },
        commit: (trx) =>
          endFreeze(trx, { schedule_id, period }, { freeze_status: 'frozen', forecast_id, now: nowText(app) }),
      };
    },
  };
}

/** Pulls the bills of a month that has ended and compares them; the result is provisional until it agrees with itself. */
export function compareJob(work: PeriodWork): Job {
  return {
    ...compareHooks,
    work: async (app, input, context) => {
      const { schedule_id, period, pull } = compareInput.parse(input);
      const schedule = await requireAnySchedule(app.db, schedule_id);
      const before = await findPeriod(app.db, { schedule_id, period });
      if (before === undefined || before.pulls !== pull - 1) throw refuseStale(period, pull);
      // One instant for both, or a result could lock whose bills did not.
      const now = app.clock().getTime();
      const settles = (digest: string): boolean => judgeSettled(before, digest, now).status === 'locked';
      const task = { schedule, period, pull, forecast_id: before.forecast_id, settles };
      const outcome = await work.compare(app, task, context);
      const settled = judgeSettled(before, outcome.digest, now);
      return {
        result: { ...outcome.result, status: settled.status },
        commit: (trx) => commitPull(app, trx, { run: context.run, schedule, before, outcome, settled }),
      };
    },
  };
}

export type Settled = {
  readonly status: 'provisional' | 'locked';
  readonly agreed_since: string;
  readonly next_pull_at: string | null;
};

/** Whether a bill that was pulled again has settled: it says the same as a day ago or longer. */
export function judgeSettled(
  { pulls, digest, agreed_since }: Pick<SchedulePeriodRow, 'pulls' | 'digest' | 'agreed_since'>,
  found: string,
  now: number,
): Settled {
  const agrees = pulls > 0 && digest === found && agreed_since !== null;
  const since = agrees ? Date.parse(agreed_since) : now;
  if (agrees && now - since >= repeatMs) {
    return { status: 'locked', agreed_since: new Date(since).toISOString(), next_pull_at: null };
  }
  const again = pulls + 1 >= mostPulls ? null : new Date(now + repeatMs).toISOString();
  return { status: 'provisional', agreed_since: new Date(since).toISOString(), next_pull_at: again };
}

type Pulled = {
  readonly run: RunRow;
  readonly schedule: ScheduleRow;
  readonly before: SchedulePeriodRow;
  readonly outcome: PeriodOutcome;
  readonly settled: Settled;
};

async function commitPull(app: App, trx: Db, { run, schedule, before, outcome, settled }: Pulled): Promise<void> {
  const { period, pulls } = before;
  const written = await updatePeriodResult(trx, {
    schedule_id: schedule.id,
    period,
    pull: pulls + 1,
    run_id: run.id,
    digest: outcome.digest,
    result: JSON.stringify(outcome.result),
    now: nowText(app),
    ...settled,
  });
  if (!written) throw refuseStale(period, pulls + 1);
  await outcome.commit?.(trx);
  if (settled.status === 'locked') await outcome.lock?.(trx);
  const { status } = settled;
  // A pull that changed nothing is no news, unless it settles the month.
  if (pulls > 0 && before.digest === outcome.digest && status !== 'locked') return;
  const data = { schedule: schedule.id, run: run.id, period, status, ...outcome.result };
  await app.announce(trx, {
    id: `${run.id}-completed`,
    type: 'comparison.completed',
    data,
  });
  if (!('exceeded' in data) || data.exceeded !== true || before.digest === outcome.digest) return;
  await app.announce(trx, { id: `${run.id}-exceeded`, type: 'comparison.threshold_exceeded', data });
}

async function announceRunFailure(
  app: App,
  trx: Db,
  { id, schedule_id, period, kind }: RunRow,
  reason: string,
  next_try_at: string | null,
): Promise<void> {
  const failure = { schedule: schedule_id, run: id, period, what: kind, reason, next_try_at };
  await announceFailure(app, trx, id, failure);
}

/** Also one that was deleted: a run of it may still be under way. Throws Refusal. */
export async function requireAnySchedule(db: Db, id: string): Promise<ScheduleRow> {
  const row = await findAnySchedule(db, id);
  if (row === undefined) throw new Refusal('not-found', `There is no schedule ${id}.`);
  return row;
}

function refuseStale(period: string, pull: number): Refusal {
  return new Refusal('conflict', `Pull ${pull} of ${period} is not the next one: nothing was changed.`);
}

/** A day later; null once that has gone on for a month. */
function nextTry(app: App, { created_at }: RunRow): string | null {
  const now = app.clock().getTime();
  return now - Date.parse(created_at) >= mostPulls * repeatMs ? null : new Date(now + repeatMs).toISOString();
}
