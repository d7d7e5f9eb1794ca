import { describe, expect, test } from '@jest/globals';
import { computeNowcast } from '../../../src/core/forecast/nowcast.ts';
import { normalQuantile } from '../../../src/core/sampling/normal.ts';
import type { ScenarioObject } from '../../helpers/forecasting.ts';
import { forecastOf, problemsOf, sample, tierOf } from '../../helpers/forecasting.ts';

const support = { ...sample('support-assistant'), months: 2, tiers: ['openai'], sampling: { draws: 4000, seed: 42 } };
const counted = (...month_to_date: readonly ScenarioObject[]): ScenarioObject => ({ ...support, month_to_date });

function lognormal(median: number, sigma: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => median * Math.exp(sigma * normalQuantile((i + 0.5) / count)));
}

describe('the month under way', () => {
  test('comes to what was counted and the days left, beside its forecast from before', () => {
    const forecast = forecastOf(
      counted(
        { workload: 'chat', through: '2027-01-10', so_far: '125k' },
        { tier: 'openai', through: '2027-01-10', so_far: 100 },
      ),
    );
    const [requests, spend] = forecast.under_way ?? [];
    expect(requests).toMatchObject({ workload: 'chat', month: '2027-01', so_far: '125000', run_rate: '387500' });
    expect(Number(requests?.p50)).toBeGreaterThan(Number(requests?.forecast));
    expect(Number(requests?.p50)).toBeLessThan(387_500);
    expect(requests?.forecast).toBe(Number(forecast.workloads[0]?.requests[0]?.p50).toFixed(0));
    expect(Number(requests?.probability_over)).toBeGreaterThan(0.5);
    expect(requests?.warns).toBe(Number(requests?.probability_over) >= 0.8);
    expect(spend).toMatchObject({ tier: 'openai', so_far: '100.00', run_rate: '310.00' });
    expect(spend?.forecast).toBe(tierOf(forecast, 'openai').months?.[0]?.bill.p50);
  });

  test('is absent where nothing was counted', () => {
    expect(forecastOf(support)).not.toHaveProperty('under_way');
  });

  test('is narrower the more was counted, and known on its last day', () => {
    const days = Array.from({ length: 20 }, (_, i) => 10_000 + 100 * (i % 3));
    const widthOf = (count: number, summed: boolean): number => {
      const given = days.slice(0, count);
      const through = `2027-01-${String(count).padStart(2, '0')}`;
      const so_far = summed ? given.reduce((sum, day) => sum + day, 0) : given;
      const [now] = forecastOf(counted({ workload: 'chat', through, so_far })).under_way ?? [];
      return Number(now?.p90) - Number(now?.p10);
    };
    for (const summed of [true, false]) {
      const widths = [5, 10, 20].map((count) => widthOf(count, summed));
      expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    }
    const [over] = forecastOf(counted({ workload: 'chat', through: '2027-01-31', so_far: '310k' })).under_way ?? [];
    expect(over).toMatchObject({ p10: '310000', p50: '310000', p90: '310000', run_rate: '310000' });
  });

  test('learns how its days differ from a daily history', () => {
    const monthToDate = { days: 10, total: 1100, month: lognormal(3000, 0.2, 2001) };
    const asked = { monthToDate, daysInMonth: 30, forecast: 2900, draws: 2000, seed: 1 };
    const flat = computeNowcast({ ...asked, history: Array.from({ length: 90 }, (_, i) => 100 + (i % 2)) });
    const none = computeNowcast({ ...asked, history: [] });
    if (typeof flat === 'string' || typeof none === 'string') throw new Error('refused');
    expect(Math.abs(flat.p50 - 3300)).toBeLessThan(100);
    expect(none.p50).toBeGreaterThan(3000);
    expect(none.p50).toBeLessThan(flat.p50);
    expect(flat.p90 - flat.p10).toBeLessThan(none.p90 - none.p10);
    expect(flat.runRate).toBe(1100 * 3);
  });

  test('is the normal posterior where forecast and count are near each other', () => {
    const [sigma, days, left] = [0.02, 15, 15];
    const monthToDate = { days, total: 1530, month: lognormal(3000, sigma, 20_001) };
    const now = computeNowcast({ history: [], monthToDate, daysInMonth: 30, forecast: 3000, draws: 20_000, seed: 1 });
    if (typeof now === 'string') throw new Error(now);
    // ln(S/(V − S)) moves twice as fast as ln V where V is twice what was counted, 3,060.
    const spread = Math.sqrt(0.25 ** 2 * (1 / days + 1 / left) + sigma ** 2) / 2;
    const [before, counted] = [1 / sigma ** 2, 1 / spread ** 2];
    const middle = (before * Math.log(3000) + counted * Math.log(3060)) / (before + counted);
    expect(Math.abs(Math.log(now.p50) - middle)).toBeLessThan(0.001);
    expect(Math.log(now.p90 / now.p10) / 2.5631).toBeCloseTo(1 / Math.sqrt(before + counted), 3);
  });

  test('follows the count alone once that has refuted the forecast', () => {
    const monthToDate = { days: 10, total: 1000, month: lognormal(950, 0.02, 1000) };
    const now = computeNowcast({ history: [], monthToDate, daysInMonth: 30, forecast: 950, draws: 1000, seed: 1 });
    expect(now).toMatchObject({ warns: true, probabilityOver: 1 });
    if (typeof now !== 'string') expect(Math.abs(now.p50 - 3000)).toBeLessThan(10);
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
