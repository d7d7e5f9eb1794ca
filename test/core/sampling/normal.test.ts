import { describe, expect, test } from '@jest/globals';
import { fillNormals, normalCdf, normalQuantile } from '../../../src/core/sampling/normal.ts';
import vectors from '../../fixtures/stat-vectors.json' with { type: 'json' };

describe('the normal distribution', () => {
  test.each(Object.entries(vectors.normal.ppf))('has its %s point where it belongs', (p, z) => {
    expect(Math.abs(normalQuantile(Number(p)) - z)).toBeLessThanOrEqual(1e-14 * Math.max(1, Math.abs(z)));
  });

  test.each(Object.entries(vectors.normal.cdf))('holds its share below %s, far tail included', (x, p) => {
    expect(Math.abs(normalCdf(Number(x)) - p)).toBeLessThanOrEqual(1e-12 * p);
  });

  test('reaches infinity only at 0 and 1', () => {
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    expect(normalQuantile(0.5 / 2 ** 53)).toBeCloseTo(-8.292361075813595, 10);
    expect(Number.isFinite(normalQuantile(1 - 2 ** -53))).toBe(true);
  });

  test('fills as many places as asked, in place too', () => {
    const column = Float64Array.of(0.5, 0.95, 0.25);
    fillNormals(column, column, 2);
    expect([...column]).toEqual([0, normalQuantile(0.95), 0.25]);
  });
});
