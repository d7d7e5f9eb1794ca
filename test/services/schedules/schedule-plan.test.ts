import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { localMonth, nextMonth } from '../../../src/core/schedule/local-time.ts';
import { findPeriod } from '../../../src/db/schedule-periods.ts';
import { cancelRun, retryRun } from '../../../src/services/runs/run-control.ts';
import { planSchedules } from '../../../src/services/schedules/schedule-plan.ts';
import { findPeriods, runSchedule } from '../../../src/services/schedules/schedule-runs.ts';
import { changeSchedule, createSchedule, deleteSchedule } from '../../../src/services/schedules/schedules.ts';
import type { TestScheduler } from '../../helpers/scheduling.ts';
import { openScheduler, scenarioId } from '../../helpers/scheduling.ts';

/** The same promises on both databases. */
describe.each(['embedded', 'postgres'] as const)('schedules on the %s database', (kind) => {
  let scheduler: TestScheduler;
  let made = 0;
  beforeAll(async () => {
    scheduler = await openScheduler(kind);
  });
  afterAll(() => scheduler.close());

  /** A new schedule on the 3rd at 06:00 UTC, made on 22 November 2026. */
  async function schedule(over: object = {}): Promise<string> {
    scheduler.setNow('2026-11-22T12:00:00.000Z');
    // The others rest, so that each test sees its own.
    for (let n = 1; n <= made; n++) await deleteSchedule(scheduler.app, `sch_${kind}${n}`, () => true).catch(() => {});
    scheduler.bills.clear();
    const id = `sch_${kind}${++made}`;
    await createSchedule(scheduler.app, id, { name: id, scenario_id: scenarioId, ...over });
    return id;
  }

  const tick = async (instant: string): Promise<void> => {
    scheduler.setNow(instant);
    await planSchedules(scheduler.app);
  };

  /** `period status pulls`, oldest first. */
  async function results(id: string): Promise<readonly string[]> {
    const { data } = await findPeriods(scheduler.app, id, { cursor: null, limit: 200 });
    return data
      .filter(({ status }) => status !== 'open')
      .map(({ period, status, pulls, backfilled }) => `${period} ${status} ${pulls}${backfilled ? ' late' : ''}`)
      .toReversed();
  }

  const comparisons = async (id: string): Promise<readonly string[]> =>
    (await scheduler.runs({ schedule_id: id, kind: 'compare-period' })).map(
      ({ period, state, trigger }) => `${period} ${trigger} ${state}`,
    );

  test('run a month once, pull it again a day later, and lock it when both agree', async () => {
    const id = await schedule();
    await tick('2026-12-03T05:59:59.000Z');
    expect(await comparisons(id)).toEqual([]);
    await tick('2026-12-03T06:00:00.000Z');
    await tick('2026-12-03T06:00:00.000Z');
    expect(await comparisons(id)).toEqual(['2026-11 schedule queued']);
    await scheduler.work();
    expect(await results(id)).toEqual(['2026-11 provisional 1']);
    await tick('2026-12-04T05:59:59.000Z');
    await scheduler.work();
    expect(await results(id)).toEqual(['2026-11 provisional 1']);
    await tick('2026-12-04T06:00:00.000Z');
    await scheduler.work();
    expect(await results(id)).toEqual(['2026-11 locked 2']);
    await tick('2026-12-20T00:00:00.000Z');
    expect(await comparisons(id)).toEqual(['2026-11 schedule succeeded', '2026-11 repeat succeeded']);
    const told = scheduler.announced.filter(
      ({ type, data }) => data.schedule === id && type === 'comparison.completed',
    );
    expect(told.map(({ type, data }) => `${type} ${data.status}`)).toEqual([
      'comparison.completed provisional',
      'comparison.completed locked',
    ]);
    const change = scheduler.app.db
      .updateTable('schedule_periods')
      .set({ digest: 'other' })
      .where('schedule_id', '=', id)
      .execute();
    await expect(change).rejects.toThrow(/locked/);
  });

  test('go on pulling a bill that is restated until it says the same for a day', async () => {
    const id = await schedule();
    for (const [day, bill] of [
      ['03', 'a'],
      ['04', 'b'],
      ['05', 'c'],
      ['06', 'c'],
    ]) {
      scheduler.bills.set('2026-11', String(bill));
      await tick(`2026-12-${day}T06:00:00.000Z`);
      await scheduler.work();
    }
    scheduler.bills.clear();
    expect(await results(id)).toEqual(['2026-11 locked 4']);
    const told = scheduler.announced
      .filter(({ type, data }) => data.schedule === id && type === 'comparison.completed')
      .map(({ data }) => `${data.status} ${data.actual}`);
    expect(told).toEqual(['provisional a', 'provisional b', 'provisional c', 'locked c']);
  });

  test('freeze the forecast of a month on the last day before it, in their zone, and compare with that', async () => {
    const id = await schedule({ time_zone: 'America/Los_Angeles' });
    await tick('2026-11-30T07:59:59.000Z');
    expect(await scheduler.runs({ schedule_id: id })).toHaveLength(0);
    await tick('2026-11-30T08:00:00.000Z');
    await scheduler.work();
    expect(await findPeriod(scheduler.app.db, { schedule_id: id, period: '2026-12' })).toMatchObject({
      status: 'open',
      freeze_status: 'frozen',
      forecast_id: 'fc_of_202612',
    });
    await tick('2027-01-03T14:00:00.000Z');
    await scheduler.work();
    const compared = scheduler.compared.filter((task) => task.schedule.id === id && task.period === '2026-12');
    expect(compared).toMatchObject([{ forecast_id: 'fc_of_202612', pull: 1 }]);
  });

  test('never freeze a forecast after its month began', async () => {
    const id = await schedule();
    await tick('2026-12-01T00:00:01.000Z');
    await scheduler.work();
    expect(await findPeriod(scheduler.app.db, { schedule_id: id, period: '2026-12' })).toMatchObject({
      freeze_status: 'missed',
      forecast_id: null,
    });
    // Queued in time, and taken too late.
    await tick('2026-12-31T23:59:00.000Z');
    scheduler.setNow('2027-01-01T00:00:00.000Z');
    await scheduler.work();
    expect(await findPeriod(scheduler.app.db, { schedule_id: id, period: '2027-01' })).toMatchObject({
      freeze_status: 'failed',
      forecast_id: null,
    });
  });

  test.each([
    { months: 1, runs: ['2026-11 backfill'], missed: [] },
    { months: 3, runs: ['2026-11 backfill', '2026-12 backfill', '2027-01 backfill'], missed: [] },
    { months: 4, runs: ['2026-12 backfill', '2027-01 backfill', '2027-02 backfill'], missed: ['2026-11'] },
    { months: 13, runs: ['2027-09 backfill', '2027-10 backfill', '2027-11 backfill'], missed: 10 },
  ])(
    'that were asleep for $months months make up for three at most, oldest first, and record the rest',
    async ({ months, runs, missed }) => {
      const id = await schedule();
      const month = Array.from({ length: months }).reduce<string>((at) => nextMonth(at), '2026-11');
      await tick(`${month}-20T00:00:00.000Z`);
      const all = await comparisons(id);
      expect(all.filter((run) => run.endsWith('queued')).map((run) => run.replace(' queued', ''))).toEqual(runs);
      const left = all.filter((run) => run.endsWith('missed')).map((run) => run.slice(0, 7));
      if (typeof missed === 'number') expect(left).toHaveLength(missed);
      else expect(left).toEqual(missed);
      const notices = scheduler.announced.filter(
        ({ type, data }) => data.schedule === id && type === 'schedule.missed' && data.what === 'compare-period',
      );
      expect(notices).toHaveLength(left.length === 0 ? 0 : 1);
      expect(notices[0]?.data.periods ?? []).toEqual(left);
      await scheduler.work();
    },
  );

  test('run a month once whatever the clock does', async () => {
    const id = await schedule();
    const boundary = Date.parse('2026-12-03T06:00:00.000Z');
    const hour = 3_600_000;
    const jumps = [
      -hour,
      hour,
      -24 * hour,
      30 * 1000,
      -1,
      0,
      1,
      ...Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? -60_000 : 60_000)),
    ];
    for (const jump of jumps) await tick(new Date(boundary + jump).toISOString());
    expect(await comparisons(id)).toEqual(['2026-11 schedule queued']);
    await scheduler.work();
    await tick(new Date(boundary + 35 * 24 * hour).toISOString());
    await tick(new Date(boundary - 40 * 24 * hour).toISOString());
    expect((await comparisons(id)).filter((run) => !run.includes('repeat'))).toEqual([
      '2026-11 schedule succeeded',
      '2026-12 backfill queued',
    ]);
    await tick(new Date(boundary + 36 * 24 * hour).toISOString());
    expect((await comparisons(id)).filter((run) => !run.includes('repeat'))).toHaveLength(2);
    await scheduler.work();
  });

  test('give one result to any number of planners and manual runs at once', async () => {
    const id = await schedule();
    scheduler.setNow('2026-12-03T06:00:00.000Z');
    const planners = Array.from({ length: 6 }, () => planSchedules(scheduler.app));
    const manual = Array.from({ length: 4 }, (_, i) =>
      runSchedule(scheduler.app, id, '2026-11', `run_${kind}manual${i}`).then(
        () => 'started',
        (error: { code?: string }) => error.code,
      ),
    );
    await Promise.all(planners);
    const started = (await Promise.all(manual)).filter((outcome) => outcome === 'started');
    expect(started.length).toBeLessThanOrEqual(1);
    expect(await comparisons(id)).toHaveLength(1);
    await scheduler.work();
    expect(await results(id)).toEqual(['2026-11 provisional 1']);
  });

  test('take a month by hand: early, again, after a failure, and say where one stands', async () => {
    const id = await schedule();
    const { app } = scheduler;
    await expect(runSchedule(app, id, '2026-11', 'run_x')).rejects.toMatchObject({ errors: [{ code: 'not-ended' }] });
    scheduler.setNow('2026-12-01T00:00:00.000Z');
    const first = await runSchedule(app, id, null, `run_${kind}hand1`);
    expect(first).toMatchObject({ period: '2026-11', trigger: 'manual', state: 'queued' });
    // The same request again, as with an Idempotency-Key after a crash.
    expect(await runSchedule(app, id, null, `run_${kind}hand1`)).toMatchObject({ id: first.id });
    await expect(runSchedule(app, id, null, 'run_y')).rejects.toMatchObject({
      code: 'run-exists',
      members: { existing: `/v1/runs/${first.id}` },
    });
    scheduler.bills.set('2026-11', 'away');
    await scheduler.work();
    expect(await results(id)).toEqual(['2026-11 failed 0']);
    scheduler.bills.delete('2026-11');
    expect(await runSchedule(app, id, '2026-11', 'run_z')).toMatchObject({ id: first.id, state: 'queued' });
    await scheduler.work();
    expect(await results(id)).toEqual(['2026-11 provisional 1']);
    await tick('2026-12-03T06:00:00.000Z');
    await scheduler.work();
    expect(await results(id)).toEqual(['2026-11 locked 2']);
    await expect(runSchedule(app, id, '2026-11', 'run_w')).rejects.toMatchObject({ code: 'run-exists' });
    expect((await runSchedule(app, id, '2026-03', `run_${kind}old`)).trigger).toBe('manual');
    await scheduler.work();
  });

  test('keep a provisional result when its next pull fails, and pull it a day later', async () => {
    const id = await schedule();
    await tick('2026-12-03T06:00:00.000Z');
    await scheduler.work();
    scheduler.bills.set('2026-11', 'away');
    await tick('2026-12-04T06:00:00.000Z');
    await scheduler.work();
    expect(await results(id)).toEqual(['2026-11 provisional 1']);
    expect(
      scheduler.announced.filter(({ type, data }) => type === 'schedule.failed' && data.schedule === id),
    ).toHaveLength(1);
    scheduler.bills.delete('2026-11');
    await tick('2026-12-05T06:00:00.000Z');
    await scheduler.work();
    expect(await results(id)).toEqual(['2026-11 locked 2']);
    expect(await comparisons(id)).toEqual(['2026-11 schedule succeeded', '2026-11 repeat succeeded']);
  });

  test('try a month again each day for a month where its first pull fails, and tell each reason once', async () => {
    const id = await schedule();
    const failures = () =>
      scheduler.announced.filter(({ type, data }) => type === 'schedule.failed' && data.schedule === id);
    scheduler.bills.set('2026-11', 'away');
    for (const day of ['03', '04', '05']) {
      await tick(`2026-12-${day}T06:00:00.000Z`);
      await scheduler.work();
      expect(await results(id)).toEqual(['2026-11 failed 0']);
    }
    // Told under one id, which is kept once.
    expect(new Set(failures().map((notice) => notice.id)).size).toBe(1);
    expect(failures()[0]?.data.next_try_at).toBe('2026-12-04T06:00:00.000Z');
    scheduler.bills.delete('2026-11');
    await tick('2026-12-06T05:59:59.000Z');
    await scheduler.work();
    expect(await results(id)).toEqual(['2026-11 failed 0']);
    await tick('2026-12-06T06:00:00.000Z');
    await tick('2026-12-06T06:00:00.000Z');
    await scheduler.work();
    expect(await results(id)).toEqual(['2026-11 provisional 1']);
    expect(await comparisons(id)).toEqual(['2026-11 schedule succeeded']);
  });

  test('give a month up that failed for a month, and say so', async () => {
    const id = await schedule();
    scheduler.bills.set('2026-11', 'away');
    for (let day = 0; day < 40; day++) {
      const at = new Date(Date.parse('2026-12-03T06:00:00.000Z') + day * 86_400_000).toISOString();
      await tick(at);
      await scheduler.work();
    }
    const runs = await scheduler.runs({ schedule_id: id, kind: 'compare-period' });
    const run = runs.find(({ period }) => period === '2026-11');
    // On the day it was due and 31 times more.
    expect([run?.state, run?.attempt]).toEqual(['failed', 1 + 31]);
    const told = scheduler.announced.filter(
      ({ type, data }) => type === 'schedule.failed' && data.run === run?.id && data.next_try_at === null,
    );
    expect(told).toHaveLength(1);
  });

  test('leave a month alone that somebody cancelled', async () => {
    const id = await schedule();
    await tick('2026-12-03T06:00:00.000Z');
    const [run] = await scheduler.runs({ schedule_id: id, kind: 'compare-period' });
    await cancelRun(scheduler.app, run?.id ?? '');
    await tick('2026-12-05T06:00:00.000Z');
    await scheduler.work();
    expect(await results(id)).toEqual(['2026-11 failed 0']);
  });

  test('that were missed or cancelled run when they are asked to', async () => {
    const id = await schedule();
    await tick('2027-03-20T00:00:00.000Z');
    const [missed, next] = await scheduler.runs({ schedule_id: id, kind: 'compare-period' });
    expect([missed?.state, next?.state]).toEqual(['missed', 'queued']);
    await cancelRun(scheduler.app, next?.id ?? '');
    expect(await results(id)).toContain('2026-12 failed 0 late');
    await retryRun(scheduler.app, missed?.id ?? '');
    await retryRun(scheduler.app, next?.id ?? '');
    await scheduler.work();
    expect((await results(id)).slice(0, 4)).toEqual([
      '2026-11 provisional 1 late',
      '2026-12 provisional 1 late',
      '2027-01 provisional 1 late',
      '2027-02 provisional 1 late',
    ]);
  });

  test('that are changed neither skip a month nor run one twice', async () => {
    const id = await schedule({ day: 20 });
    await tick('2026-12-10T00:00:00.000Z');
    await changeSchedule(scheduler.app, id, { day: 5 }, () => true);
    await tick('2026-12-10T00:00:01.000Z');
    expect(await comparisons(id)).toEqual(['2026-11 backfill queued']);
    await scheduler.work();
    await changeSchedule(scheduler.app, id, { day: 25 }, () => true);
    await tick('2026-12-25T06:00:00.000Z');
    expect((await comparisons(id)).filter((run) => !run.includes('repeat'))).toHaveLength(1);
    await changeSchedule(scheduler.app, id, { cron: '30 4 * * 1' }, () => true);
    await tick('2027-01-04T04:30:00.000Z');
    expect((await comparisons(id)).filter((run) => !run.includes('repeat'))).toEqual([
      '2026-11 backfill succeeded',
      '2026-12 schedule queued',
    ]);
    await scheduler.work();
  });

  test('that were paused do not make up for it; deleted ones rest for good', async () => {
    const id = await schedule();
    await changeSchedule(scheduler.app, id, { paused: true }, () => true);
    await tick('2027-03-10T00:00:00.000Z');
    expect(await comparisons(id)).toEqual([]);
    await changeSchedule(scheduler.app, id, { paused: false }, () => true);
    await tick('2027-03-10T00:00:01.000Z');
    expect(await comparisons(id)).toEqual([]);
    await tick('2027-04-03T06:00:00.000Z');
    expect(await comparisons(id)).toEqual(['2027-03 schedule queued']);
    await scheduler.work();
    await deleteSchedule(scheduler.app, id, () => true);
    await tick('2028-01-01T00:00:00.000Z');
    expect(await comparisons(id)).toHaveLength(1);
  });

  test('in odd zones have one run for each of 24 months, with planners that race', async () => {
    const zones = [
      'Pacific/Kiritimati',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'Africa/Cairo',
      'America/Los_Angeles',
    ];
    await schedule({ paused: true });
    const ids: string[] = [];
    for (const [i, time_zone] of zones.entries()) {
      const id = `sch_${kind}zone${i}`;
      await createSchedule(scheduler.app, id, { name: id, scenario_id: scenarioId, time_zone, day: 1, time: '00:00' });
      ids.push(id);
    }
    const from = Date.parse('2026-11-22T12:00:00.000Z');
    for (let days = 0; days < 740; days += 10) {
      scheduler.setNow(new Date(from + days * 86_400_000).toISOString());
      await Promise.all([planSchedules(scheduler.app), planSchedules(scheduler.app)]);
    }
    for (const [i, id] of ids.entries()) {
      const runs = await scheduler.runs({ schedule_id: id, kind: 'compare-period' });
      let period = '2026-11';
      for (const run of runs.slice(0, 24)) {
        expect([zones[i], run.period]).toEqual([zones[i], period]);
        period = nextMonth(period);
      }
      expect(period).toBe('2028-11');
      expect(localMonth(from, zones[i] ?? 'UTC')).toBe('2026-11');
    }
  });
});
