import { claimStalePrices } from '../db/stale-prices.ts';
import type { Db } from '../db/tables.ts';
import { announceFailure } from './announce-failure.ts';
import type { App } from './app.ts';
import { nowText } from './app.ts';
import { todayOf } from './calculations.ts';
import type { Hooks, Job, RunContext } from './run-execution.ts';
import { cancelled, reasonOf } from './run-execution.ts';
import type { ScheduledPrice } from './scheduled-prices.ts';
import { findScheduledPrices, keyOf } from './scheduled-prices.ts';
import { describeStalePrices } from './stale-notice.ts';

export const checkKind = 'check-prices';

/** Each day is a run of its own; of those that fail alike one a month is told. */
export const dailyHooks: Hooks = {
  failed: async (app, trx, run, error) => {
    if (error === cancelled) return;
    const about = `${run.kind}-${nowText(app).slice(0, 7)}`;
    await announceFailure(app, trx, about, { run: run.id, what: run.kind, reason: reasonOf(error), next_try_at: null });
  },
};

/** Looks at the prices that schedules rest on, and tells of each that went stale, once. */
export const checkJob: Job = {
  ...dailyHooks,
  work: async (app, _input, context) => {
    const { prices, unknown } = await findScheduledPrices(app, context.signal);
    for (const { schedule, reason } of unknown) {
      await context.log(`Nothing is known of the prices of "${schedule.name}" (${schedule.id}): ${reason}`);
    }
    const stale = prices.filter((price) => price.stale);
    await context.log(`${prices.length} models have prices that schedules use; of ${stale.length} they are stale.`);
    return {
      result: { models: prices.length, stale: stale.map(({ provider, model, days }) => ({ provider, model, days })) },
      commit: (trx) => tellStale(app, trx, context, stale),
    };
  },
};

async function tellStale(app: App, trx: Db, { run }: RunContext, stale: readonly ScheduledPrice[]): Promise<void> {
  const id = `${run.id}-stale`;
  const claimed = new Set(
    (await claimStalePrices(trx, id, stale)).map((price) => `${keyOf(price)} ${price.checked_at}`),
  );
  const fresh = stale.filter((price) => claimed.has(`${keyOf(price)} ${price.checked_at}`));
  if (fresh.length === 0) return;
  await app.announce(trx, { id, type: 'price.stale', data: describeStalePrices(fresh, todayOf(app)) });
}
