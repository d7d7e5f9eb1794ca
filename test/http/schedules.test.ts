import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fixedClock } from '../../src/clock.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import { makeJobs } from '../../src/services/jobs.ts';
import type { RunDetails, RunView } from '../../src/services/runs/runs.ts';
import { monthWork } from '../../src/services/schedules/month-work.ts';
import { planSchedules } from '../../src/services/schedules/schedule-plan.ts';
import type { ScheduledRun, ScheduleView } from '../../src/services/schedules/schedules.ts';
import type { TestRequest, TestService } from '../helpers/app.ts';
import { smallScenario, startTestService } from '../helpers/app.ts';

let service: TestService;
let scenario_id = '';
beforeAll(async () => {
  service = await startTestService();
  scenario_id = (await json<{ id: string }>('/v1/scenarios', 201, { json: smallScenario() })).id;
});
afterAll(() => service.close());

async function json<T>(path: string, status: number, request: TestRequest = {}): Promise<T> {
  const response = await service.fetch(path, request);
  const text = await response.text();
  expect([response.status, response.status === status ? '' : text]).toEqual([status, '']);
  return (text === '' ? null : JSON.parse(text)) as T;
}

type Problem = {
  type: string;
  existing?: string;
  errors?: { pointer: string; detail: string; suggestions?: string[] }[];
};
type Next = { data: readonly ScheduledRun[] };

