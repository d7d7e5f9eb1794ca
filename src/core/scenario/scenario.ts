import type { Decimal } from 'decimal.js';
import type { BusyHours } from '../prices/utc-hours.ts';
import type { Distribution } from '../sampling/distributions.ts';

/**
 * A number as a user may give it: a value, a value for each month, or a range. `text` of a range is how it was written,
 * so that it can be echoed. A series has exactly `months` values.
 */
export type Quantity =
  | { readonly kind: 'constant'; readonly value: Decimal }
  | { readonly kind: 'series'; readonly values: readonly Decimal[] }
  | {
      readonly kind: 'range';
      readonly distribution: Distribution;
      readonly varies: 'monthly' | 'once';
      readonly text: string;
    };

/** One request size of a workload: its share of the requests, and its tokens relative to the mean request. */
export type RequestSize = { readonly share: Decimal; readonly input: Decimal; readonly output: Decimal };

export type Needs = {
  readonly offline: boolean;
  /** `must_stay` makes it a hard filter. */
  readonly sensitive_data: boolean | 'must_stay';
  readonly hardest_tasks_share: Decimal | null;
  readonly max_first_token_ms: Decimal | null;
};

export type Workload = {
  readonly id: string;
  readonly requests_per_month: Quantity;
  /** False when only `tokens_per_month` was given: then rules per request cannot be applied, and `requests_per_month` is 1 bundle. */
  readonly requests_known: boolean;
  /**
   * Volumes at equal steps; null is a gap. Replaces `requests_per_month`, which then holds its last full month. Steps tagged
   * as one-off are gaps here, and `one_offs` says how many there were.
   */
  readonly history: {
    readonly unit: 'day' | 'week' | 'month';
    readonly values: readonly (Decimal | null)[];
    readonly one_offs: number;
    /** Token totals at the same steps, null where that sort was not counted: what a request takes is then learned. Absent without any. */
    readonly tokens?: {
      readonly input: readonly (Decimal | null)[] | null;
      readonly output: readonly (Decimal | null)[] | null;
      readonly cached_input: readonly (Decimal | null)[] | null;
    };
  } | null;
  readonly input_tokens: Quantity;
  readonly output_tokens: Quantity;
  readonly reasoning_tokens: Quantity | null;
  readonly sizes: readonly RequestSize[];
  readonly cached_input_share: Quantity;
  readonly cache_write_share: Quantity;
  readonly cache_ttl: '5m' | '1h';
  readonly batch_share: Quantity;
  readonly flex_share: Quantity;
  readonly priority_share: Quantity;
  readonly web_searches_per_request: Quantity;
  /** Log-sd by which the price paid moves from month to month at constant list prices, through cache and output shares. */
  readonly effective_price_volatility: Quantity;
  /** When the requests come; null: evenly over the week. */
  readonly busy_hours: BusyHours | null;
  /** Tokens kept in a provider's cache, and the hours of a day they are kept. */
  readonly cache_storage: { readonly tokens: Quantity; readonly hours_per_day: Quantity } | null;
  readonly growth_per_month: Quantity;
  /** null: the stated prior. */
  readonly volatility: Quantity | null;
  /** null: learned from the history, else the stated prior; `none` is a chance of 0. */
  readonly spikes: {
    readonly chance_per_month: Quantity | null;
    readonly multiplier: Quantity | null;
    readonly carry_over: Quantity | null;
  } | null;
  readonly peak_hour_ratio: Quantity;
  readonly needs: Needs;
  /** Model id asked for, by tier id. */
  readonly model: Readonly<Record<string, string>>;
  readonly quantization: string | null;
  /** The model the machines serve it with, where a speed has to be reckoned from it. */
  readonly served_model: ServedModel | null;
};

export const depreciationMethods = ['straight-line', 'declining-balance', 'sum-of-years', 'resale-value'] as const;
export type DepreciationMethod = (typeof depreciationMethods)[number];

/** Figures of an open-weight model as served: parameters in billions, and the bytes that one parameter takes. */
export type ServedModel = {
  readonly id: string;
  readonly parameters_b: Quantity;
  readonly active_parameters_b: Quantity;
  readonly layers: Quantity;
  readonly kv_heads: Quantity;
  readonly head_dim: Quantity;
  readonly bytes_per_parameter: Quantity;
  /** 0 where an earlier workload has the same weights: a machine holds them once. */
  readonly loads_weights: 0 | 1;
  readonly source: string;
};

