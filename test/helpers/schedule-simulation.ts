import { expect } from '@jest/globals';
import { localMonth, nextMonth, startOfMonth } from '../../src/core/schedule/local-time.ts';
import { findDuePeriods, firstPeriodAfter } from '../../src/core/schedule/periods.ts';
import { firesMonthly } from '../../src/core/schedule/timing.ts';

export const timings = [
  { day: 3, time: '06:00' },
  { day: 1, time: '00:00' },
  { day: 'last', time: '02:30' },
  { day: 28, time: '23:59' },
] as const;

/** Minutes: a clock that is asked at uneven steps, goes back, comes again, and jumps by more than a month. */
const steps = [5, 61, 1_440, -60, 60, 7_200, -1_440, 1_441, 20_160, 1, 44_640, 30];

/** Holds 24 months of a schedule in a zone to one run a period, after its month, each period where the last one ended. */
export function expectOneRunPerPeriod(zone: string, { day, time }: (typeof timings)[number]): void {
  const runs = simulate(zone, day, time);
  let period = runs[0]?.period ?? '';
  for (const run of runs) {
    expect([zone, run.period]).toEqual([zone, period]);
    expect([zone, localMonth(run.at, zone)]).toEqual([zone, nextMonth(period)]);
    expect(run.at).toBeGreaterThanOrEqual(startOfMonth(nextMonth(period), zone));
    period = nextMonth(period);
  }
}

/** Runs as a planner makes them that remembers its next period only. */
function simulate(zone: string, day: number | 'last', time: string): readonly { period: string; at: number }[] {
  const calendar = { fires: firesMonthly({ day, time, time_zone: zone }), zone };
  const runs: { period: string; at: number }[] = [];
  let now = startOfMonth('2026-11', zone);
  let next = firstPeriodAfter(calendar, now);
  for (let step = 0; runs.length < 24; step++) {
    now += (steps[step % steps.length] ?? 1) * 60_000;
    const found = findDuePeriods(calendar, next, now);
    runs.push(...found.due);
    next = found.next.period;
  }
  return runs.slice(0, 24);
}
