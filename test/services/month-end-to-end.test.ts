import { afterAll, beforeAll, expect, test } from '@jest/globals';
import ExcelJS from 'exceljs';
import { Webhook } from 'standardwebhooks';
import { fixedClock } from '../../src/clock.ts';
import type { Comparison } from '../../src/core/bills/comparison.ts';
import { listRuns } from '../../src/db/runs.ts';
import { deliverDue } from '../../src/services/deliveries.ts';
import { makeJobs } from '../../src/services/jobs.ts';
import { monthWork } from '../../src/services/month-work.ts';
import { executeRun } from '../../src/services/run-execution.ts';
import { planSchedules } from '../../src/services/schedule-plan.ts';
import type { TestRequest, TestService } from '../helpers/app.ts';
import { defaultSettings, smallScenario, startTestService } from '../helpers/app.ts';
import type { FakeProvider } from '../helpers/fake-provider.ts';
import { linkPages, startFakeProvider } from '../helpers/fake-provider.ts';
import type { Mailbox } from '../helpers/mailbox.ts';
import { startMailbox } from '../helpers/mailbox.ts';
import type { WebhookReceiver } from '../helpers/webhook-receiver.ts';
import { startReceiver } from '../helpers/webhook-receiver.ts';

const key = 'sk-admin-0123456789';
let provider: FakeProvider;
let mailbox: Mailbox;
let receiver: WebhookReceiver;
let service: TestService;

beforeAll(async () => {
  provider = await startFakeProvider({ header: 'authorization', value: `Bearer ${key}` });
  mailbox = await startMailbox();
  receiver = await startReceiver();
  const { origin } = provider;
  service = await startTestService({
    announces: true,
    settings: {
      outside: {
        ...defaultSettings.outside,
        origins: { openai: origin, anthropic: origin, openrouter: origin },
        mail: { smtpUrl: mailbox.url, from: 'infercast@example.com', to: ['controller@example.com'] },
        publicUrl: 'https://infercast.example.com',
      },
    },
  });
});
afterAll(async () => {
  await service.close();
  await Promise.all([provider.close(), mailbox.close(), receiver.close()]);
});

async function json<T>(path: string, status: number, request: TestRequest = {}): Promise<T> {
  const response = await service.fetch(path, request);
  const text = await response.text();
  expect([response.status, response.status === status ? '' : text]).toEqual([status, '']);
  return JSON.parse(text) as T;
}

/** One day of December's costs and tokens of the model the scenario forecasts, in the shapes of the provider's API. */
const second = (day: number): number => Date.UTC(2026, 11, day) / 1_000;
const costs = (day: number, input: number, output: number) => ({
  object: 'bucket',
  start_time: second(day),
  end_time: second(day + 1),
  results: [cost(input, 'gpt-5.4-mini, input'), cost(output, 'gpt-5.4-mini, output')],
});
const cost = (value: number, line_item: string) => ({
  object: 'organization.costs.result',
  amount: { value, currency: 'usd' },
  line_item,
  project_id: 'proj_1',
  quantity: null,
});
const usage = (day: number, input_tokens: number, output_tokens: number) => ({
  object: 'bucket',
  start_time: second(day),
  end_time: second(day + 1),
  results: [
    {
      object: 'organization.usage.completions.result',
      input_tokens,
      output_tokens,
      input_cached_tokens: 0,
      num_model_requests: 100_000,
      model: 'gpt-5.4-mini',
      batch: false,
      service_tier: 'default',
      project_id: 'proj_1',
    },
  ],
});

function serve(secondDayInput: number): void {
  // Three pages, a day each: 93.60 + 140.40, then x + 140.40, then 93.60 + 140.40.
  provider.pages.set(
    '/v1/organization/costs',
    linkPages([[costs(1, 93.6, 140.4)], [costs(2, secondDayInput, 140.4)], [costs(3, 93.6, 140.4)]]),
  );
  provider.pages.set(
    '/v1/organization/usage/completions',
    linkPages([
      [usage(1, 124_800_000, 31_200_000)],
      [usage(2, 124_800_000, 31_200_000), usage(3, 124_800_000, 31_200_000)],
    ]),
  );
}

/** The clock reaches an instant: what is due is queued, worked on as a worker would, and told. */
async function reach(instant: string): Promise<void> {
  service.setClock(fixedClock(new Date(instant)));
  await planSchedules(service.app);
  const filter = { schedule_id: null, period: null, kind: null, before: null, limit: 100, state: 'queued' as const };
  for (const { id } of (await listRuns(service.app.db, filter)).toReversed())
    await executeRun(service.app, makeJobs(monthWork), id, { isLast: true, signal: new AbortController().signal });
  await deliverDue(service.app);
}

