import { sql } from 'kysely';
import type { Db, DeliveryAttemptRow, DeliveryRow, NoticeRow } from './tables.ts';
import { workspace } from './workspace.ts';

export type NewDelivery = { readonly id: string; readonly webhook_id: string | null };

/** Keeps a notice with its deliveries, due at once. False where it was kept before: nothing is added then. */
export async function insertNotice(
  trx: Db,
  { schedules, ...notice }: Omit<NoticeRow, 'workspace_id'>,
  deliveries: readonly NewDelivery[],
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('notices')
    .values({ ...notice, workspace_id: workspace, schedules: JSON.stringify(schedules) })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'id']).doNothing())
    .executeTakeFirst();
  if ((numInsertedOrUpdatedRows ?? 0n) === 0n) return false;
  if (deliveries.length === 0) return true;
  await trx
    .insertInto('deliveries')
    .values(
      deliveries.map((delivery) => ({
        ...delivery,
        workspace_id: workspace,
        notice_id: notice.id,
        state: 'waiting' as const,
        next_at: notice.created_at,
        created_at: notice.created_at,
      })),
    )
    .execute();
  return true;
}

/** Who gets a delivery: a webhook by its id, '' for those who get mail. */
export function receiverOf({ webhook_id }: Pick<DeliveryRow, 'webhook_id'>): string {
  return webhook_id ?? '';
}

/**
 * Takes the delivery that waits longest for one attempt, which counts as lost at `lostAt`; of several workers each gets
 * another. Those of receivers that are busy are passed over.
 */
export async function claimDueDelivery(
  db: Db,
  { now, lostAt, busy }: { readonly now: string; readonly lostAt: string; readonly busy: readonly string[] },
): Promise<DeliveryRow | undefined> {
  return db.transaction().execute(async (trx) => {
    const due = await trx
      .selectFrom('deliveries')
      .select('id')
      .where('workspace_id', '=', workspace)
      .where('state', '=', 'waiting')
      .where('next_at', '<=', now)
      .$if(busy.length > 0, (query) => query.where(sql<string>`coalesce(webhook_id, '')`, 'not in', busy))
      .orderBy('next_at')
      .orderBy('id')
      .limit(1)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    return due === undefined ? undefined : claimDelivery(trx, due.id, lostAt);
  });
}

/** Takes one delivery for an attempt, if it waits. */
export async function claimDelivery(db: Db, id: string, lostAt: string): Promise<DeliveryRow | undefined> {
  return db
    .updateTable('deliveries')
    .set((set) => ({ attempt: set('attempt', '+', 1), tries: set('tries', '+', 1), next_at: lostAt }))
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .returningAll()
    .executeTakeFirst();
}

export type AttemptEnd = Pick<DeliveryAttemptRow, 'outcome' | 'status' | 'reason'> & {
  readonly delivery_id: string;
  readonly attempt: number;
  readonly state: DeliveryRow['state'];
  /** When it is tried again; null where it is not. */
  readonly next_at: string | null;
  readonly now: string;
};

/** Notes how an attempt ended. False where another attempt was begun meanwhile: that one decides. */
export async function endDeliveryAttempt(
  trx: Db,
  { delivery_id, attempt, state, next_at, now, ...outcome }: AttemptEnd,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('deliveries')
    .set({ state, next_at, delivered_at: state === 'delivered' ? now : null })
    .where('workspace_id', '=', workspace)
    .where('id', '=', delivery_id)
    .where('attempt', '=', attempt)
    .where('state', '=', 'waiting')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await trx
    .insertInto('delivery_attempts')
    .values({ ...outcome, workspace_id: workspace, delivery_id, attempt, at: now })
    .execute();
  return true;
}

/** Puts a delivery that ended back, to be tried from the start. False where it waits already. */
export async function requeueDelivery(db: Db, id: string, now: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({ state: 'waiting', tries: 0, next_at: now, delivered_at: null })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('state', '!=', 'waiting')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Ends what waits for a receiver that gets no more. */
export async function failWaitingDeliveries(trx: Db, webhook_id: string): Promise<void> {
  await trx
    .updateTable('deliveries')
    .set({ state: 'failed', next_at: null })
    .where('workspace_id', '=', workspace)
    .where('webhook_id', '=', webhook_id)
    .where('state', '=', 'waiting')
    .execute();
}

export type DeliveryWithNotice = DeliveryRow & Pick<NoticeRow, 'type' | 'data'>;

export async function findDelivery(db: Db, id: string): Promise<DeliveryWithNotice | undefined> {
  return withNotices(db).where('deliveries.id', '=', id).executeTakeFirst();
}

/** Newest first, one more than `limit` where there is more; those by mail where `webhook_id` is null. */
export async function listDeliveries(
  db: Db,
  { webhook_id, before, limit }: { webhook_id: string | null; before: string | null; limit: number },
): Promise<DeliveryWithNotice[]> {
  return withNotices(db)
    .where('webhook_id', webhook_id === null ? 'is' : '=', webhook_id)
    .$if(before !== null, (query) => query.where('deliveries.id', '<', before ?? ''))
    .orderBy('deliveries.id', 'desc')
    .limit(limit + 1)
    .execute();
}

export async function listDeliveryAttempts(db: Db, ids: readonly string[]): Promise<DeliveryAttemptRow[]> {
  if (ids.length === 0) return [];
  return db
    .selectFrom('delivery_attempts')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('delivery_id', 'in', ids)
    .orderBy('attempt')
    .execute();
}

function withNotices(db: Db) {
  return db
    .selectFrom('deliveries')
    .innerJoin('notices', (join) =>
      join
        .onRef('notices.workspace_id', '=', 'deliveries.workspace_id')
        .onRef('notices.id', '=', 'deliveries.notice_id'),
    )
    .selectAll('deliveries')
    .select(['notices.type', 'notices.data'])
    .where('deliveries.workspace_id', '=', workspace);
}
