import { sql } from 'kysely';
import { isTaken } from './failures.ts';
import type { Db, ScenarioRow, ScenarioVersionRow } from './tables.ts';
import { workspace } from './workspace.ts';

/** A scenario with the text of its newest version. */
export type StoredScenario = ScenarioRow & { readonly body: string };

export type NewScenario = { readonly id: string; readonly name: string; readonly body: string; readonly now: string };

/** Stores version 1. `taken` gives the id of the scenario that has the name; an id that is there already is left as it is. */
export async function insertScenario(
  db: Db,
  { id, name, body, now }: NewScenario,
): Promise<{ taken: string } | { taken: null }> {
  try {
    await db.transaction().execute(async (trx) => {
      const { numInsertedOrUpdatedRows } = await trx
        .insertInto('scenarios')
        .values({ workspace_id: workspace, id, name, version: 1, created_at: now, updated_at: now, deleted_at: null })
        .onConflict((conflict) => conflict.columns(['workspace_id', 'id']).doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows === 0n) return;
      await insertVersion(trx, { id, version: 1, body, now });
    });
    return { taken: null };
  } catch (error) {
    if (!isTaken(error)) throw error;
    return { taken: await findIdByName(db, name) };
  }
}

/** Stores the next version where `expected` is still the newest. */
export async function insertNextVersion(
  db: Db,
  { id, name, body, now, expected }: NewScenario & { readonly expected: number },
): Promise<{ outcome: 'stored' | 'changed-meanwhile' } | { outcome: 'name-taken'; by: string }> {
  try {
    return await db.transaction().execute(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('scenarios')
        .set({ name, version: expected + 1, updated_at: now })
        .where('workspace_id', '=', workspace)
        .where('id', '=', id)
        .where('version', '=', expected)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return { outcome: 'changed-meanwhile' };
      await insertVersion(trx, { id, version: expected + 1, body, now });
      return { outcome: 'stored' };
    });
  } catch (error) {
    if (!isTaken(error)) throw error;
    return { outcome: 'name-taken', by: await findIdByName(db, name) };
  }
}

/** Hides a scenario; its versions and forecasts stay. False when `expected` is no longer its version. */
export async function markScenarioDeleted(db: Db, id: string, expected: number, now: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('scenarios')
    .set({ deleted_at: now })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('version', '=', expected)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function findScenario(db: Db, id: string): Promise<StoredScenario | undefined> {
  return withBody(db).where('scenarios.id', '=', id).executeTakeFirst();
}

export type ScenarioFilter = {
  readonly q: string | null;
  readonly updated_since: string | null;
  /** Rows with a smaller id, that is older ones. */
  readonly before: string | null;
  readonly limit: number;
};

/** Newest first, one more than `limit` where there is more. */
export async function listScenarios(
  db: Db,
  { q, updated_since, before, limit }: ScenarioFilter,
): Promise<ScenarioRow[]> {
  return db
    .selectFrom('scenarios')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('deleted_at', 'is', null)
    .$if(q !== null, (query) => query.where(sql<boolean>`position(lower(${q}) in lower(name)) > 0`))
    .$if(updated_since !== null, (query) => query.where('updated_at', '>=', updated_since ?? ''))
    .$if(before !== null, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

export async function findVersion(db: Db, id: string, version: number): Promise<ScenarioVersionRow | undefined> {
  return db
    .selectFrom('scenario_versions')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('scenario_id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
}

/** Newest first, one more than `limit` where there is more. */
export async function listVersions(
  db: Db,
  id: string,
  before: number | null,
  limit: number,
): Promise<ScenarioVersionRow[]> {
  return db
    .selectFrom('scenario_versions')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('scenario_id', '=', id)
    .$if(before !== null, (query) => query.where('version', '<', before ?? 0))
    .orderBy('version', 'desc')
    .limit(limit + 1)
    .execute();
}

/** Whether there ever was a scenario, deleted ones included. */
export async function hasAnyScenario(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('scenarios')
    .select('id')
    .where('workspace_id', '=', workspace)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

function withBody(db: Db) {
  return db
    .selectFrom('scenarios')
    .innerJoin('scenario_versions', (join) =>
      join
        .onRef('scenario_versions.workspace_id', '=', 'scenarios.workspace_id')
        .onRef('scenario_versions.scenario_id', '=', 'scenarios.id')
        .onRef('scenario_versions.version', '=', 'scenarios.version'),
    )
    .selectAll('scenarios')
    .select('scenario_versions.body')
    .where('scenarios.workspace_id', '=', workspace)
    .where('scenarios.deleted_at', 'is', null);
}

async function insertVersion(
  db: Db,
  { id, version, body, now }: { id: string; version: number; body: string; now: string },
): Promise<void> {
  await db
    .insertInto('scenario_versions')
    .values({ workspace_id: workspace, scenario_id: id, version, body, created_at: now })
    .execute();
}

async function findIdByName(db: Db, name: string): Promise<string> {
  const row = await db
    .selectFrom('scenarios')
    .select('id')
    .where('workspace_id', '=', workspace)
    .where(sql<boolean>`lower(name) = lower(${name})`)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row?.id ?? '';
}
