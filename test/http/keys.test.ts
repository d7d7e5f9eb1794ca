import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fixedClock } from '../../src/clock.ts';
import { operations } from '../../src/http/operations.ts';
import type { Scope } from '../../src/services/api-keys.ts';
import { createApiKey, scopes } from '../../src/services/api-keys.ts';
import type { TestService } from '../helpers/app.ts';
import { smallScenario, startTestService, today } from '../helpers/app.ts';

let service: TestService;
let admin: string;
beforeAll(async () => {
  service = await startTestService({
    http: {
      keysRequired: true,
      metricsToken: 'a-token-of-enough-letters',
      ratesPerMinute: { read: 40, write: 5, compute: 3, upload: 2 },
    },
  });
  admin = await keyFor(['admin']);
});
afterAll(() => service.close());

async function keyFor(scopes: Scope[]): Promise<string> {
  return (await createApiKey(service.app, { name: scopes.join(), scopes })).key;
}

describe('a key', () => {
  test('is made by an admin, shown once, and never stored', async () => {
    const response = await service.fetch('/v1/api-keys', {
      key: admin,
      json: { name: 'Sheet', scopes: ['read'], ttl_days: 90 },
    });
    const made = (await response.json()) as { id: string; key: string; expires_at: string };
    expect(response.status).toBe(201);
    expect(made.key).toMatch(/^ifc_live_[0-9a-z]{8}_[A-Za-z0-9_-]{43}[0-9a-f]{8}$/);
    expect(made.expires_at).toBe('2027-02-20T12:00:00.000Z');
    const list = await (await service.fetch('/v1/api-keys', { key: admin })).text();
    expect(JSON.parse(list)).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ id: made.id, name: 'Sheet' })]),
    });
    const rows = JSON.stringify(await service.app.db.selectFrom('api_keys').selectAll().execute());
    for (const text of [list, rows]) expect(text).not.toContain(made.key.slice(18, 61));
  });

  test('stops working the moment it is revoked', async () => {
    const response = await service.fetch('/v1/api-keys', { key: admin, json: { name: 'Short', scopes: ['read'] } });
    const { id, key } = (await response.json()) as { id: string; key: string };
    expect((await service.fetch('/v1/scenarios', { key })).status).toBe(200);
    expect((await service.fetch(`/v1/api-keys/${id}`, { key: admin, method: 'DELETE' })).status).toBe(204);
    expect((await service.fetch('/v1/scenarios', { key })).status).toBe(401);
    expect((await service.fetch(`/v1/api-keys/${id}`, { key: admin, method: 'DELETE' })).status).toBe(404);
  });

  test('stops working when it expires', async () => {
    const { key } = await createApiKey(service.app, { name: 'A day', scopes: ['read'], ttl_days: 1 });
    service.setClock(fixedClock(new Date('2026-11-23T11:59:59Z')));
    expect((await service.fetch('/v1/scenarios', { key })).status).toBe(200);
    service.setClock(fixedClock(new Date('2026-11-23T12:00:00Z')));
    expect((await service.fetch('/v1/scenarios', { key })).status).toBe(401);
    service.setClock(fixedClock(new Date(`${today}T12:00:00Z`)));
  });

  test('that is wrong in any way gets the same answer', async () => {
    const right = await keyFor(['read']);
    const last = right.at(-1) === '0' ? '1' : '0';
    const wrong = [
      `${right.slice(0, -1)}${last}`,
      right.replace(/^ifc_live_.{8}/, 'ifc_live_00000000'),
      right.slice(0, -1),
      'ifc_live_',
      'nonsense',
    ];
    const answers = await Promise.all(
      wrong.map((key) => service.fetch('/v1/scenarios', { key, headers: { 'X-Request-Id': 'same-same' } })),
    );
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(texts).size).toBe(1);
    expect(answers.map(({ status, headers }) => [status, headers.get('www-authenticate')])).toEqual(
      wrong.map(() => [401, 'Bearer']),
    );
  });

  test.each([
    ['no name', { scopes: ['read'] }, '/name'],
    ['an unknown scope', { name: 'x', scopes: ['raed'] }, '/scopes/0'],
    ['no scope', { name: 'x', scopes: [] }, '/scopes'],
    ['a longer life than a year', { name: 'x', scopes: ['read'], ttl_days: 366 }, '/ttl_days'],
    ['an unknown member', { name: 'x', scopes: ['read'], ttl: 1 }, '/ttl'],
  ])('with %s is refused with its pointer', async (_, json, pointer) => {
    const response = await service.fetch('/v1/api-keys', { key: await keyFor(['admin']), json });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ pointer }] });
  });
});

