import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pullAnthropicBills } from '../../src/sources/anthropic-bills.ts';
import type { PullContext } from '../../src/sources/bill-source.ts';
import { SourceFailed } from '../../src/sources/bill-source.ts';
import { pullBillsAtUrl } from '../../src/sources/bills-at-url.ts';
import { pullOpenaiBills } from '../../src/sources/openai-bills.ts';
import { pullOpenrouterBills } from '../../src/sources/openrouter-bills.ts';
import { daysOf } from '../../src/sources/period-days.ts';
import type { FakeProvider, Mishap } from '../helpers/fake-provider.ts';
import { linkPages, startFakeProvider } from '../helpers/fake-provider.ts';

const rules = { offline: false, hosts: [], privateRanges: ['127.0.0.1'], timeoutMs: 2_000 };
let provider: FakeProvider;
let waits: number[];
let told: string[];

beforeEach(async () => {
  provider = await startFakeProvider({ header: 'authorization', value: 'Bearer sk-admin' });
  waits = [];
  told = [];
});
afterEach(async () => provider.close());

const context = (given: Partial<PullContext> = {}): PullContext => ({
  period: '2026-10',
  today: '2026-11-03',
  credential: 'sk-admin',
  last4: 'dmin',
  rules,
  now: () => new Date('2026-11-03T06:00:00Z'),
  wait: async (ms) => void waits.push(ms),
  patience: { leftMs: 600_000 },
  signal: new AbortController().signal,
  log: async (message) => void told.push(message),
  ...given,
});

const lines = (bytes: Uint8Array | undefined): unknown[] =>
  new TextDecoder()
    .decode(bytes)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

async function failureOf(promise: Promise<unknown>): Promise<SourceFailed> {
  const error: unknown = await promise.catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(SourceFailed);
  return error as SourceFailed;
}

function serveOpenai(): void {
  provider.pages.set('/v1/organization/costs', linkPages([[{ day: 1 }], [{ day: 2 }], [{ day: 3 }]]));
  provider.pages.set('/v1/organization/usage/completions', linkPages([[{ tokens: 1 }]]));
}

