import type { PriceInUse } from '../core/prices/prices-in-use.ts';
import { localMonth, nextMonth } from '../core/schedule/local-time.ts';
import { listRunningSchedules } from '../db/schedules.ts';
import type { ScheduleRow } from '../db/tables.ts';
import type { App } from './app.ts';
import { findPricesBehind, todayOf } from './calculations.ts';
import { freezeScenario } from './freeze.ts';
import { Refusal } from './refusal.ts';

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
  readonly unknown: readonly { readonly schedule: NamedSchedule; readonly reason: string }[];
};

/** The list prices that the next forecasts of the schedules would rest on: of every one that is not paused, as of today. */
export async function findScheduledPrices(app: App, signal?: AbortSignal): Promise<ScheduledPrices> {
  const prices = new Map<string, ScheduledPrice>();
  const unknown: ScheduledPrices['unknown'][number][] = [];
  for (const row of await listRunningSchedules(app.db)) {
    signal?.throwIfAborted();
    const schedule = { id: row.id, name: row.name, scenario_id: row.scenario_id, scenario: row.scenario_id };
    try {
      const { name, found } = await findPricesOf(app, row, signal);
      for (const price of found) {
        const key = keyOf(price);
        const others = prices.get(key)?.schedules ?? [];
        const named = name === null ? schedule : { ...schedule, scenario: name };
        prices.set(key, { ...olderOf(price, prices.get(key)), schedules: [...others, named] });
      }
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'unavailable' || error.code === 'too-many-jobs') throw error;
      unknown.push({ schedule, reason: error.errors[0]?.message ?? error.message });
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
  { scenario_id, time_zone }: ScheduleRow,
  signal?: AbortSignal,
): Promise<{ readonly name: string | null; readonly found: readonly PriceInUse[] }> {
  const from = nextMonth(localMonth(app.clock().getTime(), time_zone));
  const { scenario } = await freezeScenario(app, { scenario_id, from, as_of: todayOf(app) });
  const { name } = scenario as { readonly name?: unknown };
  return { name: typeof name === 'string' ? name : null, found: await findPricesBehind(app, scenario, signal) };
}

/** Schedules may rest on different months of a model's prices: it is as old as the oldest. */
function olderOf(price: PriceInUse, other: PriceInUse | undefined): PriceInUse {
  return other !== undefined && other.checked_at < price.checked_at ? other : price;
}
