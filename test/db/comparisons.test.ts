import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { NewScore } from '../../src/db/comparisons.ts';
import {
  findComparison,
  findForecastBefore,
  insertComparison,
  listClosedMonths,
  listComparisons,
  listFinalComparisons,
} from '../../src/db/comparisons.ts';
import type { Database } from '../../src/db/connect.ts';
import { openDatabase } from '../../src/db/connect.ts';
import { insertForecast } from '../../src/db/forecasts.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import { insertScenario } from '../../src/db/scenarios.ts';
import { openMigrated } from '../helpers/app.ts';
import type { Postgres } from '../setup/postgres.ts';
import { startPostgres } from '../setup/postgres.ts';

const now = '2026-11-03T06:00:00.000Z';

/** The same promises on both databases. */
describe.each(['embedded', 'postgres'] as const)('comparisons on the %s database', (kind) => {
  let server: Postgres | undefined;
  let database: Database;
  beforeAll(async () => {
    if (kind === 'embedded') database = await openMigrated();
    else {
      server = await startPostgres();
      database = await openDatabase({
        url: server.url('postgres'),
        dataDir: '',
        poolMax: 4,
        statementTimeoutMs: 5_000,
        ssl: 'off',
        onConnectionLost: () => {},
        onFatal: () => {},
      });
      await migrateToLatest(database.db);
    }
    await insertScenario(database.db, { id: 'sc_1', name: 'One', body: '{}', now });
    for (const [id, as_of, created_at] of [
      ['fc_1', '2026-08-20', '2026-08-31T23:59:59.999Z'],
      ['fc_2', '2026-09-01', '2026-09-01T00:00:00.000Z'],
      ['fc_3', '2026-12-01', '2026-08-15T00:00:00.000Z'],
    ] as const)
      await insertForecast(database.db, {
        id,
        scenario_id: 'sc_1',
        scenario_version: 1,
        name: 'One',
        as_of,
        engine: '1.0.0',
        inputs_digest: 'sha256:0',
        result: '{}',
        inputs: '{}',
        created_at,
      });
  });
  afterAll(async () => {
    await database.close();
    await server?.stop();
  });

  const score = (tier: string, actual: string, over: Partial<NewScore> = {}): NewScore => ({
    tier,
    perimeter: 'bill',
    status: 'final',
    forecast: '100.00',
    actual,
    hit: true,
    z: 0.125,
    ...over,
  });
  const store = (id: string, period: string, scores: readonly NewScore[], status: 'provisional' | 'final' = 'final') =>
    database.db.transaction().execute((trx) =>
      insertComparison(
        trx,
        {
          id,
          scenario_id: 'sc_1',
          forecast_id: 'fc_1',
          name: 'One',
          period,
          status,
          supersedes: null,
          body: `{"id":"${id}"}`,
          created_at: now,
        },
        scores,
      ),
    );

  test('a forecast is frozen for a month if it was made, with prices as known, before its first day', async () => {
    const firstDay = (day: string) => ({ day, instant: `${day}T00:00:00.000Z` });
    expect((await findForecastBefore(database.db, 'sc_1', firstDay('2026-09-01')))?.id).toBe('fc_1');
    expect((await findForecastBefore(database.db, 'sc_1', firstDay('2026-10-01')))?.id).toBe('fc_2');
    expect(await findForecastBefore(database.db, 'sc_1', firstDay('2026-08-01'))).toBeUndefined();
  });

  test('of each tier the newest score of a month counts, if it is final', async () => {
    await store('cmp_01', '2026-09', [score('openai', '90.00'), score('anthropic', '80.00')]);
    await store('cmp_02', '2026-09', [score('openai', '91.00')]);
    await store('cmp_03', '2026-10', [score('openai', '92.00', { status: 'provisional' })], 'provisional');
    await store('cmp_04', '2026-10', []);
    const closed = await listClosedMonths(database.db, 'sc_1', '2026-11');
    expect(closed.map(({ period, tier, actual, z }) => [period, tier, actual, z])).toEqual([
      ['2026-09', 'anthropic', '80.00', 0.125],
      ['2026-09', 'openai', '91.00', 0.125],
    ]);
    expect(await listClosedMonths(database.db, 'sc_1', '2026-09')).toEqual([]);
    expect((await listFinalComparisons(database.db, 'sc_1', '2026-12')).map(({ id }) => id)).toEqual([
      'cmp_02',
      'cmp_04',
    ]);
    expect(
      (await listComparisons(database.db, { scenario_id: 'sc_1', period: '2026-09', before: null, limit: 5 })).map(
        ({ id }) => id,
      ),
    ).toEqual(['cmp_02', 'cmp_01']);
  });

  test('one that is there stays as it is, whatever is sent under its id, and nothing changes or removes it', async () => {
    await store('cmp_02', '2026-09', [score('openai', '1.00')]);
    const closed = await listClosedMonths(database.db, 'sc_1', '2026-10');
    expect(closed.find(({ tier }) => tier === 'openai')?.actual).toBe('91.00');
    for (const change of [
      sql`update comparisons set body = ''`,
      sql`delete from comparisons`,
      sql`update comparison_scores set z = 0`,
      sql`delete from comparison_scores`,
    ])
      await expect(change.execute(database.db)).rejects.toThrow('are never changed');
    expect((await findComparison(database.db, 'cmp_02'))?.body).toBe('{"id":"cmp_02"}');
  });
});
