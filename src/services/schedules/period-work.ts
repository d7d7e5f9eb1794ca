import type { TierNotNowcast, TierNowcast } from '../../compute/tasks.ts';
import type { Db, ScheduleRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import type { RunContext } from '../runs/run-execution.ts';

export type PeriodTask = {
  readonly schedule: ScheduleRow;
  readonly period: string;
};

export type FreezeTask = PeriodTask & {
  /** The day in the zone of the schedule whose knowledge counts, YYYY-MM-DD. */
  readonly as_of: string;
};

export type CompareTask = PeriodTask & {
  /** 1 for the first pull of the period. */
  readonly pull: number;
  /** The forecast that was frozen before the period began; null where none was. */
  readonly forecast_id: string | null;
  /** Whether bills that say this have settled: a pull a day ago or longer said the same. */
  readonly settles: (digest: string) => boolean;
};

export type LookTask = PeriodTask & {
  /** The forecast that was frozen before the period began; null where none was. */
  readonly forecast_id: string | null;
};

/** What of a month under way is not known, of a tier or, where that is null, at all. */
export type NotKnown = {
  readonly tier: string | null;
  readonly label: string | null;
  readonly code: TierNotNowcast['code'] | 'no-forecast' | 'other-month' | 'engine-changed';
  readonly message: string;
};

/** Where a month under way will probably end, tier by tier, beside the forecast that was frozen for it. */
export type MonthNowcast = {
  readonly period: string;
  readonly scenario: string | null;
  readonly forecast_id: string | null;
  readonly currency: string | null;
  /** Of the schedule: null warns of nothing. */
  readonly alert_above: string | null;
  /** How far above the forecast, as a share, `probability_over` and `warns` ask about. */
  readonly over: string;
  readonly tiers: readonly TierNowcast[];
  readonly unknown: readonly NotKnown[];
};

export type PeriodOutcome = {
  /** Equal digests mean that the bill said the same: two of them a day apart lock the result. */
  readonly digest: string;
  /** What the period shows, as JSON: addresses and headline figures. */
  readonly result: object;
  /** Stored in the transaction that ends the run. */
  readonly commit?: (trx: Db) => Promise<void>;
  /** Done in that transaction too, where the result locks. */
  readonly lock?: (trx: Db) => Promise<void>;
};

/**
 * What a schedule does in a month. Each may be started again after a death of the process: what it makes it names by
 * `context.objectId`, which stays, so that it is there once.
 */
export type PeriodWork = {
  /** Freezes the forecast of a period that has not begun. */
  readonly freeze: (app: App, task: FreezeTask, context: RunContext) => Promise<{ readonly forecast_id: string }>;
  /** Pulls the bills of a period that has ended and holds them against its frozen forecast. */
  readonly compare: (app: App, task: CompareTask, context: RunContext) => Promise<PeriodOutcome>;
  /** Holds what was billed of a period under way against its frozen forecast. Stores nothing. */
  readonly look: (app: App, task: LookTask, context: RunContext) => Promise<MonthNowcast>;
};
