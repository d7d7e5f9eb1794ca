import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { fixedClock } from '../../src/clock.ts';
import type { Comparison, TierComparison } from '../../src/core/bills/comparison.ts';
import type { Forecast } from '../../src/core/forecast/result.ts';
import { listClosedMonths } from '../../src/db/comparisons.ts';
import { claimRun } from '../../src/db/runs.ts';
import { comparisonJob } from '../../src/services/bills/comparison-job.ts';
import { makeJobs } from '../../src/services/jobs.ts';
import type { Jobs } from '../../src/services/runs/run-execution.ts';
import { executeRun } from '../../src/services/runs/run-execution.ts';
import type { RunDetails, RunView } from '../../src/services/runs/runs.ts';
import { monthWork } from '../../src/services/schedules/month-work.ts';
import type { TestService } from '../helpers/app.ts';
import { startTestService } from '../helpers/app.ts';
import { steadyScenario } from '../helpers/openai-month.ts';

let service: TestService;
let scenario: string;
let frozen: string;
let bill: string;

const certain = steadyScenario({ name: 'October', start: '2026-10', months: 3, tiers: ['openai', 'anthropic'] });

const header =
  'BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,BillingPeriodStart,BillingPeriodEnd,ServiceProviderName,BillingAccountId,ConsumedQuantity,ConsumedUnit,x_Provider,x_Model,x_Meter,x_CostReason';

function line(meter: string, tokens: number, cost: string, over: { model?: string; category?: string } = {}): string {
  const days = '2026-10-03T00:00:00Z,2026-10-04T00:00:00Z,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z';
  const { model = 'claude-haiku-4-5', category = 'Usage' } = over;
  return `${cost},USD,${category},${days},Anthropic,org-1,${tokens === 0 ? '' : tokens},${tokens === 0 ? '' : 'Tokens'},anthropic,${model},${meter},`;
}

const csv = `${[header, line('input', 22_000_000, '22'), line('output', 5_500_000, '27.6'), line('', 0, '9.42', { model: '', category: 'Tax' })].join('\n')}\n`;

beforeAll(async () => {
  service = await startTestService();
  service.setClock(fixedClock(new Date('2026-09-20T12:00:00.000Z')));
  scenario = ((await (await service.fetch('/v1/scenarios', { json: certain })).json()) as { id: string }).id;
  frozen = (
    (await (await service.fetch('/v1/forecasts', { json: { scenario_id: scenario } })).json()) as { id: string }
  ).id;
  service.setClock(fixedClock(new Date('2026-11-03T06:00:00.000Z')));
  const sent = await service.fetch('/v1/bills?file_name=october.csv', {
    method: 'POST',
    body: csv,
    headers: { 'Content-Type': 'text/csv', 'Idempotency-Key': randomUUID() },
  });
  const report = (await sent.json()) as { bills: { id: string }[] };
  bill = report.bills[0]?.id ?? JSON.stringify(report);
});
afterAll(() => service.close());

async function compare(
  body: Record<string, unknown>,
): Promise<{ status: number; body: Comparison & { errors: { code: string; pointer: string }[] } }> {
  const response = await service.fetch('/v1/comparisons', { json: body });
  return { status: response.status, body: (await response.json()) as never };
}

function only({ tiers }: Comparison): TierComparison {
  const [tier] = tiers;
  if (tier === undefined || tiers.length > 1) throw new Error(`${tiers.length} tiers`);
  return tier;
}

let first: Comparison;