describe('a schedule', () => {
  test('shows its next twelve runs with the month each covers before it is saved', async () => {
    const preview = await json<Next>('/v1/schedules/preview', 200, { json: { time_zone: 'Europe/Berlin' } });
    expect(preview.data).toHaveLength(12);
    expect(preview.data.slice(0, 2)).toEqual([
      { period: '2026-11', at: '2026-12-03T05:00:00.000Z', local: '2026-12-03T06:00:00+01:00' },
      { period: '2026-12', at: '2027-01-03T05:00:00.000Z', local: '2027-01-03T06:00:00+01:00' },
    ]);
    expect(preview.data[4]).toMatchObject({ period: '2027-03', local: '2027-04-03T06:00:00+02:00' });
    const last = await json<Next>('/v1/schedules/preview?count=4', 200, { json: { day: 'last', time: '22:00' } });
    expect(last.data.map(({ at }) => at.slice(0, 10))).toEqual([
      '2026-11-30',
      '2026-12-31',
      '2027-01-31',
      '2027-02-28',
    ]);
    const weekly = await json<Next>('/v1/schedules/preview?count=2', 200, { json: { cron: '0 6 * * 1' } });
    expect(weekly.data.map(({ period, at }) => `${period} ${at.slice(0, 10)}`)).toEqual([
      '2026-11 2026-12-07',
      '2026-12 2027-01-04',
    ]);
    expect((await json<{ data: unknown[] }>('/v1/schedules', 200)).data).toEqual([]);
  });

  test('on the 31st is refused and offered the last day, with every other problem at once', async () => {
    const sent = { name: 'x', scenario_id: 'sc_unknown', day: 31, time: '25:00', time_zone: 'Europe/Berlim' };
    const { errors } = await json<Problem>('/v1/schedules', 422, { json: sent });
    expect(errors?.map(({ pointer }) => pointer)).toEqual(['/day', '/time', '/time_zone', '/scenario_id']);
    expect(errors?.[0]?.suggestions).toEqual(['last']);
    expect(errors?.[2]?.suggestions).toContain('Europe/Berlin');
    const cron = await json<Problem>('/v1/schedules', 422, {
      json: { name: 'x', scenario_id, cron: '0 6 30 2 *', day: 3 },
    });
    expect(cron.errors?.map(({ pointer }) => pointer)).toEqual(['/cron', '/day']);
    for (const wrong of ['every day', '0 6 3 * * *', '* * * *', '61 6 3 * *', 'x'.repeat(200)]) {
      await json('/v1/schedules', 422, { json: { name: 'x', scenario_id, cron: wrong } });
    }
  });

  test('is made on the 3rd at 06:00, changed with its ETag, and deleted', async () => {
    const response = await service.fetch('/v1/schedules', { json: { name: 'Monthly', scenario_id } });
    expect(response.status).toBe(201);
    const made = (await response.json()) as ScheduleView;
    expect(made).toMatchObject({
      day: 3,
      time: '06:00',
      time_zone: 'UTC',
      paused: false,
      alert_above: '0.10',
      next: { period: '2026-11', at: '2026-12-03T06:00:00.000Z' },
      next_freeze: { period: '2026-12', at: '2026-11-30T00:00:00.000Z' },
    });
    const path = response.headers.get('location') ?? '';
    expect(path).toBe(`/v1/schedules/${made.id}`);
    const etag = response.headers.get('etag') ?? '';
    expect((await service.fetch(path)).headers.get('etag')).toBe(etag);
    const taken = await json<Problem>('/v1/schedules', 409, { json: { name: 'MONTHLY', scenario_id } });
    expect(taken.existing).toBe(path);
    await json(path, 428, { method: 'PATCH', json: { day: 5 } });
    const changed = await json<ScheduleView>(path, 200, {
      method: 'PATCH',
      json: { day: 'last', paused: true },
      headers: { 'If-Match': etag },
    });
    expect(changed).toMatchObject({ day: 'last', time: '06:00', paused: true, version: 2 });
    await json(path, 412, { method: 'PATCH', json: { day: 5 }, headers: { 'If-Match': etag } });
    const cron = await json<ScheduleView>(path, 200, {
      method: 'PATCH',
      json: { cron: '0 7 1 * *' },
      headers: { 'If-Match': '*' },
    });
    expect([cron.cron, cron.day, cron.time]).toEqual(['0 7 1 * *', undefined, undefined]);
    const back = await json<ScheduleView>(path, 200, {
      method: 'PATCH',
      json: { day: 2 },
      headers: { 'If-Match': '*' },
    });
    expect([back.cron, back.day, back.time]).toEqual([undefined, 2, '06:00']);
    expect((await json<Next>(`${path}/next?count=1`, 200)).data).toHaveLength(1);
    await json(path, 204, { method: 'DELETE', headers: { 'If-Match': '*' } });
    await json(path, 404);
    expect((await json<{ data: unknown[] }>(`${path}/periods`, 200)).data).toEqual([]);
  });

  test('runs a month by hand once, with or without a body, and says which run has it', async () => {
    const { id } = await json<ScheduleView>('/v1/schedules', 201, { json: { name: 'By hand', scenario_id } });
    const run = await json<RunView>(`/v1/schedules/${id}/run`, 202, { method: 'POST' });
    expect(run).toMatchObject({ kind: 'compare-period', period: '2026-10', trigger: 'manual', state: 'queued' });
    const again = await json<Problem>(`/v1/schedules/${id}/run`, 409, { json: { period: '2026-10' } });
    expect([again.type, again.existing]).toEqual(['/v1/problems/run-exists', `/v1/runs/${run.id}`]);
    await json(`/v1/schedules/${id}/run`, 422, { json: { period: '2026-11' } });
    await json(`/v1/schedules/${id}/run`, 422, { json: { period: '2026-13' } });
    const key = {
      method: 'POST',
      body: '{"period":"2026-09"}',
      headers: { 'Idempotency-Key': 'k', 'Content-Type': 'application/json' },
    };
    const first = await json<RunView>(`/v1/schedules/${id}/run`, 202, key);
    expect((await json<RunView>(`/v1/schedules/${id}/run`, 202, key)).id).toBe(first.id);
    const listed = await json<{ data: RunView[] }>(`/v1/runs?schedule_id=${id}&state=queued`, 200);
    expect(listed.data.map((one) => one.id)).toEqual([first.id, run.id]);
    expect((await json<{ data: RunView[] }>(`/v1/runs?period=2026-09&schedule_id=${id}`, 200)).data).toHaveLength(1);
    await json(`/v1/runs?state=asleep`, 400);
    expect(await json<RunView>(`/v1/runs/${run.id}/cancel`, 200, { method: 'POST' })).toMatchObject({
      state: 'cancelled',
    });
    await json(`/v1/runs/${run.id}/cancel`, 409, { method: 'POST' });
    expect(await json<RunView>(`/v1/runs/${run.id}/retry`, 202, { method: 'POST' })).toMatchObject({ state: 'queued' });
    await json('/v1/runs/run_unknown', 404);
  });

  test('is one of fifty at most', async () => {
    let status = 201;
    for (let n = 1; n <= 50 && status === 201; n++)
      status = (await service.fetch('/v1/schedules', { json: { name: `n${n}`, scenario_id } })).status;
    expect(status).toBe(422);
    expect((await json<{ data: unknown[] }>('/v1/schedules?limit=200', 200)).data).toHaveLength(50);
  });
});

