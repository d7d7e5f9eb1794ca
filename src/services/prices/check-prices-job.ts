import { claimStalePrices } from '../../db/stale-prices.ts';
import type { Db } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { todayOf } from '../forecasts/calculations.ts';
import type { Job, RunContext } from '../runs/run-execution.ts';
import { dailyHooks } from './daily-hooks.ts';
import type { ScheduledPrice } from './scheduled-prices.ts';
import { findScheduledPrices, keyOf, schedulesOf } from './scheduled-prices.ts';
import { describeStalePrices } from './stale-notice.ts';

export const checkKind = 'check-prices';

/** Looks at the prices that schedules rest on, and tells of each that went stale, once. */
export const checkJob: Job = {
  ...dailyHooks,
  work: async (app, _input, context) => {
    const { prices, unknown } = await findScheduledPrices(app, context.signal);
    for (const { id, name, reason } of unknown) {
      await context.log(`Nothing is known of the prices of "${name}" (${id}): ${reason}`);
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
  const data = describeStalePrices(fresh, todayOf(app));
  await app.announce(trx, { id, type: 'price.stale', data, schedules: schedulesOf(fresh) });
}