/** How fast one machine of a lot serves a workload, over all users, and how that is known. */
export type ServingSpeed = {
  /** Where it is stated, below the machine: `throughput` or `throughput.workloads.chat`. */
  readonly at: string;
  readonly output_from: 'stated' | 'points' | 'roofline';
  readonly input_from: 'stated' | 'roofline';
  /** null where they do not come from a statement. */
  readonly input_tokens_per_s: Quantity | null;
  readonly output_tokens_per_s: Quantity | null;
  /** Seconds of a decode step, t0 + t1 × batch, laid through the measured points. */
  readonly step: {
    readonly fixed_seconds: Quantity;
    readonly seconds_per_request: Quantity;
    /** Largest error of the law at a measured point. */
    readonly worst_error: Decimal;
    readonly points: number;
    /** Who measured them, where they are the catalogue's. */
    readonly source: string | null;
  } | null;
  /** Requests served at once. */
  readonly batch: Quantity;
  /** Whether the speed of a single user follows from it: not from a figure over all users. */
  readonly single_stream: boolean;
};

/** A lot of equal machines bought, leased or rented together, with catalogue figures already filled in. */
export type Machine = {
  readonly id: string;
  readonly gpu: string;
  readonly count: Quantity;
  readonly gpus: Quantity;
  readonly acquisition: 'purchase' | 'lease' | 'rent';
  readonly gpu_price: Quantity;
  readonly host_price: Quantity;
  readonly network_price: Quantity;
  readonly rack_price: Quantity;
  readonly spares: Quantity;
  readonly idle_watts: Quantity;
  readonly context_watts: Quantity;
  readonly load_watts: Quantity;
  readonly power_cap: { readonly watts: Quantity; readonly speed_lost: Quantity } | null;
  readonly psu_loss: Quantity;
  /** False for rented GPUs, whose power and space are in the rent. */
  readonly on_site: boolean;
  /** By workload id, for the workloads that name a local model. */
  readonly serving: Readonly<Record<string, ServingSpeed>>;
  /** What the roofline needs; null where every speed is stated. */
  readonly roofline: {
    readonly memory_gb: Quantity;
    readonly bandwidth_gb_per_s: Quantity;
    readonly tflops: Quantity;
    readonly mbu: Quantity | null;
    readonly mfu: Quantity | null;
  } | null;
  readonly utilization: Quantity | null;
  readonly utilization_cap: Quantity;
  /** Month number of purchase: 1 is the scenario's first month, below 1 was before it. */
  readonly bought_month: number;
  /** Whether it was there before the scenario's first month. */
  readonly there_before: boolean;
  /** Whether machines may come to the end of their life within the forecast, to be bought again or retired. */
  readonly comes_to_its_end: boolean;
  /** The least that a figure may become without rows that are left out because of it, by path below the machine. */
  readonly least: Readonly<Record<string, string>>;
  /** First month number without it, because it was sold or retired on a date; 0 where it stays. */
  readonly leaves_month: number;
  /** Proceeds of a sale on a date, of the price; null: what the market or the books say. */
  readonly sale_value: Quantity | null;
  readonly life_months: Quantity;
  readonly at_end_of_life: 'rebuy' | 'keep' | 'retire';
  readonly residual_value: Quantity;
  /** Stands for `residual_value`, which is then 0. */
  readonly value_change_per_year: Quantity | null;
  readonly depreciation: DepreciationMethod;
  readonly loan: { readonly share: Quantity; readonly rate: Quantity; readonly months: Quantity } | null;
  readonly lease: { readonly per_month: Quantity; readonly upfront: Quantity; readonly buyout: Quantity } | null;
  readonly rent: { readonly per_gpu_hour: Quantity; readonly hours: 'run_through' | 'follow_demand' } | null;
  readonly failure_rate_per_year: Quantity;
  readonly downtime_hours: Quantity;
  readonly repair_cost: Quantity | null;
  /** False where a maintenance contract replaces what breaks. */
  readonly pays_repairs: boolean;
  readonly maintenance: { readonly share_per_year: Quantity; readonly per_machine_year: Quantity } | null;
  readonly licences: { readonly per_gpu_year: Quantity } | null;
  readonly housing: {
    readonly in_colocation: boolean;
    /** Whether its power is billed by the kilowatt-hour at some time: not where the space holds it from first to last. */
    readonly pays_for_power: boolean;
    /** First month number at another place; 0 where it is never moved. */
    readonly moved_month: number;
    /** 1 into colocation, -1 out of it, 0 to a place of the same kind. */
    readonly moved_into_colocation: -1 | 0 | 1;
    readonly move_cost: Quantity;
  };
  /** Where figures come from that the scenario leaves out, by path below the machine. */
  readonly sources: Readonly<Record<string, string>>;
};

