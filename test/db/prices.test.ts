import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { sql } from 'kysely';
import type { PriceRow } from '../../src/core/prices/price.ts';
import type { Database } from '../../src/db/connect.ts';
import { openDatabase } from '../../src/db/connect.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import { findPriceImport, insertPriceImport, listLearnedPrices } from '../../src/db/prices.ts';
import { openMigrated } from '../helpers/app.ts';
import type { Postgres } from '../setup/postgres.ts';
import { startPostgres } from '../setup/postgres.ts';

const row: PriceRow = {
  provider: 'openai',
  model: 'gpt-5.5',
  meter: 'input',
  unit: 'USD/Mtok',
  price: new Decimal('0.123456789012345678901234567'),
  above_input_tokens: 271_999,
  utc_hours: '01:00-04:00 mon-fri',
  valid_from: '2026-10-01',
  valid_to: null,
  known_at: '2026-11-22',
  checked_at: '2026-11-22',
  source: 'https://example.com',
  catalogue: 'contract',
  derived_from: null,
};

function importOf(id: string, known_at = '2026-11-22', content_sha256 = id) {
  return {
    id,
    catalogue: 'contract',
    known_at,
    content_sha256,
    report: { id },
    created_at: '2026-11-22T12:00:00.000Z',
  };
}

/** The same promises on both databases. */
describe.each(['embedded', 'postgres'] as const)('learned prices on the %s database', (kind) => {
  let server: Postgres | undefined;
  let database: Database;
  beforeAll(async () => {
    if (kind === 'embedded') {
      database = await openMigrated();
      return;
    }
    server = await startPostgres();
    database = await openDatabase({
      url: server.url('postgres'),
      dataDir: '',
      poolMax: 2,
      statementTimeoutMs: 5_000,
      ssl: 'off',
      onConnectionLost: () => {},
      onFatal: () => {},
    });
    await migrateToLatest(database.db);
  });
  afterAll(async () => {
    await database.close();
    await server?.stop();
  });

  test('come back digit by digit, in the order they were learned, and not those in quarantine', async () => {
    const { db } = database;
    const many = Array.from({ length: 1_203 }, (_, i) => ({
      row: { ...row, model: `m${i}` },
      status: 'accepted' as const,
    }));
    expect(
      await insertPriceImport(db, importOf('pi_b', '2026-11-23'), [
        { row: { ...row, known_at: '2026-11-23' }, status: 'accepted' },
      ]),
    ).toBe(true);
    expect(
      await insertPriceImport(db, importOf('pi_a'), [
        { row, status: 'accepted' },
        { row, status: 'quarantined' },
        ...many,
      ]),
    ).toBe(true);
    const found = await listLearnedPrices(db, '2026-11-22', ['gpt-5.5', 'm1202']);
    expect(found.map(({ model, known_at }) => [model, known_at])).toEqual([
      ['gpt-5.5', '2026-11-22'],
      ['m1202', '2026-11-22'],
      ['gpt-5.5', '2026-11-23'],
    ]);
    expect({ ...found[0], price: found[0]?.price.toFixed() }).toEqual({ ...row, price: row.price.toFixed() });
    expect(await listLearnedPrices(db, '2026-11-22', [])).toEqual([]);
    expect(await listLearnedPrices(db, '2026-11-22', ['\0'])).toEqual([]);
    expect(await listLearnedPrices(db, '2026-11-22', ['m\0', 'm1202'])).toHaveLength(1);
    expect(await listLearnedPrices(db, '2026-11-22')).toHaveLength(2 + 1_203);
  });

  test('of one list are stored once a day, whole or not at all', async () => {
    const { db } = database;
    const before = (await listLearnedPrices(db, '2026-11-22')).length;
    expect(await insertPriceImport(db, importOf('pi_c', '2026-11-22', 'pi_a'), [{ row, status: 'accepted' }])).toBe(
      false,
    );
    expect(await listLearnedPrices(db, '2026-11-22')).toHaveLength(before);
    expect((await findPriceImport(db, '2026-11-22', 'pi_a'))?.report).toEqual({ id: 'pi_a' });
    const negative = { row: { ...row, price: new Decimal(-1) }, status: 'accepted' as const };
    await expect(insertPriceImport(db, importOf('pi_d'), [{ row, status: 'accepted' }, negative])).rejects.toThrow();
    expect(await listLearnedPrices(db, '2026-11-22')).toHaveLength(before);
  });

  test('are never changed and never removed', async () => {
    const { db } = database;
    for (const statement of [
      'update price_rows set price = 0',
      'delete from price_rows',
      'delete from price_imports',
    ]) {
      await expect(sql.raw(statement).execute(db)).rejects.toThrow('are never changed');
    }
  });
});
