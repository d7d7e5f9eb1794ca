import { expect, test } from '@jest/globals';
import { nextMonth } from '../../src/core/schedule/local-time.ts';
import { insertSchedule } from '../../src/db/schedules.ts';
import { planSchedules } from '../../src/services/schedules/schedule-plan.ts';
import { openScheduler, scenarioId } from '../helpers/scheduling.ts';

const dayMs = 86_400_000;

test('a schedule in every IANA zone has one run for each of 24 months, by two planners that race day by day', async () => {
  const scheduler = await openScheduler('postgres');
  try {
    const zones = Intl.supportedValuesOf('timeZone');
    const terms = {
      scenario_id: scenarioId,
      timing: { day: 1, time: '00:00' } as const,
      paused: false,
      sources: [],
      alert_above: null,
    };
    const start = {
      next_period: '2026-11',
      next_due_at: '2026-11-22T12:00:00.000Z',
      freeze_period: '2026-12',
      freeze_due_at: '2026-11-22T12:00:00.000Z',
    };
    for (const [i, time_zone] of zones.entries())
      await insertSchedule(
        scheduler.app.db,
        `sch_z${i}`,
        { ...terms, ...start, name: time_zone, time_zone },
        '2026-11-22T12:00:00.000Z',
      );
    // The first look finds the true instants: nothing is due yet.
    const from = Date.parse('2026-11-22T12:00:00.000Z');
    for (let day = 0; day < 735; day++) {
      scheduler.setNow(new Date(from + day * dayMs).toISOString());
      await Promise.all([planSchedules(scheduler.app), planSchedules(scheduler.app)]);
    }
    for (const [i, zone] of zones.entries()) {
      const runs = await scheduler.runs({ schedule_id: `sch_z${i}`, kind: 'compare-period' });
      let period = '2026-11';
      for (const run of runs.slice(0, 24)) {
        expect([zone, run.period]).toEqual([zone, period]);
        period = nextMonth(period);
      }
      expect([zone, period]).toEqual([zone, '2028-11']);
    }
  } finally {
    await scheduler.close();
  }
}, 3_600_000);
