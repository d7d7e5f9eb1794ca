import type { Decimal } from 'decimal.js';
import type { ActualSpend } from '../core/bills/actual-spend.ts';
import type { ComparedTiers } from '../core/bills/comparison.ts';
import type { ForecastLine } from '../core/bills/forecast-lines.ts';
import type { ClosedMonth } from '../core/bills/track-record.ts';
import type { BillScore } from '../core/forecast/bill-scores.ts';
import type { MonthUnderWay } from '../core/forecast/result.ts';
import type { PriceListing } from '../core/prices/price-list.ts';
import type { PriceInUse } from '../core/prices/prices-in-use.ts';
import type { Problem, Warning } from '../core/problem.ts';

/** What crosses to a worker thread and back. Plain data only: it is copied by structured clone. */

/**
 * `scenario` is as it was sent; `today` (YYYY-MM-DD) is the as-of date of a scenario that names none; a forecast of more
 * cells than `mostCells` is refused; `learned` are prices learned since the shipped price book was made; `bills` are months
 * of this scenario that were forecast, frozen and billed: they are kept with the forecast.
 */
export type ForecastTask = {
  readonly scenario: unknown;
  readonly today: string;
  readonly mostCells?: number;
  readonly learned?: readonly PriceListing[];
  readonly bills?: readonly BillScore[];
};

export type CheckOutcome =
  | { readonly ok: true; readonly name: string; readonly warnings: readonly Warning[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** `prices` are those that a forecast would rest on. */
export type PricesInUseOutcome =
  | { readonly ok: true; readonly prices: readonly PriceInUse[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * `body` is the JSON text of a Forecast without id and version, closed by a newline: the answer of an estimate and what
 * the command line prints, byte for byte. `inputs` is canonical JSON with everything needed to compute it again: the
 * scenario as sent, as_of, the price rows used, the engine version.
 */
export type ForecastOutcome =
  | { readonly ok: true; readonly body: string; readonly inputs: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type RerunTask = { readonly inputs: string };

export type ExplainTask = { readonly inputs: string; readonly path: string };

/** `explanation` is JSON: the number at `path`, its formula in names and in figures, and the sources of its prices. */
export type ExplainOutcome =
  | { readonly ok: true; readonly explanation: unknown }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type WorkbookTask = { readonly inputs: string; readonly body: string };

type Texts<T> = T extends Decimal
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Texts<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Texts<T[Key]> }
      : T;

/** A month of bills with its numbers as text. */
export type SpendText = Texts<ActualSpend>;

/** A stored forecast, and what was billed in one of its months. `today` and `learned` are the price book as it is now. */
export type ComparisonTask = {
  readonly inputs: string;
  readonly body: string;
  /** YYYY-MM. */
  readonly period: string;
  /** null: every tier whose providers all have bills. */
  readonly tiers: readonly string[] | null;
  readonly spend: SpendText;
  /** Workloads that rules name, in their order. */
  readonly workloads: readonly string[];
  /** Scenario currency for one of another, as it was in that month. */
  readonly exchangeRates: Readonly<Record<string, string>>;
  /** Made before the month began: then it is scored. */
  readonly frozen: boolean;
  /** Providers of which a bill of the month is not settled yet. */
  readonly provisional: readonly string[];
  readonly earlier: readonly ClosedMonth[];
  readonly today: string;
  readonly learned: readonly PriceListing[];
};

export type ComparisonOutcome =
  | { readonly ok: true; readonly compared: ComparedTiers }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * A stored forecast of a month under way, and what was billed of it so far: by provider the last day that it billed (null:
 * its lines do not say), and the spend of all through each of these days.
 */
export type NowcastTask = Pick<ComparisonTask, 'inputs' | 'body' | 'period' | 'today' | 'learned'> & {
  readonly days: Readonly<Record<string, string | null>>;
  readonly spends: Readonly<Record<string, SpendText>>;
  /** How far above the forecast, as a share, the month ends that is warned of. */
  readonly over: string;
};

/** A tier's month as it will end, in the words of a forecast's `under_way`. */
export type TierNowcast = Omit<MonthUnderWay, 'workload' | 'tier' | 'month'> & {
  readonly tier: string;
  readonly label: string;
};

/** Why of a tier nothing is known. */
export type TierNotNowcast = {
  readonly tier: string;
  readonly label: string;
  readonly code: 'no-bills' | 'no-days' | 'no-exchange-rate' | 'nothing-billed';
  readonly message: string;
};

export type NowcastOutcome =
  | {
      readonly ok: true;
      readonly currency: string;
      readonly tiers: readonly TierNowcast[];
      readonly unknown: readonly TierNotNowcast[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** `lines` of every month of a stored forecast: what would be billed in the base case, with quantities and prices. */
export type ForecastLinesTask = { readonly inputs: string; readonly tiers: readonly string[] | null };

export type ForecastLinesOutcome =
  | { readonly ok: true; readonly months: readonly ForecastMonthLines[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type ForecastMonthLines = {
  readonly tier: string;
  readonly month: string;
  readonly lines: readonly Texts<ForecastLine>[];
};
