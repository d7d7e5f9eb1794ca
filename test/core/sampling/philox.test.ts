import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fillNormals, normalQuantile } from '../../../src/core/sampling/normal.ts';
import type { DrawAddress } from '../../../src/core/sampling/philox.ts';
import { fillUniforms, findHashCollision, hashName, philox4x32, uniformOf } from '../../../src/core/sampling/philox.ts';
import vectors from '../../fixtures/stat-vectors.json' with { type: 'json' };

const at: DrawAddress = {
  seed: 42,
  variable: hashName('workloads.chat.requests_per_month'),
  month: 1,
  firstDraw: 0,
  count: 1000,
};

function draw(address: DrawAddress): Float64Array {
  const into = new Float64Array(address.count);
  fillUniforms(into, address);
  return into;
}

describe('Philox', () => {
  test.each(vectors.rng.philox4x32_10)('gives the known answer for counter $ctr', ({ ctr, key, out }) => {
    const word = (text: string | number) => Number.parseInt(String(text), 16);
    const words = philox4x32(ctr.map(word), key.map(word));
    expect([...words].map((value) => value.toString(16).padStart(8, '0'))).toEqual(out);
  });

  test('makes the uniform and the normal of its first two words', () => {
    const [w0 = 0, w1 = 0] = vectors.rng.u53.w.map((word) => Number.parseInt(word, 16));
    expect(uniformOf(w0, w1)).toBe(vectors.rng.u53.u);
    expect(normalQuantile(uniformOf(w0, w1))).toBeCloseTo(vectors.rng.u53.ndtri, 14);
  });

  test('puts draw, month, variable and sub-index in the counter and the seed in the key', () => {
    const [w0 = 0, w1 = 0] = philox4x32([7, 3, 12345, 2], [99, 0]);
    expect(draw({ seed: 99, variable: 12345, month: 3, sub: 2, firstDraw: 7, count: 1 })[0]).toBe(uniformOf(w0, w1));
  });

  test('stays strictly inside 0 and 1 for the extreme words', () => {
    expect(uniformOf(0, 0)).toBeGreaterThan(0);
    expect(uniformOf(0xffffffff, 0xffffffff)).toBeLessThan(1);
  });
});

describe('an address', () => {
  test('means the same number in a block of any size', () => {
    const whole = draw(at);
    fc.assert(
      fc.property(fc.nat(999), fc.nat(200), (firstDraw, wanted) => {
        const count = Math.min(wanted, 1000 - firstDraw);
        const block = draw({ ...at, firstDraw, count });
        expect(block.every((u, i) => u === whole[firstDraw + i])).toBe(true);
      }),
    );
  });

  test('means another number in another month, variable, seed or sub-index', () => {
    const here = draw(at);
    for (const change of [{ month: 2 }, { variable: at.variable + 1 }, { seed: 43 }, { sub: 1 }]) {
      const there = draw({ ...at, ...change });
      expect(there.filter((u, i) => u === here[i])).toHaveLength(0);
    }
  });

  test('is refused when a part does not fit in 32 bits', () => {
    expect(() => draw({ ...at, seed: 2 ** 32 })).toThrow(RangeError);
    expect(() => draw({ ...at, seed: -1 })).toThrow('seed of a draw');
    expect(() => draw({ ...at, month: 1.5 })).toThrow(RangeError);
    expect(() => draw({ ...at, firstDraw: 2 ** 32 - 1, count: 2 })).toThrow('lastDraw');
    expect(draw({ ...at, seed: 2 ** 32 - 1, firstDraw: 2 ** 32 - 2, count: 2 })).toHaveLength(2);
  });
});

describe('many draws', () => {
  const count = 100_000;
  const uniforms = draw({ ...at, count });
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

  test('are uniform: mean ½ and variance 1/12 within four standard errors', () => {
    expect(Math.abs(mean(uniforms) - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / count));
    const variance = mean(uniforms.map((u) => (u - 0.5) ** 2));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt((1 / 80 - 1 / 144) / count));
  });

  test('are normal: mean 0 and variance 1 within four standard errors', () => {
    const normals = new Float64Array(count);
    fillNormals(uniforms, normals, count);
    expect(Math.abs(mean(normals))).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(mean(normals.map((z) => z * z)) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
  });

  test('of two months, and of neighbours, are not correlated', () => {
    const next = draw({ ...at, month: 2, count });
    const shifted = draw({ ...at, firstDraw: 1, count });
    for (const other of [next, shifted]) {
      const correlation = mean(uniforms.map((u, i) => (u - 0.5) * ((other[i] as number) - 0.5))) * 12;
      expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(count));
    }
  });
});

describe('names', () => {
  test.each(Object.entries(vectors.rng.fnv1a32))('%s hashes to its FNV-1a-32', (name, hash) => {
    expect(hashName(name).toString(16)).toBe(hash);
  });

  test('are hashed by their UTF-8 bytes', () => {
    expect(hashName('')).toBe(0x811c9dc5);
    expect(hashName('é')).toBe(Math.imul(Math.imul(0x811c9dc5 ^ 0xc3, 0x01000193) ^ 0xa9, 0x01000193) >>> 0);
  });

  test('that share a hash are found, the same name twice is no collision', () => {
    expect(hashName('costarring')).toBe(hashName('liquid'));
    expect(findHashCollision(['vol', 'costarring', 'ops', 'liquid'])).toEqual(['costarring', 'liquid']);
    expect(findHashCollision(['vol', 'ops', 'vol'])).toBeNull();
  });
});
