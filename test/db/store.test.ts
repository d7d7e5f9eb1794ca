import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { countActiveApiKeys, findApiKey, insertApiKey, listApiKeys, markApiKeyRevoked } from '../../src/db/api-keys.ts';
import type { Database } from '../../src/db/connect.ts';
import { openDatabase } from '../../src/db/connect.ts';
import { findForecast, insertForecast, listForecasts } from '../../src/db/forecasts.ts';
import { claimIdempotencyKey, keepAnswer, releaseIdempotencyKey } from '../../src/db/idempotency-keys.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import { findScenario, insertNextVersion, insertScenario, listScenarios } from '../../src/db/scenarios.ts';
import { readThroughOutages } from '../../src/services/outage.ts';
import { openMigrated } from '../helpers/app.ts';
import type { Postgres } from '../setup/postgres.ts';
import { startPostgres } from '../setup/postgres.ts';

const now = '2026-11-22T12:00:00.000Z';

/** The same promises on both databases. */
describe.each(['embedded', 'postgres'] as const)('the store on the %s database', (kind) => {
  let server: Postgres | undefined;
  let database: Database;
  const lost: Error[] = [];
  beforeAll(async () => {
    if (kind === 'embedded') {
      database = await openMigrated();
      return;
    }
    server = await startPostgres();
    const open = () =>
      openDatabase({
        url: server?.url('postgres') ?? null,
        dataDir: '',
        poolMax: 4,
        statementTimeoutMs: 5_000,
        ssl: 'off',
        onConnectionLost: (error) => lost.push(error),
        onFatal: () => {},
      });
    database = await open();
    const other = await open();
    const ran = await Promise.all([migrateToLatest(database.db), migrateToLatest(other.db)]);
    expect(ran.flat()).toEqual([...new Set(ran.flat())]);
    await other.close();
  });
  afterAll(async () => {
    await database.close();
    await server?.stop();
  });

  test('gives back instants as UTC text and long texts letter by letter', async () => {
    const body = JSON.stringify({ name: 'Ärger', text: 'a\u0000b"\\ \ud83d\ude00', long: 'x'.repeat(500_000) });
    await insertScenario(database.db, { id: 'sc_text', name: 'Ärger', body, now });
    const stored = await findScenario(database.db, 'sc_text');
    expect(stored).toMatchObject({ version: 1, created_at: now, updated_at: now, deleted_at: null, body });
  });

  test('lets one of two names that differ in case only in', async () => {
    expect(await insertScenario(database.db, { id: 'sc_a', name: 'Name', body: '{}', now })).toEqual({ taken: null });
    expect(await insertScenario(database.db, { id: 'sc_b', name: 'NAME', body: '{}', now })).toEqual({ taken: 'sc_a' });
    expect(await findScenario(database.db, 'sc_b')).toBeUndefined();
  });

  test('lets one of many writers of a version through and keeps both tables in step', async () => {
    await insertScenario(database.db, { id: 'sc_race', name: 'Race', body: '{"n":0}', now });
    const writers = Array.from({ length: 8 }, (_, n) =>
      insertNextVersion(database.db, { id: 'sc_race', name: 'Race', body: `{"n":${n + 1}}`, now, expected: 1 }),
    );
    const outcomes = (await Promise.all(writers)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
    const winner = outcomes.indexOf('stored') + 1;
    expect(await findScenario(database.db, 'sc_race')).toMatchObject({ version: 2, body: `{"n":${winner}}` });
  });

  test('finds names by a part of them, whatever it holds', async () => {
    await insertScenario(database.db, { id: 'sc_odd', name: '100% "_" \\ odd', body: '{}', now });
    const find = (q: string) => listScenarios(database.db, { q, updated_since: null, before: null, limit: 10 });
    for (const q of ['100%', '_', '\\', 'ODD']) expect((await find(q)).map(({ id }) => id)).toEqual(['sc_odd']);
    expect(await find('%')).toHaveLength(1);
    expect(await find("' or true --")).toEqual([]);
  });

  test('keeps a forecast once and for good', async () => {
    const forecast = {
      id: 'fc_a',
      scenario_id: null,
      scenario_version: null,
      name: 'F',
      as_of: '2026-11-22',
      engine: '1.0.0',
      inputs_digest: 'sha256:x',
      result: '{"b":1.10, "a":2}\n',
      inputs: '{}',
      created_at: now,
    };
    await insertForecast(database.db, forecast);
    await insertForecast(database.db, { ...forecast, result: 'other' });
    expect((await findForecast(database.db, 'fc_a'))?.result).toBe('{"b":1.10, "a":2}\n');
    const change = database.db.updateTable('forecasts').set({ result: 'other' }).where('id', '=', 'fc_a').execute();
    await expect(change).rejects.toThrow(/never changed/);
    expect(await listForecasts(database.db, { scenario_id: null, before: null, limit: 1 })).toHaveLength(1);
  });

  test('counts keys by scope and forgets revoked and expired ones', async () => {
    const key = { name: 'k', secret_sha256: 'x', created_at: now, expires_at: '2027-01-01T00:00:00.000Z' };
    await insertApiKey(database.db, { ...key, id: 'aaaaaaaa', scopes: ['read', 'admin'] });
    await insertApiKey(database.db, { ...key, id: 'bbbbbbbb', scopes: ['read'] });
    expect(await findApiKey(database.db, 'aaaaaaaa')).toMatchObject({ scopes: ['read', 'admin'], revoked_at: null });
    expect(await countActiveApiKeys(database.db, now)).toBe(2);
    expect(await countActiveApiKeys(database.db, now, 'admin')).toBe(1);
    expect(await countActiveApiKeys(database.db, '2027-01-01T00:00:00.000Z')).toBe(0);
    expect(await markApiKeyRevoked(database.db, 'aaaaaaaa', now)).toBe(true);
    expect(await markApiKeyRevoked(database.db, 'aaaaaaaa', now)).toBe(false);
    expect(await countActiveApiKeys(database.db, now, 'admin')).toBe(0);
    const pages = [await listApiKeys(database.db, null, 1), await listApiKeys(database.db, 'bbbbbbbb', 1)];
    expect(pages.map((page) => page[0]?.id)).toEqual(['bbbbbbbb', 'aaaaaaaa']);
  });

  test('gives an idempotency key to one of many claims, and to the next after a death', async () => {
    const claim = {
      actor: 'a',
      key: 'k',
      request_sha256: 'x',
      object_id: 'first',
      now,
      stale_before: '2026-11-22T11:59:00.000Z',
    };
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimIdempotencyKey(database.db, claim)));
    expect(claims.filter(({ claimed }) => claimed)).toHaveLength(1);
    const later = {
      ...claim,
      object_id: 'second',
      now: '2026-11-22T12:02:00.000Z',
      stale_before: '2026-11-22T12:01:00.000Z',
    };
    expect(await claimIdempotencyKey(database.db, later)).toMatchObject({ claimed: true, row: { object_id: 'first' } });
    await keepAnswer(database.db, 'a', 'k', { status: 201, headers: { Location: '/x' }, body: 'b' });
    await releaseIdempotencyKey(database.db, 'a', 'k');
    const last = await claimIdempotencyKey(database.db, { ...later, stale_before: '2030-01-01T00:00:00.000Z' });
    expect(last).toMatchObject({ claimed: false, row: { status: 201, headers: { Location: '/x' }, body: 'b' } });
  });

  test('goes on after the server ended its connections', async () => {
    if (kind === 'embedded') return;
    const killer = await openDatabase({
      url: server?.url('postgres') ?? null,
      dataDir: '',
      poolMax: 1,
      statementTimeoutMs: 5_000,
      ssl: 'off',
      onConnectionLost: () => {},
      onFatal: () => {},
    });
    await killer.db
      .selectFrom('pg_stat_activity' as never)
      .select((select) => select.fn<boolean>('pg_terminate_backend', ['pid' as never]).as('ended'))
      .where('pid' as never, '!=', (select) => select.fn('pg_backend_pid', []) as never)
      .where('backend_type' as never, '=', 'client backend' as never)
      .execute();
    await killer.close();
    while (lost.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const read = () => findScenario(database.db, 'sc_text');
    expect(await readThroughOutages(read)).toMatchObject({ id: 'sc_text' });
  });
});