/** What failed in December, in words. */
async function errors(): Promise<readonly string[]> {
  const filter = {
    schedule_id: null,
    period: '2026-12',
    kind: null,
    before: null,
    limit: 100,
    state: 'failed' as const,
  };
  return (await listRuns(service.app.db, filter)).map(({ error }) => error?.message ?? '');
}

type Period = { period: string; status: string; pulls: number; result: { comparison: string } | null };

test('a month is frozen, pulled, compared and told without being asked, once each, with the right figures', async () => {
  const scenario = await json<{ id: string }>('/v1/scenarios', 201, {
    json: smallScenario({ start: '2026-12', tiers: ['openai'] }),
  });
  const source = await json<{ id: string }>('/v1/bill-sources', 201, {
    json: { name: 'OpenAI', kind: 'openai', credential: key },
  });
  const hook = await json<{ id: string; secret: string }>('/v1/webhooks', 201, {
    json: { name: 'Finance', url: receiver.url, events: ['comparison.completed'] },
  });
  const schedule = await json<{ id: string }>('/v1/schedules', 201, {
    json: { name: 'Monthly', scenario_id: scenario.id, sources: [source.id], time_zone: 'UTC' },
  });
  const periods = async (): Promise<readonly Period[]> =>
    (await json<{ data: Period[] }>(`/v1/schedules/${schedule.id}/periods`, 200)).data;

  await reach('2026-11-30T10:00:00.000Z');
  // November began before there was a schedule: the provider knows nothing of it, which is told and is no comparison.
  await reach('2026-12-03T06:00:00.000Z');
  await reach('2026-12-31T10:00:00.000Z');
  expect(mailbox.got.map(({ subject }) => subject)).toEqual(['[infercast] A scheduled run failed for November 2026']);
  expect(receiver.got).toEqual([]);
  mailbox.got.length = 0;

  serve(93.6);
  provider.mishaps.push({ status: 429, retryAfter: '2' }, { status: 500 }, 'cut-in-the-middle');
  await reach('2027-01-03T06:00:00.000Z');
  const first = (await periods()).find(({ period }) => period === '2026-12');
  expect([await errors(), first?.status, first?.pulls]).toEqual([[], 'provisional', 1]);
  expect([receiver.got.length, mailbox.got.length]).toEqual([1, 1]);

  // The provider restates the second day; a day later it says the same again.
  serve(103.6);
  provider.mishaps.push('half-of-a-packed-body', { status: 503 });
  await reach('2027-01-04T06:00:00.000Z');
  await reach('2027-01-05T06:00:00.000Z');
  await reach('2027-01-06T06:00:00.000Z');
  const last = (await periods()).find(({ period }) => period === '2026-12');
  expect(last?.status).toBe('locked');

  const comparison = await json<Comparison>(`/v1/comparisons/${last?.result?.comparison}`, 200);
  const [tier] = comparison.tiers;
  // 3 × (93.60 + 140.40) + 10.00
  expect(tier?.actual).toBe('712.00');
  expect([comparison.status, comparison.forecast.frozen]).toEqual(['final', true]);
  const bridged = (tier?.bridge ?? []).reduce((sum, { amount }) => sum + Math.round(Number(amount) * 100), 0);
  expect(Math.round(Number(tier?.forecast.p50) * 100) + bridged).toBe(71_200);

  // The first pull, the restated one, and the one that settled the month; the same again is no news.
  expect([receiver.got.length, mailbox.got.length]).toEqual([3, 3]);
  const told = receiver.got.map(({ headers, body }) => {
    // The library refuses what is not of the last five minutes by its own clock, which is not ours.
    const at = new Date(Number(headers['webhook-timestamp']) * 1_000);
    expect(headers['webhook-signature']).toBe(new Webhook(hook.secret).sign(headers['webhook-id'] ?? '', at, body));
    return (JSON.parse(body) as { data: { status: string; actual: { amount: string } } }).data;
  });
  expect(told.map(({ status, actual }) => [status, actual.amount])).toEqual([
    ['provisional', '702.00'],
    ['provisional', '712.00'],
    ['locked', '712.00'],
  ]);
  expect(new Set(receiver.got.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
  expect(new Set(mailbox.got.map(({ messageId }) => messageId)).size).toBe(3);
  const mail = mailbox.got.at(-1);
  expect(mail?.subject).toContain('712.00');
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(mail?.attachments[0]?.content.buffer as ArrayBuffer);
  expect(workbook.worksheets.length).toBeGreaterThan(1);
}, 120_000);
