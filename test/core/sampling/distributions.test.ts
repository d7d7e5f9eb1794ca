import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Distribution } from '../../../src/core/sampling/distributions.ts';
import {
  central,
  fillQuantiles,
  fitAround,
  fitP10P50P90,
  fitPert,
  fitRange,
  quantileOf,
} from '../../../src/core/sampling/distributions.ts';
import { normalCdf, normalQuantile } from '../../../src/core/sampling/normal.ts';
import { fillUniforms, hashName } from '../../../src/core/sampling/philox.ts';
import vectors from '../../fixtures/stat-vectors.json' with { type: 'json' };

const fits = vectors.quantile_fits;

function fitted(fit: Distribution | string): Distribution {
  if (typeof fit === 'string') throw new Error(fit);
  return fit;
}

function expectClose(actual: number, expected: number, relative = 1e-9): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
}

describe('a range', () => {
  test('of a positive quantity is lognormal through its 5 % and 95 % points', () => {
    const hours = fitted(fitRange(5, 15, 'positive'));
    const known = fits.lognormal_90_5_to_15;
    expect(hours.kind).toBe('lognormal');
    if (hours.kind !== 'lognormal') return;
    expectClose(hours.mu, known.mu);
    expectClose(hours.sigma, known.sigma);
    expectClose(central(hours), Math.sqrt(5 * 15));
    expectClose(Math.exp(hours.mu + hours.sigma ** 2 / 2), known.mean);
    for (const [u, value] of [
      [0.05, 5],
      [0.1, known.p10],
      [0.5, known.median],
      [0.9, known.p90],
      [0.95, 15],
    ] as const) {
      expectClose(quantileOf(hours, u), value);
    }
    expectClose(normalCdf((Math.log(10) - hours.mu) / hours.sigma), known['P(<=10)']);
  });

  test('of anything else is normal', () => {
    expect(fitRange(5, 15, 'any')).toEqual({
      kind: 'normal',
      mean: 10,
      sd: expect.closeTo(fits.normal_90_5_to_15.sd, 12),
    });
    const growth = fitted(fitRange(-0.02, 0.04, 'any'));
    expectClose(quantileOf(growth, 0.05), -0.02);
    expectClose(quantileOf(growth, 0.95), 0.04);
  });

  test('of a share is logit-normal', () => {
    const share = fitted(fitRange(0.2, 0.6, 'share'));
    const known = fits['logitnormal_90_0.2_to_0.6'];
    if (share.kind !== 'logit-normal') throw new Error(share.kind);
    expectClose(share.mu, known.mu);
    expectClose(share.sigma, known.sigma);
    expectClose(central(share), known.median);
    expectClose(quantileOf(share, 0.05), 0.2);
    expectClose(quantileOf(share, 0.95), 0.6);
  });

  test('from 0 keeps both its points and never goes below 0', () => {
    const hours = fitted(fitRange(0, 10, 'positive'));
    expect(quantileOf(hours, 0.001)).toBe(0);
    expect(quantileOf(hours, 0.05)).toBeCloseTo(0, 12);
    expect(central(hours)).toBe(5);
    expectClose(quantileOf(hours, 0.95), 10);
  });

  test('that touches 0 or 1 of a share never leaves them', () => {
    for (const [low, high] of [
      [0, 0.2],
      [0.9, 1],
      [0, 1],
    ] as const) {
      const share = fitted(fitRange(low, high, 'share'));
      expect(quantileOf(share, 1e-9)).toBeGreaterThanOrEqual(0);
      expect(quantileOf(share, 1 - 1e-9)).toBeLessThanOrEqual(1);
      expect(quantileOf(share, 0.05)).toBeCloseTo(low, 12);
      expect(quantileOf(share, 0.95)).toBeCloseTo(high, 12);
    }
  });

  test('of one point is a constant', () => {
    for (const sort of ['positive', 'share', 'any'] as const) {
      const constant = fitted(fitRange(0.3, 0.3, sort));
      expectClose(quantileOf(constant, 0.01), 0.3, 1e-14);
      expect(quantileOf(constant, 0.01)).toBe(quantileOf(constant, 0.99));
    }
  });

  test('is refused in words when it cannot be meant', () => {
    expect(fitRange(15, 5, 'positive')).toBe('the range starts at 15, above its end 5: write the smaller number first');
    expect(fitRange(-1, 5, 'positive')).toContain('cannot be below 0');
    expect(fitRange(0.5, 1.2, 'share')).toContain('shares from 0 to 1');
    expect(fitRange(Number.NaN, 1, 'any')).toContain('finite');
    expect(fitRange(0, Number.POSITIVE_INFINITY, 'any')).toContain('finite');
  });
});

