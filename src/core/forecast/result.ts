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
  /** Monte-Carlo error of each: half a 95 % interval; null where there are too few draws to say. */
  readonly error: {
    readonly p5: string | null;
    readonly p10: string | null;
    readonly p50: string | null;
    readonly p90: string | null;
    readonly p95: string | null;
    readonly mean: string | null;
  };
  /** Points between two regimes, as a P95 beside spikes in 5 % of the months: they may lie anywhere within their error. */
  readonly in_gap?: readonly ('p5' | 'p10' | 'p50' | 'p90' | 'p95')[];
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

/** An uncertain input and its share of the variance of log cost: total effects, which add up to more than 1 where inputs act together. */
export type Driver = {
  /** Path of the input: `workloads.chat.spikes`. */
  readonly input: string;
  readonly label: string;
  readonly share: string;
  /** Half a 95 % interval of the share. */
  readonly error: string;
};

/** Where the horizon total lies nine times in ten if nothing but this input were uncertain. */
export type TornadoBar = {
  readonly input: string;
  readonly label: string;
  readonly low: string;
  readonly high: string;
};

/** What past bills and back-tested months say of this check. */
export type CheckRecord = {
  readonly bills: number;
  /** Months of history forecast from those before them, which count as bills. */
  readonly backtested_months: number;
  /** ŝ: the true spread over the stated one, as far as they tell. */
  readonly spread: string;
  /** How many lay in their 80 % band, and how many a right band gives with 95 %; null with fewer than 6. */
  readonly inside_80: number;
  readonly expected_inside_80: { readonly least: number; readonly most: number } | null;
  /**
   * Mean of A/F − 1 (of logarithms), and how far from 0 it may lie; null with fewer than 6. A promise that holds only
   * without it is withheld.
   */
  readonly drift: { readonly mean_error: string; readonly far_end: string; readonly withholds: boolean } | null;
  /** P(Σz² as large) if the stated bands were right: small when they are too narrow; null with fewer than 6. */
  readonly too_narrow_p: string | null;
  /** Next month's 80 % and 95 % bands after what they taught. */
  readonly recalibrated: { readonly p2_5: string; readonly p10: string; readonly p90: string; readonly p97_5: string };
  /** Next month's bands that assume nothing but that bills are alike; null with fewer than 4 for 80 %, 9 for 90 %. */
  readonly conformal: {
    readonly within_80: { readonly low: string; readonly high: string } | null;
    readonly within_90: { readonly low: string; readonly high: string } | null;
  };
  readonly says: string;
};

export type ToleranceProbability = { readonly tolerance: string; readonly probability: string | null };

/** One perimeter's answer to "can next month's bill be forecast within ±τ?". */
export type PredictabilityCheck = {
  readonly tolerance: string;
  readonly confidence: string;
  readonly probability: string | null;
  /** Half a 95 % interval of the probability, from the number of draws. */
  readonly probability_error: string | null;
  readonly safety_factor: string | null;
  readonly evidence: string | null;
  readonly verdict: Verdict | null;
  readonly rating: Rating | null;
  readonly tightest_tolerance: string | null;
  /** Of each of the first twelve months. */
  readonly by_horizon: readonly {
    readonly months_ahead: number;
    readonly probability: string | null;
    readonly by_tolerance: readonly ToleranceProbability[];
  }[];
  /** Next month's probability at ±5, 10, 15 and 20 %, side by side. */
  readonly by_tolerance: readonly ToleranceProbability[];
  /** The same question about the total of the horizon. */
  readonly horizon: {
    readonly probability: string | null;
    readonly by_tolerance: readonly ToleranceProbability[];
    readonly drivers: readonly Driver[];
    readonly tornado: readonly TornadoBar[];
  };
  /** What next month's spread comes from, largest first. */
  readonly drivers: readonly Driver[];
  /** Sentences that complete "it would hold if …", each with its price; empty where it holds. */
  readonly would_hold_if: readonly string[];
  /** Absent without bills and histories. */
  readonly record?: CheckRecord;
  /** Why something above is null: `does-not-vary`, `no-cost`. */
  readonly reason?: string;
};

export type CapacityMonth = {
  readonly month: string;
  readonly peak_utilization: string;
  readonly overflow_tokens: string;
  readonly unserved_tokens: string;
};

/** A row that a cost model reports beside the money, in the base case: kg of CO2e, machines needed, utilisation. */
export type Measure = {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly months: readonly string[];
};

