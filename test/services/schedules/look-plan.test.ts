import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { localDay } from '../../../src/core/schedule/local-time.ts';
import { findPeriod } from '../../../src/db/schedule-periods.ts';
import type { RunRow } from '../../../src/db/tables.ts';
import { executeRun } from '../../../src/services/runs/run-execution.ts';
import { lookNow } from '../../../src/services/schedules/look-plan.ts';
import { planSchedules } from '../../../src/services/schedules/schedule-plan.ts';
import { changeSchedule, createSchedule, deleteSchedule } from '../../../src/services/schedules/schedules.ts';
import { sawTooMuch } from '../../helpers/looks.ts';
import type { TestScheduler } from '../../helpers/scheduling.ts';
import { openScheduler, scenarioId } from '../../helpers/scheduling.ts';

const december = '2026-12';

describe.each(['embedded', 'postgres'] as const)('months under way on the %s database', (kind) => {
  let scheduler: TestScheduler;
  let made = 0;
  beforeAll(async () => {
    scheduler = await openScheduler(kind);
  });
  afterAll(() => scheduler.close());

  /** A new schedule on the 3rd at 06:00 UTC, made on 22 November 2026, whose forecast of December is frozen. */
  async function schedule(over: object = {}): Promise<string> {
    scheduler.setNow('2026-11-22T12:00:00.000Z');
    for (let n = 1; n <= made; n++) await deleteSchedule(scheduler.app, `sch_${kind}${n}`, () => true).catch(() => {});
    scheduler.seen.clear();
    const id = `sch_${kind}${++made}`;
    await createSchedule(scheduler.app, id, { name: id, scenario_id: scenarioId, ...over });
    await pass('2026-11-30T12:00:00.000Z');
    return id;
  }
  async function tick(instant: string): Promise<void> {
    scheduler.setNow(instant);
    await planSchedules(scheduler.app);
  }
  async function pass(instant: string): Promise<void> {
    await tick(instant);
    await scheduler.work();
  }
  const looks = (id: string): Promise<readonly RunRow[]> => scheduler.runs({ schedule_id: id, kind: 'nowcast' });
  const states = async (id: string): Promise<readonly string[]> =>
    (await looks(id)).map(({ period, trigger, state }) => `${period} ${trigger} ${state}`);
  const told = (id: string, type: string): readonly string[] =>
    scheduler.announced.filter((notice) => notice.type === type && notice.data.schedule === id).map((each) => each.id);
  const period = (id: string) => findPeriod(scheduler.app.db, { schedule_id: id, period: december });

  test('are looked at once a day from their 4th to their last, whatever planners race', async () => {
    const id = await schedule();
    for (let day = 1; day <= 31; day++) {
      const date = `${december}-${String(day).padStart(2, '0')}`;
      await tick(`${date}T05:59:59.000Z`);
      scheduler.setNow(`${date}T06:00:00.000Z`);
      await Promise.all([1, 2, 3].map(() => planSchedules(scheduler.app)));
      await scheduler.work();
      await tick(`${date}T17:00:00.000Z`);
    }
    await pass('2027-01-02T06:00:00.000Z');
    expect((await looks(id)).map(({ key }) => key)).toEqual(
      Array.from(
        { length: 31 - 3 },
        (_, i) => `${id}:${december}:nowcast:${december}-${String(i + 4).padStart(2, '0')}`,
      ),
    );
    const looked = scheduler.looked.filter((task) => task.schedule.id === id);
    expect(new Set(looked.map(({ at }) => at.slice(10)))).toEqual(new Set(['T06:00:00.000Z']));
    expect(new Set(looked.map(({ forecast_id }) => forecast_id))).toEqual(new Set(['fc_of_202612']));
    expect(await period(id)).toMatchObject({
      status: 'open',
      next_look_at: null,
      looked_at: `${december}-31T06:00:00.000Z`,
    });
    await pass('2027-01-03T06:00:00.000Z');
    expect(await period(id)).toMatchObject({ status: 'provisional' });
    expect(await looks(id)).toHaveLength(31 - 3);
  });

  test.each([
    ['America/Los_Angeles', '23:59'],
    ['Pacific/Kiritimati', '00:00'],
    ['Asia/Kathmandu', '06:00'],
  ])('are looked at on the days of their zone, %s at %s', async (time_zone, time) => {
    const id = await schedule({ time_zone, time });
    for (let at = Date.parse('2026-12-02T00:00:00Z'); at < Date.parse('2026-12-07T00:00:00Z'); at += 6 * 3_600_000)
      await pass(new Date(at - 1_000).toISOString());
    const days = scheduler.looked
      .filter((task) => task.schedule.id === id)
      .map(({ at }) => localDay(Date.parse(at), time_zone));
    expect(new Set(days).size).toBe(days.length);
    expect(days[0]).toBe(time === '23:59' ? '2026-12-05' : '2026-12-04');
    expect((await looks(id)).map(({ key }) => key?.slice(-10))).toEqual(days);
  });

  test('that nobody looked at for days are looked at once, and then each day again', async () => {
    const id = await schedule();
    await pass('2026-12-04T06:00:00.000Z');
    await pass('2026-12-17T03:00:00.000Z');
    await pass('2026-12-17T06:00:00.000Z');
    await pass('2026-12-18T06:00:00.000Z');
    expect((await looks(id)).map(({ key }) => key?.slice(-2))).toEqual(['04', '17', '18']);
  });

  test('rest while their schedule is paused, and for good when it is deleted', async () => {
    const id = await schedule();
    await changeSchedule(scheduler.app, id, { paused: true }, () => true);
    await pass('2026-12-06T06:00:00.000Z');
    expect(await looks(id)).toEqual([]);
    await changeSchedule(scheduler.app, id, { paused: false }, () => true);
    await pass('2026-12-07T05:00:00.000Z');
    expect(await states(id)).toEqual([`${december} schedule succeeded`]);
    await deleteSchedule(scheduler.app, id, () => true);
    await pass('2026-12-09T06:00:00.000Z');
    expect(await looks(id)).toHaveLength(1);
  });

  test('are warned of under one name a tier, where the schedule wants an alert', async () => {
    const id = await schedule();
    scheduler.seen.set(december, sawTooMuch);
    await pass('2026-12-10T06:00:00.000Z');
    await pass('2026-12-11T06:00:00.000Z');
    expect(new Set(told(id, 'nowcast.warning'))).toEqual(new Set([`${id}-${december}-nowcast-openai`]));
    const silent = await schedule({ alert_above: null });
    scheduler.seen.set(december, sawTooMuch);
    await pass('2026-12-10T06:00:00.000Z');
    expect(told(silent, 'nowcast.warning')).toEqual([]);
    expect(JSON.parse((await period(silent))?.nowcast ?? '')).toMatchObject({
      alert_above: null,
      tiers: [{ warns: true }],
    });
  });

  test('keep what was seen when a look fails, tell the failure under one name a month, and look again a day later', async () => {
    const id = await schedule();
    await pass('2026-12-10T06:00:00.000Z');
    const before = await period(id);
    scheduler.seen.set(december, () => {
      throw new Error('the provider is away');
    });
    await pass('2026-12-11T06:00:00.000Z');
    await pass('2026-12-12T06:00:00.000Z');
    expect((await states(id)).map((state) => state.split(' ')[2])).toEqual(['succeeded', 'failed', 'failed']);
    expect(told(id, 'schedule.failed')).toEqual([1, 2].map(() => `${id}-${december}-nowcast-failed`));
    expect(await period(id)).toMatchObject({ nowcast: before?.nowcast, looked_at: before?.looked_at });
    scheduler.seen.delete(december);
    await pass('2026-12-13T06:00:00.000Z');
    expect(await period(id)).toMatchObject({ looked_at: '2026-12-13T06:00:00.000Z' });
  });

  test('that have ended meanwhile are told by their comparison, not by a look that was slow', async () => {
    const id = await schedule();
    scheduler.seen.set(december, sawTooMuch);
    await tick('2026-12-31T06:00:00.000Z');
    await tick('2027-01-03T06:00:00.000Z');
    await scheduler.work();
    expect(await states(id)).toEqual([`${december} schedule succeeded`]);
    expect(told(id, 'nowcast.warning')).toEqual([]);
    expect(await period(id)).toMatchObject({ status: 'provisional', nowcast: null });
  });

  test('show what the later of two looks saw, whichever ended first', async () => {
    const id = await schedule();
    const { app, jobs } = scheduler;
    await tick('2026-12-10T06:00:00.000Z');
    const [early] = await looks(id);
    scheduler.seen.set(december, sawTooMuch);
    await tick('2026-12-11T06:00:00.000Z');
    const [, late] = await looks(id);
    const once = { isLast: true, signal: new AbortController().signal };
    await executeRun(app, jobs, late?.id ?? '', once);
    // The clock of the worker that took the first one lags by a day.
    scheduler.seen.delete(december);
    scheduler.setNow('2026-12-10T06:00:01.000Z');
    await executeRun(app, jobs, early?.id ?? '', once);
    expect(await period(id)).toMatchObject({ looked_at: '2026-12-11T06:00:00.000Z' });
    expect(JSON.parse((await period(id))?.nowcast ?? '')).toMatchObject({ tiers: [{ tier: 'openai' }] });
    expect(told(id, 'nowcast.warning')).toHaveLength(1);
  });

  test('are looked at by hand: as the look of the day, once more when that has ended, never two at a time', async () => {
    const id = await schedule();
    const { app } = scheduler;
    scheduler.setNow('2026-12-10T03:00:00.000Z');
    const first = await lookNow(app, id, `run_${kind}look1`);
    expect(first).toMatchObject({ kind: 'nowcast', period: december, trigger: 'manual', state: 'queued' });
    // The same request again, as with an Idempotency-Key after a crash.
    expect((await lookNow(app, id, first.id)).id).toBe(first.id);
    await expect(lookNow(app, id, 'run_other')).rejects.toMatchObject({
      code: 'run-exists',
      members: { existing: `/v1/runs/${first.id}` },
    });
    await scheduler.work();
    await pass('2026-12-10T06:00:00.000Z');
    expect(await states(id)).toEqual([`${december} manual succeeded`]);
    const started = await Promise.allSettled([1, 2, 3].map((n) => lookNow(app, id, `run_${kind}again${n}`)));
    expect(started.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await scheduler.work();
    expect(await states(id)).toEqual([1, 2].map(() => `${december} manual succeeded`));
    await pass('2026-12-11T06:00:00.000Z');
    expect((await states(id)).toSorted()).toEqual(
      ['manual', 'manual', 'schedule'].map((trigger) => `${december} ${trigger} succeeded`),
    );
  });

  test('are looked at 24 times a day at most', async () => {
    const id = await schedule();
    scheduler.setNow('2026-12-10T03:00:00.000Z');
    for (let n = 1; n <= 24; n++) {
      await lookNow(scheduler.app, id, `run_${kind}nth${n}`);
      await scheduler.work();
    }
    await expect(lookNow(scheduler.app, id, 'run_more')).rejects.toMatchObject({ code: 'limit-exceeded' });
  });

  test('for which nothing was frozen are looked at by hand, and from then on each day', async () => {
    const id = await schedule();
    scheduler.setNow('2026-11-22T12:00:00.000Z');
    await lookNow(scheduler.app, id, `run_${kind}unfrozen`);
    await scheduler.work();
    expect(scheduler.looked.at(-1)).toMatchObject({ period: '2026-11', forecast_id: null });
    await pass('2026-11-23T06:00:00.000Z');
    expect((await states(id)).filter((state) => state.startsWith('2026-11')).toSorted()).toEqual([
      '2026-11 manual succeeded',
      '2026-11 schedule succeeded',
    ]);
  });
});
