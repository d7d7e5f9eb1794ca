import { instantOf, localDay } from '../../core/schedule/local-time.ts';
import { defaultTime } from '../../core/schedule/timing.ts';
import { findRun, listRuns } from '../../db/runs.ts';
import { countSchedules } from '../../db/schedules.ts';
import type { Db, RunRow } from '../../db/tables.ts';
import type { PriceListName } from '../../sources/price-lists.ts';
import { priceListNames } from '../../sources/price-lists.ts';
import type { App } from '../app.ts';
import { Refusal, refuseInput } from '../refusal.ts';
import type { RunView } from '../runs/runs.ts';
import { showRun, startRun } from '../runs/runs.ts';
import { checkKind } from './check-prices-job.ts';
import type { PullPricesInput } from './pull-prices-job.ts';
import { pullPricesKind } from './pull-prices-job.ts';

/** The lists that can be fetched. */
export const pullableLists = priceListNames;

/** The planned one and those by hand. */
const mostPullsADay = 24;

/**
 * Starts what is done with prices once a day, at its time on the clocks of the service. Any number of processes may do so
 * at once and as often as they like: the key of the run holds the day. A day that was slept through is not made up for.
 * Gives how many runs it started.
 */
export async function planPrices(app: App): Promise<number> {
  const { pricePull, outside } = app.settings;
  let started = 0;
  if (pricePull !== null && !outside.egress.offline && hasCome(app, pricePull.time)) {
    started += await startDaily(app, pullPricesKind, { lists: pricePull.lists } satisfies PullPricesInput);
  }
  // Where no schedule uses a price nobody waits for one.
  if (hasCome(app, defaultTime) && (await countSchedules(app.db)) > 0) started += await startDaily(app, checkKind, {});
  if (started > 0) app.queue.wake();
  return started;
}

/**
 * Fetches lists of prices now, all that are set unless one is named. Throws Refusal while a pull is under way, with its
 * run, and where nothing may leave this machine.
 */
export async function pullPricesNow(app: App, wanted: PriceListName | null, run_id: string): Promise<RunView> {
  const { pricePull, outside } = app.settings;
  const lists = wanted === null ? (pricePull?.lists ?? []) : [wanted];
  if (lists.length === 0) throw refuseNoList();
  if (outside.egress.offline) {
    throw new Refusal('conflict', 'OFFLINE=true: nothing is fetched. Import a file instead (POST /v1/prices/import).');
  }
  const run = await app.db.transaction().execute((trx) => startPull(app, trx, { lists }, run_id));
  app.queue.wake();
  return showRun(run);
}

async function startPull(app: App, trx: Db, input: PullPricesInput, run_id: string): Promise<RunRow> {
  const before = await findRun(trx, run_id);
  if (before !== undefined) return before;
  for (const state of ['queued', 'running'] as const) {
    const all = { schedule_id: null, period: null, before: null, limit: 1 };
    const [open] = await listRuns(trx, { ...all, kind: pullPricesKind, state });
    if (open !== undefined) throw refuseSecond(open.id);
  }
  for (let nth = 2; nth <= mostPullsADay; nth++) {
    const key = `${dailyKey(app, pullPricesKind)}:${nth}`;
    const { made, row } = await startRun(app, trx, {
      id: run_id,
      kind: pullPricesKind,
      key,
      trigger: 'manual',
      input,
    });
    if (made || row.id === run_id) return row;
    if (row.ended_at === null) throw refuseSecond(row.id);
  }
  throw new Refusal('limit-exceeded', `Prices were pulled ${mostPullsADay} times today: the next can be tomorrow.`, {
    members: { limit: String(mostPullsADay) },
  });
}

async function startDaily(app: App, kind: string, input: object): Promise<number> {
  const key = dailyKey(app, kind);
  const { made } = await app.db
    .transaction()
    .execute((trx) => startRun(app, trx, { kind, key, trigger: 'schedule', input }));
  return made ? 1 : 0;
}

/** What must be done once: a kind of work on a day. */
function dailyKey({ clock, settings }: App, kind: string): string {
  return `${kind}:${localDay(clock().getTime(), settings.timeZone)}`;
}

function hasCome({ clock, settings }: App, time: string): boolean {
  const now = clock().getTime();
  const day = localDay(now, settings.timeZone);
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return now >= instantOf({ month: day.slice(0, 7), day: Number(day.slice(8)), hour, minute }, settings.timeZone);
}

function refuseNoList(): Refusal {
  const message = `PRICE_PULL names no list: name one with ?list=, ${priceListNames.join(', ')}.`;
  return refuseInput([{ code: 'missing', pointer: '/list', message, suggestions: [...priceListNames] }]);
}

function refuseSecond(run: string): Refusal {
  return new Refusal('run-exists', 'Prices are being pulled.', { members: { existing: `/v1/runs/${run}` } });
}
