import type { Comparison } from '../../core/bills/comparison.ts';
import type { BillScore } from '../../core/forecast/bill-scores.ts';
import type { Forecast } from '../../core/forecast/result.ts';
import { monthAt, monthIndex } from '../../core/scenario/months.ts';
import { listClosedMonths, listFinalComparisons } from '../../db/comparisons.ts';
import { findFirstForecast } from '../../db/forecasts.ts';
import { findScenario } from '../../db/scenarios.ts';
import type { App } from '../app.ts';
import { refuseInput } from '../refusal.ts';
import { todayOf } from './calculations.ts';

type Sent = Readonly<Record<string, unknown>>;

export type FreezeOf = {
  readonly scenario_id: string;
  /** The month that is forecast next, YYYY-MM. */
  readonly from: string;
  /** The day whose knowledge counts where another zone than the service's says which; today unless given. */
  readonly as_of?: string;
};

/**
 * A stored scenario as it is frozen before a month: as of a day, read from that month on, with what the bills of closed
 * months measured as its history. Calendar and growth stay anchored at its own start. A history of days or weeks goes on
 * with gaps, since a bill's month says nothing of its days.
 */
export async function freezeScenario(
  app: App,
  { scenario_id, from, as_of = todayOf(app) }: FreezeOf,
): Promise<{ readonly scenario: unknown; readonly id: string; readonly version: number }> {
  const row = await findScenario(app.db, scenario_id);
  if (row === undefined) {
    const message = `There is no scenario ${scenario_id.slice(0, 80)}.`;
    throw refuseInput([{ code: 'unknown-scenario', pointer: '/scenario_id', message }]);
  }
  const sent = JSON.parse(row.body) as Sent;
  const start = await startOf(app, scenario_id, sent, from);
  const closed = await listFinalComparisons(app.db, scenario_id, from);
  const measured = closed.map(({ body }) => JSON.parse(body) as Comparison);
  const workloads = Array.isArray(sent.workloads) ? (sent.workloads as readonly Sent[]) : [];
  return {
    id: row.id,
    version: row.version,
    scenario: {
      ...sent,
      start,
      ...(from !== start && { from }),
      as_of,
      ...(from > start && {
        workloads: workloads.map((workload) => withClosedMonths(workload, measured, start, from)),
      }),
    },
  };
}

/** What the settled bills of a scenario's months before `from` teach its next forecast, oldest first. */
export async function findBillScores(app: App, scenario_id: string, from: string): Promise<readonly BillScore[]> {
  const closed = await listClosedMonths(app.db, scenario_id, from);
  return closed.map(({ period, tier, perimeter, forecast, actual, z }) => ({
    tier,
    perimeter,
    month: period,
    forecast,
    actual,
    z,
  }));
}

/** Where the scenario names no start, it is anchored where its first forecast began. */
async function startOf(app: App, scenario_id: string, { start }: Sent, from: string): Promise<string> {
  if (typeof start === 'string') return start;
  const first = await findFirstForecast(app.db, scenario_id);
  if (first === undefined) return from;
  const { tiers } = JSON.parse(first.result) as Forecast;
  return tiers.flatMap(({ months }) => months?.[0]?.month ?? [])[0] ?? from;
}

function withClosedMonths(workload: Sent, closed: readonly Comparison[], start: string, from: string): Sent {
  const months = Array.from({ length: monthIndex(from) - monthIndex(start) }, (_, i) => monthAt(monthIndex(start) + i));
  const volumes = months.map((month) => {
    const comparison = closed.find(({ period }) => period === month);
    return comparison?.workloads.find(({ id }) => id === workload.id)?.measured ?? null;
  });
  const known = historyOf(workload);
  if (known === null && volumes.every((volume) => volume === null)) return workload;
  if (known === null && typeof workload.requests_per_month === 'undefined') return workload;
  const unit = known?.unit ?? 'month';
  const days = (Date.parse(`${from}-01`) - Date.parse(`${start}-01`)) / 86_400_000;
  const gaps = new Array<null>(unit === 'day' ? days : Math.round(days / 7)).fill(null);
  const values = [...(known?.values ?? []), ...(unit === 'month' ? volumes : gaps)];
  return { ...workload, requests_per_month: { history: { ...known, unit, values } } };
}

function historyOf({ requests_per_month: given }: Sent): { unit: string; values: readonly unknown[] } | null {
  const history = (given as { history?: unknown } | null | undefined)?.history as
    | { unit?: unknown; values?: unknown }
    | undefined;
  return typeof history?.unit === 'string' && Array.isArray(history.values)
    ? (history as { unit: string; values: readonly unknown[] })
    : null;
}
