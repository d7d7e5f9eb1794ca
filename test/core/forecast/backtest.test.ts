import { describe, expect, test } from '@jest/globals';
import type { Backtest } from '../../../src/core/forecast/backtest.ts';
import { computeBacktest } from '../../../src/core/forecast/backtest.ts';
import { cutIntoPeriods } from '../../../src/core/forecast/history-periods.ts';
import type { HistoryModel } from '../../../src/core/sampling/history-forecast.ts';
import { fitHistory, forecastCdf, forecastQuantile } from '../../../src/core/sampling/history-forecast.ts';
import { normalQuantile } from '../../../src/core/sampling/normal.ts';
import { fillUniforms, hashName } from '../../../src/core/sampling/philox.ts';

const thirtyDays = () => 30;

function noise(name: string, count: number): Float64Array {
  const column = new Float64Array(count);
  fillUniforms(column, { seed: 5, variable: hashName(name), month: 1, firstDraw: 0, count });
  return column.map(normalQuantile);
}

function monthly(
  values: readonly (number | null)[],
  over: Partial<Parameters<typeof computeBacktest>[0]> = {},
): Backtest {
  return computeBacktest({
    history: { unit: 'month', values },
    daysOfLastMonths: thirtyDays,
    tolerance: 0.1,
    ...over,
  });
}

const stable = [...noise('stable', 30)].map((z) => 1000 * Math.exp(0.1 * z));

describe('periods of a history', () => {
  test('of days are whole months counted back from its end; what is left over at the beginning is left out', () => {
    const values = Array.from({ length: 65 }, () => 10);
    const periods = cutIntoPeriods({ unit: 'day', values }, (back) => [0, 31, 28, 31][back] ?? 30);
    expect(periods.map(({ from, to, total }) => ({ from, to, total }))).toEqual([
      { from: 65 - 31 - 28, to: 65 - 31, total: 280 },
      { from: 65 - 31, to: 65, total: 310 },
    ]);
  });

  test('of weeks are four weeks each', () => {
    const periods = cutIntoPeriods({ unit: 'week', values: [1, 1, 2, 3, 4, 5, 6, 7, 8] }, thirtyDays);
    expect(periods.map(({ days, total }) => [days, total])).toEqual([
      [28, 1 + 2 + 3 + 4],
      [28, 5 + 6 + 7 + 8],
    ]);
  });

  test('count a few gaps as the mean of the rest, and are unknown with more', () => {
    const day = (i: number) => (i < 2 ? null : 10);
    const few = cutIntoPeriods(
      { unit: 'day', values: [5, ...Array.from({ length: 30 }, (_, i) => day(i))] },
      thirtyDays,
    );
    expect(few.at(-1)?.total).toBe(300);
    const many = cutIntoPeriods(
      { unit: 'day', values: [5, ...Array.from({ length: 30 }, (_, i) => (i < 10 ? null : 10))] },
      thirtyDays,
    );
    expect(many.at(-1)?.total).toBeNull();
  });
});

describe('a back-test', () => {
  test('forecasts each month from the sixth on, from what was known before it', () => {
    const { periods, months } = monthly(stable);
    expect({ periods, first: months[0]?.back, count: months.length }).toEqual({ periods: 30, first: 25, count: 25 });
    const before = fitHistory(stable.slice(0, 5), 'month') as HistoryModel;
    expect(months[0]?.forecasts['history model']).toEqual({
      median: forecastQuantile(before, 1, 0.5),
      band80: [forecastQuantile(before, 1, 0.1), forecastQuantile(before, 1, 0.9)],
      band95: [forecastQuantile(before, 1, 0.025), forecastQuantile(before, 1, 0.975)],
    });
    expect(months[0]?.z).toBeCloseTo(normalQuantile(forecastCdf(before, 1, stable[5] as number)), 12);
  });

  test('never looks ahead: later months change no earlier forecast', () => {
    const cut = monthly(stable.slice(0, 20)).months;
    const whole = monthly(stable).months.slice(0, cut.length);
    expect(whole.map(({ forecasts, z }) => ({ forecasts, z }))).toEqual(
      cut.map(({ forecasts, z }) => ({ forecasts, z })),
    );
  });

  test('has last month again and the same month a year before beside it', () => {
    const month = monthly(stable).months.at(-1);
    expect(month?.forecasts['last month again'].median).toBe(stable[28]);
    expect(month?.forecasts['seasonal naive'].median).toBe(stable[17]);
  });

  test('two months ahead leaves the month between out', () => {
    const month = monthly(stable, { monthsAhead: 2 }).months.at(-1);
    expect(month?.forecasts['last month again'].median).toBe(stable[27]);
    const before = fitHistory(stable.slice(0, 28), 'month') as HistoryModel;
    expect(month?.forecasts['history model'].median).toBe(forecastQuantile(before, 2, 0.5));
  });

  test('of noise around a level beats last month again in error, hits and calibration', () => {
    const [grid, again] = monthly(stable).summaries;
    expect(grid?.method).toBe('history model');
    expect(grid?.mase).toBeLessThan(again?.mase as number);
    expect(grid?.hitRate).toBeGreaterThanOrEqual(again?.hitRate as number);
    expect(grid?.coverage80).toBeGreaterThanOrEqual(0.7);
  });

  test('does not score a month with gaps, and forecasts over it', () => {
    const { months } = monthly(stable.map((value, i) => (i === 10 ? null : value)));
    expect(months).toHaveLength(24);
    expect(months.some(({ back }) => back === 20)).toBe(false);
  });

  test('of days sums simulated days to months, and of weeks to four weeks', () => {
    const days = [...noise('days', 330)].map((z) => 100 * Math.exp(0.2 * z));
    const byDay = computeBacktest({
      history: { unit: 'day', values: days },
      daysOfLastMonths: thirtyDays,
      tolerance: 0.1,
      draws: 300,
    });
    expect(byDay.months).toHaveLength(11 - 5);
    expect(byDay.summaries[0]?.hitRate).toBe(1);
    const weeks = Array.from({ length: 40 }, (_, i) => 700 + (i % 3));
    const byWeek = computeBacktest({
      history: { unit: 'week', values: weeks },
      daysOfLastMonths: thirtyDays,
      tolerance: 0.1,
      draws: 300,
    });
    expect(byWeek.months[0]?.actual).toBe(weeks.slice(20, 24).reduce((sum, value) => sum + value, 0));
  });

  test('of too short a history says nothing', () => {
    expect(monthly([1, 2, 3])).toEqual({ periods: 3, months: [], summaries: [] });
    expect(monthly([]).periods).toBe(0);
  });
});
