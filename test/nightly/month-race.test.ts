import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import type { Comparison } from '../../src/core/bills/comparison.ts';
import { smallScenario } from '../helpers/app.ts';
import { startProcess } from '../helpers/process.ts';
import { startReceiver } from '../helpers/webhook-receiver.ts';
import { startPostgres } from '../setup/postgres.ts';

const commandLine = join(import.meta.dirname, '../../src/cli.ts');
const periods = ['2026-11', '2026-12', '2027-01', '2027-02'];
const schedules = 50;
const deaths = 9;
/** What a month is billed, in dollars a day, by month. */
const perDay = [10, 11, 12, 13];

/**
 * The whole of it, with nothing in the place of anything: two services and three workers as they are started on any host,
 * real bills, real comparisons, a real webhook. Workers are killed while a comparison runs.
 */
test('two services and three workers that are killed nine times compare each of 200 months once, and tell each once', async () => {
  const server = await startPostgres();
  const receiver = await startReceiver();
  const settings = (clock: string): Record<string, string> => ({
    DATABASE_URL: server.url('postgres'),
    NODE_ENV: 'test',
    LOG_LEVEL: 'error',
    EGRESS_ALLOW_PRIVATE: '127.0.0.1',
    SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
    SCHEDULE_BACKFILL_MONTHS: '4',
    RATE_WRITE: '1000000',
    INFERCAST_TEST_CLOCK: clock,
  });
  const startService = (clock: string) => startProcess({ ...settings(clock), WORKER: 'off' });
  const told = new pg.Client({ connectionString: server.url('postgres') });
  const workers: ChildProcess[] = [];
  try {
    const before = startService('2026-10-31T12:00:00Z');
    await prepare(await before.ready, receiver.url);
    before.kill('SIGTERM');
    await before.ended;

    const services = ['2027-03-03T05:59:00Z', '2027-03-03T06:02:00Z'].map(startService);
    const [url = ''] = await Promise.all(services.map(({ ready }) => ready));
    for (const [index, period] of periods.entries()) await sendBill(url, period, perDay[index] ?? 0);
    await told.connect();
    await told.query(`
      create function tell_run() returns trigger language plpgsql as $$ begin perform pg_notify('run', new.state); return null; end $$;
      create trigger tell_run after update on runs for each row when (new.kind = 'compare-period' and new.state <> old.state) execute function tell_run()`);
    await told.query('listen run');
    const start = (index: number, minute: number): void => {
      workers[index] = startWorker(settings(`2027-03-03T06:0${minute}:00Z`));
    };
    for (const index of [0, 1, 2]) start(index, index);
    let begun = 0;
    let died = 0;
    told.on('notification', ({ payload }) => {
      if (payload === 'running') begun++;
    });
    // Listening begins before counting: what ends in between would otherwise never be heard of.
    for (let next = once(told, 'notification'); !(await isDone(told)); next = once(told, 'notification')) {
      await next;
      if (begun < 20 * (died + 1) || died === deaths) continue;
      const index = died++ % workers.length;
      const ended = once(workers[index] as ChildProcess, 'exit');
      workers[index]?.kill('SIGKILL');
      await ended;
      start(index, 3 + index);
    }
    expect(died).toBe(deaths);
    await endAll(workers);
    // What a worker that died was just sending is sent by another two minutes later.
    workers.push(startWorker(settings('2027-03-03T06:10:00Z')));
    await told.query(`
      create function tell_delivery() returns trigger language plpgsql as $$ begin perform pg_notify('run', 'delivery'); return null; end $$;
      create trigger tell_delivery after update on deliveries for each row execute function tell_delivery()`);
    for (let next = once(told, 'notification'); !(await isToldWhole(told)); next = once(told, 'notification'))
      await next;

    await expectOneOfEach(url, told);
    const hooks = receiver.got.map(({ headers, body }) => ({ id: headers['webhook-id'], type: JSON.parse(body).type }));
    const completed = new Set(hooks.filter(({ type }) => type === 'comparison.completed').map(({ id }) => id));
    expect(completed.size).toBe(schedules * periods.length);
    process.stdout.write(`${begun} comparisons were begun, ${died} workers killed, ${hooks.length} webhooks sent\n`);
    for (const service of services) {
      service.kill('SIGTERM');
      expect(await service.ended).toMatchObject({ code: 0 });
    }
  } finally {
    await endAll(workers);
    await told.end();
    await receiver.close();
    await server.stop();
  }
}, 3_600_000);

