import { describe, expect, test } from '@jest/globals';
import type { MonthSetting } from '../../../src/services/page/month-row.ts';
import { showMonth } from '../../../src/services/page/month-row.ts';
import type { PeriodView } from '../../../src/services/schedules/schedule-runs.ts';

const period: PeriodView = {
  period: '2026-10',
  status: 'open',
  due_at: null,
  backfilled: false,
  pulls: 0,
  pulled_at: null,
  next_pull_at: null,
  run_id: null,
  result: null,
  forecast_id: null,
  freeze_status: 'frozen',
  frozen_at: null,
  nowcast: null,
  looked_at: null,
  next_look_at: null,
};
const setting: MonthSetting = {
  zone: 'Europe/Berlin',
  now: Date.parse('2026-11-03T12:00:00Z'),
  paused: false,
  failure: null,
  foreseen: null,
};
const next_pull_at = '2026-11-04T05:00:00.000Z';

function resultOf(forecast: string, actual: string) {
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  const percent = String(Number(actual) / Number(forecast) - 1);
  const variance = { amount: String(Number(actual) - Number(forecast)), percent };
  return { tier: 'OpenAI', forecast: usd(forecast), actual: usd(actual), variance, comparison: 'cmp_1' };
}

describe('a month of a schedule', () => {
  test.each([
    // Midnight in Berlin is 23:00 UTC the day before, in winter, and 22:00 in summer.
    ['2026-09-30T21:59:59Z', 'not begun'],
    ['2026-09-30T22:00:00Z', 'under way'],
    ['2026-10-31T22:59:59Z', 'under way'],
    ['2026-10-31T23:00:00Z', 'ended'],
  ])('that waits at %s is %s on the clocks of its zone', (now, text) => {
    expect(showMonth(period, { ...setting, now: Date.parse(now) }).state).toEqual({ mark: 'none', text });
  });

  test('that failed says why and when it is tried again', () => {
    const failed = { ...period, status: 'failed', next_pull_at } as const;
    const failure = 'The provider is away.';
    expect(showMonth(failed, { ...setting, failure }).notes).toEqual([
      failure,
      'Tried again on 4 November 2026, 06:00.',
    ]);
    expect(showMonth(failed, { ...setting, failure, paused: true }).notes).toEqual([
      failure,
      'Not tried again while the schedule is paused.',
    ]);
    expect(showMonth({ ...failed, next_pull_at: null }, setting).notes).toEqual(['Not tried again by itself.']);
    expect(showMonth(failed, setting).action).toBe('Run it now');
  });

  test('that is provisional says when it is pulled again, and that the last pull failed', () => {
    const provisional = { ...period, status: 'provisional', next_pull_at } as const;
    const shown = showMonth(provisional, { ...setting, failure: 'The key is not valid.' });
    expect([shown.state.text, ...shown.notes]).toEqual([
      'provisional',
      'The last pull failed: The key is not valid.',
      'Pulled again on 4 November 2026, 06:00.',
    ]);
  });

  test('that was missed, or whose forecast could not be frozen, says so', () => {
    const missed = showMonth({ ...period, status: 'missed', freeze_status: 'missed' }, setting);
    expect(missed.notes).toEqual([
      'The service was away for longer than it makes up for.',
      'No forecast was frozen: the service was away on the day before it began.',
    ]);
  });

  test.each([
    ['100.00', '110.00', 'yes', '+10.0\u00a0%'],
    ['100.00', '110.01', 'no', '+10.0\u00a0%'],
    ['100.00', '90.00', 'yes', '−10.0\u00a0%'],
    ['100.00', '89.99', 'no', '−10.0\u00a0%'],
    ['100.00', '100.00', 'yes', '±0.0\u00a0%'],
  ])('forecast at %s and billed at %s is within a tenth: %s', (forecast, actual, within, variance) => {
    const locked = { ...period, status: 'locked', result: resultOf(forecast, actual) } as const;
    const shown = showMonth(locked, setting);
    expect([shown.within?.text, shown.variance?.text]).toEqual([within, variance]);
    expect([shown.p50?.exact, shown.actual?.exact, shown.comparison]).toEqual([forecast, actual, 'cmp_1']);
  });

  test('that no forecast foresaw is not said to be near it or far off', () => {
    const result = { ...resultOf('100.00', '100.00'), unforeseen: true };
    expect(showMonth({ ...period, status: 'locked', result }, setting).within?.text).toBe('not scored');
  });

  test('that was not compared shows what was foreseen, and no figure where nothing says which tier', () => {
    const foreseen = { tier: 'OpenAI', p50: '37.50', currency: 'USD' };
    expect(showMonth(period, { ...setting, foreseen })).toMatchObject({
      tier: 'OpenAI',
      p50: { text: '$37.50' },
      actual: null,
    });
    expect(showMonth(period, setting)).toMatchObject({ tier: null, p50: null });
  });
});
