import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ParsedMail } from 'mailparser';
import { fixedClock } from '../../src/clock.ts';
import type { Band, Forecast } from '../../src/core/forecast/result.ts';
import { listRuns } from '../../src/db/runs.ts';
import type { App } from '../../src/services/app.ts';
import { makeJobs } from '../../src/services/jobs.ts';
import { deliverDue } from '../../src/services/notices/deliveries.ts';
import { executeRun } from '../../src/services/runs/run-execution.ts';
import type { RunDetails, RunView } from '../../src/services/runs/runs.ts';
import { monthWork } from '../../src/services/schedules/month-work.ts';
import { planSchedules } from '../../src/services/schedules/schedule-plan.ts';
import type { PeriodView } from '../../src/services/schedules/schedule-runs.ts';
import type { TestRequest, TestService } from '../helpers/app.ts';
import type { FakeProvider } from '../helpers/fake-provider.ts';
import { linkPages } from '../helpers/fake-provider.ts';
import type { Mailbox } from '../helpers/mailbox.ts';
import type { MonthOutside } from '../helpers/month-outside.ts';
import { openMonth } from '../helpers/month-outside.ts';
import { costBucket, openaiKey, steadyScenario } from '../helpers/openai-month.ts';
import type { WebhookReceiver } from '../helpers/webhook-receiver.ts';

const scenario = steadyScenario({ tiers: ['openai', 'anthropic'] });

/** A day of OpenAI's cost report, in USD. */
function day(date: string, usd: number): unknown {
  const amount = { value: usd, currency: 'usd' };
  const line_item = 'gpt-5.4-mini-2026-03-17, input';
  const result = { object: 'organization.costs.result', amount, line_item, project_id: 'proj_1', quantity: 1_000_000 };
  return costBucket(date, [result]);
}

/** The same amount on each of the first days of a month. */
function days(period: string, count: number, usd: number): readonly unknown[] {
  return Array.from({ length: count }, (_, i) => day(`${period}-${String(i + 1).padStart(2, '0')}`, usd));
}

type Told = { type: string; data: Record<string, unknown> };

