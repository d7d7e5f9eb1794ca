import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bandMultiplier,
  conformalMultiplier,
  conformalNeeds,
  evidenceFor,
  learnSpread,
  pitScore,
  recalibratedBand,
  safetyFactorFor,
  summariseRecord,
  tooNarrowTest,
} from '../../../src/core/forecast/calibration.ts';
import { normalQuantile } from '../../../src/core/sampling/normal.ts';
import { chiSquareQuantile, chiSquareUpperTail } from '../../../src/core/sampling/special-functions.ts';
import vectors from '../../fixtures/stat-vectors.json' with { type: 'json' };

function expectClose(actual: number | null, expected: number, relative = 1e-9): void {
  expect(actual).not.toBeNull();
  expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
}

/** N equally likely bills of a lognormal with median 1000. */
const lognormalBills = (sigma: number, count = 10_001): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => 1000 * Math.exp(sigma * normalQuantile((i + 0.5) / count)));

test('six scores give the known scale posterior and band multipliers', () => {
  const known = vectors.scale_recalibration;
  const spread = learnSpread(known.z);
  expect(spread.degrees).toBe(known.nu);
  expectClose(spread.variance, known.s2);
  expectClose(bandMultiplier(0.8, spread), known.band80_multiplier_in_z);
  expectClose(bandMultiplier(0.95, spread), known.band95_multiplier_in_z);
});

describe('the assumption-free band', () => {
  const known = vectors.conformal;

  test('of ten scores is the known one, and null where ten do not suffice', () => {
    expect(conformalMultiplier(known.abs_z, 0.8)).toBe(known.q80);
    expect(conformalMultiplier(known.abs_z, 0.9)).toBe(known.q90);
    expect(conformalMultiplier(known.abs_z, 0.95)).toBe(known.q95);
  });

  test.each(Object.entries(known.min_bills))('at %s exists from %d bills', (level, bills) => {
    expect(conformalNeeds(Number(level))).toBe(bills);
    expect(conformalMultiplier(Array(bills - 1).fill(1), Number(level))).toBeNull();
    expect(conformalMultiplier(Array(bills).fill(1), Number(level))).toBe(1);
  });
});

describe('a bill among the draws of its forecast', () => {
  test('is scored as the normal quantile of the share below it, ties counting half', () => {
    expect(pitScore(Float64Array.of(1, 2, 3, 4), 2.5)).toBe(0);
    expectClose(pitScore(Float64Array.of(1, 2, 3, 4), 4), normalQuantile(3.5 / 4));
    expect(pitScore(Float64Array.of(7, 7, 7), 7)).toBe(0);
  });

  test('of a lognormal is scored by its own distance in log-sds, also far outside every draw', () => {
    const draws = lognormalBills(0.2);
    for (const z of [-1.28, 0.5, 2]) expect(pitScore(draws, 1000 * Math.exp(0.2 * z))).toBeCloseTo(z, 2);
    for (const z of [-5, 5]) expect(pitScore(draws, 1000 * Math.exp(0.2 * z))).toBeCloseTo(z, 1);
    expect(pitScore(draws, 1e9)).toBeCloseTo(5.9978, 3);
    expect(pitScore(draws, 0)).toBeCloseTo(-5.9978, 3);
  });

  test('that differs from a bill which cannot vary is as surprising as may be', () => {
    expect(pitScore(Float64Array.of(7, 7, 7), 8)).toBeCloseTo(5.9978, 3);
  });

  test('never scores lower than a smaller bill', () => {
    const draws = fc.array(fc.double({ min: 1, max: 100, noNaN: true }), { minLength: 1, maxLength: 40 });
    const bill = fc.double({ min: 0, max: 200, noNaN: true });
    fc.assert(
      fc.property(draws, bill, bill, (column, a, b) => {
        const [low, high] = a <= b ? [a, b] : [b, a];
        const sample = Float64Array.from(column);
        expect(pitScore(sample, low)).toBeLessThanOrEqual(pitScore(sample, high));
      }),
    );
  });

  test('needs draws', () => expect(() => pitScore(new Float64Array(0), 1)).toThrow(RangeError));
});

describe('the spread learned from bills', () => {
  test('needs a safety factor of 1.94 without a bill and 1.31 after twelve good ones to hold', () => {
    expect(safetyFactorFor(0.9, learnSpread([]))).toBeCloseTo(1.94, 2);
    expect(safetyFactorFor(0.9, learnSpread(Array(12).fill(1)))).toBeCloseTo(1.31, 2);
    expect(safetyFactorFor(0.1, learnSpread([]))).toBeCloseTo(0.72, 2);
    expect(safetyFactorFor(0.1, learnSpread(Array(12).fill(1)))).toBeCloseTo(0.82, 2);
  });

  test('turns evidence into the factor it takes and back', () => {
    const spread = learnSpread([0.4, -1.1, 2]);
    expectClose(evidenceFor(safetyFactorFor(0.9, spread), spread), 0.9);
  });

  test('widens the next band where bills lay far out, and narrows it where they lay near', () => {
    const draws = lognormalBills(0.1);
    const width = (scores: readonly number[]): number => {
      const { low, high } = recalibratedBand(draws, 0.8, learnSpread(scores));
      return Math.log(high / low);
    };
    const none = width([]);
    expect(width([2, -2, 2, -2])).toBeGreaterThan(none);
    expect(width([0.3, -0.3, 0.2, -0.1])).toBeLessThan(none);
    expect(none / (2 * 0.1)).toBeCloseTo(bandMultiplier(0.8, learnSpread([])), 2);
  });
});

describe('what is said after so many bills', () => {
  const bills = (count: number) => Array.from({ length: count }, (_, i) => ({ z: i % 2 ? 0.8 : -0.8 }));

  test('three: each is a dot in its band, and nothing is claimed', () => {
    const record = summariseRecord(bills(3));
    expect(record).toMatchObject({ insideBand: 3, acceptedInside: null, tooNarrow: null, conformal80: null });
  });

  test('six: the recalibrated band and the test on Σz² speak, and conformal 80 % exists', () => {
    const record = summariseRecord(bills(6));
    expect(record.acceptedInside).toEqual({ least: 3, most: 6 });
    expectClose(record.tooNarrow, chiSquareUpperTail(6 * 0.64, 6));
    expect(record.conformal80).toBe(0.8);
    expect(record.conformal90).toBeNull();
  });

  test('twelve: 7 to 12 inside the band are expected, and conformal 90 % exists', () => {
    expect(summariseRecord(bills(12))).toMatchObject({
      insideBand: 12,
      acceptedInside: { least: 7, most: 12 },
      conformal90: 0.8,
    });
  });
});

test.each([
  [3, 0.58],
  [6, 0.79],
  [12, 0.95],
])('after %d bills the test on Σz² finds a band half as wide as it should be with power %d', (bills, power) => {
  const limit = chiSquareQuantile(0.95, bills);
  expect(chiSquareUpperTail(limit / 4, bills)).toBeCloseTo(power, 2);
  expect(tooNarrowTest(Array(bills).fill(Math.sqrt(limit / bills)))).toBeCloseTo(0.05, 9);
});
