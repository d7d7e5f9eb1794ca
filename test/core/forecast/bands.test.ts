import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { bandOf, meanOf } from '../../../src/core/forecast/bands.ts';

describe('a band', () => {
  test('holds the percentiles and the mean of the draws beside the base case', () => {
    const draws = Float64Array.from({ length: 101 }, (_, i) => 100 - i);
    const base = new Decimal('49.99');
    expect(bandOf(draws, base)).toMatchObject({ base, p5: 5, p10: 10, p50: 50, p90: 90, p95: 95, mean: 50, inGap: [] });
  });

  test('says how far each may be off: order statistics for the points, 1.96 standard errors for the mean', () => {
    const draws = Float64Array.from({ length: 101 }, (_, i) => i);
    const { error } = bandOf(draws, new Decimal(50));
    // Between the 41st and the 61st of 101 the true median lies with 95 %: P(Bin(101, ½) ≤ 40) = 2.3 %.
    expect(error.p50).toBe(60 - 50);
    expect(error.mean).toBeCloseTo(1.96 * Math.sqrt((101 * 102) / 12 / 101), 9);
    expect(bandOf(Float64Array.of(7), new Decimal(7)).error).toEqual({
      p5: null,
      p10: null,
      p50: null,
      p90: null,
      p95: null,
      mean: null,
    });
  });

  test('of draws that do not vary is that number throughout', () => {
    const band = bandOf(new Float64Array(10_000).fill(312.44), new Decimal('312.44'));
    for (const key of ['p5', 'p10', 'p50', 'p90', 'p95', 'mean'] as const) expect(band[key]).toBe(312.44);
  });

  test('needs a draw', () => {
    expect(() => bandOf(new Float64Array(0), new Decimal(0))).toThrow(RangeError);
  });
});

test('the mean keeps its digits over many draws, where a running sum loses them', () => {
  const draws = Float64Array.from({ length: 1_000_000 }, (_, i) => (i % 2 === 0 ? 0.1 : 0.3));
  const running = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  expect(Math.abs(running - 0.2)).toBeGreaterThan(1e-13);
  expect(Math.abs(meanOf(draws) - 0.2)).toBeLessThan(1e-16);
});

test('the mean of draws one of which has no bound has none', () => {
  expect(meanOf(Float64Array.of(Number.POSITIVE_INFINITY, 1))).toBe(Number.POSITIVE_INFINITY);
  expect(meanOf(Float64Array.of(1, Number.POSITIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY);
});
