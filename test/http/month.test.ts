import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ExcelJS from 'exceljs';
import type { ParsedMail } from 'mailparser';
import { fixedClock } from '../../src/clock.ts';
import type { Comparison } from '../../src/core/bills/comparison.ts';
import type { Forecast } from '../../src/core/forecast/result.ts';
import { listRuns } from '../../src/db/runs.ts';
import type { BillSummary } from '../../src/services/bills/bills.ts';
import { makeJobs } from '../../src/services/jobs.ts';
import { deliverDue } from '../../src/services/notices/deliveries.ts';
import { executeRun } from '../../src/services/runs/run-execution.ts';
import type { RunDetails } from '../../src/services/runs/runs.ts';
import { monthWork } from '../../src/services/schedules/month-work.ts';
import { planSchedules } from '../../src/services/schedules/schedule-plan.ts';
import type { PeriodView } from '../../src/services/schedules/schedule-runs.ts';
import type { TestRequest, TestService } from '../helpers/app.ts';
import type { FakeProvider } from '../helpers/fake-provider.ts';
import { linkPages } from '../helpers/fake-provider.ts';
import type { Mailbox } from '../helpers/mailbox.ts';
import type { MonthOutside } from '../helpers/month-outside.ts';
import { openMonth } from '../helpers/month-outside.ts';
import { costDay, openaiKey, steadyScenario } from '../helpers/openai-month.ts';
import type { WebhookReceiver } from '../helpers/webhook-receiver.ts';

const scenario = steadyScenario();

type Told = {
  type: string;
  data: Record<string, never> & { actual: { amount: string }; forecast: { amount: string } };
};