describe('a forecast that is put off', () => {
  test('answers 202 with its run, after the same check as at once', async () => {
    const Prefer = 'respond-async';
    const wrong = await json<Problem>('/v1/forecasts', 422, {
      json: { scenario: { months: -1 } },
      headers: { Prefer },
    });
    expect(wrong.errors?.some(({ pointer }) => pointer === '/scenario/months')).toBe(true);
    const response = await service.fetch('/v1/forecasts', { json: { scenario_id }, headers: { Prefer } });
    expect([response.status, response.headers.get('preference-applied')]).toEqual([202, Prefer]);
    const run = (await response.json()) as RunView;
    expect(response.headers.get('location')).toBe(`/v1/runs/${run.id}`);
    const tiers = ['openai', 'anthropic', 'google', 'openrouter', 'together'];
    const long = smallScenario({ months: 120, sampling: { draws: 20_000 }, tiers });
    const { id } = await json<RunView>('/v1/forecasts', 202, { json: { scenario: long } });
    await json(`/v1/runs/${id}/cancel`, 200, { method: 'POST' });
    const worker = await startWorker(service.app, makeJobs(monthWork), { concurrency: 2, tickMs: 60_000 });
    let now = await json<RunDetails>(`/v1/runs/${run.id}`, 200);
    while (now.ended_at === null) now = await json<RunDetails>(`/v1/runs/${run.id}`, 200);
    expect(now).toMatchObject({
      state: 'succeeded',
      kind: 'forecast',
      result: { forecast: `/v1/forecasts/fc_${run.id.slice(4)}` },
    });
    const stored = await json<{ id: string }>(`/v1/forecasts/fc_${run.id.slice(4)}`, 200);
    expect(stored.id).toBe(`fc_${run.id.slice(4)}`);
    worker.stop();
  }, 120_000);
});

test('the forecast of a coming month is frozen by the service itself', async () => {
  const schedules = await json<{ data: ScheduleView[] }>('/v1/schedules?limit=1', 200);
  const id = schedules.data[0]?.id ?? '';
  service.setClock(fixedClock(new Date('2026-11-30T10:00:00.000Z')));
  await planSchedules(service.app);
  let period: { freeze_status: string | null; forecast_id: string | null } | undefined;
  do {
    period = (
      await json<{ data: { freeze_status: string | null; forecast_id: string | null }[] }>(
        `/v1/schedules/${id}/periods`,
        200,
      )
    ).data[0];
  } while (period?.freeze_status === 'due');
  expect(period?.freeze_status).toBe('frozen');
  const forecast = await json<{ as_of: string; scenario: { version: number } }>(
    `/v1/forecasts/${period?.forecast_id}`,
    200,
  );
  expect(forecast).toMatchObject({ as_of: '2026-11-30', scenario: { version: 1 } });
}, 120_000);
