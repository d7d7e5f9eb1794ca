import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestService } from '../helpers/app.ts';
import { smallScenario, startTestService } from '../helpers/app.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

type Stored = { id: string; version: number; name: string; scenario: { name: string; months: number } };

async function store(name: string): Promise<{ stored: Stored; etag: string }> {
  const response = await service.fetch('/v1/scenarios', { json: smallScenario({ name }) });
  expect(response.status).toBe(201);
  return { stored: (await response.json()) as Stored, etag: response.headers.get('etag') ?? '' };
}

function put(id: string, etag: string | null, scenario: unknown): Promise<Response> {
  const headers: Record<string, string> = etag === null ? {} : { 'If-Match': etag };
  return service.fetch(`/v1/scenarios/${id}`, { method: 'PUT', json: scenario, headers });
}

describe('storing a scenario', () => {
  test('gives it an id, version 1, an address and an ETag', async () => {
    const response = await service.fetch('/v1/scenarios', { json: smallScenario({ name: 'First' }) });
    const stored = (await response.json()) as Stored;
    expect(response.status).toBe(201);
    expect(stored).toMatchObject({ name: 'First', version: 1, scenario: smallScenario({ name: 'First' }) });
    expect(stored.id).toMatch(/^sc_[0-9a-hjkmnp-tv-z]{26}$/);
    expect(response.headers.get('location')).toBe(`/v1/scenarios/${stored.id}`);
    const read = await service.fetch(`/v1/scenarios/${stored.id}`);
    expect(read.headers.get('etag')).toBe(response.headers.get('etag'));
    expect(await read.json()).toEqual(stored);
  });

  test('takes YAML', async () => {
    const body =
      'name: From YAML\nmonths: 3\nworkloads:\n  - {id: chat, requests_per_month: 250k, input_tokens: 1200, output_tokens: 300, model: {openai: gpt-5.4-mini}}\ntiers: [openai]\n';
    const response = await service.fetch('/v1/scenarios', {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/yaml' },
    });
    expect(response.status).toBe(201);
    expect(((await response.json()) as Stored).scenario).toMatchObject({ name: 'From YAML', months: 3 });
  });

  test('names every problem at once, each with its pointer, and stores nothing', async () => {
    const response = await service.fetch('/v1/scenarios', {
      json: smallScenario({ name: 'Broken', mnths: 3, start: '2027-13', tiers: ['opnai'] }),
    });
    const problem = (await response.json()) as {
      type: string;
      detail: string;
      errors: { pointer: string; detail: string }[];
    };
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(problem.type).toBe('/v1/problems/validation-failed');
    expect(problem.errors.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['/mnths', '/start', '/tiers/0']),
    );
    expect(problem.errors.find(({ pointer }) => pointer === '/mnths')?.detail).toContain('months');
    const list = (await (await service.fetch('/v1/scenarios?q=broken')).json()) as { data: unknown[] };
    expect(list.data).toEqual([]);
  });

  test('refuses a name that is taken, whatever its case, and says by whom', async () => {
    const { stored } = await store('Taken');
    const response = await service.fetch('/v1/scenarios', { json: smallScenario({ name: 'TAKEN' }) });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      type: '/v1/problems/conflict',
      existing: `/v1/scenarios/${stored.id}`,
    });
  });

  test('refuses history from a file, which only the command line can read', async () => {
    const [workload] = smallScenario().workloads as Record<string, unknown>[];
    const history = { ...workload, requests_per_month: { history: { file: '/etc/passwd' } } };
    const response = await service.fetch('/v1/scenarios', {
      json: smallScenario({ name: 'File', workloads: [history] }),
    });
    const problem = (await response.json()) as { errors: { pointer: string; detail: string }[] };
    expect(response.status).toBe(422);
    expect(problem.errors).toContainEqual({
      pointer: '/workloads/0/requests_per_month/history/file',
      code: 'not-supported',
      detail: expect.stringContaining('read by the command line only'),
    });
  });
});