describe('a value ± a fraction', () => {
  test('has its 5 % and 95 % points at value·(1 ± fraction)', () => {
    const requests = fitted(fitAround(1000, 0.15, 'positive'));
    expectClose(quantileOf(requests, 0.05), 1000 * (1 - 0.15));
    expectClose(quantileOf(requests, 0.95), 1000 * (1 + 0.15));
    expectClose(central(requests), 1000 * Math.sqrt(0.85 * 1.15));
  });

  test('goes the right way round for a negative value', () => {
    const decline = fitted(fitAround(-0.02, 0.5, 'any'));
    expectClose(quantileOf(decline, 0.05), -0.03);
    expectClose(quantileOf(decline, 0.95), -0.01);
  });

  test('is refused when it reaches where the quantity cannot be', () => {
    expect(fitAround(10, 1.5, 'positive')).toContain('reaches below 0');
    expect(fitAround(0.8, 0.5, 'share')).toBe(
      '80 % ±50 % leaves the shares from 0 % to 100 %: write both ends of the range',
    );
    expect(fitAround(10, -0.1, 'positive')).toContain('0 or more');
    expect(typeof fitAround(10, 1, 'positive')).toBe('object');
  });
});

describe('p10, p50 and p90', () => {
  const known = fits.log_metalog3_p10_5_p50_8_p90_15;

  test('give a log-metalog through all three', () => {
    const cost = fitted(fitP10P50P90(5, 8, 15, 'positive'));
    expect(cost).toEqual({
      kind: 'log-metalog',
      a1: expect.closeTo(known.a1, 12),
      a2: expect.closeTo(known.a2, 12),
      a3: expect.closeTo(known.a3, 12),
    });
    for (const [u, value] of Object.entries(known.quantiles)) expectClose(quantileOf(cost, Number(u)), value);
    expectClose(central(cost), 8);
  });

  test('give a plain metalog where 0 lies among them', () => {
    const growth = fitted(fitP10P50P90(-0.01, 0.02, 0.06, 'any'));
    expect(growth.kind).toBe('metalog');
    for (const [u, value] of [
      [0.1, -0.01],
      [0.5, 0.02],
      [0.9, 0.06],
    ] as const)
      expectClose(quantileOf(growth, u), value);
  });

  test('give the known metalog', () => {
    const { a1, a2, a3, quantiles } = fits.metalog3_p10_5_p50_8_p90_15;
    for (const [u, value] of Object.entries(quantiles))
      expectClose(quantileOf({ kind: 'metalog', a1, a2, a3 }, Number(u)), value);
  });

  test('of a share never leave 1', () => {
    const share = fitted(fitP10P50P90(0.3, 0.6, 0.95, 'share'));
    expect(quantileOf(share, 0.9999)).toBe(1);
    expectClose(quantileOf(share, 0.5), 0.6);
  });

  test('must rise, and leave room for a smooth curve', () => {
    expect(fitP10P50P90(8, 5, 15, 'positive')).toContain('must rise');
    expect(fitP10P50P90(0, 5, 15, 'positive')).toContain('above 0');
    expect(fitP10P50P90(0.1, 0.5, 1.5, 'share')).toContain('at most 1');
    expect(fitP10P50P90(1, 1.01, 100, 'positive')).toContain('expected between 2.154 and 46.43');
    expect(fitP10P50P90(1, 99, 100, 'positive')).toContain('too near p90 = 100');
    expect(fitP10P50P90(4, 4, 4, 'positive')).toMatchObject({ kind: 'lognormal', sigma: 0 });
  });

  test('give a curve that rises, wherever they are accepted', () => {
    const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(positive, positive, positive), (points) => {
        const [p10, p50, p90] = points.toSorted((a, b) => a - b) as [number, number, number];
        const fit = fitP10P50P90(p10, p50, p90, 'positive');
        if (typeof fit === 'string') return;
        const values = Array.from({ length: 199 }, (_, i) => quantileOf(fit, (i + 1) / 200));
        expect(values.every((value, i) => i === 0 || value >= (values[i - 1] as number) * (1 - 1e-9))).toBe(true);
      }),
    );
  });
});

