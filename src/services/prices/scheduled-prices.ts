import type { PriceInUse } from '../../core/prices/prices-in-use.ts';
import { localMonth, nextMonth } from '../../core/schedule/local-time.ts';
import { listRunningSchedules } from '../../db/schedules.ts';
import type { ScheduleRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { findPricesBehind, todayOf } from '../forecasts/calculations.ts';
import { freezeScenario } from '../forecasts/freeze.ts';
import { Refusal } from '../refusal.ts';

/** A schedule as a notice names it. */
export type NamedSchedule = {
  readonly id: string;
  readonly name: string;
  readonly scenario_id: string;
  readonly scenario: string;
};

/** A model whose prices somebody waits for, and whose schedules do. */
export type ScheduledPrice = PriceInUse & { readonly schedules: readonly NamedSchedule[] };

export type ScheduledPrices = {
  readonly prices: readonly ScheduledPrice[];
  /** Schedules whose scenario cannot be forecast as it stands, and why: nothing is known of their prices. */
  readonly unknown: readonly { readonly id: string; readonly name: string; readonly reason: string }[];
};

/** The list prices that the next forecasts of the schedules would rest on: of every one that is not paused, as of today. */
export async function findScheduledPrices(app: App, signal?: AbortSignal): Promise<ScheduledPrices> {
  const prices = new Map<string, ScheduledPrice>();
  const unknown: ScheduledPrices['unknown'][number][] = [];
  // Schedules that wait for the same forecast wait for the same prices.
  const waiting = Map.groupBy(await listRunningSchedules(app.db), (row) => `${row.scenario_id} ${nextOf(app, row)}`);
  for (const rows of waiting.values()) {
    signal?.throwIfAborted();
    const [row] = rows as [ScheduleRow];
    try {
      const { scenario, found } = await findPricesOf(app, row, signal);
      const named = rows.map(({ id, name, scenario_id }) => ({ id, name, scenario_id, scenario }));
      for (const price of found) {
        const key = keyOf(price);
        const other = prices.get(key);
        prices.set(key, { ...olderOf(price, other), schedules: [...(other?.schedules ?? []), ...named] });
      }
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'unavailable' || error.code === 'too-many-jobs') throw error;
      const reason = error.errors[0]?.message ?? error.message;
      unknown.push(...rows.map(({ id, name }) => ({ id, name, reason })));
    }
  }
  return { prices: [...prices.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)), unknown };
}

/** One name for a model at a provider. */
export function keyOf({ provider, model }: { readonly provider: string; readonly model: string }): string {
  return JSON.stringify([provider, model]);
}

/** The ids of all schedules that use some prices, each once. */
export function schedulesOf(prices: readonly ScheduledPrice[]): readonly string[] {
  return [...new Set(prices.flatMap(({ schedules }) => schedules.map(({ id }) => id)))].sort();
}

async function findPricesOf(
  app: App,
  row: ScheduleRow,
  signal?: AbortSignal,
): Promise<{ readonly scenario: string; readonly found: readonly PriceInUse[] }> {
  const { scenario_id } = row;
  const { scenario } = await freezeScenario(app, { scenario_id, from: nextOf(app, row), as_of: todayOf(app) });
  const { name } = scenario as { readonly name?: unknown };
  const found = await findPricesBehind(app, scenario, signal);
  return { scenario: typeof name === 'string' ? name : scenario_id, found };
}

/** The month whose forecast a schedule freezes next. */
function nextOf(app: App, { time_zone }: ScheduleRow): string {
  return nextMonth(localMonth(app.clock().getTime(), time_zone));
}

/** Schedules may rest on different months of a model's prices: it is as old as the oldest. */
function olderOf(price: PriceInUse, other: PriceInUse | undefined): PriceInUse {
  return other !== undefined && other.checked_at < price.checked_at ? other : price;
}