/** All cash, and the cost of a million tokens, in money of month 0. */
export type PresentValue = {
  readonly rate: string;
  readonly cash: string;
  readonly levelised_per_million_tokens: string | null;
};

export type Spread = { readonly base: string | null; readonly p5: string | null; readonly p95: string | null };

/** The speed of one machine of a lot for a workload: over all its users, and for one user alone. */
export type ServingReport = {
  readonly machine: string;
  readonly workload: string;
  readonly output_from: 'stated' | 'points' | 'roofline';
  readonly input_from: 'stated' | 'roofline';
  readonly all_users: { readonly output_tokens_per_s: Spread; readonly input_tokens_per_s: Spread };
  readonly single_user: {
    readonly output_tokens_per_s: string | null;
    /** Reading the input on an idle machine; waiting comes on top. */
    readonly first_token_ms: string | null;
    readonly reason?: string;
  };
  /** tokens/s = batch ÷ (t0 + t1 × batch), where it was laid through measured points. */
  readonly law?: {
    readonly points: number;
    readonly worst_error: string;
    readonly fixed_ms: string;
    readonly ms_per_request: string;
    /** Who measured the points, where they are the catalogue's; absent where the scenario states them. */
    readonly catalogue?: string;
  };
};

/** The busiest hour's pace as a share of what the provider allows per minute; null where no such limit is stated. */
export type RateLimitMonth = {
  readonly month: string;
  readonly requests: string | null;
  readonly tokens: string | null;
};

/** What last month's demand or bill would make of month 1: by perimeter, null where it is not known. */
export type LastMonthAgain = Readonly<
  Record<Perimeter, { readonly amount: string; readonly month: string; readonly from: 'bill' | 'history' } | null>
>;

/** Month 1 after the days that were counted: requests of a workload, or money of a tier's bill. */
export type MonthUnderWay = {
  readonly workload?: string;
  readonly tier?: string;
  readonly month: string;
  /** Last day counted, YYYY-MM-DD. */
  readonly through: string;
  readonly so_far: string;
  /** The reference: so far ÷ days so far × days of the month. */
  readonly run_rate: string;
  readonly p10: string;
  readonly p50: string;
  readonly p90: string;
  readonly mean: string;
  /** F, the median from before the month began. */
  readonly forecast: string;
  /** P(month > 1.1·F); null where F is 0. */
  readonly probability_over: string | null;
  /** From 80 % on. */
  readonly warns: boolean;
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
      /** Absent without histories and bills. */
      readonly same_as_last_month?: LastMonthAgain;
      readonly capacity?: readonly CapacityMonth[];
      readonly serving?: readonly ServingReport[];
      readonly measures?: readonly Measure[];
      readonly present_value?: PresentValue;
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

export type RangeInWords = {
  readonly input: string;
  readonly label: string;
  readonly varies: 'monthly' | 'once';
  readonly words: string;
};

/** Requests of a workload by month, which every tier shares, and what its history says. */
export type DemandForecast = {
  readonly id: string;
  readonly requests: readonly {
    readonly month: string;
    readonly base: string;
    readonly p10: string;
    readonly p50: string;
    readonly p90: string;
  }[];
  readonly history?: {
    readonly unit: 'day' | 'week' | 'month';
    /** Measured steps, gaps and one-offs left out. */
    readonly observations: number;
    readonly gaps: number;
    readonly one_offs: number;
    /** The reference every forecast has to beat: the last month again; null where that month has gaps. */
    readonly same_as_last_month: string | null;
    /** Spike onsets, months above twice the median of the six before them. */
    readonly spikes: {
      readonly onsets: number;
      readonly months: number;
      readonly chance_per_month: string;
      /** Median size, times the month, and the share of the excess left a month later. */
      readonly multiplier: string;
      readonly carry_over: string;
    };
    /** How far the history carries, in words. */
    readonly says: string;
  };
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
  /** Uncertain inputs as they were understood: `5 to 15: nine times in ten between 5 and 15, median 8.66`. */
  readonly ranges: readonly RangeInWords[];
  readonly workloads: readonly DemandForecast[];
  /** Absent unless the scenario says what came so far of month 1. */
  readonly under_way?: readonly MonthUnderWay[];
  readonly tiers: readonly TierForecast[];
  readonly comparison: {
    readonly baseline: string | null;
    readonly ranking: readonly string[];
    readonly pairs: readonly Pair[];
  };
};