describe.each(['embedded', 'postgres'] as const)('a month under way, on the %s database', (kind) => {
  let month: MonthOutside;
  let service: TestService;
  let provider: FakeProvider;
  let mailbox: Mailbox;
  let receiver: WebhookReceiver;
  let scenarioId: string;
  let sourceId: string;
  let made = 0;
  const jobs = makeJobs(monthWork);

  beforeAll(async () => {
    month = await openMonth(kind);
    ({ service, provider, mailbox, receiver } = month);
    at('2026-09-20T12:00:00Z');
    scenarioId = (await json<{ id: string }>('/v1/scenarios', 201, { json: scenario })).id;
    const source = { name: 'OpenAI', kind: 'openai', credential: openaiKey };
    sourceId = (await json<{ id: string }>('/v1/bill-sources', 201, { json: source })).id;
    await json('/v1/webhooks', 201, { json: { name: 'Finance', url: receiver.url } });
  });
  afterAll(() => month.close());

  const at = (instant: string): void => service.setClock(fixedClock(new Date(instant)));
  async function json<T>(path: string, status: number, request: TestRequest = {}): Promise<T> {
    const response = await service.fetch(path, request);
    const text = await response.text();
    expect([response.status, response.status === status ? '' : text]).toEqual([status, '']);
    return (text === '' ? null : JSON.parse(text)) as T;
  }
  const execute = (id: string): Promise<void> =>
    executeRun(service.app, jobs, id, { isLast: true, signal: new AbortController().signal });
  /** What a worker does at that moment: starts what is due, does it, sends what there is to tell. */
  async function pass(instant: string): Promise<void> {
    at(instant);
    await planSchedules(service.app);
    const filter = { schedule_id: null, period: null, kind: null, before: null, limit: 100 };
    for (const { id } of await listRuns(service.app.db, { ...filter, state: 'queued' })) await execute(id);
    await deliverDue(service.app);
  }
  function takeTold(): { hooks: readonly Told[]; mails: readonly ParsedMail[] } {
    const hooks = receiver.got.map(({ body }) => JSON.parse(body) as Told);
    (receiver.got as unknown[]).length = 0;
    return { hooks, mails: mailbox.got.splice(0) };
  }
  function serve(costs: readonly unknown[]): void {
    provider.pages.set('/v1/organization/costs', linkPages([costs]));
    provider.pages.set('/v1/organization/usage/completions', linkPages([[]]));
  }
  /** A schedule made on 20 September; the others rest. */
  async function create(over: object = {}): Promise<string> {
    const { data } = await json<{ data: readonly { id: string }[] }>('/v1/schedules?limit=100', 200);
    for (const { id } of data)
      await json(`/v1/schedules/${id}`, 204, { method: 'DELETE', headers: { 'If-Match': '*' } });
    at('2026-09-20T12:00:00Z');
    const sent = {
      name: `Monthly ${++made}`,
      scenario_id: scenarioId,
      sources: [sourceId],
      alert_above: '0.05',
      ...over,
    };
    const { id } = await json<{ id: string }>('/v1/schedules', 201, { json: sent });
    return id;
  }
  /** The same, and its October was frozen on 30 September. */
  async function schedule(over: object = {}): Promise<string> {
    const id = await create(over);
    await pass('2026-09-30T06:00:00Z');
    // September has no bills: that is told, and is not our matter here.
    serve([]);
    await pass('2026-10-03T06:00:00Z');
    takeTold();
    return id;
  }
  async function october(id: string): Promise<PeriodView> {
    const { data } = await json<{ data: PeriodView[] }>(`/v1/schedules/${id}/periods`, 200);
    const found = data.find(({ period }) => period === '2026-10');
    if (found === undefined) throw new Error('October is not there');
    return found;
  }
  const frozenBill = async (id: string): Promise<Band> => {
    const { forecast_id } = await october(id);
    const { tiers } = await json<Forecast>(`/v1/forecasts/${forecast_id}`, 200);
    return tiers[0]?.months?.find(({ month }) => month === '2026-10')?.bill as Band;
  };

  test('that runs far above its forecast is told once, by webhook and mail, with where it will end', async () => {
    const id = await schedule();
    serve(days('2026-10', 10, 2));
    await pass('2026-10-11T06:00:00Z');
    const { hooks, mails } = takeTold();
    const { p10, p50: forecast, p90 } = await frozenBill(id);
    const band = { p10: Number(p10), p90: Number(p90) };
    expect(hooks.map(({ type }) => type)).toEqual(['nowcast.warning']);
    const usd = (amount: string) => ({ amount, currency: 'USD' });
    expect(hooks[0]?.data).toMatchObject({
      workspace: 'default',
      schedule: id,
      period: '2026-10',
      scenario: 'Support <assistant>',
      tier: 'OpenAI',
      through: '2026-10-10',
      so_far: usd((10 * 2).toFixed(2)),
      run_rate: usd(((10 * 2 * 31) / 10).toFixed(2)),
      forecast: usd(forecast),
      alert_above: '0.05',
      report_url: `https://infercast.example.com/schedules#${id}`,
      xlsx_url: expect.stringMatching(/^https:\/\/infercast\.example\.com\/v1\/forecasts\/fc_[0-9a-z]+\.xlsx$/),
    });
    // 20.00 after 10 of 31 days refutes a forecast of about 38: the days left follow from the count alone, so that half of
    // the futures end above 20.00 + 20.00 · 21/10; the rest of the month over its beginning varies by the spread s.
    const s = Math.sqrt(0.25 ** 2 * (1 / 10 + 1 / 21) + (Math.log(band.p90 / band.p10) / (2 * 1.2816)) ** 2);
    const ends = hooks[0]?.data.ends as Record<string, { amount: string }> | undefined;
    const endsAt = (z: number): number => 20 + 20 * (21 / 10) * Math.exp(z * s);
    expect(ends?.p50).toEqual(usd(endsAt(0).toFixed(2)));
    expect(Number(ends?.p10?.amount)).toBeCloseTo(endsAt(-1.2816), 0);
    expect(Number(ends?.p90?.amount)).toBeCloseTo(endsAt(1.2816), 0);
    expect(hooks[0]?.data.probability).toBe('1');
    expect(mails.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(
        /^\[infercast\] October 2026 will likely end at \$\d\d\.\d\d vs \$3\d\.\d\d forecast \(\+\d+\.\d\u00a0%\) – Support <assistant>$/,
      ),
    ]);
    expect(mails[0]?.text).toContain('So far, through 10 October 2026');
    expect(mails[0]?.text).toMatch(/At the rate so far +\$62\.00/);
    expect(mails[0]?.text).toMatch(/OpenAI will end October 2026 more than 5.% above its forecast/);
    expect(mails[0]?.html).toContain('Support &lt;assistant&gt;');
    await pass('2026-10-12T06:00:00Z');
    expect(takeTold()).toEqual({ hooks: [], mails: [] });
  });

  test('shows with its period what the last look saw, and why the rest is not known; no bill is stored', async () => {
    const id = await schedule();
    serve(days('2026-10', 10, 2));
    await pass('2026-10-11T06:00:00Z');
    const { nowcast, looked_at, next_look_at, status } = await october(id);
    expect([status, looked_at, next_look_at]).toEqual(['open', '2026-10-11T06:00:00.000Z', '2026-10-12T06:00:00.000Z']);
    expect(nowcast).toMatchObject({
      period: '2026-10',
      currency: 'USD',
      alert_above: '0.05',
      over: '0.05',
      tiers: [
        { tier: 'openai', through: '2026-10-10', so_far: '20.00', forecast: (await frozenBill(id)).p50, warns: true },
      ],
      unknown: [{ tier: 'anthropic', code: 'no-bills', message: 'anthropic billed no day of the month yet.' }],
    });
    expect(await json('/v1/bills?period=2026-10', 200)).toMatchObject({ data: [] });
    takeTold();
  });

  test('that is on its way to its forecast is told to nobody', async () => {
    const id = await schedule();
    // 37.50 USD a month is 1.21 a day.
    serve(days('2026-10', 10, 1.21));
    await pass('2026-10-11T06:00:00Z');
    expect(takeTold()).toEqual({ hooks: [], mails: [] });
    const { nowcast } = await october(id);
    expect(nowcast?.tiers).toMatchObject([{ so_far: '12.10', run_rate: ((12.1 * 31) / 10).toFixed(2), warns: false }]);
  });

  test('is held against what the schedule allows, and told to nobody where it wants no alert', async () => {
    const id = await schedule({ alert_above: '0.9' });
    serve(days('2026-10', 10, 2));
    await pass('2026-10-11T06:00:00Z');
    const wide = (await october(id)).nowcast;
    expect([wide?.over, wide?.tiers[0]?.warns]).toEqual(['0.9', false]);
    const silent = await schedule({ alert_above: null });
    serve(days('2026-10', 10, 2));
    await pass('2026-10-11T06:00:00Z');
    const { nowcast } = await october(silent);
    expect(nowcast).toMatchObject({ alert_above: null, over: '0.10', tiers: [{ warns: true }] });
    expect(takeTold()).toEqual({ hooks: [], mails: [] });
  });

  test('of which the provider gave fewer days is known through those: its lag is no day without spend', async () => {
    const id = await schedule();
    // On the 11th six days are there, and some of today, which is not over.
    serve([...days('2026-10', 6, 2), day('2026-10-11', 0.01)]);
    await pass('2026-10-11T06:00:00Z');
    const { nowcast } = await october(id);
    expect(nowcast?.tiers).toMatchObject([
      { through: '2026-10-06', so_far: (6 * 2).toFixed(2), run_rate: ((6 * 2 * 31) / 6).toFixed(2) },
    ]);
    takeTold();
  });

  test('of which nothing was billed yet is no failure', async () => {
    const id = await schedule();
    await pass('2026-10-04T06:00:00Z');
    const { data } = await json<{ data: RunView[] }>(`/v1/runs?schedule_id=${id}&kind=nowcast`, 200);
    expect(data.map(({ state }) => state)).toEqual(['succeeded']);
    expect((await october(id)).nowcast).toMatchObject({
      tiers: [],
      unknown: [{ tier: null, code: 'no-bills', message: 'Nothing of 2026-10 was billed yet.' }],
    });
    expect(takeTold()).toEqual({ hooks: [], mails: [] });
  });

  test('whose source cannot be read is told once a month, and looked at again each day', async () => {
    const id = await schedule();
    provider.pages.delete('/v1/organization/costs');
    await pass('2026-10-11T06:00:00Z');
    const { hooks, mails } = takeTold();
    // Its bills of September could not be pulled either, which is a matter of its own.
    expect(hooks.map(({ type, data }) => [type, data.schedule, data.what, data.period]).toSorted()).toEqual([
      ['schedule.failed', id, 'compare-period', '2026-09'],
      ['schedule.failed', id, 'nowcast', '2026-10'],
    ]);
    for (const { text } of mails) expect(text).toContain('It is tried again at 2026-10-12 06:00 UTC by itself');
    await pass('2026-10-12T06:00:00Z');
    expect(takeTold()).toEqual({ hooks: [], mails: [] });
    serve(days('2026-10', 12, 1.21));
    await pass('2026-10-13T06:00:00Z');
    expect((await october(id)).nowcast?.tiers).toMatchObject([{ through: '2026-10-12', so_far: '14.52' }]);
  });

  test('is told once however many workers look at it at the same time', async () => {
    const id = await schedule();
    serve(days('2026-10', 10, 2));
    at('2026-10-11T06:00:00Z');
    const { id: run } = await json<RunView>(`/v1/schedules/${id}/nowcast`, 202, { method: 'POST' });
    const busy = await service.fetch(`/v1/schedules/${id}/nowcast`, { method: 'POST' });
    expect([busy.status, ((await busy.json()) as { existing: string }).existing]).toEqual([409, `/v1/runs/${run}`]);
    await Promise.all([execute(run), execute(run), execute(run)]);
    await execute(run);
    await deliverDue(service.app);
    expect(takeTold().hooks.map(({ type }) => type)).toEqual(['nowcast.warning']);
    const { state, result, log } = await json<RunDetails>(`/v1/runs/${run}`, 200);
    expect([state, result]).toEqual(['succeeded', (await october(id)).nowcast]);
    expect(log.map(({ message }) => message)).toContain('openai: billed through 2026-10-10.');
    const again = await json<RunView>(`/v1/schedules/${id}/nowcast`, 202, { method: 'POST' });
    expect(again.id).not.toBe(run);
    await execute(again.id);
    await deliverDue(service.app);
    expect(takeTold().hooks).toEqual([]);
  });

  test('is told once also where a worker dies between telling it and ending its run', async () => {
    const id = await schedule();
    serve(days('2026-10', 10, 2));
    at('2026-10-11T06:00:00Z');
    const { id: run } = await json<RunView>(`/v1/schedules/${id}/nowcast`, 202, { method: 'POST' });
    const dying: App = {
      ...service.app,
      announce: async (trx, notice) => {
        await service.app.announce(trx, notice);
        throw new Error('killed');
      },
    };
    const first = executeRun(dying, jobs, run, { isLast: false, signal: new AbortController().signal });
    await expect(first).rejects.toThrow('killed');
    await deliverDue(service.app);
    expect([(await october(id)).nowcast, takeTold().hooks]).toEqual([null, []]);
    await execute(run);
    await deliverDue(service.app);
    expect(takeTold().hooks.map(({ type }) => type)).toEqual(['nowcast.warning']);
  });

  test('of a schedule without sources is known by the bills that somebody sent', async () => {
    const id = await schedule({ sources: [] });
    const body = `${JSON.stringify({ object: 'page', data: days('2026-10', 8, 2), has_more: false, next_page: null })}\n`;
    const headers = { 'Content-Type': 'application/octet-stream', 'Idempotency-Key': randomUUID() };
    await json('/v1/bills', 201, { method: 'POST', body, headers });
    provider.asked.length = 0;
    await pass('2026-10-11T06:00:00Z');
    expect(provider.asked).toEqual([]);
    expect((await october(id)).nowcast?.tiers).toMatchObject([{ through: '2026-10-08', so_far: (8 * 2).toFixed(2) }]);
    expect(takeTold().hooks.map(({ type }) => type)).toEqual(['nowcast.warning']);
  });

  test('that no forecast foresaw says so, and asks no provider', async () => {
    const id = await create();
    at('2026-09-25T12:00:00Z');
    await json(`/v1/schedules/${id}/nowcast`, 202, { method: 'POST' });
    provider.asked.length = 0;
    await pass('2026-09-25T12:00:00Z');
    const { data } = await json<{ data: PeriodView[] }>(`/v1/schedules/${id}/periods`, 200);
    const september = data.find(({ period }) => period === '2026-09');
    expect(september?.nowcast).toMatchObject({ tiers: [], unknown: [{ tier: null, code: 'no-forecast' }] });
    expect(provider.asked).toEqual([]);
  });
});