describe('a month of OpenAI', () => {
  beforeEach(serveOpenai);

  test('is costs and usage, every page as it came', async () => {
    const { files, missing_days } = await pullOpenaiBills(context(), provider.origin);
    expect(files.map(({ name }) => name)).toEqual(['openai-costs-2026-10.jsonl', 'openai-usage-2026-10.jsonl']);
    expect(lines(files[0]?.bytes)).toMatchObject([
      { data: [{ day: 1 }] },
      { data: [{ day: 2 }] },
      { data: [{ day: 3 }] },
    ]);
    expect(missing_days).toEqual([]);
  });

  test('is asked from its first to its last instant in UTC, by day and line item', async () => {
    await pullOpenaiBills(context(), provider.origin);
    const { searchParams } = new URL(provider.asked[0]?.split(' ')[1] ?? '', provider.origin);
    // 2026-10-01T00:00Z and 2026-11-01T00:00Z, 31 days apart
    expect([searchParams.get('start_time'), searchParams.get('end_time')]).toEqual(['1790812800', '1793491200']);
    expect(1_793_491_200 - 1_790_812_800).toBe(31 * 86_400);
    expect(searchParams.getAll('group_by')).toEqual(['line_item', 'project_id']);
  });

  test.each<[Mishap, number]>([
    [{ status: 429, retryAfter: '7' }, 7_000],
    [{ status: 429, retryAfter: 'Tue, 03 Nov 2026 06:00:07 GMT' }, 7_000],
    [{ status: 429, retryAfter: 'Tue, 03 Nov 2026 05:59:59 GMT' }, 1_000],
    [{ status: 429 }, 1_000],
    [{ status: 500 }, 1_000],
    ['cut-in-the-middle', 1_000],
    ['half-of-a-packed-body', 1_000],
    ['hang-up', 1_000],
  ])('comes whole although %j happened on the way, after %i ms', async (mishap, waited) => {
    provider.mishaps.push(mishap);
    const { files } = await pullOpenaiBills(context(), provider.origin);
    expect([lines(files[0]?.bytes).length, waits]).toEqual([3, [waited]]);
    expect(told).toHaveLength(1);
    expect(told.join()).not.toContain('far side');
  });

  test('is given back to the queue where the provider stays away, with what it asked to wait', async () => {
    provider.mishaps.push({ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 });
    expect((await failureOf(pullOpenaiBills(context(), provider.origin))).kind).toBe('later');
    expect(waits).toEqual([1_000, 2_000, 4_000]);
    provider.mishaps.push({ status: 429, retryAfter: '3600' });
    expect((await failureOf(pullOpenaiBills(context(), provider.origin))).waitMs).toBe(3_600_000);
  });

  test('waits no longer in all than its run may, and then says how long it was asked to', async () => {
    const slow: Mishap = { status: 429, retryAfter: '50' };
    provider.mishaps.push(slow, slow);
    const failure = await failureOf(pullOpenaiBills(context({ patience: { leftMs: 60_000 } }), provider.origin));
    // 50 s of 60 s are gone, and 50 s more are asked for.
    expect([failure.kind, failure.waitMs, waits]).toEqual(['later', 50_000, [50_000]]);
    provider.mishaps.push({ status: 503, retryAfter: 'Fri, 31 Dec 9999 23:59:59 GMT' });
    expect((await failureOf(pullOpenaiBills(context(), provider.origin))).waitMs).toBe(24 * 3_600_000);
  });

  test('ends between two pages where its run is cancelled', async () => {
    const stop = new AbortController();
    const reason = new Error('cancelled');
    provider.pages.set('/v1/organization/costs', linkPages([[{ day: 1 }], [{ day: 2 }], [{ day: 3 }]]));
    const log = async (): Promise<void> => stop.abort(reason);
    provider.mishaps.push({ status: 503 });
    await expect(pullOpenaiBills(context({ signal: stop.signal, log }), provider.origin)).rejects.toBe(reason);
    expect(provider.asked).toHaveLength(1);
  });

  test('ends in the middle of a page where its run is cancelled', async () => {
    const stop = new AbortController();
    const reason = new Error('cancelled');
    provider.mishaps.push(() => stop.abort(reason));
    await expect(pullOpenaiBills(context({ signal: stop.signal }), provider.origin)).rejects.toBe(reason);
    expect([provider.asked.length, waits]).toEqual([1, []]);
  });

  test('counts a day once that stands on two pages, and leaves its numbers as they were written', async () => {
    const bucket = (start: number, value: string): string =>
      `{"start_time":${start},"results":[{"amount":{"value":${value}}}]}`;
    const [third, fourth] = [bucket(1_790_985_600, '0.10000000000000000001'), bucket(1_791_072_000, '2.50')];
    const empty = '{"start_time":1790985600,"results":[]}';
    provider.pages.set('/v1/organization/costs', [
      `{"data":[${third}],"has_more":true,"next_page":"page_1"}`,
      `{"data":[${third},${empty},${fourth}],"has_more":false,"next_page":null}`,
    ]);
    const { files } = await pullOpenaiBills(context(), provider.origin);
    expect(new TextDecoder().decode(files[0]?.bytes)).toBe(
      `{"data":[${third}],"has_more":true,"next_page":"page_1"}\n{"data":[${empty},${fourth}],"has_more":false,"next_page":null}\n`,
    );
  });

  test('is refused where two pages say different things of a day', async () => {
    const day = (value: number) => ({ start_time: 1_790_985_600, results: [{ amount: { value } }] });
    provider.pages.set('/v1/organization/costs', linkPages([[day(1)], [day(2)]]));
    const failure = await failureOf(pullOpenaiBills(context(), provider.origin));
    expect([failure.kind, failure.message]).toEqual([
      'shape',
      expect.stringContaining('different things of 2026-10-03'),
    ]);
  });

  test('is refused where a report passes 100 MB over all its pages', async () => {
    const pad = 'x'.repeat(24_000_000);
    const page = (n: number): string => JSON.stringify({ data: [], pad, has_more: true, next_page: `page_${n}` });
    // 5 × 24 MB are 120 MB.
    provider.pages.set('/v1/organization/costs', [1, 2, 3, 4, 5].map(page));
    const failure = await failureOf(pullOpenaiBills(context(), provider.origin));
    expect([failure.kind, failure.message]).toEqual(['too-large', expect.stringContaining('more than 100 MB')]);
    expect(provider.asked).toHaveLength(5);
  });

  test('is refused with the key that was not taken and the scope it takes', async () => {
    provider.mishaps.push({ status: 403 });
    expect((await failureOf(pullOpenaiBills(context(), provider.origin))).message).toBe(
      `${provider.origin} did not take the key that ends in dmin (403): it takes an admin key of the organisation with the scope api.usage.read.`,
    );
  });

  test('is refused at once where the key is wrong', async () => {
    const failure = await failureOf(pullOpenaiBills(context({ credential: 'sk-other' }), provider.origin));
    expect([failure.kind, waits]).toEqual(['credential', []]);
    expect(failure.message).not.toContain('sk-other');
  });

  test('ends where its pages lead in a circle', async () => {
    const loop = JSON.stringify({ data: [], has_more: true, next_page: 'page_0' });
    provider.pages.set('/v1/organization/costs', [loop]);
    const failure = await failureOf(pullOpenaiBills(context(), provider.origin));
    expect([failure.kind, provider.asked.length]).toEqual(['shape', 2]);
  });

  test('is no report where the provider shows a page to sign in', async () => {
    provider.mishaps.push('html');
    expect((await failureOf(pullOpenaiBills(context(), provider.origin))).message).toContain('sent no JSON');
  });
});

