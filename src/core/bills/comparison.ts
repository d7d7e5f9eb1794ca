import type { Warning } from '../problem.ts';
import type { BridgeEffect } from './variance-bridge.ts';

/**
 * A month's bills held against the forecast that was frozen before it, as it leaves the service. Money is decimal strings
 * in the scenario's currency unless `currency` stands beside it; unknown is null with a `reason`.
 */
export type Comparison = {
  readonly id?: string;
  readonly scenario: { readonly id: string | null; readonly name: string; readonly version: number | null };
  readonly forecast: {
    readonly id: string;
    readonly as_of: string;
    readonly created_at: string;
    readonly engine: string;
    /** Whether it was made before the month began: only then is it scored. */
    readonly frozen: boolean;
  };
  /** YYYY-MM. */
  readonly period: string;
  readonly currency: string;
  /** Provisional while a bill of the month is: a later comparison supersedes it. */
  readonly status: 'provisional' | 'final';
  readonly created_at?: string;
  readonly supersedes?: string;
  readonly bills: readonly ComparedBill[];
  readonly tiers: readonly TierComparison[];
  /** Requests of the month as the bills measured them: the base case's, times tokens billed ÷ tokens forecast. */
  readonly workloads: readonly { readonly id: string; readonly forecast: string; readonly measured: string | null }[];
  /** Billed by providers that no tier compared uses. */
  readonly unforeseen: readonly UnforeseenBill[];
  readonly warnings: readonly Warning[];
};

/** What the calculation says; the service adds which scenario, forecast and bills it was of. */
export type ComparedTiers = Pick<Comparison, 'currency' | 'tiers' | 'unforeseen' | 'workloads'>;

export type ComparedBill = {
  readonly id: string;
  readonly provider: string;
  readonly account: string;
  readonly currency: string;
  readonly status: string;
  /** `billed`, or `usage` where the file has quantities; whether its money counts beside the others. */
  readonly kind: string;
  readonly counts: boolean;
};

export type UnforeseenBill = {
  readonly provider: string;
  readonly model: string | null;
  readonly currency: string;
  readonly amount: string;
};

/** The steps from F to the bill, in their order; `range` leads from F, the median of the draws, to the base case. */
export type StepEffect = 'range' | BridgeEffect;

export type TierComparison = {
  readonly id: string;
  readonly label: string;
  /** Provisional while a bill it is made of is. */
  readonly status: 'provisional' | 'final';
  readonly forecast: {
    /** F: the frozen median of the bill, in the smallest unit of the currency. */
    readonly p50: string;
    readonly base: string;
    readonly p5: string;
    readonly p10: string;
    readonly p90: string;
    readonly p95: string;
  };
  readonly actual: string;
  readonly variance: string;
  /** (A − F) ÷ F and 1 − |A − F| ÷ F; null where F is not above 0. */
  readonly variance_share: string | null;
  readonly accuracy: string | null;
  readonly tolerance: string;
  /** |A − F| ≤ τ·F; null where nothing is scored. */
  readonly hit: boolean | null;
  readonly place: Place | null;
  /** Why something above is null: `not-frozen`, `no-cost`. */
  readonly reason?: string;
  /** F plus all amounts is the actual, to the cent. */
  readonly bridge: readonly { readonly effect: StepEffect; readonly label: string; readonly amount: string }[];
  /** The same by workload and by fixed line; every effect adds up to its step. */
  readonly rows: readonly BridgeRow[];
  readonly lines: readonly ComparedLine[];
  readonly spend: readonly RowSpend[];
  readonly fixed: readonly FixedLine[];
  readonly left_out: readonly {
    readonly provider: string;
    readonly currency: string;
    readonly tax: string;
    readonly credits: string;
    readonly prepayments: string;
  }[];
  readonly unit_cost: { readonly forecast: UnitCost; readonly actual: UnitCost };
  readonly flags: readonly Flag[];
  /** The last six closed months, this one included where it is closed. */
  readonly record: ForecastRecord | null;
  /** The same question of the full cost, where everything in it is known. */
  readonly full: FullComparison;
  readonly notes: readonly Warning[];
};

/** Where the bill fell in its band. */
export type Place = {
  /** Share of the draws below it. */
  readonly percentile: string;
  /** Φ⁻¹ of it: what calibration learns from. */
  readonly z: string;
  readonly says: string;
};

export type BridgeRow = {
  /** Workload id, `unforeseen`, or `fixed`. */
  readonly id: string;
  readonly label: string;
  readonly base: string;
  readonly effects: Readonly<Record<BridgeEffect, string>>;
  readonly actual: string;
};

/** Quantity × list price × rate × (1 + fee) × exchange rate, forecast and actual. */
export type ComparedLine = {
  readonly row: string;
  readonly provider: string;
  readonly model: string | null;
  readonly meter: string | null;
  readonly unit: string;
  readonly currency: string;
  readonly forecast: LineFigures;
  readonly actual: LineFigures;
  /** How a figure came about where the bill does not say it: `price-from-catalogue`, `quantity-from-amount`. */
  readonly notes: readonly string[];
};

export type LineFigures = { readonly quantity: string; readonly price: string; readonly rate: string };

/** What one provider billed for one row, and what all its lines share. */
export type RowSpend = {
  readonly row: string;
  readonly provider: string;
  /** Currency of the prices; `billed` is in it. */
  readonly currency: string;
  readonly billed: string;
  readonly forecast: { readonly fee: string; readonly exchange_rate: string };
  readonly actual: { readonly fee: string; readonly exchange_rate: string };
};

export type FixedLine = {
  readonly id: string;
  readonly label: string;
  readonly forecast: string;
  readonly actual: string;
  /** `bill`, or `forecast` where no bill says it and the forecast amount was taken. */
  readonly from: 'bill' | 'forecast';
  readonly unit: string | null;
  readonly forecast_quantity: string | null;
  readonly actual_quantity: string | null;
};

export type UnitCost = {
  readonly per_million_tokens: string | null;
  readonly million_tokens: string | null;
  readonly reason?: string;
};

export type Flag = {
  readonly code: 'outside-95' | 'residual' | 'drift' | 'price-differs';
  readonly says: string;
  /** How often it is raised although nothing is wrong; null where that rests on no model. */
  readonly false_alarm_rate: string | null;
};

export type ForecastRecord = {
  readonly months: readonly string[];
  readonly hits: number;
  /** Means over the months: 1 − |A − F| ÷ F, (A − F) ÷ F, |A − F| ÷ F. */
  readonly accuracy: string;
  readonly bias: string;
  readonly mape: string;
  readonly says: string;
};

export type FullComparison =
  | { readonly forecast: string; readonly actual: string; readonly hit: boolean; readonly place: Place }
  | { readonly forecast: string; readonly actual: null; readonly reason: string };
