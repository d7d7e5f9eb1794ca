import { describe, expect, test } from '@jest/globals';
import {
  instantOf,
  lastDayOf,
  localDay,
  localMonth,
  localText,
  startOfMonth,
} from '../../../src/core/schedule/local-time.ts';

const at = (month: string, day: number, hour: number, minute: number, zone: string): string =>
  new Date(instantOf({ month, day, hour, minute }, zone)).toISOString();

describe('a wall clock reading', () => {
  test.each([
    {
      what: 'an ordinary one',
      month: '2027-12',
      day: 3,
      hour: 6,
      minute: 0,
      zone: 'Europe/Berlin',
      is: '2027-12-03T05:00',
    },
    {
      what: 'one in summer',
      month: '2027-07',
      day: 3,
      hour: 6,
      minute: 0,
      zone: 'Europe/Berlin',
      is: '2027-07-03T04:00',
    },
    {
      what: 'one that is skipped',
      month: '2027-03',
      day: 28,
      hour: 2,
      minute: 30,
      zone: 'Europe/Berlin',
      is: '2027-03-28T01:00',
    },
    {
      what: 'the first after the gap',
      month: '2027-03',
      day: 28,
      hour: 3,
      minute: 0,
      zone: 'Europe/Berlin',
      is: '2027-03-28T01:00',
    },
    {
      what: 'one that comes twice',
      month: '2027-10',
      day: 31,
      hour: 2,
      minute: 30,
      zone: 'Europe/Berlin',
      is: '2027-10-31T00:30',
    },
    {
      what: 'a gap west of Greenwich',
      month: '2027-03',
      day: 14,
      hour: 2,
      minute: 30,
      zone: 'America/Los_Angeles',
      is: '2027-03-14T10:00',
    },
    {
      what: 'a repetition there',
      month: '2027-11',
      day: 7,
      hour: 1,
      minute: 30,
      zone: 'America/Los_Angeles',
      is: '2027-11-07T08:30',
    },
    {
      what: 'a gap of half an hour',
      month: '2027-10',
      day: 3,
      hour: 2,
      minute: 15,
      zone: 'Australia/Lord_Howe',
      is: '2027-10-02T15:30',
    },
    {
      what: 'an offset of three quarters',
      month: '2027-05',
      day: 1,
      hour: 0,
      minute: 0,
      zone: 'Asia/Kathmandu',
      is: '2027-04-30T18:15',
    },
    {
      what: 'a midnight that is skipped',
      month: '2027-04',
      day: 30,
      hour: 0,
      minute: 0,
      zone: 'Africa/Cairo',
      is: '2027-04-29T22:00',
    },
    {
      what: 'a day that is skipped',
      month: '2011-12',
      day: 30,
      hour: 12,
      minute: 0,
      zone: 'Pacific/Apia',
      is: '2011-12-30T10:00',
    },
    {
      what: 'the day after it',
      month: '2011-12',
      day: 31,
      hour: 0,
      minute: 0,
      zone: 'Pacific/Apia',
      is: '2011-12-30T10:00',
    },
    {
      what: 'the earliest zone',
      month: '2027-01',
      day: 1,
      hour: 0,
      minute: 0,
      zone: 'Pacific/Kiritimati',
      is: '2026-12-31T10:00',
    },
  ])('$what ($zone, $month-$day $hour:$minute) is $is UTC', ({ month, day, hour, minute, zone, is }) => {
    expect(at(month, day, hour, minute, zone)).toBe(`${is}:00.000Z`);
  });

  test('every minute of a day of change leads to an instant that shows it, or the end of its gap, and never goes back', () => {
    for (const [month, day, zone] of [
      ['2027-03', 28, 'Europe/Berlin'],
      ['2027-10', 31, 'Europe/Berlin'],
      ['2027-10', 3, 'Australia/Lord_Howe'],
      ['2027-04', 30, 'Africa/Cairo'],
    ] as const) {
      let before = 0;
      for (let minute = 0; minute < 1440; minute += 5) {
        const instant = instantOf({ month, day, hour: Math.floor(minute / 60), minute: minute % 60 }, zone);
        const wish = `${month}-${String(day).padStart(2, '0')}T${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
        expect(localText(instant, zone).slice(0, 16) >= wish).toBe(true);
        expect(instant).toBeGreaterThanOrEqual(before);
        before = instant;
      }
    }
  });
});

test('an instant has the month, the day and the text that clocks there show', () => {
  const newYear = Date.parse('2027-01-01T00:30:00Z');
  expect(localMonth(newYear, 'America/Los_Angeles')).toBe('2026-12');
  expect(localDay(newYear, 'Pacific/Kiritimati')).toBe('2027-01-01');
  expect(localText(newYear, 'Asia/Kathmandu')).toBe('2027-01-01T06:15:00+05:45');
  expect(localText(newYear, 'America/Los_Angeles')).toBe('2026-12-31T16:30:00-08:00');
});

test('a month begins where its first day begins, and ends on 28 to 31', () => {
  expect(new Date(startOfMonth('2027-11', 'America/Los_Angeles')).toISOString()).toBe('2027-11-01T07:00:00.000Z');
  expect(['2027-02', '2028-02', '2027-04', '2027-12'].map(lastDayOf)).toEqual([28, 29, 30, 31]);
});
