import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../../src/db/connect.ts';
import { openInMemory } from '../../src/db/connect.ts';
import { findPendingMigrations, migrateToLatest, migrationNames, runMigrations } from '../../src/db/migrate.ts';

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

test('a notice that was kept before notices could be found by their schedule is found by it afterwards', async () => {
  const { db, close } = await openInMemory();
  const names = migrationNames();
  const before = names.filter((name) => name < '0012');
  await db.transaction().execute(async (trx) => {
    await runMigrations(trx, before);
    const told = [
      ['a', '{"schedule":"sch_1","reason":"it said \\"schedule\\":\\"sch_2\\""}'],
      ['b', '{"webhook":"wh_1"}'],
    ];
    for (const [id, data] of told)
      await sql`insert into notices (id, type, data, created_at) values (${id}, 'x', ${data}, now())`.execute(trx);
    await runMigrations(
      trx,
      names.filter((name) => !before.includes(name)),
    );
  });
  const found = await db.selectFrom('notices').select(['id', 'schedules']).orderBy('id').execute();
  expect(found).toEqual([
    { id: 'a', schedules: ['sch_1'] },
    { id: 'b', schedules: [] },
  ]);
  await close();
});
