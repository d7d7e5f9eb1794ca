import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { fixedClock } from '../../src/clock.ts';
import { listRuns } from '../../src/db/runs.ts';
import { makeJobs } from '../../src/services/jobs.ts';
import { planPrices } from '../../src/services/prices/price-plan.ts';
import { executeRun } from '../../src/services/runs/run-execution.ts';
import type { RunDetails } from '../../src/services/runs/runs.ts';
import { monthWork } from '../../src/services/schedules/month-work.ts';
import type { TestService } from '../helpers/app.ts';
import { defaultSettings, smallScenario, startTestService } from '../helpers/app.ts';
import type { FakeProvider } from '../helpers/fake-provider.ts';
import { startFakeProvider } from '../helpers/fake-provider.ts';

let service: TestService;
let publisher: FakeProvider;
beforeAll(async () => {
  publisher = await startFakeProvider({ header: 'accept', value: 'application/json' });
  const priceLists = {
    openrouter: `${publisher.origin}/openrouter`,
    litellm: `${publisher.origin}/litellm`,
    'models-dev': `${publisher.origin}/models-dev`,
  };
  const pricePull = { lists: ['openrouter', 'litellm'] as const, time: '05:00' };
  service = await startTestService({
    settings: { pricePull, outside: { ...defaultSettings.outside, priceLists } },
  });
});
afterAll(async () => {
  await service.close();
  await publisher.close();
});
beforeEach(() => {
  publisher.asked.length = 0;
  publisher.mishaps.length = 0;
});

/** What the two lists say of an LLM each; `input` in USD per million tokens. */
function publish(router: { input: number }, openai: { input: number; long?: number }): void {
  const tokens = (perMillion: number): string => (perMillion / 1_000_000).toFixed(10);
  const pricing = { prompt: tokens(router.input), completion: tokens(0.4) };
  publisher.pages.set('/openrouter', [JSON.stringify({ data: [{ id: 'acme/small', pricing }] })]);
  const priced = {
    litellm_provider: 'openai',
    input_cost_per_token: openai.input / 1_000_000,
    ...(openai.long !== undefined && { input_cost_per_token_above_200k_tokens: openai.long / 1_000_000 }),
  };
  publisher.pages.set('/litellm', [JSON.stringify({ 'acme-large': priced })]);
}

const setNow = (instant: string): void => service.setClock(fixedClock(new Date(instant)));
const all = { schedule_id: null, period: null, kind: 'pull-prices', before: null, limit: 100 };
const runs = () => listRuns(service.app.db, { ...all, state: null });

async function work(): Promise<void> {
  for (const { id } of await listRuns(service.app.db, { ...all, state: 'queued' }))
    await executeRun(service.app, makeJobs(monthWork), id, { isLast: true, signal: new AbortController().signal });
}

/** The planned pull of a day, done. */
async function pullOn(day: string): Promise<RunDetails> {
  setNow(`${day}T05:00:00Z`);
  expect(await planPrices(service.app)).toBe(1);
  await work();
  return run((await runs())[0]?.id ?? '');
}

async function run(id: string): Promise<RunDetails> {
  return (await service.fetch(`/v1/runs/${id}`)).json() as Promise<RunDetails>;
}

type Listed = {
  readonly meter: string;
  readonly known_at: string;
  readonly checked_at: string;
  readonly price: string;
  readonly above_input_tokens: number | null;
};

/** The prices of input that were learned of an LLM, oldest first. */
async function inputsOf(provider: string, model: string): Promise<readonly Listed[]> {
  const found = await service.fetch(`/v1/prices/history?provider=${provider}&model=${model}`);
  const { data } = (await found.json()) as { data: readonly Listed[] };
  return data.filter(({ meter }) => meter === 'input');
}

/** `known at, price`. */
async function learned(provider: string, model: string): Promise<readonly string[]> {
  return (await inputsOf(provider, model)).map(
    ({ known_at, price, above_input_tokens: above }) => `${known_at} ${price}${above === null ? '' : ` >${above}`}`,
  );
}

/** The last day on which each was vouched for. */
async function checked(provider: string, model: string): Promise<readonly string[]> {
  return (await inputsOf(provider, model)).map(({ checked_at }) => checked_at);
}

const post = (path = ''): Promise<Response> => service.fetch(`/v1/prices/pull${path}`, { method: 'POST' });

