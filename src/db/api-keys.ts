import { sql } from 'kysely';
import type { ApiKeyRow, Db } from './tables.ts';
import { workspace } from './workspace.ts';

export type NewApiKey = Pick<ApiKeyRow, 'id' | 'name' | 'scopes' | 'secret_sha256' | 'created_at' | 'expires_at'>;

export async function insertApiKey(db: Db, { scopes, ...key }: NewApiKey): Promise<void> {
  await db
    .insertInto('api_keys')
    .values({ ...key, workspace_id: workspace, scopes: JSON.stringify(scopes), last_used_at: null, revoked_at: null })
    .execute();
}

/** Revoked and expired keys included: the caller judges. */
export async function findApiKey(db: Db, id: string): Promise<ApiKeyRow | undefined> {
  return db
    .selectFrom('api_keys')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Newest first, one more than `limit` where there is more. `before` is the key the last page ended with. */
export async function listApiKeys(db: Db, before: string | null, limit: number): Promise<ApiKeyRow[]> {
  return db
    .selectFrom('api_keys')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .$if(before !== null, (query) =>
      query.where(
        sql<boolean>`(created_at, id) < (select created_at, id from api_keys where workspace_id = ${workspace} and id = ${before})`,
      ),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

export async function countActiveApiKeys(db: Db, now: string, scope: string | null = null): Promise<number> {
  const row = await db
    .selectFrom('api_keys')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('workspace_id', '=', workspace)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .$if(scope !== null, (query) => query.where(sql<boolean>`scopes @> ${JSON.stringify([scope])}::jsonb`))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** False when there is no such key, or it was revoked before. */
export async function markApiKeyRevoked(db: Db, id: string, now: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('api_keys')
    .set({ revoked_at: now })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function markApiKeyUsed(db: Db, id: string, now: string): Promise<void> {
  await db
    .updateTable('api_keys')
    .set({ last_used_at: now })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .execute();
}
