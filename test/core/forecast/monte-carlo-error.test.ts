import { describe, expect, test } from '@jest/globals';
import { knownQuantilesOf, planQuantiles } from '../../../src/core/forecast/monte-carlo-error.ts';
import { normalQuantile } from '../../../src/core/sampling/normal.ts';
import { fillUniforms, hashName } from '../../../src/core/sampling/philox.ts';

function uniforms(name: string, count: number, seed: number): Float64Array {
  const column = new Float64Array(count);
  fillUniforms(column, { seed, variable: hashName(name), month: 1, firstDraw: 0, count });
  return column;
}

/** A bill of log-sd 0.1 that `chance` of the months multiply by 2 to 10. */
function spiky(chance: number, count: number, seed: number): Float64Array {
  const [base, onset, size] = ['base', 'onset', 'size'].map((name) => uniforms(name, count, seed)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return base.map((u, i) => {
    const usual = 100 * Math.exp(0.1 * normalQuantile(u));
    const multiplier = Math.sqrt(20) * Math.exp((Math.log(5) / (2 * 1.6449)) * normalQuantile(size[i] as number));
    return (onset[i] as number) < chance ? usual * multiplier : usual;
  });
}

const quantileErrorsOf = (draws: Float64Array, probabilities: readonly number[]) =>
  knownQuantilesOf(draws, planQuantiles(probabilities, draws.length));

const levels = [0.05, 0.1, 0.5, 0.9, 0.95];

describe('the error of a quantile', () => {
  test('is an interval that holds the true quantile in about 95 % of the samples', () => {
    const rounds = 400;
    let held = 0;
    for (let seed = 0; seed < rounds; seed++) {
      const draws = uniforms('u', 500, seed).map((u) => Math.exp(0.5 * normalQuantile(u)));
      for (const [i, { low, high }] of quantileErrorsOf(draws, levels).entries()) {
        const truth = Math.exp(0.5 * normalQuantile(levels[i] as number));
        if ((low as number) <= truth && truth <= (high as number)) held++;
      }
    }
    expect(held / (rounds * levels.length)).toBeGreaterThan(0.94);
    expect(held / (rounds * levels.length)).toBeLessThan(0.99);
  });

  test('falls with the root of the number of draws', () => {
    const errorOf = (count: number): number => quantileErrorsOf(uniforms('u', count, 1), [0.5])[0]?.error ?? Number.NaN;
    expect(errorOf(400) / errorOf(40_000)).toBeGreaterThan(6);
    expect(errorOf(400) / errorOf(40_000)).toBeLessThan(16);
  });

  test('is unknown where there are too few draws', () => {
    expect(quantileErrorsOf(Float64Array.of(1, 2, 3), [0.95])[0]).toMatchObject({
      high: null,
      error: null,
      inGap: false,
    });
  });

  test('of a bill that does not vary is 0', () => {
    expect(quantileErrorsOf(new Float64Array(1000).fill(5), [0.5])).toEqual([
      { value: 5, low: 5, high: 5, error: 0, inGap: false },
    ]);
  });
});

describe('a density gap', () => {
  test.each([500, 2000, 10_000])('at P95 is flagged when 5 %% of %d months are spikes, and only there', (count) => {
    for (let seed = 0; seed < 10; seed++)
      expect(quantileErrorsOf(spiky(0.05, count, seed), levels).map(({ inGap }) => inGap)).toEqual([
        false,
        false,
        false,
        false,
        true,
      ]);
  });

  test.each([0, 0.005, 0.2])('is not seen where spikes have a chance of %d', (chance) => {
    for (let seed = 0; seed < 10; seed++)
      expect(quantileErrorsOf(spiky(chance, 10_000, seed), levels).some(({ inGap }) => inGap)).toBe(false);
  });

  test('is not seen in a smooth bill, however skewed', () => {
    for (const sigma of [0.05, 0.3, 1, 1.5]) {
      const draws = uniforms('u', 10_000, 3).map((u) => Math.exp(sigma * normalQuantile(u)));
      expect(quantileErrorsOf(draws, levels).some(({ inGap }) => inGap)).toBe(false);
    }
  });

  test('is flagged at a median that lies between one machine and two', () => {
    const draws = uniforms('u', 10_000, 4).map((u) => (u < 0.5 ? 1000 : 2000));
    expect(quantileErrorsOf(draws, [0.5])[0]?.inGap).toBe(true);
  });
});