describe('prices are pulled', () => {
  test('once a day at their time, however many processes look, and not before', async () => {
    publish({ input: 0.1 }, { input: 2 });
    setNow('2026-12-01T04:59:59Z');
    expect(await planPrices(service.app)).toBe(0);
    setNow('2026-12-01T05:00:00Z');
    const started = await Promise.all([planPrices(service.app), planPrices(service.app), planPrices(service.app)]);
    expect(started.toSorted()).toEqual([0, 0, 1]);
    await work();
    setNow('2026-12-01T23:59:00Z');
    expect(await planPrices(service.app)).toBe(0);
    expect(publisher.asked).toEqual(['GET /openrouter', 'GET /litellm']);
    const [made] = await runs();
    expect(await run(made?.id ?? '')).toMatchObject({
      state: 'succeeded',
      trigger: 'schedule',
      result: {
        lists: [
          { list: 'openrouter', counts: { new: 2 } },
          { list: 'litellm', counts: { new: 1 } },
        ],
      },
      log: [
        { message: 'openrouter: 2 new, 0 confirmed, 0 different, 0 kept apart.' },
        { message: 'litellm: 1 new, 0 confirmed, 0 different, 0 kept apart.' },
      ],
    });
    expect(await learned('openrouter', 'acme/small')).toEqual(['2026-12-01 0.1']);
  });

  test('and what a list only says again is not stored again, but vouched for until the list drops it', async () => {
    for (const day of ['2026-12-02', '2026-12-14'])
      expect((await pullOn(day)).result).toMatchObject({ lists: [{ counts: { same: 2 } }, { counts: { same: 1 } }] });
    expect(await learned('openai', 'acme-large')).toEqual(['2026-12-01 2']);
    expect(await checked('openai', 'acme-large')).toEqual(['2026-12-14']);
    const kept = publisher.pages.get('/litellm') ?? [];
    publisher.pages.set('/litellm', [
      '{"acme-other": {"litellm_provider": "openai", "input_cost_per_token": 0.000001}}',
    ]);
    await pullOn('2026-12-15');
    expect(await checked('openai', 'acme-large')).toEqual(['2026-12-14']);
    publisher.pages.set('/litellm', kept);
    await pullOn('2026-12-16');
    expect(await learned('openai', 'acme-large')).toEqual(['2026-12-01 2', '2026-12-16 2']);
    expect(await checked('openai', 'acme-large')).toEqual(['2026-12-14', '2026-12-16']);
  });

  test('and a forecast as of an earlier day sees no later check', async () => {
    const scenario = smallScenario({
      as_of: '2026-12-05',
      start: '2027-01',
      workloads: [
        {
          id: 'chat',
          requests_per_month: 1_000,
          input_tokens: 9,
          output_tokens: 9,
          model: { openrouter: 'acme/small' },
        },
      ],
      tiers: ['openrouter'],
    });
    const estimate = async () => (await service.fetch('/v1/estimates', { json: scenario })).text();
    const before = await estimate();
    await pullOn('2026-12-17');
    expect(await estimate()).toBe(before);
    expect(JSON.parse(before)).toMatchObject({ tiers: [{ id: 'openrouter' }] });
  });

  test('a threshold that a list adds to a price, or drops, is learned with the whole price', async () => {
    publish({ input: 0.1 }, { input: 2, long: 4 });
    await pullOn('2026-12-18');
    publish({ input: 0.1 }, { input: 2 });
    await pullOn('2026-12-19');
    expect((await learned('openai', 'acme-large')).slice(2)).toEqual([
      '2026-12-18 2',
      '2026-12-19 2',
      '2026-12-18 4 >200000',
    ]);
  });

  test('what is kept apart for its size is kept once, and told once', async () => {
    const told = () => service.announced.filter(({ type }) => type === 'price.changed').map(({ data }) => data);
    publish({ input: 0.1 }, { input: 200 });
    const [first, second] = [await pullOn('2026-12-20'), await pullOn('2026-12-21')];
    for (const { result } of [first, second])
      expect(result).toMatchObject({ lists: [{ counts: { same: 2 } }, { counts: { quarantined: 1 } }] });
    expect(told()).toMatchObject([{ changed: 0, quarantined: 1, unused: 1 }]);
    const held = await service.app.db
      .selectFrom('price_rows')
      .selectAll()
      .where('status', '=', 'quarantined')
      .execute();
    expect(held).toHaveLength(1);
  });

  test('a change is told once, and two lists that disagree do not take turns', async () => {
    const lists = { ...service.app.settings.outside.priceLists };
    const told = () => service.announced.filter(({ type }) => type === 'price.changed').map(({ id }) => id);
    publish({ input: 0.2 }, { input: 2 });
    const before = told().length;
    await pullOn('2026-12-22');
    expect(told()).toHaveLength(before + 1);
    // The other list knows the same LLM at the router, at another price.
    const text = JSON.stringify({
      'openrouter/acme/small': { litellm_provider: 'openrouter', input_cost_per_token: 0.0000003 },
    });
    publisher.pages.set(new URL(lists.litellm).pathname, [text]);
    for (const day of ['2026-12-23', '2026-12-24', '2027-01-03', '2027-01-04', '2027-01-05']) await pullOn(day);
    expect(told()).toHaveLength(before + 2);
    expect(await learned('openrouter', 'acme/small')).toEqual(['2026-12-01 0.1', '2026-12-22 0.2', '2026-12-23 0.3']);
  });

  test('a list that cannot be fetched does not keep back the others; the run fails and is told once a month', async () => {
    publish({ input: 0.2 }, { input: 3 });
    const failures = () => service.announced.filter(({ type }) => type === 'schedule.failed');
    for (const day of ['2027-01-06', '2027-01-07']) {
      publisher.mishaps.push({ status: 503 });
      const failed = await pullOn(day);
      expect(failed).toMatchObject({ state: 'failed', error: { code: 'unavailable' } });
      expect(failed.log[0]?.message).toBe(
        `openrouter could not be fetched: ${publisher.origin} answered with status 503.`,
      );
    }
    expect(await learned('openai', 'acme-large')).toContain('2027-01-06 3');
    expect(failures()[0]?.data).toMatchObject({ what: 'pull-prices', next_try_at: '2027-01-07T05:00:00.000Z' });
    // The same notice twice is one.
    expect(new Set(failures().map(({ id }) => id)).size).toBe(1);
    const [last] = await runs();
    expect((await service.fetch(`/v1/runs/${last?.id}/retry`, { method: 'POST' })).status).toBe(202);
    await work();
    expect((await run(last?.id ?? '')).state).toBe('succeeded');
  });

  test('now when somebody asks, one at a time, and a waiting one can be cancelled', async () => {
    setNow('2027-01-08T04:00:00Z');
    const response = await post('?list=litellm');
    expect(response.status).toBe(202);
    const made = (await response.json()) as RunDetails;
    expect([response.headers.get('Location'), made.trigger]).toEqual([`/v1/runs/${made.id}`, 'manual']);
    const second = await post();
    expect([second.status, await second.json()]).toMatchObject([409, { existing: `/v1/runs/${made.id}` }]);
    expect((await service.fetch(`/v1/runs/${made.id}/cancel`, { method: 'POST' })).status).toBe(200);
    const third = (await (await post('?list=litellm')).json()) as RunDetails;
    await work();
    expect((await run(third.id)).state).toBe('succeeded');
    expect(publisher.asked).toEqual(['GET /litellm']);
    expect((await post('?list=elsewhere')).status).toBe(400);
    // The planned one of the day comes all the same.
    await pullOn('2027-01-08');
  });
});

describe('no price is pulled', () => {
  test('unless it is set, and then only a list that is named', async () => {
    const closed = await startTestService();
    expect(await planPrices(closed.app)).toBe(0);
    const refused = await closed.fetch('/v1/prices/pull', { method: 'POST' });
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('PRICE_PULL names no list')]);
    await closed.close();
  });

  test('offline, whatever is set', async () => {
    const { egress } = defaultSettings.outside;
    const pricePull = { lists: ['litellm'] as const, time: '00:00' };
    const outside = { ...defaultSettings.outside, egress: { ...egress, offline: true } };
    const offline = await startTestService({ settings: { pricePull, outside } });
    expect(await planPrices(offline.app)).toBe(0);
    const refused = await offline.fetch('/v1/prices/pull', { method: 'POST' });
    expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining('OFFLINE=true')]);
    await offline.close();
  });
});