describe('PERT', () => {
  test('5, 8, 15 has the known quantiles, and its mode in the base case', () => {
    const pert = fitted(fitPert(5, 8, 15));
    const known = fits.pert_5_8_15;
    expectClose(quantileOf(pert, 0.1), known.p10);
    expectClose(quantileOf(pert, 0.5), known.p50);
    expectClose(quantileOf(pert, 0.9), known.p90);
    expect(central(pert)).toBe(8);
  });

  test('with the mode at an end is a power of one uniform: min + width·(1 − (1 − u)^(1/5))', () => {
    const pert = fitted(fitPert(0, 0, 10));
    for (const u of [0.001, 0.2, 0.5, 0.99]) expectClose(quantileOf(pert, u), 10 * (1 - (1 - u) ** (1 / 5)));
  });

  test('of one point is a constant, and of falling points is refused', () => {
    expect(quantileOf(fitted(fitPert(4, 4, 4)), 0.3)).toBe(4);
    expect(fitPert(5, 20, 15)).toContain('must not fall');
    expect(fitPert(5, Number.NaN, 15)).toContain('finite');
  });
});

describe('the prior of an unknown volatility', () => {
  test('with scale 15 % has the median 15 % / √ln 2 and 90 % between 8.7 % and 66 %', () => {
    const prior: Distribution = { kind: 'prior-volatility', scale: 0.15 };
    expectClose(central(prior), 0.15 / Math.sqrt(Math.log(2)));
    expect(quantileOf(prior, 0.05)).toBeCloseTo(0.0867, 4);
    expect(quantileOf(prior, 0.95)).toBeCloseTo(0.6623, 4);
  });

  test('is the root of a scaled inverse χ² with 2 degrees: P(σ ≤ s) = P(χ² ≥ 2·scale²/s²)', () => {
    for (const u of [0.01, 0.4, 0.99]) {
      const sigma = quantileOf({ kind: 'prior-volatility', scale: 0.15 }, u);
      expectClose(Math.exp(-(2 * 0.15 ** 2) / sigma ** 2 / 2), u);
    }
  });

  test('can be held at a largest value without moving its middle', () => {
    const held: Distribution = { kind: 'prior-volatility', scale: 0.15, most: 1 };
    expect(quantileOf(held, 0.9999)).toBe(1);
    expect(central(held)).toBe(central({ kind: 'prior-volatility', scale: 0.15 }));
  });
});

describe('sampling', () => {
  const kinds: readonly (readonly [Distribution, number, number])[] = [
    [{ kind: 'normal', mean: 10, sd: 3 }, 10, 3 ** 2],
    [fitted(fitRange(5, 15, 'positive')), fits.lognormal_90_5_to_15.mean, fits.lognormal_90_5_to_15.sd ** 2],
    [fitted(fitPert(5, 8, 15)), (5 + 4 * 8 + 15) / 6, fits.pert_5_8_15.var],
    [{ kind: 'uniform', low: 2, high: 8 }, (2 + 8) / 2, (8 - 2) ** 2 / 12],
    [{ kind: 'triangular', min: 1, mode: 2, max: 6 }, (1 + 2 + 6) / 3, (1 + 4 + 36 - 2 - 6 - 12) / 18],
  ];

  test.each(kinds)('%j meets its mean and variance within four standard errors', (distribution, mean, variance) => {
    const count = 40_000;
    const column = new Float64Array(count);
    fillUniforms(column, { seed: 7, variable: hashName(distribution.kind), month: 1, firstDraw: 0, count });
    fillQuantiles(distribution, column, column, count);
    const average = column.reduce((sum, value) => sum + value, 0) / count;
    const second = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    const fourth = column.reduce((sum, value) => sum + (value - mean) ** 4, 0) / count;
    expect(Math.abs(average - mean)).toBeLessThan(4 * Math.sqrt(variance / count));
    expect(Math.abs(second - variance)).toBeLessThan(4 * Math.sqrt((fourth - second ** 2) / count));
  });

  test('gives a place the same bits alone and in a column, and leaves the rest of the column', () => {
    const distributions: readonly Distribution[] = [
      ...kinds.map(([distribution]) => distribution),
      fitted(fitRange(0.2, 0.6, 'share')),
      fitted(fitP10P50P90(5, 8, 15, 'positive')),
      fitted(fitP10P50P90(-5, 8, 15, 'any')),
      { kind: 'prior-volatility', scale: 0.15 },
    ];
    for (const distribution of distributions) {
      const uniforms = Float64Array.of(0.1, 0.7, 0.999);
      const column = new Float64Array(4).fill(-1);
      fillQuantiles(distribution, uniforms, column, 3);
      expect([...column]).toEqual([...uniforms].map((u) => quantileOf(distribution, u)).concat(-1));
    }
  });

  test('rises with the uniform for every kind', () => {
    for (const [distribution] of kinds) {
      const values = Array.from({ length: 99 }, (_, i) => quantileOf(distribution, (i + 1) / 100));
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
  });

  test('of a normal is Φ⁻¹ of its uniform', () => {
    expect(quantileOf({ kind: 'normal', mean: 0, sd: 1 }, 0.3)).toBe(normalQuantile(0.3));
  });
});
