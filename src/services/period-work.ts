import type { Db, ScheduleRow } from '../db/tables.ts';
import type { App } from './app.ts';
import type { RunContext } from './run-execution.ts';

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
};
