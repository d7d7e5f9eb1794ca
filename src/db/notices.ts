import { sql } from 'kysely';
import type { Db, DeliveryRow, NoticeRow } from './tables.ts';
import { workspace } from './workspace.ts';

export type NoticeFilter = {
  readonly type: string | null;
  /** Only those that concern this schedule. */
  readonly schedule: string | null;
  /** Those that were told before this one. */
  readonly before: Pick<NoticeRow, 'created_at' | 'id'> | null;
  readonly limit: number;
};

export async function findNotice(db: Db, id: string): Promise<NoticeRow | undefined> {
  return ours(db).where('id', '=', id).executeTakeFirst();
}

/** Newest first, one more than `limit` where there is more. */
export async function listNotices(db: Db, { type, schedule, before, limit }: NoticeFilter): Promise<NoticeRow[]> {
  return ours(db)
    .$if(type !== null, (query) => query.where('type', '=', type ?? ''))
    .$if(schedule !== null, (query) =>
      query.where(sql<boolean>`schedules @> jsonb_build_array(${schedule ?? ''}::text)`),
    )
    .$if(before !== null, (query) =>
      query.where(sql<boolean>`(created_at, id) < (${before?.created_at ?? ''}::timestamptz, ${before?.id ?? ''})`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

export type NoticeDelivery = DeliveryRow & {
  /** Name of the webhook; null for mail. */
  readonly webhook_name: string | null;
};

/** To whom notices went, in the order they were told. */
export async function listNoticeDeliveries(db: Db, notices: readonly string[]): Promise<NoticeDelivery[]> {
  if (notices.length === 0) return [];
  return db
    .selectFrom('deliveries')
    .leftJoin('webhooks', (join) =>
      join
        .onRef('webhooks.workspace_id', '=', 'deliveries.workspace_id')
        .onRef('webhooks.id', '=', 'deliveries.webhook_id'),
    )
    .selectAll('deliveries')
    .select('webhooks.name as webhook_name')
    .where('deliveries.workspace_id', '=', workspace)
    .where('deliveries.notice_id', 'in', notices)
    .orderBy('deliveries.id')
    .execute();
}

function ours(db: Db) {
  return db.selectFrom('notices').selectAll().where('workspace_id', '=', workspace);
}