describe('scopes', () => {
  const guarded = operations.filter(({ scope }) => scope !== null);

  test('stand at every operation but health and documentation', () => {
    const open = operations.filter(({ scope }) => scope === null).map(({ path }) => path);
    expect(open).toEqual(['/livez', '/readyz', '/healthz', '/v1/openapi.json', '/v1/problems/{slug}']);
  });

  const keys = new Map<Scope, string>();
  beforeAll(async () => {
    for (const scope of scopes) keys.set(scope, await keyFor([scope]));
  });

  test.each(guarded.map(({ id, method, path, scope }) => [id, method, path, scope] as const))(
    '%s takes its own scope and admin only',
    async (_id, method, path, needed) => {
      const address = path.replace(/\{\w+\}/g, 'none');
      const request = { method: method.toUpperCase() };
      const matrix = await Promise.all(
        [...keys].map(async ([scope, key]) => [
          scope,
          (await service.fetch(address, { key, ...request })).status === 403,
        ]),
      );
      expect(matrix).toEqual(scopes.map((scope) => [scope, scope !== needed && scope !== 'admin']));
      expect((await service.fetch(address, request)).status).toBe(401);
    },
  );

  test('of a key count on an open service too', async () => {
    const open = await startTestService();
    const { key } = await createApiKey(open.app, { name: 'reader', scopes: ['read'] });
    expect((await open.fetch('/v1/scenarios', { json: smallScenario(), key })).status).toBe(403);
    expect((await open.fetch('/v1/scenarios', { json: smallScenario() })).status).toBe(201);
    await open.close();
  });

  test('leave /metrics to its token as well', async () => {
    expect((await service.fetch('/metrics')).status).toBe(401);
    const answer = await service.fetch('/metrics', { key: 'a-token-of-enough-letters' });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(
      'infercast_http_request_seconds_count{method="GET",route="/metrics",status="401"}',
    );
    expect((await service.fetch('/v1/scenarios', { key: 'a-token-of-enough-letters' })).status).toBe(401);
  });
});

describe('rates', () => {
  test('hold for each key, and say what is left', async () => {
    const key = await keyFor(['read']);
    const first = await service.fetch('/v1/scenarios', { key });
    expect(first.headers.get('ratelimit-policy')).toMatch(/^"read"; q=40; w=60/);
    expect(first.headers.get('ratelimit')).toMatch(/^"read"; r=39; t=\d+/);
    for (let n = 2; n <= 40; n++) expect((await service.fetch('/v1/hardware', { key })).status).toBe(200);
    const refused = await service.fetch('/v1/scenarios', { key });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await refused.json()).toMatchObject({ type: '/v1/problems/rate-limited' });
    expect((await service.fetch('/v1/scenarios', { key: await keyFor(['read']) })).status).toBe(200);
  });

  test('count an estimate of at most 2,048 draws as a read, any other as a calculation', async () => {
    const key = await keyFor(['read']);
    const estimate = async (draws: number) => {
      const answer = await service.fetch('/v1/estimates', { key, json: smallScenario({ sampling: { draws } }) });
      return [answer.status, answer.headers.get('ratelimit-policy')?.split(';')[0]];
    };
    expect(await estimate(2_048)).toEqual([200, '"read"']);
    for (const _ of [1, 2, 3]) expect(await estimate(2_049)).toEqual([200, '"compute"']);
    expect((await estimate(2_049))[0]).toBe(429);
    expect(await estimate(2_048)).toEqual([200, '"read"']);
  });

  test('count a file of bills before a byte of it is read', async () => {
    const key = await keyFor(['bills']);
    const upload = () =>
      service.fetch('/v1/bills?dry_run=true', {
        method: 'POST',
        key,
        body: 'no bill',
        headers: { 'Content-Type': 'text/csv' },
      });
    for (const _ of [1, 2]) expect((await upload()).status).toBe(422);
    expect([(await upload()).status, (await service.fetch('/v1/hardware', { key: admin })).status]).toEqual([429, 200]);
  });

  test('do not hold on a service that is open to this machine', async () => {
    const open = await startTestService({ http: { ratesPerMinute: { read: 1, write: 1, compute: 1, upload: 1 } } });
    for (const _ of [1, 2, 3]) {
      const answer = await open.fetch('/v1/estimates', { json: smallScenario() });
      expect([answer.status, answer.headers.get('ratelimit')]).toEqual([200, null]);
    }
    await open.close();
  });

  test('stop the 11th wrong key of an address, and let a right one through', async () => {
    const guessed = await startTestService({ http: { keysRequired: true } });
    const { key } = await createApiKey(guessed.app, { name: 'right', scopes: ['read'] });
    const statuses: number[] = [];
    for (let n = 1; n <= 11; n++) statuses.push((await guessed.fetch('/v1/scenarios', { key: `guess-${n}` })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    expect((await guessed.fetch('/v1/scenarios', { key })).status).toBe(200);
    await guessed.close();
  });
});
