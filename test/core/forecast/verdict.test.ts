import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { learnSpread } from '../../../src/core/forecast/calibration.ts';
import { judgePredictability, probabilitiesWithin, shownTolerances } from '../../../src/core/forecast/verdict.ts';
import { normalCdf, normalQuantile } from '../../../src/core/sampling/normal.ts';
import { fillUniforms, hashName } from '../../../src/core/sampling/philox.ts';
import { chiSquareUpperTail, studentTQuantile } from '../../../src/core/sampling/special-functions.ts';
import vectors from '../../fixtures/stat-vectors.json' with { type: 'json' };

const known = vectors.verdict;
const sample = Float64Array.from(known.sample);
const sixScores = known.evidence_6_bills.z;
const question = { draws: sample, tolerance: known.tau, confidence: 0.8 };

function expectClose(actual: number | null, expected: number, relative = 1e-9): void {
  expect(actual).not.toBeNull();
  expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
}

/** N equally likely bills of a lognormal with median `median` and log standard deviation `sigma`. */
function lognormalBills(sigma: number, count = 10_001, median = 1000): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => median * Math.exp(sigma * normalQuantile((i + 0.5) / count)));
}

describe('twenty bills', () => {
  test('are judged around their median: 17 of 20 within ±10 %', () => {
    const answer = judgePredictability(question);
    expect(answer.forecast).toBe(known.F_median);
    expect(answer.probability).toBe(known.hits / 20);
    expectClose(answer.safetyFactor, known.safety_factor['0.8']);
    expectClose(answer.tightestTolerance, known.tightest_tolerance['0.8']);
    expect(answer.rating).toBe('Acceptable');
    expect(answer.verdict).toBe('not enough evidence');
    expect(answer.reason).toBeNull();
  });

  test('bear less at a higher pass level', () => {
    const answer = judgePredictability({ ...question, confidence: 0.9 });
    expectClose(answer.safetyFactor, known.safety_factor['0.9']);
    expectClose(answer.tightestTolerance, known.tightest_tolerance['0.9']);
    expect(answer.rating).toBe('Limited');
  });

  test('with six past scores give the known evidence', () => {
    expectClose(
      judgePredictability({ ...question, pitScores: sixScores }).evidence,
      known['evidence_for_sample_q0.8_6_bills'].evidence,
    );
  });

  test('show the four usual tolerances side by side', () => {
    expect(shownTolerances).toEqual([0.05, 0.1, 0.15, 0.2]);
    expect(probabilitiesWithin(question.draws, shownTolerances)).toEqual([13 / 20, 17 / 20, 19 / 20, 19 / 20]);
  });
});

describe('evidence', () => {
  test.each(Object.entries(known.evidence_no_bills))('for a safety factor of %s without bills', (factor, evidence) => {
    const { degrees, variance } = learnSpread([]);
    expectClose(chiSquareUpperTail((degrees * variance) / Number(factor) ** 2, degrees), evidence);
  });

  test.each(['0.5', '1', '1.5', '2'] as const)('for a safety factor of %s after six bills', (factor) => {
    const { nu, s2, evidence } = known.evidence_6_bills[factor];
    const { degrees, variance } = learnSpread(sixScores);
    expect(degrees).toBe(nu);
    expectClose(variance, s2);
    expectClose(chiSquareUpperTail((degrees * variance) / Number(factor) ** 2, degrees), evidence);
  });

  test('without bills turns at safety factors 1.94 and 0.72', () => {
    const evidenceAt = (factor: number) => chiSquareUpperTail(4 / factor ** 2, 4);
    expect([evidenceAt(1.93), evidenceAt(1.95)].map((evidence) => evidence >= 0.9)).toEqual([false, true]);
    expect([evidenceAt(0.71), evidenceAt(0.72)].map((evidence) => evidence <= 0.1)).toEqual([true, false]);
  });

  test('of past scores widens or narrows the bands', () => {
    const recalibration = vectors.scale_recalibration;
    const { degrees, variance } = learnSpread(recalibration.z);
    expectClose(studentTQuantile(0.9, degrees) * Math.sqrt(variance), recalibration.band80_multiplier_in_z);
    expectClose(studentTQuantile(0.975, degrees) * Math.sqrt(variance), recalibration.band95_multiplier_in_z);
  });
});

