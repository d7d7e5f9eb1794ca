import { createHash } from 'node:crypto';
import type { Comparison } from '../core/bills/comparison.ts';
import type { StoredBill } from '../db/bills.ts';
import { findBillsOfPeriods } from '../db/bills.ts';
import { listForecasts } from '../db/forecasts.ts';
import type { Db, ScheduleRow } from '../db/tables.ts';
import type { App } from './app.ts';
import { openBillSource, requireBillSource } from './bill-sources.ts';
import { lockBill } from './bills.ts';
import { describeComparison } from './comparison-notice.ts';
import { createComparison } from './comparisons.ts';
import { createForecast } from './forecasts.ts';
import { pullBills } from './pulled-imports.ts';
import { Refusal } from './refusal.ts';
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
  /** Whether the period locks with a bill of this digest. */
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

export const periodWork: PeriodWork = {
  freeze: async (app, { schedule, period }, { objectId, signal }) => {
    const forecast_id = `fc_${objectId}`;
    await createForecast(app, forecast_id, { scenario_id: schedule.scenario_id, from: period }, signal);
    return { forecast_id };
  },
  compare: async (app, task, context) => {
    const { schedule, period } = task;
    const missing = await pullSources(app, schedule, period, context);
    const bills = await findBillsOfPeriods(app.db, [period]);
    if (bills.length === 0) {
      const how = schedule.sources.length === 0 ? 'The schedule has no bill sources and nobody sent any' : 'None came';
      throw new Refusal('validation-failed', `There are no bills of ${period}. ${how}.`);
    }
    const digest = digestOf(bills);
    const settles = task.settles(digest);
    if (settles) await lockBalanced(app, bills);
    // What another attempt compared before bills were restated, or locked, is not what this one compares.
    const id = `cmp_${context.objectId}${digest.slice(0, 6)}${settles ? 'f' : ''}`;
    const comparison = await compareWithForecast(app, id, task, context.signal);
    await context.log(`Stored ${id}.`);
    const result = describeComparison(comparison, { alert_above: schedule.alert_above, missing });
    return {
      digest,
      result,
      commit: async (trx) => {
        if (!result.exceeded) return;
        await app.announce(trx, {
          id: `${schedule.id}-${period}-exceeded-${digest.slice(0, 16)}`,
          type: 'comparison.threshold_exceeded',
          data: {
            schedule: schedule.id,
            run: context.run.id,
            period,
            status: settles ? 'locked' : 'provisional',
            ...result,
          },
        });
      },
    };
  },
};

async function pullSources(
  app: App,
  { sources }: ScheduleRow,
  period: string,
  { signal, log, progress }: RunContext,
): Promise<readonly { readonly source: string; readonly days: readonly string[] }[]> {
  const missing: { source: string; days: readonly string[] }[] = [];
  for (const [index, id] of sources.entries()) {
    await progress({ done: index, total: sources.length, unit: 'bill sources' });
    const row = await requireBillSource(app, id);
    const { missing_days } = await pullBills(app, openBillSource(app, row), period, { signal, log });
    if (missing_days.length > 0) missing.push({ source: row.name, days: missing_days });
  }
  return missing;
}

/** What the bills of a month say, whoever sent them and in whatever order; locking them changes nothing of that. */
function digestOf(bills: readonly StoredBill[]): string {
  const parts = bills.map(({ provider, account, currency, kind, content_sha256 }) =>
    JSON.stringify([provider, account, currency, kind, content_sha256]),
  );
  return createHash('sha256').update(parts.toSorted().join('\n')).digest('hex');
}

/** A bill whose lines do not come to what its invoice asks stays open: a person has to look at it. */
async function lockBalanced(app: App, bills: readonly StoredBill[]): Promise<void> {
  const reason = 'two pulls a day apart agreed';
  for (const { id, status, balance } of bills) {
    if (status !== 'provisional' || balance === 'unbalanced') continue;
    await lockBill(app, id, { payable: null, reason, acceptDifference: false });
  }
}

/** Where no forecast foresaw the month its newest one is shown beside the bills, and never scored. */
async function compareWithForecast(
  app: App,
  id: string,
  { schedule: { scenario_id }, period, forecast_id }: CompareTask,
  signal: AbortSignal,
): Promise<Comparison> {
  const of = { scenario_id, forecast_id, period, tiers: null, exchange_rates: {}, workloads: [] };
  try {
    return await createComparison(app, id, of, signal);
  } catch (error) {
    const isUnforeseen = error instanceof Refusal && error.errors.some(({ code }) => code === 'nothing-frozen');
    const [newest] = isUnforeseen ? await listForecasts(app.db, { scenario_id, before: null, limit: 1 }) : [];
    if (newest === undefined) throw error;
    return createComparison(app, id, { ...of, forecast_id: newest.id }, signal);
  }
}
