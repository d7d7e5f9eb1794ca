import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { ScenarioDecimal } from '../../../src/core/scenario/decimal-text.ts';
import { computeSizesOfInput } from '../../../src/core/scenario/request-sizes.ts';
import type { RequestSize } from '../../../src/core/scenario/scenario.ts';
import { parsed, withWorkload } from './example.ts';

const sizesOf = (mean: number, p95: number) => computeSizesOfInput(new Decimal(mean), new Decimal(p95));

describe('{mean, p95}', () => {
  test('gives 12 sizes of equal share whose shares and whose inputs add up to exactly 1', () => {
    const sizes = sizesOf(1000, 2000);
    expect(sizes).toHaveLength(12);
    expect(sum(sizes, ({ share }) => share).toFixed()).toBe('1');
    expect(sum(sizes, ({ share, input }) => share.times(input)).toNumber()).toBeCloseTo(1, 15);
    for (const { share } of sizes) expect(share.toNumber()).toBeCloseTo(1 / 12, 11);
  });

  test('stands at the quantiles (i + ½)/12 of the lognormal: σ = 1.6449 − √(1.6449² − 2 ln 2) = 0.4963 for p95 = 2 × mean', () => {
    const z = 1.6448536269514722;
    const sigma = z - Math.sqrt(z * z - 2 * Math.log(2));
    const sizes = sizesOf(1000, 2000).map(({ input }) => input.toNumber());
    // Φ⁻¹ at 0.5/12 and 11.5/12 is ∓1.731664396122245; neighbours of the middle, 5.5/12 and 6.5/12, ∓0.1046334556140754
    expect((sizes[11] as number) / (sizes[0] as number)).toBeCloseTo(Math.exp(sigma * 2 * 1.731664396122245), 8);
    expect((sizes[6] as number) / (sizes[5] as number)).toBeCloseTo(Math.exp(sigma * 2 * 0.1046334556140754), 8);
  });

  test('sizes rise, and every size has the mean output', () => {
    const sizes = sizesOf(1000, 3868);
    for (const [i, size] of sizes.entries()) {
      if (i > 0) expect(size.input.greaterThan(sizes[i - 1]?.input ?? 0)).toBe(true);
      expect(size.output.toFixed()).toBe('1');
    }
  });

  test('p95 equal to the mean is one size', () => {
    expect(parsed(withWorkload({ input_tokens: { mean: 900, p95: 900 } })).workloads[0]?.sizes).toHaveLength(1);
  });

  test('holds for every ratio from 1 to 3.868', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1001, max: 3868 }), (p95) => {
        const sizes = sizesOf(1000, p95);
        expect(sum(sizes, ({ share, input }) => share.times(input)).toNumber()).toBeCloseTo(1, 15);
        for (const { input } of sizes) expect(input.greaterThan(0)).toBe(true);
      }),
    );
  });
});

describe('sizes', () => {
  test('make the mean request, and each size is relative to it', () => {
    const sizes = [
      { share: '70%', input: 1500, output: 80 },
      { share: '25%', input: 4000, output: 160 },
      { share: '5%', input: 12_000, output: 400 },
    ];
    const workload = parsed(withWorkload({ input_tokens: 2650, output_tokens: 116, sizes })).workloads[0];
    expect(workload?.input_tokens).toMatchObject({
      kind: 'constant',
      value: new ScenarioDecimal(0.7 * 1500 + 0.25 * 4000 + 0.05 * 12_000),
    });
    expect(workload?.output_tokens).toMatchObject({
      kind: 'constant',
      value: new ScenarioDecimal(0.7 * 80 + 0.25 * 160 + 0.05 * 400),
    });
    expect(workload?.sizes.map(({ input }) => input.toNumber())).toEqual([1500 / 2650, 4000 / 2650, 12_000 / 2650]);
    expect(workload?.sizes.map(({ output }) => output.toNumber())).toEqual([80 / 116, 160 / 116, 400 / 116]);
  });

  test('without any output every size has the mean output, which is none', () => {
    const sizes = [{ share: 1, input: 10, output: 0 }];
    const {
      input_tokens: _in,
      output_tokens: _out,
      ...rest
    } = { ...withWorkload({ sizes }) } as Record<string, unknown>;
    const [workload] = rest.workloads as Record<string, unknown>[];
    delete workload?.input_tokens;
    delete workload?.output_tokens;
    expect(parsed(rest).workloads[0]?.sizes[0]?.output.toFixed()).toBe('1');
  });
});

function sum(sizes: readonly RequestSize[], of: (size: RequestSize) => Decimal): Decimal {
  return sizes.reduce((total, size) => total.plus(of(size)), new Decimal(0));
}
