import type { Warning } from '../problem.ts';

/** The forecast as it leaves the service. Money and shares are decimal strings, months `YYYY-MM`, unknown is null with a `reason`. */

export type Perimeter = 'bill' | 'full';

export type Band = {
  readonly base: string;
  readonly p5: string;
  readonly p10: string;
  readonly p50: string;
  readonly p90: string;
  readonly p95: string;
  readonly mean: string;
};

export type TierMonth = { readonly month: string; readonly bill: Band; readonly full: Band };

export type CostLine = {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly perimeter: Perimeter;
  readonly behaviour: 'fixed' | 'usage';
  readonly months: readonly string[];
  readonly total: string;
};

export type Verdict = 'holds' | 'does not hold' | 'not enough evidence';
export type Rating = 'Excellent' | 'Strong' | 'Acceptable' | 'Limited' | 'Poor';

/** One perimeter's answer to "can next month's bill be forecast within ±τ?". */
export type PredictabilityCheck = {
  readonly tolerance: string;
  readonly confidence: string;
  readonly probability: string | null;
  readonly safety_factor: string | null;
  readonly evidence: string | null;
  readonly verdict: Verdict | null;
  readonly rating: Rating | null;
  readonly tightest_tolerance: string | null;
  readonly by_horizon: readonly { readonly months_ahead: number; readonly probability: string | null }[];
  /** Probability at ±5, 10, 15 and 20 %, side by side. */
  readonly by_tolerance: readonly { readonly tolerance: string; readonly probability: string | null }[];
  /** Why something above is null: `does-not-vary`, `no-cost`. */
  readonly reason?: string;
};

export type CapacityMonth = {
  readonly month: string;
  readonly peak_utilization: string;
  readonly overflow_tokens: string;
  readonly unserved_tokens: string;
};

/** The busiest hour's pace as a share of what the provider allows per minute; null where no such limit is stated. */
export type RateLimitMonth = {
  readonly month: string;
  readonly requests: string | null;
  readonly tokens: string | null;
};

export type TierForecast =
  | {
      readonly id: string;
      readonly label: string;
      readonly months: readonly TierMonth[];
      readonly total: { readonly bill: Band; readonly full: Band };
      readonly lines: readonly CostLine[];
      readonly unit_cost: {
        readonly per_million_tokens: string | null;
        readonly per_request: string | null;
        readonly reason?: string;
      };
      readonly predictability: { readonly bill: PredictabilityCheck; readonly full: PredictabilityCheck };
      readonly capacity?: readonly CapacityMonth[];
      readonly rate_limits?: readonly RateLimitMonth[];
    }
  | {
      readonly id: string;
      readonly label: string;
      readonly months: null;
      readonly total: null;
      readonly reason: string;
    };

export type BreakEven = {
  readonly month: string | null;
  readonly p10: string | null;
  readonly p90: string | null;
  readonly never_probability: string;
  readonly monthly_tokens: string | null;
  readonly capex_payback_months: string | null;
};

export type Pair = {
  readonly a: string;
  readonly b: string;
  readonly probability_a_cheaper: string;
  readonly difference: { readonly p10: string; readonly p50: string; readonly p90: string };
  readonly break_even: BreakEven;
};

/** The body of `POST /v1/estimates`; a stored forecast has `id` and `scenario.version` on top. */
export type Forecast = {
  readonly id?: string;
  readonly scenario: { readonly name: string; readonly version?: number };
  readonly currency: string;
  readonly as_of: string;
  readonly from: string;
  readonly engine: string;
  readonly seed: number;
  readonly draws: number;
  readonly inputs_digest: string;
  readonly warnings: readonly Warning[];
  readonly tiers: readonly TierForecast[];
  readonly comparison: {
    readonly baseline: string | null;
    readonly ranking: readonly string[];
    readonly pairs: readonly Pair[];
  };
};
