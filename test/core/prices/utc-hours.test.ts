import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { isWholeWeek, parseUtcHours, sharesOfHours } from '../../../src/core/prices/utc-hours.ts';

const share = (windows: readonly string[], hours: string | null, busy?: { hours: string; share: string }): number =>
  sharesOfHours(windows, busy ? { hours: busy.hours, share: new Decimal(busy.share) } : null)
    .get(hours)
    ?.toNumber() ?? Number.NaN;

describe('hours of the week', () => {
  test.each([
    ['1:00-4:00', '01:00-04:00'],
    ['01:00 - 04:00 Monday - Friday', '01:00-04:00 mon-fri'],
    ['sat, sun', '00:00-24:00 sat,sun'],
    ['22:00-02:00 fri-mon', '22:00-02:00 mon,fri-sun'],
    ['08:00-18:00 mon,wed,tue', '08:00-18:00 mon-wed'],
    ['00:30-16:30 mon-sun', '00:30-16:30'],
  ])('%j is written %j', (text, canonical) => {
    expect(parseUtcHours(text)).toBe(canonical);
    expect(parseUtcHours(canonical)).toBe(canonical);
  });

  test.each([
    '',
    '25:00-26:00',
    '01:00',
    '01:60-02:00',
    '04:00-04:00',
    '24:00-02:00',
    '01:00-04:00 moonday',
    'mon-fri-sun',
  ])('%j are no hours', (text) => expect(parseUtcHours(text)).toBeNull());

  test('two ends of a day are the same day: Friday 22:00 to 02:00 is the first and last two hours of Friday', () => {
    expect(share(['22:00-02:00 fri'], '22:00-02:00 fri')).toBeCloseTo(4 / 168, 15);
  });

  test('only all hours of all days are the whole week', () => {
    expect(isWholeWeek('00:00-24:00')).toBe(true);
    expect(isWholeWeek('00:00-23:59')).toBe(false);
    expect(isWholeWeek('00:00-24:00 mon-sat')).toBe(false);
  });
});

describe('the share of requests in hours', () => {
  const peaks = ['01:00-04:00', '06:00-10:00'];

  test('is that of the time where requests are spread evenly', () => {
    expect(share(peaks, '01:00-04:00')).toBeCloseTo(3 / 24, 15);
    expect(share(peaks, '06:00-10:00')).toBeCloseTo(4 / 24, 15);
    expect(share(peaks, null)).toBeCloseTo(17 / 24, 15);
  });

  test('follows the busy hours: 80 % within nine hours that share one hour with a peak', () => {
    const busy = { hours: '09:00-18:00', share: '0.8' };
    // Of the peak 06:00-10:00 one hour is busy (0.8/9), three are not (0.2/15 each).
    expect(share(peaks, '06:00-10:00', busy)).toBeCloseTo(0.8 / 9 + (3 * 0.2) / 15, 15);
    expect(share(peaks, '01:00-04:00', busy)).toBeCloseTo((3 * 0.2) / 15, 15);
  });

  test('knows weekdays: requests of office hours are never at weekends', () => {
    const busy = { hours: '08:00-18:00 mon-fri', share: '1' };
    expect(share(['00:00-24:00 sat,sun'], '00:00-24:00 sat,sun', busy)).toBe(0);
    expect(share(['06:00-10:00 mon-fri'], '06:00-10:00 mon-fri', busy)).toBeCloseTo(2 / 10, 15);
  });

  test('counts an hour once, for the later window', () => {
    expect(share(['00:00-12:00', '06:00-18:00'], '00:00-12:00')).toBeCloseTo(6 / 24, 15);
    expect(share(['00:00-12:00', '06:00-18:00'], '06:00-18:00')).toBeCloseTo(12 / 24, 15);
  });

  test('adds up to all requests, whatever the windows and the busy hours', () => {
    const clock = fc
      .integer({ min: 0, max: 1439 })
      .map((m) => `${Math.floor(m / 60)}:${String(m % 60).padStart(2, '0')}`);
    const days = fc.constantFrom('', ' mon-fri', ' sat,sun', ' wed', ' fri-mon');
    const hours = fc
      .tuple(clock, clock, days)
      .map(([from, to, on]) => parseUtcHours(`${from}-${to}${on}`))
      .filter((text) => text !== null);
    fc.assert(
      fc.property(
        fc.array(hours, { maxLength: 5 }),
        hours,
        fc.integer({ min: 0, max: 100 }),
        (windows, busy, percent) => {
          const shares = [...sharesOfHours(windows, { hours: busy, share: new Decimal(percent).div(100) }).values()];
          const sum = shares.reduce((total, next) => total.plus(next), new Decimal(0));
          expect(sum.minus(1).abs().lt('1e-18')).toBe(true);
          for (const one of shares) expect(one.isNegative() && !one.isZero()).toBe(false);
        },
      ),
    );
  });
});
