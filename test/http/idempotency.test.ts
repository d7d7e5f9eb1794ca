import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fixedClock } from '../../src/clock.ts';
import { claimIdempotencyKey } from '../../src/db/idempotency-keys.ts';
import type { TestService } from '../helpers/app.ts';
import { smallScenario, startTestService, today } from '../helpers/app.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

function post(path: string, key: string, json: unknown): Promise<Response> {
  return service.fetch(path, { json, headers: { 'Idempotency-Key': key } });
}

describe('a request with an Idempotency-Key', () => {
  test('sent 16 times at once makes one object; whoever is not answered alike is told to come back', async () => {
    const json = smallScenario({ name: 'Once' });
    const answers = await Promise.all(Array.from({ length: 16 }, () => post('/v1/scenarios', 'once', json)));
    const made = answers.filter(({ status }) => status === 201);
    const early = answers.filter(({ status }) => status === 409);
    expect(made.length + early.length).toBe(16);
    expect(early.every(({ headers }) => headers.get('retry-after') === '1')).toBe(true);
    const again = await Promise.all(Array.from({ length: 16 }, () => post('/v1/scenarios', 'once', json)));
    const texts = await Promise.all([...made, ...again].map((answer) => answer.text()));
    expect(new Set(texts).size).toBe(1);
    expect(again.every(({ headers }) => headers.get('idempotency-replayed') === 'true')).toBe(true);
    expect(new Set([...made, ...again].map(({ headers }) => headers.get('location'))).size).toBe(1);
    const list = (await (await service.fetch('/v1/scenarios?q=once')).json()) as { data: unknown[] };
    expect(list.data).toHaveLength(1);
  });

  test('that was used for another body is refused', async () => {
    await post('/v1/scenarios', 'body', smallScenario({ name: 'Body A' }));
    const answer = await post('/v1/scenarios', 'body', smallScenario({ name: 'Body B' }));
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ type: '/v1/problems/idempotency-key-reused' });
  });

  test('that failed may be mended and sent again under the same key', async () => {
    expect((await post('/v1/scenarios', 'mend', smallScenario({ name: 'Mended', months: 0 }))).status).toBe(422);
    expect((await post('/v1/scenarios', 'mend', smallScenario({ name: 'Mended' }))).status).toBe(201);
  });

  test('whose process died is done by the next one under the same object id', async () => {
    const json = smallScenario({ name: 'Orphan' });
    const first = await post('/v1/scenarios', 'orphan', json);
    const made = (await first.json()) as { id: string };
    const { db } = service.app;
    await db.updateTable('idempotency_keys').set({ status: null, body: null }).where('key', '=', 'orphan').execute();
    expect((await post('/v1/scenarios', 'orphan', json)).status).toBe(409);
    service.setClock(fixedClock(new Date(`${today}T12:01:01Z`)));
    const second = await post('/v1/scenarios', 'orphan', json);
    service.setClock(fixedClock(new Date(`${today}T12:00:00Z`)));
    expect([second.status, await second.json()]).toEqual([201, made]);
  });

  test('is forgotten after 24 hours', async () => {
    const forecast = { scenario: smallScenario() };
    const first = (await (await post('/v1/forecasts', 'daily', forecast)).json()) as { id: string };
    service.setClock(fixedClock(new Date('2026-11-23T11:59:00Z')));
    expect(((await (await post('/v1/forecasts', 'daily', forecast)).json()) as { id: string }).id).toBe(first.id);
    service.setClock(fixedClock(new Date('2026-11-23T12:00:01Z')));
    expect(((await (await post('/v1/forecasts', 'daily', forecast)).json()) as { id: string }).id).not.toBe(first.id);
    service.setClock(fixedClock(new Date(`${today}T12:00:00Z`)));
  });

  test('does not show a new key’s secret again, and does not store it', async () => {
    const json = { name: 'Once shown', scopes: ['read'] };
    const first = (await (await post('/v1/api-keys', 'secret', json)).json()) as { id: string; key: string };
    const second = (await (await post('/v1/api-keys', 'secret', json)).json()) as { id: string; key: null };
    expect(second).toEqual({ ...first, key: null });
    const rows = JSON.stringify(await service.app.db.selectFrom('idempotency_keys').selectAll().execute());
    expect(rows).not.toContain(first.key.slice(18));
  });

  test.each(['', ' ', 'x'.repeat(201), 'ä'])('of the form "%s" is refused', async (key) => {
    const answer = await service.fetch('/v1/scenarios', {
      json: smallScenario({ name: 'Odd key' }),
      headers: { 'Idempotency-Key': Buffer.from(key).toString('latin1') },
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ type: '/v1/problems/idempotency-key-invalid' });
  });
});

test('two claims of a key at once give it to one', async () => {
  const claim = {
    actor: 'local',
    key: 'race',
    request_sha256: 'x',
    object_id: 'a',
    now: `${today}T12:00:00.000Z`,
    stale_before: `${today}T11:59:00.000Z`,
  };
  const claims = await Promise.all([claim, claim, claim].map((each) => claimIdempotencyKey(service.app.db, each)));
  expect(claims.filter(({ claimed }) => claimed)).toHaveLength(1);
});