describe('changing a scenario', () => {
  test('makes the next version and keeps every earlier one', async () => {
    const { stored, etag } = await store('Changing');
    const changed = await put(stored.id, etag, smallScenario({ name: 'Changing', months: 4 }));
    expect(changed.status).toBe(200);
    expect(await changed.json()).toMatchObject({ id: stored.id, version: 2, scenario: { months: 4 } });
    const versions = (await (await service.fetch(`/v1/scenarios/${stored.id}/versions`)).json()) as {
      data: { version: number; scenario: { months: number } }[];
    };
    expect(versions.data.map(({ version, scenario }) => [version, scenario.months])).toEqual([
      [2, 4],
      [1, 3],
    ]);
    const first = await service.fetch(`/v1/scenarios/${stored.id}/versions/1`);
    expect(await first.json()).toMatchObject({ version: 1, scenario: { months: 3 } });
    expect((await service.fetch(`/v1/scenarios/${stored.id}/versions/3`)).status).toBe(404);
  });

  test('with the same text makes no version', async () => {
    const { stored, etag } = await store('Same');
    const response = await put(stored.id, etag, smallScenario({ name: 'Same' }));
    expect(response.headers.get('etag')).toBe(etag);
    expect(await response.json()).toEqual(stored);
  });

  test('needs If-Match, and the newest one', async () => {
    const { stored, etag } = await store('Guarded');
    expect((await put(stored.id, null, smallScenario({ name: 'Guarded' }))).status).toBe(428);
    const second = await put(stored.id, etag, smallScenario({ name: 'Guarded', months: 5 }));
    const late = await put(stored.id, etag, smallScenario({ name: 'Guarded', months: 6 }));
    expect(late.status).toBe(412);
    expect(await late.json()).toMatchObject({
      type: '/v1/problems/version-mismatch',
      current_etag: second.headers.get('etag'),
    });
    expect((await put(stored.id, '*', smallScenario({ name: 'Guarded', months: 7 }))).status).toBe(200);
  });

  test('by 16 at once lets exactly one through', async () => {
    const { stored, etag } = await store('Contended');
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => put(stored.id, etag, smallScenario({ name: 'Contended', months: 4 + n }))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 15 }, () => 412)]);
  });

  test('to a name that is taken is refused', async () => {
    await store('Occupied');
    const { stored, etag } = await store('Mover');
    expect((await put(stored.id, etag, smallScenario({ name: 'Occupied' }))).status).toBe(409);
  });
});

describe('deleting a scenario', () => {
  test('hides it, frees its name and keeps its forecasts', async () => {
    const { stored, etag } = await store('Passing');
    const forecast = await service.fetch('/v1/forecasts', { json: { scenario_id: stored.id } });
    const { id } = (await forecast.json()) as { id: string };
    const remove = (headers: Record<string, string>) =>
      service.fetch(`/v1/scenarios/${stored.id}`, { method: 'DELETE', headers });
    expect((await remove({})).status).toBe(428);
    expect((await remove({ 'If-Match': '"other"' })).status).toBe(412);
    expect((await remove({ 'If-Match': etag })).status).toBe(204);
    expect((await remove({ 'If-Match': etag })).status).toBe(404);
    expect((await service.fetch(`/v1/scenarios/${stored.id}`)).status).toBe(404);
    expect((await service.fetch(`/v1/forecasts/${id}`)).status).toBe(200);
    await store('Passing');
  });
});

describe('lists', () => {
  test('page by cursor, newest first, with the next address in a Link header', async () => {
    for (const n of [1, 2, 3, 4, 5]) await store(`Paged ${n}`);
    const names: string[] = [];
    let path: string | null = '/v1/scenarios?q=paged&limit=2';
    while (path !== null) {
      const response: Response = await service.fetch(path);
      const page = (await response.json()) as {
        data: { name: string }[];
        has_more: boolean;
        next_cursor: string | null;
      };
      names.push(...page.data.map(({ name }) => name));
      expect(page.has_more).toBe(page.next_cursor !== null);
      path = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1] ?? null;
      expect(path !== null).toBe(page.has_more);
    }
    expect(names).toEqual([5, 4, 3, 2, 1].map((n) => `Paged ${n}`));
  });

  test.each([
    ['limit=0', 'invalid-parameter'],
    ['limit=201', 'invalid-parameter'],
    ['limit=1e2', 'invalid-parameter'],
    ['cursor=nonsense', 'bad-cursor'],
    [`cursor=${Buffer.from("sc_x' or 1=1").toString('base64url')}`, 'bad-cursor'],
    ['updated_since=yesterday', 'invalid-parameter'],
    ['q=%00', 'invalid-parameter'],
    ['lmit=2', 'invalid-parameter'],
  ])('refuse %s as %s', async (query, slug) => {
    const response = await service.fetch(`/v1/scenarios?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: `/v1/problems/${slug}` });
  });

  test.each([1, 200])('take a page size of %d', async (limit) => {
    expect((await service.fetch(`/v1/scenarios?limit=${limit}`)).status).toBe(200);
  });
});

describe('validating a scenario', () => {
  test('answers 200 with what is wrong and stores nothing', async () => {
    const response = await service.fetch('/v1/scenarios/validate', { json: smallScenario({ months: 'many' }) });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ valid: false, errors: [{ pointer: '/months' }], warnings: [] });
  });

  test('answers 200 with the warnings of one that holds', async () => {
    const response = await service.fetch('/v1/scenarios/validate', { json: { scenario: smallScenario() } });
    expect(await response.json()).toMatchObject({ valid: true, errors: [], warnings: expect.any(Array) });
  });

  test('points into what was sent', async () => {
    const response = await service.fetch('/v1/scenarios/validate', {
      json: { scenario: smallScenario({ months: 121 }) },
    });
    expect(await response.json()).toMatchObject({ valid: false, errors: [{ pointer: '/scenario/months' }] });
  });
});

test('an answer that the client has is not sent again', async () => {
  const { stored, etag } = await store('Known');
  const again = await service.fetch(`/v1/scenarios/${stored.id}`, { headers: { 'If-None-Match': `"x", W/${etag}` } });
  expect([again.status, await again.text()]).toEqual([304, '']);
});
