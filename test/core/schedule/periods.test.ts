import { describe, expect, test } from '@jest/globals';
import {
  dueAt,
  findDuePeriods,
  findNextRuns,
  firstFreezable,
  firstPeriodAfter,
  freezeWindow,
  hasEnded,
} from '../../../src/core/schedule/periods.ts';
import { findTimingProblems, firesMonthly } from '../../../src/core/schedule/timing.ts';
import { expectOneRunPerPeriod, timings } from '../../helpers/schedule-simulation.ts';

const monthly = (zone: string, day: number | 'last' = 3, time = '06:00') => ({
  fires: firesMonthly({ day, time, time_zone: zone }),
  zone,
});
const ms = (text: string): number => Date.parse(text);
const text = (instant: number): string => new Date(instant).toISOString().slice(0, 16);

describe('a period', () => {
  test('is due at the first firing after it ended', () => {
    expect(text(dueAt(monthly('UTC'), '2026-11'))).toBe('2026-12-03T06:00');
    expect(text(dueAt(monthly('Europe/Berlin'), '2026-12'))).toBe('2027-01-03T05:00');
    expect(text(dueAt(monthly('UTC', 'last', '23:30'), '2028-01'))).toBe('2028-02-29T23:30');
  });

  test('is the first for a new schedule if its run still lies ahead', () => {
    expect(firstPeriodAfter(monthly('UTC'), ms('2026-11-22T12:00:00Z'))).toBe('2026-11');
    expect(firstPeriodAfter(monthly('UTC', 25), ms('2026-11-22T12:00:00Z'))).toBe('2026-10');
    expect(firstPeriodAfter(monthly('UTC'), ms('2026-12-03T06:00:00Z'))).toBe('2026-12');
    expect(firstPeriodAfter(monthly('UTC'), ms('2026-12-03T05:59:59Z'))).toBe('2026-11');
  });

  test('of a schedule that fires seldom waits for its firing, none is left out', () => {
    const quarterly = {
      zone: 'UTC',
      fires: (from: number) => [ms('2027-01-03'), ms('2027-04-03'), ms('2027-07-03')].find((at) => at >= from) ?? null,
    };
    const { due, next } = findDuePeriods(quarterly, '2026-12', ms('2027-04-03'));
    expect(due.map(({ period, at }) => `${period} ${text(at).slice(0, 10)}`)).toEqual([
      '2026-12 2027-01-03',
      '2027-01 2027-04-03',
      '2027-02 2027-04-03',
      '2027-03 2027-04-03',
    ]);
    expect(next.period).toBe('2027-04');
    expect(firstPeriodAfter(quarterly, ms('2027-03-01'))).toBe('2027-01');
  });

  test('has ended when the month is over on the clocks of the zone', () => {
    expect(hasEnded('2026-12', ms('2026-12-31T10:00:00Z'), 'Pacific/Kiritimati')).toBe(true);
    expect(hasEnded('2026-12', ms('2027-01-01T07:59:59Z'), 'America/Los_Angeles')).toBe(false);
  });

  test('is frozen on the last day before it, never later', () => {
    const { opens, closes } = freezeWindow('2027-04', 'Europe/Berlin');
    expect([text(opens), text(closes)]).toEqual(['2027-03-30T22:00', '2027-03-31T22:00']);
    expect(firstFreezable(ms('2027-03-31T22:30:00Z'), 'Europe/Berlin')).toBe('2027-05');
  });
});

test('the next runs are told with the period of each', () => {
  const runs = findNextRuns(monthly('America/Los_Angeles'), '2026-11', 12);
  expect(runs).toHaveLength(12);
  expect(runs.slice(0, 2).map(({ period, at }) => [period, text(at)])).toEqual([
    ['2026-11', '2026-12-03T14:00'],
    ['2026-12', '2027-01-03T14:00'],
  ]);
  expect(runs.at(-1)?.period).toBe('2027-10');
});

const zones = Intl.supportedValuesOf('timeZone');
/** Those with odd offsets and odd changes, and every 30th; all of them run every night. */
const sampled = [
  'UTC',
  'Europe/Berlin',
  'America/Los_Angeles',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'America/St_Johns',
  ...zones.filter((_, i) => i % 30 === 0),
];

test.each(timings)(
  `24 months have 24 runs without gap or double, day $day at $time, in ${sampled.length} of ${zones.length} zones`,
  (timing) => {
    for (const zone of sampled) expectOneRunPerPeriod(zone, timing);
  },
);

describe('a timing', () => {
  test('on the 29th to 31st is refused, and the last day offered', () => {
    for (const day of [29, 30, 31]) {
      const [problem, ...others] = findTimingProblems({ day, time: '06:00', time_zone: 'UTC' }, zones);
      expect(others).toEqual([]);
      expect(problem).toMatchObject({ pointer: '/day', suggestions: ['last'] });
    }
    expect(findTimingProblems({ day: 'last', time: '06:00', time_zone: 'UTC' }, zones)).toEqual([]);
  });

  test('names every problem at once, and the nearest zone', () => {
    const problems = findTimingProblems({ day: 31, time: '6 am', time_zone: 'Europe/Berlim' }, zones);
    expect(problems.map(({ pointer }) => pointer)).toEqual(['/day', '/time', '/time_zone']);
    expect(problems[2]?.suggestions).toContain('Europe/Berlin');
    expect(findTimingProblems({ day: 1, time: '24:00', time_zone: '+02:00' }, zones)).toHaveLength(2);
  });
});
