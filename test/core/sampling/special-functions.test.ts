import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  chiSquareQuantile,
  chiSquareUpperTail,
  lnGamma,
  lowerGamma,
  regularizedBeta,
  regularizedBetaInverse,
  studentTCdf,
  studentTQuantile,
  upperGamma,
} from '../../../src/core/sampling/special-functions.ts';
import vectors from '../../fixtures/stat-vectors.json' with { type: 'json' };

function expectClose(actual: number, expected: number, relative = 1e-9): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.max(Math.abs(expected), 1e-300));
}

describe('ln Γ', () => {
  test.each([
    [1, 0],
    [2, 0],
    [5, Math.log(4 * 3 * 2)],
    [0.5, Math.log(Math.PI) / 2],
    [0.25, 1.2880225246980774],
    [171, Math.log(7.257415615307994e306)],
  ])('of %d is the logarithm of the factorial below it', (x, expected) => {
    expect(lnGamma(x)).toBeCloseTo(expected, 12);
  });
});

describe('χ²', () => {
  test.each(vectors.chi2_sf as [number, number, number][])('upper tail at %d with %d degrees', (x, degrees, tail) => {
    expectClose(chiSquareUpperTail(x, degrees), tail, 1e-12);
  });

  test('has no tail beyond infinity and all of it above 0', () => {
    expect(chiSquareUpperTail(Number.POSITIVE_INFINITY, 4)).toBe(0);
    expect(chiSquareUpperTail(0, 4)).toBe(1);
    expect(lowerGamma(2, 0)).toBe(0);
    expect(lowerGamma(2, Number.POSITIVE_INFINITY)).toBe(1);
  });

  test('quantile with 2 degrees is −2·ln(1 − p)', () => {
    for (const p of [1e-9, 0.001, 0.3, 0.5, 0.7, 0.999])
      expectClose(chiSquareQuantile(p, 2), -2 * Math.log1p(-p), 1e-12);
  });

  test('quantile undoes the distribution function, whatever the degrees', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }),
        fc.double({ min: 0.5, max: 400, noNaN: true }),
        (p, degrees) => {
          const half = chiSquareQuantile(p, degrees) / 2;
          if (p < 0.5) expectClose(lowerGamma(degrees / 2, half), p);
          else expectClose(upperGamma(degrees / 2, half), 1 - p);
        },
      ),
    );
  });
});

describe('beta', () => {
  test.each(vectors.beta_sf as [number, number, number, number][])(
    'upper tail at %d with shapes %d and %d',
    (x, a, b, tail) => {
      expectClose(regularizedBeta(1 - x, b, a), tail);
      expectClose(1 - regularizedBeta(x, a, b), tail);
    },
  );

  test('holds 0 and 1 at its ends', () => {
    expect([regularizedBeta(0, 2, 3), regularizedBeta(1, 2, 3)]).toEqual([0, 1]);
    expect([regularizedBetaInverse(0, 2, 3), regularizedBetaInverse(1, 2, 3)]).toEqual([0, 1]);
  });

  test('inverse undoes it, whatever the shapes', () => {
    // Below shape 1 the curve is so steep at its end that the last digit of x moves the ninth of p.
    const shape = fc.double({ min: 1, max: 50, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), shape, shape, (p, a, b) => {
        expect(Math.abs(regularizedBeta(regularizedBetaInverse(p, a, b), a, b) - p)).toBeLessThan(1e-9);
      }),
    );
  });
});

describe('Student t', () => {
  test.each(vectors.student_t.cdf as [number, number, number][])(
    'distribution at %d with %d degrees',
    (t, degrees, p) => {
      expectClose(studentTCdf(t, degrees), p, 1e-12);
    },
  );

  test.each(vectors.student_t.ppf as [number, number, number][])('quantile at %d with %d degrees', (p, degrees, t) => {
    expectClose(studentTQuantile(p, degrees), t);
    expectClose(studentTQuantile(1 - p, degrees), -t);
  });

  test('with 1 degree is the Cauchy distribution, tan(π(p − ½))', () => {
    for (const p of [0.001, 0.2, 0.4, 0.6, 0.999])
      expectClose(studentTQuantile(p, 1), Math.tan(Math.PI * (p - 0.5)), 1e-10);
    expect(studentTQuantile(0.5, 1)).toBe(0);
  });
});
