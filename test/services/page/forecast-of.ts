import type { Band, Forecast, PredictabilityCheck, TierForecast } from '../../../src/core/forecast/result.ts';

/** A band around `p50`: its base the same, P10 and P90 10 % away from it. */
export function bandOf(p50: number): Band {
  const money = (factor: number): string => (p50 * factor).toFixed(2);
  return {
    base: money(1),
    p5: money(0.85),
    p10: money(0.9),
    p50: money(1),
    p90: money(1.1),
    p95: money(1.15),
    mean: money(1),
  };
}

export function checkOf(over: Partial<PredictabilityCheck> = {}): PredictabilityCheck {
  return {
    tolerance: '0.1',
    confidence: '0.8',
    probability: '0.8943',
    safety_factor: '1.28865',
    evidence: '0.661046',
    verdict: 'not enough evidence',
    rating: 'Acceptable',
    tightest_tolerance: '0.077808',
    by_horizon: [],
    by_tolerance: [],
    ...over,
  };
}

export type TierFigures = {
  readonly id: string;
  readonly label?: string;
  /** Medians of the months. */
  readonly bill: readonly number[];
  readonly full?: readonly number[];
  readonly check?: PredictabilityCheck;
};

/** A tier whose total is the sum of its months. */
export function tierOf({ id, label, bill, full = bill, check = checkOf() }: TierFigures): TierForecast {
  const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);
  return {
    id,
    label: label ?? id,
    months: bill.map((amount, m) => ({
      month: `2027-0${m + 1}`,
      bill: bandOf(amount),
      full: bandOf(full[m] ?? amount),
    })),
    total: { bill: bandOf(sum(bill)), full: bandOf(sum(full)) },
    lines: [],
    unit_cost: { per_million_tokens: '1.16887', per_request: '0.00175331' },
    predictability: { bill: check, full: check },
  };
}

export function forecastOf(tiers: readonly TierForecast[], over: Partial<Forecast> = {}): Forecast {
  return {
    id: 'fc_1',
    scenario: { name: 'Small', version: 1 },
    currency: 'USD',
    as_of: '2026-11-22',
    from: '2027-01',
    engine: '1.0.0',
    seed: 42,
    draws: 10_000,
    inputs_digest: 'sha256:00',
    warnings: [],
    tiers,
    comparison: { baseline: null, ranking: tiers.map(({ id }) => id), pairs: [] },
    ...over,
  };
}
