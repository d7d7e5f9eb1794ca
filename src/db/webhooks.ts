import type { SealedHint } from './outside-tables.ts';
import type { Db, WebhookRow } from './tables.ts';
import { workspace } from './workspace.ts';

export type WebhookTerms = Pick<WebhookRow, 'name' | 'form' | 'address' | 'sealed' | 'enabled' | 'disabled_reason'> & {
  readonly hint: SealedHint;
  /** null: every kind of event. */
  readonly events: readonly string[] | null;
};

/** Stores a webhook as version 1; an id that is there is left as it is. False then. */
export async function insertWebhook(db: Db, id: string, terms: WebhookTerms, now: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('webhooks')
    .values({ ...columnsOf(terms), workspace_id: workspace, id, version: 1, created_at: now, updated_at: now })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'id']).doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Changes a webhook where `expected` is still its version. */
export async function updateWebhook(
  db: Db,
  id: string,
  expected: number,
  terms: WebhookTerms,
  now: string,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('webhooks')
    .set({ ...columnsOf(terms), version: expected + 1, updated_at: now })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('version', '=', expected)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Stops a webhook from getting more. False where it was stopped or deleted before. */
export async function disableWebhook(trx: Db, id: string, reason: string, now: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('webhooks')
    .set((set) => ({ enabled: false, disabled_reason: reason, version: set('version', '+', 1), updated_at: now }))
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('enabled', '=', true)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function markWebhookDeleted(db: Db, id: string, expected: number, now: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('webhooks')
    .set({ deleted_at: now, updated_at: now })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('version', '=', expected)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function findWebhook(db: Db, id: string): Promise<WebhookRow | undefined> {
  return active(db).where('id', '=', id).executeTakeFirst();
}

/** Newest first, one more than `limit` where there is more. */
export async function listWebhooks(db: Db, before: string | null, limit: number): Promise<WebhookRow[]> {
  return active(db)
    .$if(before !== null, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

/** Those that get something. */
export async function listEnabledWebhooks(db: Db): Promise<Pick<WebhookRow, 'id' | 'events'>[]> {
  return db
    .selectFrom('webhooks')
    .select(['id', 'events'])
    .where('workspace_id', '=', workspace)
    .where('deleted_at', 'is', null)
    .where('enabled', '=', true)
    .orderBy('id')
    .execute();
}

export async function countWebhooks(db: Db): Promise<number> {
  const row = await db
    .selectFrom('webhooks')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('workspace_id', '=', workspace)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

function active(db: Db) {
  return db.selectFrom('webhooks').selectAll().where('workspace_id', '=', workspace).where('deleted_at', 'is', null);
}

function columnsOf({ hint, events, ...terms }: WebhookTerms) {
  return { ...terms, hint: JSON.stringify(hint), events: events === null ? null : JSON.stringify(events) };
}