/** A period of a time-of-use tariff: its price, its share of the hours, and its share of the work done in them. */
export type TariffPeriod = {
  readonly id: string;
  readonly price_per_kwh: Quantity;
  readonly share_of_hours: Quantity;
  readonly share_of_load: Quantity;
};

/** A price the user states: it goes before the book's from `from` (inclusive) to `to` (exclusive). USD per 1M tokens by meter. */
export type PriceOverride = {
  readonly provider: string;
  readonly model: string;
  readonly from: string | null;
  readonly to: string | null;
  /** Hours of the week in which it holds, on top of what holds in the others; null: at all hours. */
  readonly utc_hours: string | null;
  readonly meters: Readonly<Record<string, Decimal>>;
  readonly source?: string;
};

/** A line of the user's own in a tier's sheet. */
export type OwnRow = {
  readonly tier: string;
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly perimeter: 'bill' | 'full' | null;
  readonly behaviour: 'fixed' | 'usage';
  readonly formula: string;
};

/** A tier to compare: a known id, or the user's own with `based_on` a known one. */
export type TierChoice = {
  readonly id: string;
  readonly label: string | null;
  readonly operations: { readonly hours_per_month: Quantity; readonly hourly_rate: Quantity } | null;
  /** What was agreed with the provider beyond list prices; null: nothing. */
  readonly terms: TierTerms | null;
};

/** Units taken by the hour, whether used or not: GPUs behind an endpoint of one's own, or units of throughput. */
export type RentedCapacity = {
  /** Id in the price book; null for units whose price is stated. */
  readonly gpu: string | null;
  readonly plan: 'on-demand' | 'reserved';
  /** GPUs of one replica, or 1. */
  readonly gpus_per_unit: Quantity;
  readonly units: Quantity;
  /** Units that run at all times: all of them, or fewer where they scale with the demand. */
  readonly units_at_least: Quantity;
  /** 1 where the throughput is known, so that what does not fit is billed by the token. */
  readonly limited: number;
  /** USD per GPU (or unit) and hour; null: the price book's. */
  readonly price_per_hour: Quantity | null;
  readonly input_tokens_per_s: Quantity;
  readonly output_tokens_per_s: Quantity;
  readonly utilization_cap: Quantity;
  /** 1 where it serves neither batch nor flex, as throughput that a provider reserves. */
  readonly refuses_batch: number;
  /** 1 where some requests may be billed by the token instead: what does not fit, or what it does not serve. */
  readonly spills: number;
};

/** Requests that fail over to another model, at its prices. */
export type Fallback = {
  readonly model: string;
  /** Provider of the model fallen back to; null: the same. */
  readonly provider: string | null;
  readonly to: string;
  readonly share: Decimal;
};

/** What can be free every month, by meter: tokens, requests and searches, not thousands or millions of them. */
export const freeMeters = ['input', 'cached_input', 'output', 'requests', 'web_searches'] as const;

/** Money is in the scenario's currency. null: not agreed. */
export type TierTerms = {
  readonly data_residency: string | null;
  readonly credit_purchase: Quantity | null;
  readonly own_key_share: Quantity | null;
  readonly free_allowance: Quantity | null;
  /** Free volume by meter, instead of the price book's; null: the price book's. */
  readonly free_per_month: Readonly<Record<(typeof freeMeters)[number], Quantity | null>> | null;
  /** `valid` is 1 in months in which they can be used. */
  readonly credits: { readonly amount: Quantity; readonly valid: Quantity } | null;
  /** 0 in months after its end. */
  readonly commitment: { readonly per_month: Quantity } | null;
  readonly rate_limits: {
    readonly requests_per_minute: Quantity | null;
    readonly tokens_per_minute: Quantity | null;
  } | null;
  /** `over_list`: what routing pays above the list price, a share. `prices`: those of a mix of endpoints. */
  readonly routing: {
    readonly over_list: Quantity | null;
    readonly prices: readonly PriceOverride[];
    readonly fallbacks: readonly Fallback[];
  } | null;
  readonly rented: RentedCapacity | null;
};

