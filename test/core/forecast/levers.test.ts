import { describe, expect, test } from '@jest/globals';
import { computeLevers, largestUsagePart, largestUsageShare } from '../../../src/core/forecast/levers.ts';
import {
  bestForecast,
  expectedBill,
  expectedExcess,
  expectedWithCommitment,
  halfLogWidth,
  largestCap,
  largestSigma,
  probabilityOfHitting,
  probabilityUnderCap,
  smallestCommitment,
  spikyMean,
  spikyMedian,
  spikyProbability,
  tightestToleranceOf,
} from '../../../src/core/forecast/lognormal-bill.ts';
import { normalQuantile } from '../../../src/core/sampling/normal.ts';
import vectors from '../../fixtures/stat-vectors.json' with { type: 'json' };

const known = vectors.levers;
const bill = { mu: Math.log(known.median), sigma: known.lognormal_sigma };
const count = 100_001;
const draws = Float64Array.from({ length: count }, (_, i) =>
  Math.exp(bill.mu + bill.sigma * normalQuantile((i + 0.5) / count)),
);

function expectClose(actual: number, expected: number, relative = 1e-9): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
}

describe('the closed forms of a lognormal bill', () => {
  test('give the known levers', () => {
    const tightest = tightestToleranceOf(bill.sigma, 0.8);
    expectClose(tightest, known.tol80);
    expectClose(largestUsageShare(0.1, tightest), known.max_usage_share_of_bill);
    const { fixed_L, max_usage_part_V, share_check } = known.move_to_local;
    expectClose(largestUsagePart(fixed_L, 0.1, tightest), max_usage_part_V);
    expectClose(max_usage_part_V / (fixed_L + max_usage_part_V), share_check);
    expectClose(probabilityUnderCap(bill, 1100, 0.1), known.cap_at_1100.P_hit);
    expectClose(expectedExcess(bill, 1100), known.cap_at_1100.expected_unserved);
    expectClose(expectedBill(bill), known.cap_at_1100.expected_demand);
    expectClose(largestCap(bill, 0.1, 0.8), known.cap_with_F_lower['C_for_q0.8']);
    expectClose(smallestCommitment(bill, 0.1, 0.8), known.commit['M_for_q0.8']);
    expectClose(known.commit['M_for_q0.8'] / 0.9, known.commit.F);
    expectClose(expectedWithCommitment(bill, known.commit['M_for_q0.8']), known.commit.expected_bill);
  });

  test('give the known ±10 % check', () => {
    const check = vectors.ten_percent_check;
    expectClose(halfLogWidth(0.1), check.half_log_width_c);
    expectClose(bestForecast({ mu: 0, sigma: 1 }, 0.1), check.coverage_max_F_over_median);
    for (const [sigma, p] of check.P_hit_at_median_F as [number, number][])
      expectClose(probabilityOfHitting({ mu: 0, sigma }, 1, 0.1), p);
    for (const [sigma, p] of check.P_hit_at_best_F as [number, number][])
      expectClose(probabilityOfHitting({ mu: 0, sigma }, bestForecast({ mu: 0, sigma }, 0.1), 0.1), p);
    for (const [q, sigma] of Object.entries(check.sigma_required_best_F))
      expectClose(largestSigma(0.1, Number(q)), sigma);
    for (const [sigma, q, tightest] of check.tightest_tolerance_lognormal_F_median as [number, number, number][])
      expectClose(tightestToleranceOf(sigma, q), tightest);
  });

  test.each(vectors.ten_percent_check.spike_mixture)(
    'give the known bill with spikes (σ $sigma, λ $lambda)',
    (mixture) => {
      const [low, high] = mixture.mult_5_95 as [number, number];
      const spiky = {
        mu: 0,
        sigma: mixture.sigma,
        chance: mixture.lambda,
        spike: { mu: Math.log(low * high) / 2, sigma: Math.log(high / low) / (2 * normalQuantile(0.95)) },
      };
      expectClose(spikyMedian(spiky), mixture.median);
      expectClose(spikyMean(spiky), mixture.mean);
      expectClose(spikyProbability(spiky, mixture.median, 0.1), mixture.P_hit_median);
      expectClose(spikyProbability(spiky, mixture.mean, 0.1), mixture.P_hit_mean);
      expectClose(spikyProbability(spiky, mixture.best_F, 0.1), mixture.P_hit_best);
    },
  );
});

describe('levers of draws', () => {
  const levers = computeLevers({ draws, tolerance: 0.1, confidence: 0.8 });
  if (levers === null) throw new Error('levers of a positive bill');

  test('agree with the closed forms of the distribution they were drawn from', () => {
    expectClose(levers.cap.limit, known.cap_with_F_lower['C_for_q0.8'], 1e-4);
    expectClose(levers.cap.expectedUnserved, expectedExcess(bill, levers.cap.limit), 1e-4);
    expectClose(levers.commitment.amount, known.commit['M_for_q0.8'], 1e-4);
    expectClose(levers.commitment.forecast, known.commit.F, 1e-4);
    expectClose(levers.commitment.expectedBill, known.commit.expected_bill, 1e-4);
    expectClose(levers.fixedPart.tightestTolerance, known.tol80, 1e-4);
    expectClose(1 - levers.fixedPart.share, known.max_usage_share_of_bill, 1e-4);
    expectClose(levers.expectedBill, known.cap_at_1100.expected_demand, 1e-4);
  });

  test('do what they promise: so levered, four bills in five lie within ±10 %', () => {
    const hits = (levered: (a: number) => number, forecast: number): number =>
      draws.filter((a) => Math.abs(levered(a) - forecast) <= 0.1 * forecast * (1 + 1e-12)).length / count;
    const { cap, commitment, fixedPart } = levers;
    expect(hits((a) => Math.min(a, cap.limit), cap.forecast)).toBeCloseTo(0.8, 4);
    expect(hits((a) => Math.max(a, commitment.amount), commitment.forecast)).toBeCloseTo(0.8, 4);
    expect(hits((a) => (1 - fixedPart.share) * a + fixedPart.amount, 1000)).toBeCloseTo(0.8, 4);
    expect([cap.probability, commitment.probability]).toEqual([expect.closeTo(0.8, 4), expect.closeTo(0.8, 4)]);
  });

  test('that must bear a wider truth cap lower, commit higher and fix more', () => {
    const wider = computeLevers({ draws, tolerance: 0.1, confidence: 0.8, stretch: 1.94 });
    expectClose(wider?.cap.limit as number, largestCap({ ...bill, sigma: 1.94 * bill.sigma }, 0.1, 0.8), 1e-3);
    expectClose(
      wider?.commitment.amount as number,
      smallestCommitment({ ...bill, sigma: 1.94 * bill.sigma }, 0.1, 0.8),
      1e-3,
    );
    expect(wider?.fixedPart.share).toBeGreaterThan(levers.fixedPart.share);
  });

  test('of a bill that costs nothing do not exist; one that hardly varies needs none', () => {
    expect(computeLevers({ draws: Float64Array.of(0, 0, 0), tolerance: 0.1, confidence: 0.8 })).toBeNull();
    expect(
      computeLevers({ draws: Float64Array.of(100, 101, 102), tolerance: 0.1, confidence: 0.8 })?.fixedPart.share,
    ).toBe(0);
  });
});

test('a usage part that is predictable by itself may be the whole bill', () => {
  expect(largestUsageShare(0.1, 0.08)).toBe(1);
  expect(largestUsagePart(600, 0.1, 0.08)).toBe(Number.POSITIVE_INFINITY);
});
