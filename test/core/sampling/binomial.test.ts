import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  acceptedHits,
  binomialCdf,
  binomialTwoSided,
  quantileRanks,
  shareError,
} from '../../../src/core/sampling/binomial.ts';
import { regularizedBeta } from '../../../src/core/sampling/special-functions.ts';
import vectors from '../../fixtures/stat-vectors.json' with { type: 'json' };

function expectClose(actual: number, expected: number, relative = 1e-9): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
}

test.each(vectors.binom_two_sided_p as [number, number, number, number][])(
  '%d hits of %d at %d are as surprising as known',
  (k, n, p, known) => expectClose(binomialTwoSided(k, n, p), known),
);

test.each(vectors.beta_sf as [number, number, number, number][])(
  'the upper tail of Beta at %d is known',
  (x, a, b, tail) => expectClose(1 - regularizedBeta(x, a, b), tail),
);

test('a right 80 % band is accepted with 7 to 12 hits of 12, 16 to 23 of 24, 3 to 6 of 6, and any but 0 of 3', () => {
  expect([12, 24, 6, 3].map((n) => acceptedHits(n, 0.8))).toEqual([
    { least: 7, most: 12 },
    { least: 16, most: 23 },
    { least: 3, most: 6 },
    { least: 1, most: 3 },
  ]);
  expect(acceptedHits(12, 0.95)).toEqual({ least: 10, most: 12 });
});

describe('ranks around a quantile', () => {
  test('hold it with at least the confidence asked for, and no narrower pair does on either side', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4000 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (n, p) => {
        const { below, above } = quantileRanks(n, p);
        const tooHigh = (k: number) => binomialCdf(k - 1, n, p);
        const tooLow = (k: number) => 1 - binomialCdf(k - 1, n, p);
        if (below !== null) expect(tooHigh(below)).toBeLessThanOrEqual(0.025);
        expect(tooHigh((below ?? 0) + 1)).toBeGreaterThan(0.025);
        if (above !== null) expect(tooLow(above)).toBeLessThanOrEqual(0.025);
        if (above === null || above > 1) expect(tooLow((above ?? n + 1) - 1)).toBeGreaterThan(0.025);
      }),
    );
  });

  test('of 5 draws hold the 5 % point from above only: two of five below it are already a 2.3 % chance', () => {
    expect(quantileRanks(5, 0.05)).toEqual({ below: null, above: 2 });
  });
});

test('a share of 0.8 is known to 0.025, 0.008 and 0.0035 from 1,000, 10,000 and 50,000 draws', () => {
  expect([1000, 10_000, 50_000].map((n) => Number(shareError(0.8, n).toPrecision(2)))).toEqual([0.025, 0.0078, 0.0035]);
  expect(shareError(1, 10_000)).toBeGreaterThan(0);
});
