import { listDeliveryAttempts, requeueDelivery } from '../../db/deliveries.ts';
import type { NoticeDelivery } from '../../db/notices.ts';
import { findNotice, listNoticeDeliveries, listNotices } from '../../db/notices.ts';
import type { NoticeRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import type { Page, PageRequest } from '../paging.ts';
import { makePage, parseCursor } from '../paging.ts';
import { Refusal, refuseUnknown } from '../refusal.ts';
import type { AttemptView } from './deliveries.ts';
import { showAttempt } from './deliveries.ts';
import { noticeView } from './notice-view.ts';

/** A notice as it is read afterwards. */
export type ToldNotice = {
  readonly id: string;
  readonly type: string;
  /** What it says in one line. */
  readonly headline: string;
  readonly created_at: string;
  /** Ids of the schedules it concerns. */
  readonly schedules: readonly string[];
  /** How many receivers have it, wait for it, or never got it. */
  readonly receivers: Readonly<Record<NoticeDelivery['state'], number>>;
};

export type NoticeDetails = ToldNotice & {
  readonly data: unknown;
  readonly deliveries: readonly {
    readonly id: string;
    readonly to: 'webhook' | 'mail';
    readonly webhook: { readonly id: string; readonly name: string } | null;
    readonly state: NoticeDelivery['state'];
    readonly next_at: string | null;
    readonly delivered_at: string | null;
    readonly attempts: readonly AttemptView[];
  }[];
};

export type NoticeQuery = PageRequest & { readonly type: string | null; readonly schedule: string | null };

/** What was told, newest first. */
export async function findNotices(app: App, { cursor, limit, type, schedule }: NoticeQuery): Promise<Page<ToldNotice>> {
  const [created_at, id] = parseCursor(cursor, cursorForm)?.split(' ') ?? [];
  const before = created_at === undefined || id === undefined ? null : { created_at, id };
  const rows = await listNotices(app.db, { type, schedule, before, limit });
  const deliveries = await listNoticeDeliveries(
    app.db,
    rows.map((row) => row.id),
  );
  const byNotice = Map.groupBy(deliveries, ({ notice_id }) => notice_id);
  return makePage(
    rows,
    limit,
    (row) => `${row.created_at} ${row.id}`,
    (row) => showNotice(row, byNotice.get(row.id) ?? []),
  );
}

/** A notice with what became of it. Throws Refusal. */
export async function getNotice(app: App, id: string): Promise<NoticeDetails> {
  const row = await findNotice(app.db, id);
  if (row === undefined) throw refuseUnknown('notice', id);
  const deliveries = await listNoticeDeliveries(app.db, [id]);
  const attempts = await listDeliveryAttempts(
    app.db,
    deliveries.map((delivery) => delivery.id),
  );
  return {
    ...showNotice(row, deliveries),
    data: JSON.parse(row.data),
    deliveries: deliveries.map((delivery) => ({
      id: delivery.id,
      to: delivery.webhook_id === null ? 'mail' : 'webhook',
      webhook:
        delivery.webhook_id === null ? null : { id: delivery.webhook_id, name: delivery.webhook_name ?? 'deleted' },
      state: delivery.state,
      next_at: delivery.next_at,
      delivered_at: delivery.delivered_at,
      attempts: attempts.filter(({ delivery_id }) => delivery_id === delivery.id).map(showAttempt),
    })),
  };
}

/** Sends a notice again to everybody it went to, under its id; to whom it is under way it stays so. Throws Refusal. */
export async function redeliverNotice(app: App, id: string): Promise<NoticeDetails> {
  const { deliveries } = await getNotice(app, id);
  if (deliveries.length === 0) {
    throw new Refusal('conflict', 'It was for nobody: no webhook wanted it, and no mail was set or it is not mailed.');
  }
  let requeued = 0;
  for (const delivery of deliveries) if (await requeueDelivery(app.db, delivery.id, nowText(app))) requeued++;
  if (requeued === 0) {
    throw new Refusal('conflict', 'It is under way already: it is tried until it arrives or is given up.');
  }
  return getNotice(app, id);
}

export const noticeId = /^[0-9A-Za-z][0-9A-Za-z_.:-]{0,119}$/;
const cursorForm = /^\d{4}-\d{2}-\d{2}T[\d:.]{8,15}Z [0-9A-Za-z][0-9A-Za-z_.:-]{0,119}$/;

function showNotice(
  { id, type, created_at, data, schedules }: NoticeRow,
  deliveries: readonly NoticeDelivery[],
): ToldNotice {
  const count = (wanted: NoticeDelivery['state']): number => deliveries.filter(({ state }) => state === wanted).length;
  return {
    id,
    type,
    headline: noticeView({ id, type, created_at, data: JSON.parse(data) }, null).headline,
    created_at,
    schedules,
    receivers: { delivered: count('delivered'), waiting: count('waiting'), failed: count('failed') },
  };
}
