import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import type { Database } from '../../src/db/connect.ts';
import { openQueue } from '../../src/db/queue.ts';
import { insertScenario } from '../../src/db/scenarios.ts';
import { insertSchedule } from '../../src/db/schedules.ts';
import type { Postgres } from '../setup/postgres.ts';
import { openOn, smallScenario } from './app.ts';
import type { ServiceProcess } from './process.ts';
import { startProcess } from './process.ts';
import type { RaceStep, RaceWorkerOptions } from './race-worker.ts';

const program = join(import.meta.dirname, 'race-worker.ts');
const now = '2027-03-03T06:00:30.000Z';
/** What is due on 3 March 2027 for schedules that begin with November 2026. */
const periods = ['2026-11', '2026-12', '2027-01', '2027-02'];

export type Race = {
  readonly schedules: number;
  /** Each worker dies there, one after the other, and is started again. */
  readonly deaths: readonly (readonly RaceStep[])[];
};

/**
 * Two services and as many workers as there are lists of deaths race on `schedules` × 4 periods of one PostgreSQL, with
 * clocks that differ by up to 90 s, while both services are asked for the same months by hand. Ends when every period has
 * its result, and holds that there is one of each, whole. Gives how many processes died.
 */
export async function race(server: Postgres, { schedules, deaths }: Race): Promise<number> {
  const services = [-90, 90].map((skew) =>
    startProcess({
      DATABASE_URL: server.url('postgres'),
      WORKER: 'off',
      NODE_ENV: 'test',
      LOG_LEVEL: 'warn',
      INFERCAST_TEST_CLOCK: skewed(skew),
    }),
  );
  const database = await openOn(server);
  const told = new pg.Client({ connectionString: server.url('postgres') });
  const workers: ChildProcess[] = [];
  let died = 0;
  try {
    const urls = await Promise.all(services.map(({ ready }) => ready));
    await prepare(database, schedules);
    await told.connect();
    await told.query('listen run_ended');
    const start = (worker: number, steps: readonly RaceStep[]): void => {
      const [step] = steps;
      const dieAt = step === undefined ? null : { step, job: 2 + worker };
      const child = startWorker({ url: server.url('postgres'), now: skewed(worker * 45), backfillMonths: 4, dieAt });
      workers[worker] = child;
      child.once('exit', (_code, signal) => {
        if (signal !== 'SIGKILL' || workers[worker] !== child) return;
        died++;
        start(worker, steps.slice(1));
      });
    };
    for (const [worker, steps] of deaths.entries()) start(worker, steps);
    await Promise.all(urls.map((url) => askByHand(url, schedules)));
    // Listening begins before counting: what ends in between would otherwise never be heard of.
    for (let next = once(told, 'notification'); ; next = once(told, 'notification')) {
      if ((await countResults(database)) >= schedules * periods.length) break;
      await next;
    }
    await expectOneOfEach(database, schedules);
    return died;
  } finally {
    await told.end();
    await stop(workers, services);
    await database.close();
  }
}

async function prepare(database: Database, schedules: number): Promise<void> {
  await sql`create table told (what text not null)`.execute(database.db);
  await sql`
    create function tell_end() returns trigger language plpgsql as $$ begin notify run_ended; return null; end $$;
    create trigger tell_end after update on runs for each row execute function tell_end()`.execute(database.db);
  // A worker that died is missed after ten seconds, the shortest there is.
  const queue = await openQueue(database, { migrate: true, onError: () => {}, heartbeatSeconds: 10, retrySeconds: 1 });
  await queue.stop(1_000);
  await insertScenario(database.db, { id: 'sc_race', name: 'Race', body: JSON.stringify(smallScenario()), now });
  for (let n = 0; n < schedules; n++) {
    const terms = {
      name: `Race ${n}`,
      scenario_id: 'sc_race',
      timing: { day: 3, time: '06:00' } as const,
      time_zone: 'UTC',
      paused: false,
      sources: [],
      alert_above: null,
      next_period: '2026-11',
      next_due_at: '2026-12-03T06:00:00.000Z',
      freeze_period: '2027-04',
      freeze_due_at: '2027-03-31T00:00:00.000Z',
    };
    await insertSchedule(database.db, `sch_race${n}`, terms, now);
  }
}

/** Both services are asked for every third month at once: it runs, or is said to run already. */
async function askByHand(url: string, schedules: number): Promise<void> {
  for (let n = 0; n < schedules; n++) {
    const response = await fetch(`${url}/v1/schedules/sch_race${n}/run`, {
      method: 'POST',
      body: JSON.stringify({ period: periods[n % 4] }),
      headers: { 'Content-Type': 'application/json' },
    });
    expect([202, 409]).toContain(response.status);
  }
}

async function countResults(database: Database): Promise<number> {
  const { rows } = await sql<{ done: string }>`
    select count(*) as done from schedule_periods where pulls >= 1 and not exists (
      select 1 from runs where runs.state in ('queued', 'running'))`.execute(database.db);
  return Number(rows[0]?.done);
}

async function expectOneOfEach(database: Database, schedules: number): Promise<void> {
  const { rows } = await sql<{ schedule_id: string; period: string; status: string; result: string; run_id: string }>`
    select schedule_id, period, status, result, run_id from schedule_periods order by schedule_id, period`.execute(
    database.db,
  );
  expect(rows).toHaveLength(schedules * periods.length);
  expect(new Set(rows.map(({ schedule_id, period }) => `${schedule_id} ${period}`)).size).toBe(rows.length);
  const told = await sql<{ what: string }>`select what from told order by what`.execute(database.db);
  const expected = rows.map(({ schedule_id, period }) => `${schedule_id} ${period}`).toSorted();
  // A month that was asked for by hand while it was provisional was pulled twice, and told each time: never more.
  const pulls = await sql<{ what: string; pulls: number }>`
    select schedule_id || ' ' || period as what, pulls from schedule_periods`.execute(database.db);
  const tellings = pulls.rows.flatMap(({ what, pulls: times }) => Array.from({ length: times }, () => what)).toSorted();
  expect(told.rows.map(({ what }) => what)).toEqual(tellings);
  expect([...new Set(tellings)]).toEqual(expected);
  const runs = await sql<{ id: string; state: string; key: string; result: string }>`
    select id, state, key, result from runs where kind = 'compare-period'`.execute(database.db);
  expect(runs.rows.filter(({ state }) => state !== 'succeeded')).toEqual([]);
  expect(runs.rows).toHaveLength(tellings.length);
  for (const { schedule_id, period, status, result, run_id } of rows) {
    expect([schedule_id, period, status]).toEqual([schedule_id, period, 'provisional']);
    expect(JSON.parse(result)).toEqual({ forecast: run_id.replace('run_', 'fc_') });
  }
  const forecasts = await sql<{ name: string }>`select name from forecasts where engine = '0' order by name`.execute(
    database.db,
  );
  expect(forecasts.rows.map(({ name }) => name)).toEqual(tellings);
}

function startWorker(options: RaceWorkerOptions): ChildProcess {
  return spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function stop(workers: ChildProcess[], services: readonly ServiceProcess[]): Promise<void> {
  for (const worker of workers.splice(0)) worker.kill('SIGKILL');
  for (const { kill, ended } of services) {
    kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  }
}

function skewed(seconds: number): string {
  return new Date(Date.parse(now) + seconds * 1_000).toISOString();
}
