import { describe, expect, test } from '@jest/globals';
import { localDay } from '../../../src/core/schedule/local-time.ts';
import { firstLookAt, isLookedAt, nextLookAt } from '../../../src/core/schedule/looks.ts';

const berlin = { time: '06:00', zone: 'Europe/Berlin' };
const text = (instant: number | null): string | null => (instant === null ? null : new Date(instant).toISOString());

function looksAt(period: string, clock: typeof berlin): readonly number[] {
  const looks = [firstLookAt(period, clock)];
  for (let next = nextLookAt(period, looks[0] ?? 0, clock); next !== null; next = nextLookAt(period, next, clock))
    looks.push(next);
  return looks;
}

describe('a month under way', () => {
  test('is looked at from its 4th day on, on the clocks of the schedule, for the last time on its last day', () => {
    const looks = looksAt('2026-11', berlin);
    expect(looks).toHaveLength(30 - 3);
    expect([looks[0], looks.at(-1)].map((look) => text(look ?? null))).toEqual([
      '2026-11-04T05:00:00.000Z',
      '2026-11-30T05:00:00.000Z',
    ]);
    expect(nextLookAt('2026-11', looks.at(-1) ?? 0, berlin)).toBeNull();
  });

  test.each([
    ['Europe/Berlin', '02:30', '2027-03'],
    ['Europe/Berlin', '02:30', '2027-10'],
    ['Australia/Lord_Howe', '02:15', '2026-10'],
    ['Africa/Cairo', '00:00', '2027-04'],
    ['Pacific/Kiritimati', '23:59', '2027-02'],
    ['America/Los_Angeles', '02:59', '2027-11'],
  ])('has one look on each of its days in %s at %s, also where the clocks change', (zone, time, period) => {
    const days = looksAt(period, { time, zone }).map((look) => localDay(look, zone));
    const last = new Date(Date.UTC(Number(period.slice(0, 4)), Number(period.slice(5)), 0)).getUTCDate();
    expect(days).toEqual(Array.from({ length: last - 3 }, (_, i) => `${period}-${String(i + 4).padStart(2, '0')}`));
  });

  test('that was not looked at for days goes on with the next day; none is made up for', () => {
    expect(text(nextLookAt('2026-11', Date.parse('2026-11-17T12:00:00Z'), berlin))).toBe('2026-11-18T05:00:00.000Z');
  });

  test('is looked at neither before its 4th day nor after it has ended in the zone', () => {
    const at = (instant: string): boolean => isLookedAt('2026-11', Date.parse(instant), berlin);
    expect(at('2026-11-04T04:59:59Z')).toBe(false);
    expect(at('2026-11-04T05:00:00Z')).toBe(true);
    expect(at('2026-11-30T22:59:59Z')).toBe(true);
    expect(at('2026-11-30T23:00:00Z')).toBe(false);
  });
});
