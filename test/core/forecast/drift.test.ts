import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { learnDrift, logErrorOf } from '../../../src/core/forecast/calibration.ts';
import { elasticityOf } from '../../../src/core/forecast/tier-check.ts';
import { judgePredictability } from '../../../src/core/forecast/verdict.ts';
import { normalQuantile } from '../../../src/core/sampling/normal.ts';

const draws = Float64Array.from({ length: 4001 }, (_, i) => 1000 * Math.exp(0.04 * normalQuantile((i + 0.5) / 4001)));
const calm = new Array<number>(12).fill(0.9);
const ask = (drift: ReturnType<typeof learnDrift>, sigma = 1) =>
  judgePredictability({
    draws: draws.map((bill) => 1000 * (bill / 1000) ** sigma),
    tolerance: 0.1,
    confidence: 0.8,
    pitScores: calm,
    drift,
  });

describe('the drift of past months', () => {
  test('is their mean log error, with the far end of its 80 % interval', () => {
    const drift = learnDrift([0.03, 0.05, 0.02, 0.04, 0.03, 0.01]);
    const squares = 0 + 0.02 ** 2 + 0.01 ** 2 + 0.01 ** 2 + 0 + 0.02 ** 2;
    const error = Math.sqrt(squares / 5 / 6);
    expect(drift?.mean).toBeCloseTo(0.03, 12);
    expect(drift?.error).toBeCloseTo(error, 12);
    expect(drift?.farEnd).toBeCloseTo(0.03 + 1.2815515655446004 * error, 12);
    expect(learnDrift([-0.03, -0.05, -0.02, -0.04, -0.03, -0.01])?.farEnd).toBeCloseTo(-(drift?.farEnd ?? 0), 12);
  });

  test('is not spoken of with fewer than six', () => {
    expect(learnDrift([0.1, 0.1, 0.1, 0.1, 0.1])).toBeNull();
  });

  test('takes a bill of nothing for a billionth of its forecast', () => {
    expect(logErrorOf(0, 250)).toBeCloseTo(Math.log(1e-9), 12);
    expect(logErrorOf(275, 250)).toBeCloseTo(Math.log(1.1), 12);
  });
});

describe('a promise whose months drifted', () => {
  test('is withheld although its spread alone would let it hold', () => {
    expect(ask(null)).toMatchObject({ verdict: 'holds', withheld: false });
    const drifted = ask({ mean: 0.05, error: 0.005, farEnd: 0.0564 });
    expect(drifted).toMatchObject({ verdict: 'not enough evidence', withheld: true });
    expect(drifted.evidence).toBeLessThan(0.9);
    expect(drifted.probability).toBe(ask(null).probability);
  });

  test('holds where the drift is small beside the tolerance', () => {
    expect(ask({ mean: 0.01, error: 0.003, farEnd: 0.0138 })).toMatchObject({ verdict: 'holds', withheld: false });
  });

  test('is never said to fail for its drift', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -0.3, max: 0.3, noNaN: true }),
        fc.double({ min: 0.1, max: 4, noNaN: true }),
        (end, sigma) => {
          const without = ask(null, sigma);
          const drifted = ask({ mean: end, error: 0.001, farEnd: end }, sigma);
          expect(drifted.verdict).toBe(drifted.withheld ? 'not enough evidence' : without.verdict);
          expect(drifted.evidence as number).toBeLessThanOrEqual(without.evidence as number);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('demand 5 % off is a bill 1 % off, where the bill moves by a fifth of what demand does', () => {
  const demand = Float64Array.of(90, 100, 110, 130, 0);
  expect(
    elasticityOf(
      demand.map((requests) => 300 * requests ** 0.2),
      demand,
    ),
  ).toBeCloseTo(0.2, 12);
  expect(elasticityOf(Float64Array.of(5, 5, 5), Float64Array.of(1, 2, 3))).toBe(0);
  expect(elasticityOf(Float64Array.of(5, 6, 7), Float64Array.of(2, 2, 2))).toBe(1);
});
