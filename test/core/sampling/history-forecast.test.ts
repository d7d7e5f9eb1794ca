import { describe, expect, test } from '@jest/globals';
import type { HistoryModel } from '../../../src/core/sampling/history-forecast.ts';
import {
  fitHistory,
  forecastCdf,
  forecastQuantile,
  predictAhead,
} from '../../../src/core/sampling/history-forecast.ts';
import vectors from '../../fixtures/stat-vectors.json' with { type: 'json' };

function fitted(model: HistoryModel | string): HistoryModel {
  if (typeof model === 'string') throw new Error(model);
  return model;
}

function expectClose(actual: number, expected: number, relative = 1e-6): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
}

describe.each(vectors.grid_ets.cases.map((known) => ({ n: known.y.length, known })))(
  'a history of $n months',
  ({ known }) => {
    const model = fitted(fitHistory(known.y, 'month'));

    test.each(Object.entries(known.quantiles))('has the known quantiles %s steps ahead', (stepsAhead, quantiles) => {
      for (const [p, volume] of Object.entries(quantiles)) {
        expectClose(forecastQuantile(model, Number(stepsAhead), Number(p)), volume);
        expectClose(forecastCdf(model, Number(stepsAhead), volume), Number(p));
      }
    });

    test('hits within ±10 % next month with the known probability', () => {
      const median = forecastQuantile(model, 1, 0.5);
      expectClose(forecastCdf(model, 1, 1.1 * median) - forecastCdf(model, 1, 0.9 * median), known.P_hit10_h1);
    });

    test('weighs its smoothings as known', () => {
      const [next, inAYear] = [predictAhead(model, 1), predictAhead(model, 12)];
      for (const top of known.top_components) {
        const at = model.components.findIndex((c) => c.alpha === top.alpha && c.beta === top.beta && c.phi === top.phi);
        expectClose(model.components[at]?.weight as number, top.w);
        expect(model.degrees).toBe(top.df);
        expectClose(next[at]?.mean as number, top.mean_h1);
        expectClose(next[at]?.scale as number, top.scale_h1);
        expectClose(inAYear[at]?.mean as number, top.mean_h12);
        expectClose(inAYear[at]?.scale as number, top.scale_h12);
      }
      expect(model.components).toHaveLength(18);
      expectClose(
        model.components.reduce((sum, { weight }) => sum + weight, 0),
        1,
        1e-12,
      );
    });
  },
);

describe('a history', () => {
  const volumes = [820, 870, 845, 910, 990, 940, 1010, 1090];

  test('starts at its first volume above 0', () => {
    expect(fitHistory([0, null, 0, ...volumes], 'month')).toEqual(fitHistory(volumes, 'month'));
  });

  test('may have gaps, and a zero inside it is one', () => {
    const gap = fitted(fitHistory([820, 870, null, 910], 'month'));
    expect(fitHistory([820, 870, 0, 910], 'month')).toEqual(gap);
    expect([gap.steps, gap.degrees]).toEqual([4, 2 + 3]);
  });

  test('that ends in a gap is forecast from further away, so less surely', () => {
    const width = (values: readonly (number | null)[]) => {
      const model = fitted(fitHistory(values, 'week'));
      return Math.log(forecastQuantile(model, 1, 0.9) / forecastQuantile(model, 1, 0.1));
    };
    expect(width([...volumes, null, null, null])).toBeGreaterThan(width(volumes));
  });

  test('keeps its unit of volume: a thousand times the volume is a thousand times the forecast', () => {
    const small = fitted(fitHistory(volumes, 'month'));
    const large = fitted(
      fitHistory(
        volumes.map((volume) => volume * 1000),
        'month',
      ),
    );
    expectClose(forecastQuantile(large, 3, 0.9), 1000 * forecastQuantile(small, 3, 0.9), 1e-9);
  });

  test('of days learns the week', () => {
    const weekdays = [100, 110, 105, 108, 102, 40, 35];
    const days = Array.from({ length: 70 }, (_, t) => weekdays[t % 7] as number);
    const model = fitted(fitHistory(days, 'day'));
    for (const [ahead, volume] of [
      [1, 100],
      [6, 40],
      [7, 35],
      [8, 100],
    ] as const) {
      expectClose(forecastQuantile(model, ahead, 0.5), volume, 0.03);
    }
  });

  test('counts its last 180 days or 60 weeks', () => {
    const long = Array.from({ length: 400 }, (_, t) => 100 + (t % 5));
    expect(fitHistory(long, 'day')).toEqual(fitHistory(long.slice(-180), 'day'));
    expect(fitHistory(long, 'week')).toEqual(fitHistory(long.slice(-60), 'week'));
    expect(fitted(fitHistory(long, 'month')).steps).toBe(400);
  });

  test('that says nothing is refused in words', () => {
    expect(fitHistory([], 'month')).toBe('the history has no volume above 0');
    expect(fitHistory([0, null], 'month')).toContain('no volume above 0');
    expect(fitHistory([5, ...Array<number>(180).fill(0)], 'day')).toContain('in its last 180 days');
    expect(fitHistory([5, -1], 'month')).toBe(
      'volume 2 of the history is -1: expected a number from 0 up, or null for a gap',
    );
    expect(fitHistory([Number.NaN], 'month')).toContain('volume 1');
  });
});

test('a volume of 0 or less has no chance', () => {
  const model = fitted(fitHistory([100], 'month'));
  expect([forecastCdf(model, 1, 0), forecastCdf(model, 1, -3)]).toEqual([0, 0]);
});

test('quantiles rise with the probability, far into both tails', () => {
  const model = fitted(fitHistory([100, 300, 90], 'month'));
  const volumes = [1e-6, 0.001, 0.05, 0.5, 0.95, 0.999, 1 - 1e-6].map((p) => forecastQuantile(model, 6, p));
  expect(volumes).toEqual(volumes.toSorted((a, b) => a - b));
  for (const [i, p] of [1e-6, 0.001, 0.05].entries()) expectClose(forecastCdf(model, 6, volumes[i] as number), p);
});