async function prepare(url: string, hook: string): Promise<void> {
  const scenario = smallScenario({ start: '2026-11', months: 6, tiers: ['openai'] });
  const { id } = await post<{ id: string }>(url, '/v1/scenarios', scenario);
  await post(url, '/v1/forecasts', { scenario_id: id });
  await post(url, '/v1/webhooks', { name: 'Finance', url: hook });
  for (let n = 0; n < schedules; n++) {
    const terms = { name: `Race ${n}`, scenario_id: id, day: 3, time: '06:00', time_zone: 'UTC' };
    await post(url, '/v1/schedules', terms);
  }
}

async function post<Answer>(url: string, path: string, json: unknown): Promise<Answer> {
  const response = await fetch(url + path, {
    method: 'POST',
    body: JSON.stringify(json),
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${answer}`);
  return JSON.parse(answer) as Answer;
}

/** A bill of FOCUS with a line a day, all of one model. */
async function sendBill(url: string, period: string, dollars: number): Promise<void> {
  const date = (day: number): string =>
    new Date(Date.UTC(Number(period.slice(0, 4)), Number(period.slice(5)) - 1, day)).toISOString();
  const days = daysOf(period);
  const line = (day: number): string =>
    [
      dollars,
      dollars,
      'USD',
      'Usage',
      date(day),
      date(day + 1),
      date(1),
      date(days + 1),
      'OpenAI',
      'org-race',
      'gpt-5.4-mini, input',
    ].join(',');
  const header =
    'BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,BillingPeriodStart,BillingPeriodEnd,ServiceProviderName,BillingAccountId,SkuId';
  const body = [
    header,
    ...Array.from({ length: days }, (_, i) => line(i + 1).replace('gpt-5.4-mini, input', '"gpt-5.4-mini, input"')),
  ].join('\n');
  const response = await fetch(`${url}/v1/bills`, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'text/csv', 'Idempotency-Key': randomUUID() },
  });
  if (!response.ok) throw new Error(await response.text());
}

function daysOf(period: string): number {
  return new Date(Date.UTC(Number(period.slice(0, 4)), Number(period.slice(5)), 0)).getUTCDate();
}

function startWorker(settings: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [commandLine, 'worker'], {
    env: { PATH: process.env.PATH ?? '', ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function endAll(workers: ChildProcess[]): Promise<void> {
  for (const worker of workers.splice(0)) {
    const ended = worker.exitCode === null && worker.signalCode === null ? once(worker, 'exit') : null;
    worker.kill('SIGKILL');
    await ended;
  }
}

async function isDone(told: pg.Client): Promise<boolean> {
  const { rows } = await told.query(`
    select (select count(*)::int from schedule_periods where pulls >= 1) as done,
      (select count(*)::int from runs where kind = 'compare-period' and state in ('queued', 'running')) as open`);
  return rows[0].done === schedules * periods.length && rows[0].open === 0;
}

async function isToldWhole(told: pg.Client): Promise<boolean> {
  const { rows } = await told.query(`select count(*)::int as waiting from deliveries where state = 'waiting'`);
  return rows[0].waiting === 0;
}

/** Each month of each schedule has one run, one pull and one comparison, which can be read and says what was billed. */
async function expectOneOfEach(url: string, told: pg.Client): Promise<void> {
  const found = await told.query(
    `select schedule_id, period, pulls, status, result from schedule_periods where pulls >= 1 order by 1, 2`,
  );
  expect(found.rows).toHaveLength(schedules * periods.length);
  const runs = await told.query(
    `select state, period = '2026-10' as unbilled, count(*)::int as runs from runs where kind = 'compare-period' group by 1, 2 order by 2`,
  );
  // Of October nobody sent a bill: each schedule says so, and the others are not held up.
  expect(runs.rows).toEqual([
    { state: 'succeeded', unbilled: false, runs: schedules * periods.length },
    { state: 'failed', unbilled: true, runs: schedules },
  ]);
  const stored = await told.query('select id from comparisons order by id');
  const results = found.rows.map(({ result }) => JSON.parse(result) as { comparison: string });
  expect(stored.rows.map(({ id }) => id)).toEqual(results.map(({ comparison }) => comparison).toSorted());
  for (const [index, { period, pulls, status }] of found.rows.entries()) {
    expect([pulls, status]).toEqual([1, 'provisional']);
    const response = await fetch(`${url}/v1/comparisons/${results[index]?.comparison}`);
    const comparison = (await response.json()) as Comparison;
    const actual = (daysOf(period) * (perDay[periods.indexOf(period)] ?? 0)).toFixed(2);
    expect([comparison.period, comparison.tiers.map((tier) => tier.actual)]).toEqual([period, [actual]]);
  }
}
