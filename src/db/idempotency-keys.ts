import type { Db, IdempotencyRow } from './tables.ts';
import { workspace } from './workspace.ts';

export type Claim = {
  readonly actor: string;
  readonly key: string;
  readonly request_sha256: string;
  readonly object_id: string;
  readonly now: string;
  /** A claim older than this is from a process that died over it. */
  readonly stale_before: string;
};

/**
 * Takes a key for one request. `claimed`: nobody had it, or its owner died; then `row.object_id` is the id that the
 * request makes its object under, the same at every try. Otherwise `row` is what stands there.
 */
export async function claimIdempotencyKey(db: Db, claim: Claim): Promise<{ claimed: boolean; row: IdempotencyRow }> {
  const { actor, key, request_sha256, object_id, now, stale_before } = claim;
  const made = await db
    .insertInto('idempotency_keys')
    .values({
      workspace_id: workspace,
      actor,
      key,
      request_sha256,
      object_id,
      claimed_at: now,
      created_at: now,
      status: null,
      headers: null,
      body: null,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_id', 'actor', 'key'])
        .doUpdateSet({ claimed_at: now })
        .where('idempotency_keys.status', 'is', null)
        .where('idempotency_keys.claimed_at', '<', stale_before)
        .where('idempotency_keys.request_sha256', '=', request_sha256),
    )
    .returningAll()
    .executeTakeFirst();
  if (made !== undefined) return { claimed: true, row: made };
  const row = await db
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('actor', '=', actor)
    .where('key', '=', key)
    .executeTakeFirst();
  // The owner gave the key back between the two statements.
  return row === undefined ? claimIdempotencyKey(db, claim) : { claimed: false, row };
}

export type KeptAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export async function keepAnswer(
  db: Db,
  actor: string,
  key: string,
  { status, headers, body }: KeptAnswer,
): Promise<void> {
  await db
    .updateTable('idempotency_keys')
    .set({ status, headers: JSON.stringify(headers), body })
    .where('workspace_id', '=', workspace)
    .where('actor', '=', actor)
    .where('key', '=', key)
    .execute();
}

/** Gives a key back after a request that did nothing, so that a mended one may use it. */
export async function releaseIdempotencyKey(db: Db, actor: string, key: string): Promise<void> {
  await db
    .deleteFrom('idempotency_keys')
    .where('workspace_id', '=', workspace)
    .where('actor', '=', actor)
    .where('key', '=', key)
    .where('status', 'is', null)
    .execute();
}

export async function deleteIdempotencyKeysBefore(db: Db, instant: string): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('created_at', '<', instant).execute();
}
