import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { fitStepTime } from '../../../src/core/scenario/throughput-law.ts';
import { loadThroughput } from '../../../src/files/throughput.ts';

const measured = await loadThroughput('models/throughput.yaml');

function sweep(device: string, llm: string): readonly { batch: Decimal; output_tokens_per_s: Decimal }[] {
  return measured
    .filter((one) => one.device === device && one.llm === llm && one.requests_at_once !== undefined)
    .map(({ requests_at_once: batch, tokens_per_s: speed }) => ({
      batch: new Decimal(batch ?? 0),
      output_tokens_per_s: new Decimal(speed),
    }));
}

describe('tokens/s = batch ÷ (t0 + t1 × batch)', () => {
  test('reproduces nine batches of Llama 405B on eight MI300X within 2.1 %: t0 = 27.3 ms, t1 = 0.424 ms', () => {
    const points = sweep('mi300x', 'llama-3.1-405b');
    const law = fitStepTime(points);
    if (typeof law === 'string') throw new Error(law);
    expect(points.length).toBe(9);
    expect([law.fixed.times(1000).toFixed(1), law.perRequest.times(1000).toFixed(3)]).toEqual(['27.3', '0.424']);
    expect(law.worstError.times(100).toDecimalPlaces(1).toNumber()).toBeLessThanOrEqual(2.1);
    // Saturation at 1/t1, half of it at a batch of t0/t1.
    expect([law.perRequest.pow(-1).toFixed(0), law.fixed.div(law.perRequest).toFixed(0)]).toEqual(['2358', '64']);
  });

  test('reproduces five batches of Mistral 7B on an RTX 4090 within 0.7 %: t0 = 17.2 ms, t1 = 0.484 ms', () => {
    const points = sweep('rtx-4090', 'mistral-7b');
    const law = fitStepTime(points);
    if (typeof law === 'string') throw new Error(law);
    expect(points.length).toBe(5);
    expect([law.fixed.times(1000).toFixed(1), law.perRequest.times(1000).toFixed(3)]).toEqual(['17.2', '0.484']);
    expect(law.worstError.times(100).toDecimalPlaces(1).toNumber()).toBeLessThanOrEqual(0.7);
    expect([law.perRequest.pow(-1).toFixed(0), law.fixed.div(law.perRequest).toFixed(0)]).toEqual(['2065', '36']);
  });

  test('from the smallest and the largest batch alone, stays within 3 % of every other', () => {
    for (const points of [sweep('mi300x', 'llama-3.1-405b'), sweep('rtx-4090', 'mistral-7b')]) {
      const law = fitStepTime([points[0], points.at(-1)].flatMap((point) => point ?? []));
      if (typeof law === 'string') throw new Error(law);
      for (const { batch, output_tokens_per_s: speed } of points) {
        const found = batch.div(law.fixed.plus(law.perRequest.times(batch)));
        expect(found.div(speed).minus(1).abs().toNumber()).toBeLessThan(0.03);
      }
    }
  });

  test('goes exactly through two points', () => {
    const point = fc.record({
      fixed: fc.integer({ min: 1, max: 100_000 }),
      perRequest: fc.integer({ min: 1, max: 10_000 }),
      small: fc.integer({ min: 1, max: 50 }),
      more: fc.integer({ min: 1, max: 500 }),
    });
    fc.assert(
      fc.property(point, ({ fixed, perRequest, small, more }) => {
        const [t0, t1] = [new Decimal(fixed).div(1e6), new Decimal(perRequest).div(1e6)];
        const points = [small, small + more].map((batch) => ({
          batch: new Decimal(batch),
          output_tokens_per_s: new Decimal(batch).div(t0.plus(t1.times(batch))),
        }));
        const law = fitStepTime(points);
        if (typeof law === 'string') throw new Error(law);
        expect(law.fixed.div(t0).minus(1).abs().toNumber()).toBeLessThan(1e-8);
        expect(law.perRequest.div(t1).minus(1).abs().toNumber()).toBeLessThan(1e-8);
      }),
    );
  });

  test.each([
    ['one batch measured twice', [8, 100, 8, 120], 'two different batches'],
    ['a speed that falls as the batch grows by more than its time', [8, 1000, 64, 900], 'does not grow'],
    ['a speed that grows faster than the batch', [8, 100, 16, 300], 'faster than the batch'],
  ] as const)('is refused for %s', (_name, [a, fast, b, faster], sentence) => {
    const points = [
      { batch: new Decimal(a), output_tokens_per_s: new Decimal(fast) },
      { batch: new Decimal(b), output_tokens_per_s: new Decimal(faster) },
    ];
    expect(fitStepTime(points)).toContain(sentence);
  });
});
