import { expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { judgePace, raiseFlags } from '../../../src/core/bills/flags.ts';
import { normalQuantile } from '../../../src/core/sampling/normal.ts';
import { fillUniforms, hashName } from '../../../src/core/sampling/philox.ts';

const quiet = { z: 0, earlier: [], residual: new Decimal(0), bill: new Decimal(1000), currency: 'USD', prices: [] };
const codes = (over: Partial<Parameters<typeof raiseFlags>[0]>): readonly string[] =>
  raiseFlags({ ...quiet, ...over }).map(({ code }) => code);

test('a residual is flagged above 1 % of the bill and above 5', () => {
  expect(codes({ residual: new Decimal(10) })).toEqual([]);
  expect(codes({ residual: new Decimal('-10.01') })).toEqual(['residual']);
  expect(codes({ bill: new Decimal(100), residual: new Decimal(5) })).toEqual([]);
  expect(codes({ bill: new Decimal(100), residual: new Decimal('5.01') })).toEqual(['residual']);
});

test('three of the last four bills beyond one side of the 80 % band are a drift', () => {
  expect(codes({ earlier: [1.5, 1.5, 0], z: 1.5 })).toContain('drift');
  expect(codes({ earlier: [1.5, -1.5, 0], z: 1.5 })).not.toContain('drift');
  expect(codes({ earlier: [1.5, 1.5, 1.5, 0, 0], z: 1.5 })).not.toContain('drift');
});

test('of bills from a right forecast 5 % lie outside the recalibrated 95 % band, and 0.7 % of the windows drift', () => {
  const months = 20_000;
  const uniforms = new Float64Array(months);
  fillUniforms(uniforms, { seed: 5, variable: hashName('flags'), month: 1, firstDraw: 0, count: months });
  const z = [...uniforms].map(normalQuantile);
  let [outside, drift] = [0, 0];
  for (let i = 12; i < months; i++) {
    const raised = codes({ z: z[i] ?? 0, earlier: z.slice(i - 12, i) });
    if (raised.includes('outside-95')) outside++;
    if (raised.includes('drift')) drift++;
  }
  expect(outside / months).toBeGreaterThan(0.03);
  expect(outside / months).toBeLessThan(0.06);
  // 2 × (4 × 0.1³ × 0.9 + 0.1⁴)
  expect(Math.abs(drift / months - 0.0074)).toBeLessThan(0.003);
});

test('a month under way warns from a probability of 0.8 on', () => {
  expect(judgePace(0.79)).toBeNull();
  expect(judgePace(Number.NaN)).toBeNull();
  expect(judgePace(0.8)).toContain('80 %');
});