describe('the bills of a month against the forecast frozen before it', () => {
  test('is provisional while a bill is, and takes the tiers whose providers have bills', async () => {
    const { status, body } = await compare({ scenario_id: scenario, period: '2026-10' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: 'provisional',
      period: '2026-10',
      forecast: { id: frozen, frozen: true },
      bills: [{ id: bill, status: 'provisional' }],
    });
    expect(body.warnings.map(({ code }) => code)).toEqual(['provisional-bills']);
    expect(only(body).id).toBe('anthropic');
    first = body;
  });

  test('leads from the frozen median to the bill without tax, to the cent', () => {
    const { forecast, bridge, actual, left_out, rows } = only(first);
    // 20 Mtok at 1 and 5 Mtok at 5 USD; used were 22 and 5.5 Mtok, for which 22 + 27.50 would be right.
    expect(forecast.base).toBe((20 * 1 + 5 * 5).toFixed(2));
    expect(actual).toBe((22 + 27.6).toFixed(2));
    const sum = bridge.reduce((total, { amount }) => total.plus(amount), new Decimal(forecast.p50));
    expect(sum.toFixed(2)).toBe(actual);
    expect(rows.map(({ id, effects }) => [id, effects.volume, effects.mix, effects.residual])).toEqual([
      ['chat', (45 * 0.1).toFixed(2), '0.00', (27.6 - 27.5).toFixed(2)],
    ]);
    expect(left_out).toEqual([{ provider: 'anthropic', currency: 'USD', tax: '9.42', credits: '0', prepayments: '0' }]);
  });

  test('is stored for good; a later one of locked bills supersedes it and counts for the record', async () => {
    expect((await service.fetch(`/v1/bills/${bill}/lock`, { json: {} })).status).toBe(200);
    const { body } = await compare({ scenario_id: scenario, period: '2026-10', tiers: ['anthropic'] });
    expect(body).toMatchObject({ status: 'final', supersedes: first.id, warnings: [] });
    expect(only(body).record).toMatchObject({ months: ['2026-10'] });
    const kept = (await (await service.fetch(`/v1/comparisons/${first.id}`)).json()) as Comparison;
    expect(kept).toEqual(first);
    const closed = await listClosedMonths(service.app.db, scenario, '2026-11');
    expect(closed.map(({ period, tier, perimeter, actual }) => [period, tier, perimeter, actual])).toEqual([
      ['2026-10', 'anthropic', 'bill', '49.60'],
      ['2026-10', 'anthropic', 'full', '49.60'],
    ]);
    expect(closed[0]?.z).toBeCloseTo(Number(only(body).place?.z), 9);
    const list = (await (await service.fetch(`/v1/comparisons?scenario_id=${scenario}`)).json()) as {
      data: { id: string }[];
    };
    expect(list.data.map(({ id }) => id)).toEqual([body.id, first.id]);
  });

  test('is given as workbook, CSV and Markdown', async () => {
    const get = async (ending: string): Promise<Response> => service.fetch(`/v1/comparisons/${first.id}${ending}`);
    const workbook = await get('.xlsx');
    expect(workbook.headers.get('content-disposition')).toContain('October 2026-10.xlsx');
    expect(
      Buffer.from(await workbook.arrayBuffer())
        .subarray(0, 2)
        .toString(),
    ).toBe('PK');
    const table = await (await get('.csv')).text();
    expect(table.split('\n')[1]).toMatch(/^2026-10,anthropic,chat,chat,USD,45\.00,,4\.50,/);
    const text = await (await get('.md')).text();
    expect(text).toContain('# October: 2026-10 against its forecast');
    expect(text).toContain('| **Bill** | **49.60** |');
  });
});

describe('the next month, frozen', () => {
  test('begins after the closed ones, whose measured volumes are its history', async () => {
    const response = await service.fetch('/v1/forecasts', { json: { scenario_id: scenario, from: '2026-11' } });
    const next = (await response.json()) as Forecast;
    expect([response.status, next.from, next.as_of]).toEqual([201, '2026-11', '2026-11-03']);
    const [chat] = next.workloads;
    // 27.5 Mtok came where 25 were foreseen: 11,000 requests instead of 10,000, known and no longer uncertain.
    expect(chat?.requests[0]).toMatchObject({ month: '2026-10', base: '11000', p10: '11000', p90: '11000' });
    expect(chat?.history).toMatchObject({ unit: 'month', observations: 1, same_as_last_month: '11000' });
    const rerun = await service.fetch(`/v1/forecasts/${next.id}/rerun`, { method: 'POST' });
    expect(await rerun.json()).toMatchObject({ identical: true });
  });

  test('a month outside of the horizon is refused', async () => {
    const response = await service.fetch('/v1/forecasts', { json: { scenario_id: scenario, from: '2027-01' } });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ pointer: '/from', code: 'out-of-range' }] });
  });
});