describe('lognormal bills', () => {
  const check = vectors.ten_percent_check;

  test.each(check.P_hit_at_median_F as [number, number][])(
    'with log-sd %d hit with probability %d',
    (sigma, probability) => {
      expectClose(normalCdf(Math.log1p(0.1) / sigma) - normalCdf(Math.log1p(-0.1) / sigma), probability);
      expect(probabilitiesWithin(lognormalBills(sigma), [0.1])[0]).toBeCloseTo(probability, 3);
    },
  );

  test.each(check.tightest_tolerance_lognormal_F_median as [number, number, number][])(
    'with log-sd %d have at pass level %d the tightest tolerance %d',
    (sigma, confidence, tightest) => {
      const answer = judgePredictability({ draws: lognormalBills(sigma), tolerance: 0.1, confidence });
      expectClose(answer.tightestTolerance, tightest, 2e-3);
    },
  );

  test('reach a pass level with the best forecast up to the log-sd c / Φ⁻¹((1 + q)/2)', () => {
    const c = Math.log(1.1 / 0.9) / 2;
    expectClose(c, check.half_log_width_c);
    for (const [confidence, sigma] of Object.entries(check.sigma_required_best_F)) {
      expectClose(c / normalQuantile((1 + Number(confidence)) / 2), sigma);
    }
    expectClose(1 / Math.sqrt(1 - 0.1 ** 2), check.coverage_max_F_over_median);
  });

  test.each(check.P_hit_at_best_F as [number, number][])(
    'lose at most 0.0012 by forecasting the median (log-sd %d)',
    (sigma, best) => {
      const atMedian = probabilitiesWithin(lognormalBills(sigma, 100_001), [0.1])[0] as number;
      expect(best - atMedian).toBeLessThan(0.0013);
      expectClose(2 * normalCdf(check.half_log_width_c / sigma) - 1, best);
    },
  );

  test.each([
    [0.03, 'holds', 'Excellent'],
    [0.078, 'not enough evidence', 'Acceptable'],
    [0.3, 'does not hold', 'Poor'],
  ] as const)('with log-sd %d are answered "%s" and rated %s', (sigma, verdict, rating) => {
    expect(judgePredictability({ draws: lognormalBills(sigma), tolerance: 0.1, confidence: 0.8 })).toMatchObject({
      verdict,
      rating,
    });
  });
});

describe('a rare spike', () => {
  test.each(vectors.ten_percent_check.spike_mixture)(
    'does not break the median forecast (σ $sigma, λ $lambda)',
    (mixture) => {
      const count = 40_000;
      const columns = ['base', 'spike', 'size'].map((name) => {
        const column = new Float64Array(count);
        fillUniforms(column, { seed: 11, variable: hashName(name), month: 1, firstDraw: 0, count });
        return column;
      });
      const [base, spike, size] = columns as [Float64Array, Float64Array, Float64Array];
      const [low, high] = mixture.mult_5_95 as [number, number];
      const draws = base.map((u, i) => {
        const usual = Math.exp(mixture.sigma * normalQuantile(u));
        if ((spike[i] as number) >= mixture.lambda) return usual;
        const spread = Math.log(high / low) / (2 * normalQuantile(0.95));
        return usual * Math.sqrt(low * high) * Math.exp(spread * normalQuantile(size[i] as number));
      });
      const answer = judgePredictability({ draws, tolerance: 0.1, confidence: 0.8 });
      const standardError = Math.sqrt((mixture.P_hit_median * (1 - mixture.P_hit_median)) / count);
      expect(Math.abs((answer.probability as number) - mixture.P_hit_median)).toBeLessThan(4 * standardError);
      expect(answer.forecast).toBeCloseTo(mixture.median, 2);

      const mean = draws.reduce((sum, bill) => sum + bill, 0) / count;
      const hitsAroundMean = draws.filter((bill) => Math.abs(bill - mean) <= 0.1 * mean).length / count;
      expect(hitsAroundMean).toBeLessThan((answer.probability as number) - 0.1);
    },
  );
});

