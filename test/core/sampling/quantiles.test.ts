import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  countCovering,
  createQuantileScratch,
  kthSmallest,
  quantilesOf,
} from '../../../src/core/sampling/quantiles.ts';

const anyFloat = fc.double({ noNaN: true });
const tightFloat = fc.double({ min: 1000, max: 1000.000001, noNaN: true });
const tiedFloat = fc.constantFrom(-2, -0, 0, 1, 1, 1, 5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324);
const columns = fc.oneof(
  ...[anyFloat, tightFloat, tiedFloat].map((value) => fc.array(value, { minLength: 1, maxLength: 300 })),
);

describe('quantiles', () => {
  test('interpolate linearly between the two nearest values', () => {
    const column = Float64Array.of(10, 1, 3, 2);
    expect(quantilesOf(column, [0, 0.25, 0.5, 1])).toEqual([1, 1 + 0.75 * (2 - 1), (2 + 3) / 2, 10]);
    expect(quantilesOf(column, [0.9])[0]).toBeCloseTo(3 + 0.7 * (10 - 3), 14);
  });

  test('come in the order asked for, the same one twice too', () => {
    expect(quantilesOf(Float64Array.of(1, 2, 3), [1, 0, 0.5, 0.5])).toEqual([3, 1, 2, 2]);
  });

  test('leave the column as it was', () => {
    const column = Float64Array.of(3, 1, 2);
    quantilesOf(column, [0.1, 0.9]);
    expect([...column]).toEqual([3, 1, 2]);
  });

  test('read a part of a larger column', () => {
    expect(quantilesOf(Float64Array.of(100, 3, 1, 2, -100).subarray(1, 4), [0, 0.5, 1])).toEqual([1, 2, 3]);
  });

  test('never make NaN of infinities', () => {
    const infinite = Number.POSITIVE_INFINITY;
    expect(quantilesOf(Float64Array.of(infinite, infinite, 1), [0, 0.25, 0.5, 1])).toEqual([
      1,
      infinite,
      infinite,
      infinite,
    ]);
  });

  test('need a value and a probability', () => {
    expect(() => quantilesOf(new Float64Array(0), [0.5])).toThrow('empty column');
    expect(() => quantilesOf(Float64Array.of(1), [1.1])).toThrow(RangeError);
    expect(() => quantilesOf(Float64Array.of(1), [Number.NaN])).toThrow(RangeError);
  });

  test('agree with sorting, for ties, negatives, infinities and hair-thin spreads', () => {
    const scratch = createQuantileScratch(300);
    fc.assert(
      fc.property(
        columns,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
        (values, probabilities) => {
          const sorted = Float64Array.from(values).sort();
          const selected = quantilesOf(Float64Array.from(values), probabilities, scratch);
          probabilities.forEach((probability, i) => {
            const place = (values.length - 1) * probability;
            const [low, high] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
            const found = selected[i] as number;
            expect(found).toBeGreaterThanOrEqual(low);
            expect(found).toBeLessThanOrEqual(high);
            const between = low + (high - low) * (place - Math.floor(place));
            if (Number.isFinite(between))
              expect(Math.abs(found - between)).toBeLessThanOrEqual(4e-16 * Math.max(Math.abs(low), Math.abs(high)));
          });
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('the k-th smallest', () => {
  test('is the k-th of the sorted column, for every k', () => {
    const scratch = createQuantileScratch(300);
    fc.assert(
      fc.property(columns, (values) => {
        const sorted = Float64Array.from(values).sort();
        const wrong = [...sorted].findIndex(
          (value, i) => kthSmallest(Float64Array.from(values), i + 1, scratch) + 0 !== value + 0,
        );
        expect(wrong).toBe(-1);
      }),
    );
  });

  test('does not exist below 1 or beyond the column', () => {
    expect(() => kthSmallest(Float64Array.of(1, 2), 0)).toThrow('no 0-th smallest of 2');
    expect(() => kthSmallest(Float64Array.of(1, 2), 3)).toThrow(RangeError);
    expect(kthSmallest(Float64Array.of(1, 2), 2, createQuantileScratch(1))).toBe(2);
  });
});

describe('how many make up a share', () => {
  test.each([
    [0.8, 20, 16],
    [0.8, 21, 17],
    [0.55, 100, 55],
    [0.29, 100, 29],
    [0.07, 100, 7],
    [1, 7, 7],
    [0.001, 10, 1],
    [0.8, 10_000, 8000],
    [0.95, 10_000, 9500],
  ])('%d of %d is %d, whatever the float product says', (share, count, expected) => {
    expect(countCovering(share, count)).toBe(expected);
  });

  test('would be one too many without the guard', () => {
    expect(Math.ceil(0.55 * 100)).toBe(56);
  });
});
