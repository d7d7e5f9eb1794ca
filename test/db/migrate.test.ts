import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/db/connect.ts';
import { openInMemory } from '../../src/db/connect.ts';
import { findPendingMigrations, migrateToLatest } from '../../src/db/migrate.ts';

describe('migrations', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openInMemory();
  });
  afterAll(() => database.close());

  test('run once, in order', async () => {
    const pending = await findPendingMigrations(database.db);
    expect(pending).toEqual([...pending].sort());
    expect(pending.length).toBeGreaterThan(0);
    expect(await migrateToLatest(database.db)).toEqual(pending);
    expect(await migrateToLatest(database.db)).toEqual([]);
    expect(await findPendingMigrations(database.db)).toEqual([]);
  });

  test('made by a newer version are refused with the cure', async () => {
    await database.db
      .withTables<{ kysely_migration: { name: string; timestamp: string } }>()
      .insertInto('kysely_migration')
      .values({ name: '9999_from_the_future', timestamp: '2030-01-01T00:00:00.000Z' })
      .execute();
    await expect(migrateToLatest(database.db)).rejects.toThrow(
      /newer infercast.*9999_from_the_future.*start that version/,
    );
  });
});
