import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { daysAfter, monthOf, parseBillInstant, unixInstant } from '../../../src/importers/bills/bill-dates.ts';
import { isTimeZone, utcOfLocal } from '../../../src/importers/bills/local-time.ts';

function read(text: string, answers: Readonly<Record<string, string>> = {}, zone?: string): string | null {
  return parseBillInstant(text, { answers, hear: () => {} }, 2, 'Date', zone);
}

function heard(text: string, zone?: string): readonly string[] {
  const all: string[] = [];
  parseBillInstant(text, { answers: {}, hear: (question, says) => all.push(`${question} ${says}`) }, 2, 'Date', zone);
  return all;
}

describe('dates of bills', () => {
  test.each([
    ['2026-10-01', '2026-10-01T00:00:00Z'],
    ['2026/10/01', '2026-10-01T00:00:00Z'],
    ['20261001', '2026-10-01T00:00:00Z'],
    ['2026-10-01T05:06:07Z', '2026-10-01T05:06:07Z'],
    ['2026-10-01T05:06:07.713Z', '2026-10-01T05:06:07.713Z'],
    ['2025-10-05T00:00:00+00:00', '2025-10-05T00:00:00Z'],
    ['2026-10-01T00:00:00+02:00', '2026-09-30T22:00:00Z'],
    ['2026-10-01 00:00:00 -0530', '2026-10-01T05:30:00Z'],
    ['2025-10-20 17:16:48 UTC', '2025-10-20T17:16:48Z'],
    ['5 Oct 2026', '2026-10-05T00:00:00Z'],
    ['Oct 5, 2026', '2026-10-05T00:00:00Z'],
    ['October 5, 2026', '2026-10-05T00:00:00Z'],
    ['05-Oct-2026', '2026-10-05T00:00:00Z'],
    ['12/31/2026', '2026-12-31T00:00:00Z'],
    ['31.12.26', '2026-12-31T00:00:00Z'],
    ['7/7/2026', '2026-07-07T00:00:00Z'],
    ['1730419200', '2024-11-01T00:00:00Z'],
    ['12/31/2026 1:05 PM UTC', '2026-12-31T13:05:00Z'],
    ['12/31/2026 12:05 am UTC', '2026-12-31T00:05:00Z'],
    ['2024-02-29', '2024-02-29T00:00:00Z'],
  ])('%s is %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each([
    '2026-02-29',
    '2026-13-01',
    '2026-10-32',
    '2026-10-01T24:00:00Z',
    '2026-10-01T05:60:00Z',
    '13/13/2026',
    '0/1/2026',
    '1889-01-01',
    '9999-12-31',
    '2026-10',
    'yesterday',
    '5 Foo 2026',
    '12/31/2026 13:05 PM',
    '123',
    '2026-10-01'.repeat(10),
  ])('"%s" is no date', (text) => {
    expect(read(text)).toBeNull();
  });

  test('a date that could be in two orders is read by the answer, with the month first until there is one', () => {
    expect(read('4/1/25')).toBe('2025-04-01T00:00:00Z');
    expect(read('4/1/25', { 'date-order': 'day-first' })).toBe('2025-01-04T00:00:00Z');
    expect(read('4/1/25', { 'date-order': 'month-first', 'date-order:Date': 'day-first' })).toBe(
      '2025-01-04T00:00:00Z',
    );
  });

  test('a date tells what it says of the order, and that it could be either', () => {
    expect([heard('4/1/25'), heard('25/4/2026'), heard('4/25/2026'), heard('4/4/2026'), heard('2026-04-01')]).toEqual([
      ['date-order null'],
      ['date-order day-first'],
      ['date-order month-first'],
      [],
      [],
    ]);
  });

  test('a time without a zone is asked about, unless its format or an answer has the zone; a day is not', () => {
    expect([heard('2026-10-01 05:00:00'), heard('2026-10-01 05:00:00', 'UTC'), heard('2026-10-01 00:00:00')]).toEqual([
      ['zone null'],
      [],
      [],
    ]);
    // Berlin is two hours ahead of UTC in summer, and one in winter.
    expect(read('2026-10-01 05:00:00', { zone: 'Europe/Berlin' })).toBe('2026-10-01T03:00:00Z');
    expect(read('2026-12-01 05:00:00', { zone: 'Europe/Berlin' }, 'UTC')).toBe('2026-12-01T04:00:00Z');
  });

  test('months and days end where the next begin', () => {
    expect(monthOf('2026-12-31T23:59:59Z')).toEqual({ start: '2026-12-01T00:00:00Z', end: '2027-01-01T00:00:00Z' });
    expect([daysAfter('2026-02-28T00:00:00Z'), daysAfter('2024-02-28T12:00:00Z', 2)]).toEqual([
      '2026-03-01T00:00:00Z',
      '2024-03-01T12:00:00Z',
    ]);
    expect([unixInstant('1730419200.0'), unixInstant('17304192')]).toEqual(['2024-11-01T00:00:00Z', null]);
  });
});

describe('local times', () => {
  test('an hour that the clocks skip is read as an hour later, one they show twice as the first', () => {
    const at = (text: string): string => new Date(utcOfLocal(Date.parse(`${text}Z`), 'Europe/Berlin')).toISOString();
    expect(at('2026-03-29T02:30:00')).toBe('2026-03-29T01:30:00.000Z');
    expect(at('2026-10-25T02:30:00')).toBe('2026-10-25T00:30:00.000Z');
  });

  test('the clocks of a zone show the local time again at the instant that was found', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe');
    const hours = fc.integer({ min: Date.UTC(2024, 0) / 3_600_000, max: Date.UTC(2027, 0) / 3_600_000 });
    fc.assert(
      fc.property(zones, hours, (zone, hour) => {
        const local = hour * 3_600_000;
        const instant = utcOfLocal(local, zone);
        const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
        const clock = Date.parse(`${shown.format(instant).replace(' ', 'T')}Z`);
        // Skipped hours show up to an hour later.
        return clock === local || (clock > local && clock <= local + 3_600_000);
      }),
    );
  });

  test('only names of the time zone database are zones', () => {
    expect([isTimeZone('Europe/Berlin'), isTimeZone('UTC'), isTimeZone('Mars/Base')]).toEqual([true, true, false]);
  });
});