describe('at the edges', () => {
  const judge = (draws: readonly number[], confidence = 0.8) =>
    judgePredictability({ draws: Float64Array.from(draws), tolerance: 0.1, confidence });

  test('a fixed bill holds, has no safety factor and a tightest tolerance of 0', () => {
    expect(judge([500, 500, 500, 500, 500])).toMatchObject({
      forecast: 500,
      probability: 1,
      safetyFactor: null,
      evidence: 1,
      verdict: 'holds',
      rating: 'Excellent',
      tightestTolerance: 0,
      reason: 'does-not-vary',
    });
  });

  test('no cost has no relative error: every answer is null', () => {
    const nothing = {
      probability: null,
      safetyFactor: null,
      evidence: null,
      verdict: null,
      rating: null,
      tightestTolerance: null,
    };
    expect(judge([0, 0, 0])).toMatchObject({ ...nothing, reason: 'no-cost' });
    expect(judge([-5, -5, 3])).toMatchObject({ ...nothing, reason: 'no-cost' });
    expect(probabilitiesWithin(Float64Array.of(0, 0, 0), [0.1, 0.2])).toEqual([null, null]);
  });

  test('bills of 0 and credits are misses that no spread excuses', () => {
    const answer = judge([0, -20, 100, 100, 100, 100, 100], 0.9);
    expect(answer).toMatchObject({
      probability: 5 / 7,
      safetyFactor: 0,
      evidence: 0,
      verdict: 'does not hold',
      rating: 'Limited',
    });
  });

  test('a bill exactly on the boundary is a hit, also where the floats fall a hair outside', () => {
    expect(Math.abs(0.77 - 0.7)).toBeGreaterThan(0.1 * 0.7);
    expect(probabilitiesWithin(Float64Array.of(0.63, 0.7, 0.77), [0.1])[0]).toBe(1);
    expect(probabilitiesWithin(Float64Array.of(899.99, 1000, 1100), [0.1])[0]).toBe(2 / 3);
  });

  test('a pass level that is a float product counts the right number of draws', () => {
    const draws = Array.from({ length: 100 }, (_, i) => (i < 55 ? 1000 : 2000));
    expect(judge(draws, 0.55).tightestTolerance).toBe(0);
  });

  test('an unusable question is refused', () => {
    expect(() => judge([])).toThrow(RangeError);
    expect(() => judgePredictability({ ...question, tolerance: 1 })).toThrow('tolerance');
    expect(() => judgePredictability({ ...question, confidence: 0 })).toThrow('confidence');
  });

  test('the rating follows the pass level: below it nothing is better than Limited', () => {
    const nineInTen = [...Array.from({ length: 92 }, () => 100), ...Array.from({ length: 8 }, () => 200)];
    expect(judge(nineInTen, 0.8).rating).toBe('Strong');
    expect(judge(nineInTen, 0.95).rating).toBe('Limited');
  });
});

test('enough draws hit exactly when the safety factor is at least 1', () => {
  const bills = fc.array(fc.double({ min: 50, max: 200, noNaN: true }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(bills, fc.constantFrom(0.5, 0.55, 0.8, 0.9, 1), (draws, confidence) => {
      const answer = judgePredictability({ draws: Float64Array.from(draws), tolerance: 0.1, confidence });
      const factor = answer.safetyFactor ?? Number.POSITIVE_INFINITY;
      if (Math.abs(factor - 1) < 1e-9) return;
      expect((answer.probability as number) >= confidence).toBe(factor > 1);
    }),
  );
});
