import { describe, expect, test } from '@jest/globals';
import { computeMase, computeSmape, intervalScore, isHit, median } from '../../../src/core/forecast/accuracy.ts';
import vectors from '../../fixtures/stat-vectors.json' with { type: 'json' };

const known = vectors.metrics;

function expectClose(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));
}

describe('three forecasts', () => {
  test('have the known MASE and sMAPE', () => {
    expectClose(computeMase(known.train, known.actual, known.forecast), known.MASE_m1);
    expectClose(computeSmape(known.actual, known.forecast), known.sMAPE_percent);
  });

  test('hit, and score their 80 % bands, as known', () => {
    expect(known.actual.map((value, i) => isHit(value, known.forecast[i] as number, 0.1))).toEqual(known.hit10);
    for (const [i, score] of known.interval_score_80.entries())
      expectClose(
        intervalScore(known.actual[i] as number, known.lower80[i] as number, known.upper80[i] as number, 0.8),
        score,
      );
  });
});

test('an interval score adds ten times the miss to the width at 80 %', () => {
  expectClose(intervalScore(130, 100, 120, 0.8), 20 + (2 / 0.2) * 10);
  expectClose(intervalScore(90, 100, 120, 0.8), 20 + (2 / 0.2) * 10);
});

test('the median of an even number of values lies between the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
});
