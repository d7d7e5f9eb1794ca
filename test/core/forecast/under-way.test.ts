import { describe, expect, test } from '@jest/globals';
import { computeNowcast } from '../../../src/core/forecast/nowcast.ts';
import type { ScenarioObject } from '../../helpers/forecasting.ts';
import { forecastOf, problemsOf, sample, tierOf } from '../../helpers/forecasting.ts';

const support = { ...sample('support-assistant'), months: 2, tiers: ['openai'], sampling: { draws: 1000, seed: 42 } };
const counted = (...month_to_date: readonly ScenarioObject[]): ScenarioObject => ({ ...support, month_to_date });

describe('the month under way', () => {
  test('comes to what was counted and the days left, beside its forecast from before', () => {
    const forecast = forecastOf(
      counted(
        { workload: 'chat', through: '2027-01-10', so_far: '150k' },
        { tier: 'openai', through: '2027-01-10', so_far: 100 },
      ),
    );
    const [requests, spend] = forecast.under_way ?? [];
    expect(requests).toMatchObject({ workload: 'chat', month: '2027-01', so_far: '150000', run_rate: '465000' });
    expect(Number(requests?.p50) / 465_000).toBeCloseTo(1, 1);
    expect(requests?.forecast).toBe(Number(forecast.workloads[0]?.requests[0]?.p50).toFixed(0));
    expect(Number(requests?.probability_over)).toBeGreaterThan(0.8);
    expect(requests?.warns).toBe(true);
    expect(spend).toMatchObject({ tier: 'openai', so_far: '100.00', run_rate: '310.00' });
    expect(spend?.forecast).toBe(tierOf(forecast, 'openai').months?.[0]?.bill.p50);
  });

  test('is absent where nothing was counted', () => {
    expect(forecastOf(support)).not.toHaveProperty('under_way');
  });

  test('is narrower by day than by their sum, and known on its last day', () => {
    const days = Array.from({ length: 20 }, (_, i) => 10_000 + 100 * (i % 3));
    const total = days.reduce((sum, day) => sum + day, 0);
    const [byDay] = forecastOf(counted({ workload: 'chat', through: '2027-01-20', so_far: days })).under_way ?? [];
    const [bySum] = forecastOf(counted({ workload: 'chat', through: '2027-01-20', so_far: total })).under_way ?? [];
    expect(Number(byDay?.p90) - Number(byDay?.p10)).toBeLessThan(Number(bySum?.p90) - Number(bySum?.p10));
    const [over] = forecastOf(counted({ workload: 'chat', through: '2027-01-31', so_far: '310k' })).under_way ?? [];
    expect(over).toMatchObject({ p10: '310000', p50: '310000', p90: '310000', run_rate: '310000' });
  });

  test('learns how its days differ from a daily history', () => {
    const asked = { monthToDate: { days: 10, total: 1000 }, daysInMonth: 30, forecast: 2900, draws: 2000, seed: 1 };
    const flat = computeNowcast({ ...asked, history: Array.from({ length: 90 }, (_, i) => 100 + (i % 2)) });
    const none = computeNowcast({ ...asked, history: [] });
    if (typeof flat === 'string' || typeof none === 'string') throw new Error('refused');
    expect(flat.p50).toBeCloseTo(3000, -2);
    expect(flat.p90 - flat.p10).toBeLessThan(none.p90 - none.p10);
    expect(flat.runRate).toBe(3000);
  });

  test.each([
    [
      'a day of another month',
      { workload: 'chat', through: '2027-02-03', so_far: 1 },
      '/month_to_date/0/through out-of-range',
    ],
    ['nobody it was counted of', { through: '2027-01-03', so_far: 1 }, '/month_to_date/0 missing'],
    ['both', { workload: 'chat', tier: 'openai', through: '2027-01-03', so_far: 1 }, '/month_to_date/0 conflict'],
    [
      'an unknown workload',
      { workload: 'chatt', through: '2027-01-03', so_far: 1 },
      '/month_to_date/0/workload unknown-workload',
    ],
    [
      'too few days',
      { workload: 'chat', through: '2027-01-03', so_far: [1, 2] },
      '/month_to_date/0/so_far series-length',
    ],
  ])('refuses %s', (_, entry, expected) => {
    expect(problemsOf(counted(entry)).map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([expected]);
  });

  test('refuses the same twice', () => {
    const entry = { workload: 'chat', through: '2027-01-03', so_far: 1 };
    expect(problemsOf(counted(entry, entry)).map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      '/month_to_date/1 duplicate-id',
    ]);
  });
});