describe('out again as FOCUS', () => {
  test('a bill that is exported and sent again is known to be the same', async () => {
    const response = await service.fetch(`/v1/bills/${bill}.focus.csv`);
    expect(response.headers.get('content-disposition')).toContain('anthropic 2026-10 FOCUS.csv');
    const text = await response.text();
    expect(text.split('\n')).toHaveLength(1 + 3 + 1);
    const again = await service.fetch('/v1/bills?dry_run=true', {
      method: 'POST',
      body: text,
      headers: { 'Content-Type': 'text/csv' },
    });
    expect(await again.json()).toMatchObject({ bills: [{ id: bill }] });
  });

  test('a forecast has a line a month for each thing that is paid for, tokens as quantities', async () => {
    const text = await (await service.fetch(`/v1/forecasts/${frozen}.focus.csv?tiers=anthropic`)).text();
    const [head = '', ...lines] = text.trimEnd().split('\n');
    const names = head.split(',');
    const at = (row: string, name: string): string => row.split(',')[names.indexOf(name)] ?? '';
    // Input and output of three months.
    expect(
      lines.map((row) => [
        at(row, 'BillingPeriodStart').slice(0, 7),
        at(row, 'x_Meter'),
        at(row, 'BilledCost'),
        at(row, 'ConsumedQuantity'),
      ]),
    ).toEqual(
      ['2026-10', '2026-11', '2026-12'].flatMap((month) => [
        [month, 'input', '20', '20000000'],
        [month, 'output', '25', '5000000'],
      ]),
    );
  });
});