describe.each(['embedded', 'postgres'] as const)('a month without being asked, on the %s database', (kind) => {
  let month: MonthOutside;
  let service: TestService;
  let provider: FakeProvider;
  let mailbox: Mailbox;
  let receiver: WebhookReceiver;
  let scheduleId: string;
  let scenarioId: string;
  let sourceId: string;
  const jobs = makeJobs(monthWork);

  beforeAll(async () => {
    month = await openMonth(kind);
    ({ service, provider, mailbox, receiver } = month);
  });
  afterAll(() => month.close());

  async function json<T>(path: string, status: number, request: TestRequest = {}): Promise<T> {
    const response = await service.fetch(path, request);
    const text = await response.text();
    expect([response.status, response.status === status ? '' : text]).toEqual([status, '']);
    return JSON.parse(text) as T;
  }
  /** What a worker does at that moment: starts what is due, does it, sends what there is to tell. */
  async function pass(instant: string): Promise<void> {
    service.setClock(fixedClock(new Date(instant)));
    await planSchedules(service.app);
    const filter = { schedule_id: null, period: null, kind: null, before: null, limit: 100 };
    for (const { id } of await listRuns(service.app.db, { ...filter, state: 'queued' }))
      await executeRun(service.app, jobs, id, { isLast: true, signal: new AbortController().signal });
    await deliverDue(service.app);
  }
  function takeTold(): { hooks: Told[]; mails: ParsedMail[] } {
    const hooks = receiver.got.map(({ body }) => JSON.parse(body) as Told);
    const mails = mailbox.got.splice(0);
    (receiver.got as unknown[]).length = 0;
    return { hooks, mails };
  }
  const october = async (): Promise<PeriodView> => {
    const { data } = await json<{ data: PeriodView[] }>(`/v1/schedules/${scheduleId}/periods`, 200);
    const found = data.find(({ period }) => period === '2026-10');
    if (found === undefined) throw new Error('October has no result');
    return found;
  };
  const figures = ({ data }: Told): string[] => [data.actual.amount, data.forecast.amount];

  function serve(days: readonly unknown[]): void {
    provider.pages.set('/v1/organization/costs', linkPages(days.map((each) => [each])));
    const empty = { object: 'bucket', start_time: 1_790_812_800, end_time: 1_790_899_200, results: [] };
    provider.pages.set('/v1/organization/usage/completions', linkPages([[empty]]));
  }
  const settled = [costDay('2026-10-03', 10, 2.5), costDay('2026-10-10', 10, 2.5), costDay('2026-10-31', 2, 0.5)];
  const restated = [...settled.slice(0, 2), costDay('2026-10-31', 3, 0.5)];
  let frozen: Forecast;

  test('freezes the forecast of October on the last day before it', async () => {
    service.setClock(fixedClock(new Date('2026-09-20T12:00:00Z')));
    scenarioId = (await json<{ id: string }>('/v1/scenarios', 201, { json: scenario })).id;
    const source = await json<{ id: string }>('/v1/bill-sources', 201, {
      json: { name: 'OpenAI', kind: 'openai', credential: openaiKey },
    });
    sourceId = source.id;
    await json('/v1/webhooks', 201, { json: { name: 'Finance', url: receiver.url } });
    const schedule = { name: 'Monthly', scenario_id: scenarioId, sources: [source.id], alert_above: '0.05' };
    scheduleId = (await json<{ id: string }>('/v1/schedules', 201, { json: schedule })).id;
    await pass('2026-09-30T06:00:00Z');
    const { forecast_id, freeze_status } = await october();
    expect(freeze_status).toBe('frozen');
    frozen = await json<Forecast>(`/v1/forecasts/${forecast_id}`, 200);
    expect([frozen.as_of, frozen.from]).toEqual(['2026-09-30', '2026-10']);
    expect(ofOctober(frozen)?.base).toBe((15 + 22.5).toFixed(2));
    // September has no bills: that is told, once, and is not our matter here.
    serve([{ object: 'bucket', start_time: 0, end_time: 1, results: [] }]);
    await pass('2026-10-03T06:00:00Z');
    const failed = takeTold().hooks;
    expect(failed.map(({ type, data }) => [type, data.report_url])).toEqual([
      ['schedule.failed', `https://infercast.example.com/runs/${failed[0]?.data.run}`],
    ]);
  });

  test('pulls October through a provider that stumbles, and tells it once by webhook and mail', async () => {
    serve(settled);
    await pass('2026-10-31T12:00:00Z');
    takeTold();
    provider.mishaps.push({ status: 429, retryAfter: '7' }, { status: 500 }, 'cut-in-the-middle');
    await pass('2026-11-03T06:00:00Z');
    const { hooks: all, mails: letters } = takeTold();
    // September is given up after a month of looking for its bills; that is told apart.
    const [hooks, mails] = [
      all.filter(({ data }) => data.period === '2026-10'),
      letters.filter(({ subject }) => subject?.includes('October 2026')),
    ];
    expect(all.filter((each) => !hooks.includes(each)).map(({ type, data }) => [type, data.period])).toEqual([
      ['schedule.failed', '2026-09'],
    ]);
    expect(hooks.map(({ type }) => type).toSorted()).toEqual(['comparison.completed', 'comparison.threshold_exceeded']);
    const [told] = hooks.filter(({ type }) => type === 'comparison.completed');
    const p50 = ofOctober(frozen)?.p50 ?? '';
    // 22 million in at 0.75 and 5.5 million out at 4.50.
    const actual = (22 * 0.75 + 5.5 * 4.5).toFixed(2);
    expect(actual).toBe('41.25');
    for (const each of hooks) expect(figures(each)).toEqual([actual, p50]);
    expect(told?.data).toMatchObject({
      schedule: scheduleId,
      period: '2026-10',
      status: 'provisional',
      scenario: 'Support <assistant>',
      exceeded: true,
      variance: { amount: (Number(actual) - Number(p50)).toFixed(2) },
      report_url: expect.stringMatching(/^https:\/\/infercast\.example\.com\/comparisons\/cmp_[0-9a-z]+$/),
      xlsx_url: expect.stringMatching(/^https:\/\/infercast\.example\.com\/v1\/comparisons\/cmp_[0-9a-z]+\.xlsx$/),
    });
    const drivers = told?.data.drivers as unknown as { amount: string }[];
    const sum = drivers.reduce((total, { amount }) => total + Math.round(Number(amount) * 100), 0);
    expect(sum).toBe(Math.round((Number(actual) - Number(p50)) * 100));
    expect(mails).toHaveLength(1);
    expect(mails[0]?.subject).toMatch(
      /^\[infercast\] October 2026: \$41\.25 vs \$3\d\.\d\d forecast \(\+\d+\.\d\u00a0%\) – Support <assistant>$/,
    );
    expect(mails[0]?.text).toContain('Actual                  $41.25');
    expect(mails[0]?.html).toContain('Support &lt;assistant&gt;');
  });

  test('attaches the workbook of the comparison, with the same figures', async () => {
    const { result } = await october();
    const { comparison } = result as { comparison: string };
    const stored = await json<Comparison>(`/v1/comparisons/${comparison}`, 200);
    const [tier] = stored.tiers;
    expect([tier?.actual, stored.status, stored.forecast]).toMatchObject([
      '41.25',
      'provisional',
      { id: frozen.id, frozen: true },
    ]);
    const sent = await service.app.db
      .selectFrom('deliveries')
      .selectAll()
      .where('webhook_id', 'is', null)
      .where('notice_id', 'like', '%-completed')
      .execute();
    expect(sent.map(({ state }) => state)).toEqual(['delivered']);
    const response = await service.fetch(`/v1/comparisons/${comparison}.xlsx`);
    expect(await numbersOf(new Uint8Array(await response.arrayBuffer()))).toEqual(
      expect.arrayContaining([41.25, Number(tier?.forecast.p50)]),
    );
  });

  test('has nothing more to tell until something changes', async () => {
    await pass('2026-11-03T06:00:30Z');
    await pass('2026-11-03T18:00:00Z');
    expect(takeTold()).toEqual({ hooks: [], mails: [] });
  });

  test('pulls again a day later, puts what was restated in its place and tells that', async () => {
    serve(restated);
    await pass('2026-11-04T06:00:00Z');
    const { hooks, mails } = takeTold();
    const actual = (23 * 0.75 + 5.5 * 4.5).toFixed(2);
    expect(hooks.map((each) => [each.type, figures(each)[0]]).toSorted()).toEqual([
      ['comparison.completed', actual],
      ['comparison.threshold_exceeded', actual],
    ]);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.attachments.map(({ filename }) => filename)).toEqual(['Support assistant 2026-10.xlsx']);
    expect(await numbersOf(new Uint8Array(mails[0]?.attachments[0]?.content ?? []))).toContain(42);
    const { data } = await json<{ data: BillSummary[] }>('/v1/bills?period=2026-10', 200);
    expect(data.map(({ status, billed }) => [status, billed])).toEqual([
      ['provisional', '42'],
      ['reversed', '41.25'],
    ]);
    expect((await october()).status).toBe('provisional');
  });

  test('locks when two pulls a day apart agree, with a final comparison of locked bills, and is then left alone', async () => {
    await pass('2026-11-05T06:00:00Z');
    const { hooks, mails } = takeTold();
    expect(hooks.map(({ type, data }) => [type, data.status])).toEqual([['comparison.completed', 'locked']]);
    expect(mails[0]?.text).toContain('these figures are final');
    const { status, result, pulls } = await october();
    expect([status, pulls]).toEqual(['locked', 3]);
    const stored = await json<Comparison>(`/v1/comparisons/${(result as { comparison: string }).comparison}`, 200);
    expect([stored.status, stored.bills.map((bill) => bill.status)]).toEqual(['final', ['locked']]);
    provider.asked.length = 0;
    await pass('2026-11-20T06:00:00Z');
    const again = provider.asked.filter((asked) => asked.includes(`start_time=${Date.parse('2026-10-01') / 1_000}&`));
    expect([again, takeTold()]).toEqual([[], { hooks: [], mails: [] }]);
  });

  test('teaches the forecast that is frozen next what October measured', async () => {
    await pass('2026-11-30T06:00:00Z');
    const { data } = await json<{ data: PeriodView[] }>(`/v1/schedules/${scheduleId}/periods`, 200);
    const december = data.find(({ period }) => period === '2026-12');
    expect(december?.freeze_status).toBe('frozen');
    const forecast = await json<Forecast>(`/v1/forecasts/${december?.forecast_id}`, 200);
    expect([forecast.as_of, forecast.from]).toEqual(['2026-11-30', '2026-12']);
  });

  test('of which no option has all its bills is told as such; one that no forecast foresaw is shown, never scored', async () => {
    const run = async (name: string, tier: string, isForecast = true): Promise<RunDetails> => {
      const sent = { ...scenario, name, tiers: [tier], start: '2026-10' };
      const { id } = await json<{ id: string }>('/v1/scenarios', 201, { json: sent });
      if (isForecast) await json('/v1/forecasts', 201, { json: { scenario_id: id } });
      const made = await json<{ id: string }>('/v1/schedules', 201, { json: { name, scenario_id: id } });
      const started = await json<RunDetails>(`/v1/schedules/${made.id}/run`, 202, { json: { period: '2026-10' } });
      await executeRun(service.app, jobs, started.id, { isLast: true, signal: new AbortController().signal });
      return json<RunDetails>(`/v1/runs/${started.id}`, 200);
    };
    const other = await run('Other provider', 'anthropic');
    expect([other.state, other.error?.errors?.map(({ detail }) => detail)]).toEqual([
      'failed',
      [
        expect.stringContaining(
          'No tier of the forecast has bills of all its providers in this month (billed: openai).',
        ),
      ],
    ]);
    await deliverDue(service.app);
    const [told] = takeTold().hooks;
    expect([told?.type, told?.data.reason]).toEqual(['schedule.failed', other.error?.errors?.[0]?.detail]);
    for (const late of [await run('Late', 'openai'), await run('Never forecast', 'openai', false)]) {
      expect([late.state, late.error]).toEqual(['succeeded', null]);
      expect(late.result).toMatchObject({ actual: { amount: '42.00' }, exceeded: true, unforeseen: true });
      const { comparison } = late.result as { comparison: string };
      const { forecast, tiers } = await json<Comparison>(`/v1/comparisons/${comparison}`, 200);
      expect([forecast.frozen, tiers[0]?.hit]).toEqual([false, null]);
    }
  });

  test.each([
    // Seven hours before its midnight, when it is the next month in UTC.
    { time_zone: 'America/Los_Angeles', frozen: '2027-01-01T01:00:00Z' },
    // At its first moment, which is the day before in UTC.
    { time_zone: 'Pacific/Kiritimati', frozen: '2026-12-30T10:00:00Z' },
  ])('is frozen on the last day as clocks in $time_zone show it, and scored', async ({ time_zone, frozen }) => {
    service.setClock(fixedClock(new Date('2026-12-20T12:00:00Z')));
    const sent = { ...scenario, name: time_zone };
    const { id: scenario_id } = await json<{ id: string }>('/v1/scenarios', 201, { json: sent });
    const schedule = { name: time_zone, scenario_id, sources: [sourceId], time_zone };
    const { id } = await json<{ id: string }>('/v1/schedules', 201, { json: schedule });
    await pass(frozen);
    serve([costDay('2027-01-05', 20, 5)]);
    await pass('2027-02-03T15:00:00Z');
    const { data } = await json<{ data: PeriodView[] }>(`/v1/schedules/${id}/periods`, 200);
    const january = data.find(({ period }) => period === '2027-01');
    const forecast = await json<Forecast>(`/v1/forecasts/${january?.forecast_id}`, 200);
    expect([forecast.as_of, forecast.from]).toEqual(['2026-12-31', '2027-01']);
    expect(forecast.warnings.map(({ code }) => code)).not.toContain('as-of-ahead');
    const result = january?.result as { comparison: string } | null | undefined;
    const stored = await json<Comparison>(`/v1/comparisons/${result?.comparison}`, 200);
    expect([stored.forecast.id, stored.forecast.frozen, stored.tiers[0]?.hit]).toEqual([
      january?.forecast_id,
      true,
      expect.any(Boolean),
    ]);
  });

  test('has left the key of the provider nowhere in plain', async () => {
    const tables = ['bill_sources', 'runs', 'run_log', 'notices', 'deliveries', 'bills', 'comparisons'] as const;
    const rows = await Promise.all(tables.map((table) => service.app.db.selectFrom(table).selectAll().execute()));
    expect(JSON.stringify([rows, service.log])).not.toContain('planted-canary');
  });
});

function ofOctober({ tiers }: Forecast): { base: string; p50: string } | undefined {
  return tiers[0]?.months?.find(({ month }) => month === '2026-10')?.bill;
}

async function numbersOf(bytes: Uint8Array): Promise<number[]> {
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(bytes as unknown as ExcelJS.Buffer);
  const numbers: number[] = [];
  workbook.eachSheet((sheet) =>
    sheet.eachRow((row) =>
      row.eachCell(({ value }) => {
        const plain = value !== null && typeof value === 'object' && 'result' in value ? value.result : value;
        if (typeof plain === 'number') numbers.push(Math.round(plain * 100) / 100);
      }),
    ),
  );
  return numbers;
}
