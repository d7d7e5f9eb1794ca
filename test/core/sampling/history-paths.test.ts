import { describe, expect, test } from '@jest/globals';
import type { HistoryModel } from '../../../src/core/sampling/history-forecast.ts';
import { fitHistory, forecastQuantile } from '../../../src/core/sampling/history-forecast.ts';
import { medianPath, simulateMonthlyVolumes } from '../../../src/core/sampling/history-paths.ts';
import vectors from '../../fixtures/stat-vectors.json' with { type: 'json' };

function fitted(model: HistoryModel | string): HistoryModel {
  if (typeof model === 'string') throw new Error(model);
  return model;
}

const year = Array<number>(12).fill(365 / 12);
const draws = { seed: 42, name: 'workloads.chat.requests_per_month', firstDraw: 0 };

describe.each(vectors.grid_ets.cases.map(({ y, quantiles }) => ({ n: y.length, y, quantiles })))(
  'paths after a history of $n months',
  ({ y, quantiles }) => {
    const count = 20_000;
    const months = simulateMonthlyVolumes(fitted(fitHistory(y, 'month')), { ...draws, daysInMonths: year, count });

    test.each(Object.entries(quantiles))('lie as the closed form says %s months ahead', (ahead, known) => {
      const column = months[Number(ahead) - 1] as Float64Array;
      for (const [text, volume] of Object.entries(known)) {
        const p = Number(text);
        const below = column.filter((drawn) => drawn <= volume).length / count;
        expect(Math.abs(below - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / count));
      }
    });
  },
);

describe('a path', () => {
  const model = fitted(fitHistory([820, 870, 845, 910, 990, 940, 1010, 1090], 'month'));

  test('is the same in a block of any size, and whatever comes after it', () => {
    const whole = simulateMonthlyVolumes(model, { ...draws, daysInMonths: year, count: 50 });
    const part = simulateMonthlyVolumes(model, { ...draws, daysInMonths: year.slice(0, 3), firstDraw: 20, count: 10 });
    expect(part.map((column) => [...column])).toEqual(whole.slice(0, 3).map((column) => [...column.slice(20, 30)]));
  });

  test('is another with another seed or name', () => {
    const first = (change: object) =>
      simulateMonthlyVolumes(model, { ...draws, ...change, daysInMonths: [30], count: 1 })[0]?.[0];
    expect(new Set([first({}), first({ seed: 43 }), first({ name: 'workloads.agent.requests_per_month' })]).size).toBe(
      3,
    );
  });

  test('adds up days of volume, so a month of 31 holds more than one of 28', () => {
    const days = fitted(fitHistory(Array<number>(60).fill(1000), 'day'));
    const [january, february] = medianPath(days, [31, 28]) as [number, number];
    expect(january / 31_000).toBeCloseTo(1, 2);
    expect(february / 28_000).toBeCloseTo(1, 2);
    const [month] = simulateMonthlyVolumes(days, { ...draws, daysInMonths: [31], count: 50 });
    const single = simulateMonthlyVolumes(days, { ...draws, daysInMonths: Array<number>(31).fill(1), count: 50 });
    for (let i = 0; i < 50; i++) {
      expect(single.reduce((sum, day) => sum + (day[i] as number), 0)).toBeCloseTo(month?.[i] as number, 6);
    }
  });

  test('shares a week between two months by days', () => {
    const weeks = fitted(fitHistory(Array<number>(20).fill(700), 'week'));
    const [whole] = simulateMonthlyVolumes(weeks, { ...draws, daysInMonths: [14], count: 100 });
    const [start, middle, end] = simulateMonthlyVolumes(weeks, { ...draws, daysInMonths: [3.5, 7, 3.5], count: 100 });
    const [oneWeek] = simulateMonthlyVolumes(weeks, { ...draws, daysInMonths: [7], count: 100 });
    for (let i = 0; i < 100; i++) {
      expect((start?.[i] as number) + (middle?.[i] as number) + (end?.[i] as number)).toBeCloseTo(
        whole?.[i] as number,
        9,
      );
      expect(2 * (start?.[i] as number)).toBeCloseTo(oneWeek?.[i] as number, 9);
    }
  });

  test('has a mean, however short the history', () => {
    const [next] = simulateMonthlyVolumes(fitted(fitHistory([1000], 'month')), {
      ...draws,
      daysInMonths: [30],
      count: 20_000,
    });
    const mean = (next as Float64Array).reduce((sum, volume) => sum + volume, 0) / 20_000;
    expect(mean).toBeGreaterThan(1000);
    expect(mean).toBeLessThan(1500);
  });
});

test('the median path of months is the median of each', () => {
  const model = fitted(fitHistory([820, 870, 845], 'month'));
  expect(medianPath(model, [31, 28, 31])).toEqual([1, 2, 3].map((ahead) => forecastQuantile(model, ahead, 0.5)));
});