export type PriceChange = { readonly chance_per_month: Quantity; readonly multiplier: Quantity };

/** A model that is left for its successor from a month on; `to` null: only the ratios are known. */
export type Migration = {
  readonly provider: string;
  readonly model: string;
  /** YYYY-MM. */
  readonly at: string;
  readonly to: string | null;
  /** Price after ÷ price before, on top of what the price book has for `to`. */
  readonly price_ratio: Quantity;
  /** Tokens for the same text after ÷ before. */
  readonly token_ratio: Quantity;
};

/** What came so far in month 1, the month under way: requests of a workload, or spend of a tier in the scenario's currency. */
export type MonthToDate = {
  readonly workload: string | null;
  readonly tier: string | null;
  /** YYYY-MM-DD, the last day counted. */
  readonly through: string;
  readonly so_far: Decimal;
  /** One number a day; null where only their sum is known. */
  readonly by_day: readonly Decimal[] | null;
};

/** What a user submits, complete and checked. Keys are those of the scenario file, so that a path in one is a path in the other. */
export type Scenario = {
  readonly name: string;
  readonly currency: string;
  /** First month, YYYY-MM. */
  readonly start: string;
  /** The month that is forecast next, YYYY-MM: those before it are closed. Absent where that is month 1. */
  readonly from?: string;
  readonly months: number;
  readonly hours_per_month: Decimal | 'calendar';
  readonly workloads: readonly Workload[];
  readonly local: {
    readonly machines: readonly Machine[];
    readonly overflow_to: string | null;
    /** Capacity held above the need, of the need. */
    readonly spare_share: Quantity;
  } | null;
  readonly operations: {
    readonly hours_per_month: Quantity;
    readonly hourly_rate: Quantity;
    readonly set_up_hours: Quantity;
    readonly on_call_per_month: Quantity;
  };
  readonly energy: {
    /** null where the price depends on the time of use, or power is in the rent of the space. */
    readonly price_per_kwh: Quantity | null;
    readonly time_of_use: readonly TariffPeriod[];
    /** Whether there is a price at all. */
    readonly is_billed: boolean;
    readonly demand_charge_per_kw: Quantity;
    readonly pue: Quantity;
    /** Grams of CO2e per kWh. */
    readonly grid_intensity: Quantity;
  };
  readonly colocation: {
    readonly per_kw_month: Quantity;
    /** null: what the machines draw under load. */
    readonly contracted_kw: Quantity | null;
    readonly power: 'metered' | 'included';
  };
  readonly finance: { readonly cost_of_capital: Quantity; readonly depreciation: DepreciationMethod };
  readonly tiers: readonly TierChoice[];
  /** Members in order with their share of each workload's requests; the last member takes what is left. */
  readonly hybrid: {
    readonly members: readonly { readonly tier: string; readonly shares: Readonly<Record<string, Quantity>> | null }[];
  } | null;
  readonly prices: readonly PriceOverride[];
  /** null: the prior of each provider. `none` is a chance of 0. */
  readonly price_changes: (PriceChange & { readonly rises: PriceChange | null }) | null;
  readonly migrations: readonly Migration[];
  /** Scenario currency per one unit of the keyed currency. */
  readonly exchange_rates: Readonly<Record<string, Quantity>>;
  readonly rows: readonly OwnRow[];
  /** Absent where nothing of month 1 is known. */
  readonly month_to_date?: readonly MonthToDate[];
  readonly comparison: { readonly baseline: string };
  readonly predictability: { readonly tolerance: Decimal; readonly confidence: Decimal };
  readonly sampling: { readonly draws: number; readonly seed: number };
  /** YYYY-MM-DD; prices as known on this date. */
  readonly as_of: string;
};
