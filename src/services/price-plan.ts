import { instantOf, localDay } from '../core/schedule/local-time.ts';
import { defaultTime } from '../core/schedule/timing.ts';
import { countSchedules } from '../db/schedules.ts';
import type { App } from './app.ts';
import { checkKind } from './check-prices-job.ts';
import { startRun } from './runs.ts';

/**
 * Starts what is done with prices once a day, at its time on the clocks of the service. Any number of processes may do so
 * at once and as often as they like: the key of the run holds the day. A day that was slept through is not made up for.
 * Gives how many runs it started.
 */
export async function planPrices(app: App): Promise<number> {
  let started = 0;
  // Where no schedule uses a price nobody waits for one.
  if (hasCome(app, defaultTime) && (await countSchedules(app.db)) > 0) started += await startDaily(app, checkKind, {});
  if (started > 0) app.queue.wake();
  return started;
}

async function startDaily(app: App, kind: string, input: object): Promise<number> {
  const key = dailyKey(app, kind);
  const { made } = await app.db
    .transaction()
    .execute((trx) => startRun(app, trx, { kind, key, trigger: 'schedule', input }));
  return made ? 1 : 0;
}

/** What must be done once: a kind of work on a day. */
export function dailyKey({ clock, settings }: Pick<App, 'clock' | 'settings'>, kind: string): string {
  return `${kind}:${localDay(clock().getTime(), settings.timeZone)}`;
}

function hasCome({ clock, settings }: App, time: string): boolean {
  const now = clock().getTime();
  const day = localDay(now, settings.timeZone);
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return now >= instantOf({ month: day.slice(0, 7), day: Number(day.slice(8)), hour, minute }, settings.timeZone);
}