describe('what cannot be compared', () => {
  test('a forecast made after the month began is shown and never scored', async () => {
    const made = (await (await service.fetch('/v1/forecasts', { json: { scenario_id: scenario } })).json()) as {
      id: string;
    };
    const { body } = await compare({ forecast_id: made.id, period: '2026-10' });
    expect(body.forecast.frozen).toBe(false);
    expect(only(body)).toMatchObject({ hit: null, place: null, reason: 'not-frozen', actual: '49.60' });
    // What was scored stays scored.
    expect(await listClosedMonths(service.app.db, scenario, '2026-11')).toHaveLength(2);
  });

  test.each([
    ['no scenario', { scenario_id: 'sc_none', period: '2026-10' }, '/scenario_id unknown-scenario'],
    ['no forecast', { forecast_id: 'fc_none', period: '2026-10' }, '/forecast_id unknown-forecast'],
    ['a month before any forecast', { period: '2026-09' }, '/period nothing-frozen'],
    ['a month beyond the forecast', { period: '2027-02' }, '/period period-not-forecast'],
    ['a month without bills', { period: '2026-11' }, '/tiers nothing-billed'],
    ['an unknown tier', { period: '2026-10', tiers: ['antropic'] }, '/tiers/0 unknown-tier'],
    [
      'an unknown workload',
      { period: '2026-10', workloads: [{ workload: 'chta' }] },
      '/workloads/0/workload unknown-workload',
    ],
    ['no month', { period: 'October' }, '/period wrong-value'],
    ['neither scenario nor forecast', { scenario_id: undefined, period: '2026-10' }, ' wrong-value'],
  ])('%s is refused with its place', async (_what, sent, expected) => {
    const { status, body } = await compare({ ...('forecast_id' in sent ? {} : { scenario_id: scenario }), ...sent });
    expect(status).toBe(422);
    expect(body.errors.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([expected]);
  });

  test('what is not there is not found', async () => {
    expect((await service.fetch('/v1/comparisons/cmp_none')).status).toBe(404);
    expect((await service.fetch('/v1/comparisons/cmp_none.xlsx')).status).toBe(404);
  });
});

describe('a comparison that is put off', () => {
  const Prefer = 'respond-async';
  const jobs = makeJobs(monthWork);
  const attempt = { isLast: false, signal: new AbortController().signal };
  const of = () => ({ scenario_id: scenario, period: '2026-10' });
  const put = (body: object, key: string = randomUUID()): Promise<Response> =>
    service.fetch('/v1/comparisons', { json: body, headers: { Prefer, 'Idempotency-Key': key } });
  const start = async (): Promise<string> => ((await (await put(of())).json()) as RunView).id;
  const read = async (id: string): Promise<RunDetails> =>
    (await (await service.fetch(`/v1/runs/${id}`)).json()) as RunDetails;
  const count = async (): Promise<number> =>
    ((await (await service.fetch('/v1/comparisons?limit=200')).json()) as { data: unknown[] }).data.length;

  test('answers 202 with its run, which brings the comparison; the same key gives the same run', async () => {
    const key = randomUUID();
    const response = await put(of(), key);
    const run = (await response.json()) as RunView;
    expect([response.status, response.headers.get('location'), response.headers.get('preference-applied')]).toEqual([
      202,
      `/v1/runs/${run.id}`,
      Prefer,
    ]);
    expect(((await (await put(of(), key)).json()) as RunView).id).toBe(run.id);
    await executeRun(service.app, jobs, run.id, attempt);
    const comparison = `/v1/comparisons/cmp_${run.id.slice('run_'.length)}`;
    expect(await read(run.id)).toMatchObject({
      kind: 'comparison',
      state: 'succeeded',
      period: '2026-10',
      // The lines of the one bill.
      progress: { done: 3, total: 3, unit: 'lines' },
      result: { comparison },
      log: [{ message: `Held ${bill} against ${frozen}.` }],
    });
    const stored = (await (await service.fetch(comparison)).json()) as Comparison;
    const { body } = await compare(of());
    expect(only(stored).bridge).toEqual(only(body).bridge);
    expect(body.supersedes).toBe(stored.id);
  });

  test('is stored once, whoever works on its run, and however often', async () => {
    const before = await count();
    const id = await start();
    // A worker that took it and died.
    await claimRun(service.app.db, id, '2026-11-03T06:00:00.000Z');
    await Promise.all([1, 2].map(() => executeRun(service.app, jobs, id, attempt)));
    await executeRun(service.app, jobs, id, attempt);
    expect([(await read(id)).state, await count()]).toEqual(['succeeded', before + 1]);
  });

  test('that is cancelled at its last step stores nothing, and is whole when it is tried again', async () => {
    const before = await count();
    const id = await start();
    const cancelling: Jobs = {
      comparison: {
        work: async (app, input, context) => {
          const outcome = await comparisonJob.work(app, input, context);
          await service.fetch(`/v1/runs/${id}/cancel`, { method: 'POST' });
          return outcome;
        },
      },
    };
    await executeRun(service.app, cancelling, id, attempt);
    expect([(await read(id)).state, await count()]).toEqual(['cancelled', before]);
    expect((await service.fetch(`/v1/runs/${id}/retry`, { method: 'POST' })).status).toBe(202);
    await executeRun(service.app, jobs, id, attempt);
    expect([(await read(id)).state, await count()]).toEqual(['succeeded', before + 1]);
  });

  test('is refused at once where nothing foresaw the month; what else is wrong is said by its run', async () => {
    expect((await put({ scenario_id: scenario, period: '2026-09' })).status).toBe(422);
    const { id } = (await (await put({ ...of(), tiers: ['antropic'] })).json()) as RunView;
    await executeRun(service.app, jobs, id, attempt);
    expect(await read(id)).toMatchObject({
      state: 'failed',
      error: { code: 'validation-failed', errors: [{ pointer: '/tiers/0', code: 'unknown-tier' }] },
    });
  });
});