test('a month of Anthropic is its cost and usage reports, asked with its own headers', async () => {
  const anthropic = await startFakeProvider({ header: 'x-api-key', value: 'sk-admin' });
  anthropic.pages.set('/v1/organizations/cost_report', linkPages([[{ day: 1 }], [{ day: 2 }]]));
  anthropic.pages.set('/v1/organizations/usage_report/messages', linkPages([[{ tokens: 1 }]]));
  const { files } = await pullAnthropicBills(context(), anthropic.origin);
  await anthropic.close();
  expect(files.map(({ bytes }) => lines(bytes).length)).toEqual([2, 1]);
  expect(anthropic.asked[0]).toContain(
    'starting_at=2026-10-01T00%3A00%3A00.000Z&ending_at=2026-11-01T00%3A00%3A00.000Z',
  );
});

describe('a month of OpenRouter', () => {
  beforeEach(() => {
    for (const day of [...daysOf('2026-10'), ...daysOf('2026-11')])
      provider.pages.set(`/api/v1/activity?date=${day}`, [JSON.stringify({ data: [{ date: day }] })]);
  });

  test('is a file a day, and names the days that its window of 30 days no longer holds', async () => {
    const { files, missing_days } = await pullOpenrouterBills(context(), provider.origin);
    // On 3 November the window begins on 4 October.
    expect(missing_days).toEqual(['2026-10-01', '2026-10-02', '2026-10-03']);
    expect(files).toHaveLength(31 - 3);
    expect(files.at(-1)?.name).toBe('openrouter-activity-2026-10-31.json');
  });

  test('is refused where an answer holds rows of another day, which would count for each day that is asked', async () => {
    provider.pages.set('/api/v1/activity?date=2026-10-05', [
      JSON.stringify({ data: [{ date: '2026-10-04 00:00:00' }] }),
    ]);
    const failure = await failureOf(pullOpenrouterBills(context(), provider.origin));
    expect(failure.message).toContain('was asked for 2026-10-05 and sent rows of 2026-10-04');
  });

  test('is refused where a day has more than 5 MB', async () => {
    provider.pages.set('/api/v1/activity?date=2026-10-05', [JSON.stringify({ data: [], pad: 'x'.repeat(5_000_000) })]);
    const failure = await failureOf(pullOpenrouterBills(context(), provider.origin));
    expect([failure.kind, failure.message]).toEqual(['too-large', expect.stringContaining('more than 5 MB')]);
  });

  test('under way is the days that are over', async () => {
    const { files, missing_days } = await pullOpenrouterBills(context({ today: '2026-10-11' }), provider.origin);
    expect([files.length, missing_days]).toEqual([10, []]);
  });
});

describe('bills at a URL', () => {
  test('are asked for the month and kept as they come', async () => {
    provider.pages.set('/focus/2026-10.csv', ['BilledCost,ChargePeriodStart\n1.00,2026-10-01\n']);
    const { files } = await pullBillsAtUrl(`${provider.origin}/focus/{period}.csv?from={start}&to={end}`, context());
    expect(files.map(({ name }) => name)).toEqual(['2026-10.csv']);
    expect(provider.asked).toEqual(['GET /focus/2026-10.csv?from=2026-10-01&to=2026-10-31']);
  });

  test('at a private address that nobody allowed are not asked', async () => {
    const failure = await failureOf(
      pullBillsAtUrl(`${provider.origin}/a.csv`, context({ rules: { ...rules, privateRanges: [] } })),
    );
    expect([failure.kind, provider.asked]).toEqual(['refused', []]);
  });
});
