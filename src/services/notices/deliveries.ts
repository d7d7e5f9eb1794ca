import type { DeliveryWithNotice } from '../../db/deliveries.ts';
import {
  claimDelivery,
  claimDueDelivery,
  endDeliveryAttempt,
  failWaitingDeliveries,
  findDelivery,
  insertNotice,
  listDeliveries,
  listDeliveryAttempts,
  receiverOf,
  requeueDelivery,
} from '../../db/deliveries.ts';
import type { Db, DeliveryAttemptRow, DeliveryRow, WebhookRow } from '../../db/tables.ts';
import { disableWebhook, findWebhook } from '../../db/webhooks.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import type { Page, PageRequest } from '../paging.ts';
import { makePage, parseCursor } from '../paging.ts';
import { Refusal, refuseUnknown } from '../refusal.ts';
import type { SendOutcome } from './delivery-attempt.ts';
import { sendDelivery } from './delivery-attempt.ts';
import { judgeRetry, mostTries } from './delivery-retry.ts';
import { requireWebhook } from './webhooks.ts';

export type DeliveryView = {
  readonly id: string;
  /** What was told, and the `webhook-id` it has at every attempt. */
  readonly notice: { readonly id: string; readonly type: string; readonly data: unknown };
  readonly state: DeliveryRow['state'];
  readonly next_at: string | null;
  readonly delivered_at: string | null;
  readonly created_at: string;
  readonly attempts: readonly AttemptView[];
};

export type AttemptView = Pick<DeliveryAttemptRow, 'attempt' | 'at' | 'outcome' | 'status' | 'reason'>;

/** An attempt that was not heard of for so long is lost with its process. */
const lostMs = 120_000;
const mostAtOnce = 1_000;
/** Receivers that are sent something at the same time: one that never answers holds up nobody but itself. */
const mostTogether = 4;

/** Sends what is due, and gives how many attempts it made. Throws what came in between when all else is done. */
export type Sender = (signal?: AbortSignal) => Promise<number>;

/**
 * A sender may be called again while it is at work: it then sends what fell due meanwhile. What one receiver gets, it gets
 * one after the other, as it fell due. Any number of processes may send: each delivery is taken by one.
 */
export function makeSender(app: App): Sender {
  const busy = new Set<string>();
  let lastClaim: Promise<unknown> = Promise.resolve();
  const claimNext = async (): Promise<DeliveryRow | undefined> => {
    if (busy.size >= mostTogether) return undefined;
    const row = await claimDueDelivery(app.db, { now: nowText(app), lostAt: lostAt(app), busy: [...busy] });
    if (row !== undefined) busy.add(receiverOf(row));
    return row;
  };
  /** One at a time, or two would take what is of the same receiver. */
  const claimInTurn = (): Promise<DeliveryRow | undefined> => {
    const claim = lastClaim.then(claimNext);
    lastClaim = claim.catch(() => {});
    return claim;
  };
  return async (signal) => {
    let made = 0;
    const sendInTurn = async (): Promise<void> => {
      while (made < mostAtOnce && signal?.aborted !== true) {
        const row = await claimInTurn();
        if (row === undefined) return;
        made++;
        try {
          await makeAttempt(app, row);
        } finally {
          busy.delete(receiverOf(row));
        }
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: mostTogether }, sendInTurn));
    const failed = ended.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return made;
  };
}

/** Sends what is due now, once. */
export async function deliverDue(app: App): Promise<number> {
  return makeSender(app)();
}

/** Sends a notice of its own to one webhook and says how that went; it is not tried again. Throws Refusal. */
export async function testWebhook(app: App, id: string, objectId: string): Promise<DeliveryView> {
  const { name } = await requireWebhook(app, id);
  return sendTest(app, id, { webhook: id, name }, objectId);
}

/**
 * Sends a mail of its own to everybody who gets mail and says how that went; it is not tried again. Throws Refusal where no
 * mail is set.
 */
export async function testMail(app: App, objectId: string): Promise<DeliveryView> {
  const { mail } = app.settings.outside;
  if (mail === null) throw new Refusal('conflict', 'No mail is sent: set SMTP_URL, MAIL_FROM and MAIL_TO.');
  return sendTest(app, null, { to: mail.to }, objectId);
}

async function sendTest(app: App, webhook_id: string | null, data: object, objectId: string): Promise<DeliveryView> {
  const delivery_id = `dlv_${objectId}`;
  const notice = {
    id: `ping_${objectId}`,
    type: testType,
    data: JSON.stringify(data),
    schedules: [],
    created_at: nowText(app),
  };
  await app.db.transaction().execute((trx) => insertNotice(trx, notice, [{ id: delivery_id, webhook_id }]));
  const row = await claimDelivery(app.db, delivery_id, lostAt(app));
  if (row !== undefined) await makeAttempt(app, row);
  return showDeliveries(app, [await requireDelivery(app, webhook_id, delivery_id)]).then(
    ([view]) => view as DeliveryView,
  );
}

export const testType = 'test.ping';

export async function findDeliveries(
  app: App,
  id: string,
  { cursor, limit }: PageRequest,
): Promise<Page<DeliveryView>> {
  await requireWebhook(app, id);
  const rows = await listDeliveries(app.db, { webhook_id: id, before: parseCursor(cursor, deliveryId), limit });
  const views = new Map((await showDeliveries(app, rows)).map((view) => [view.id, view]));
  return makePage(
    rows,
    limit,
    (row) => row.id,
    (row) => views.get(row.id) as DeliveryView,
  );
}

/** Sends something again that arrived or was given up, under its id. Throws Refusal where it waits already. */
export async function redeliver(app: App, id: string, delivery: string): Promise<DeliveryView> {
  await requireDelivery(app, id, delivery);
  if (!(await requeueDelivery(app.db, delivery, nowText(app)))) {
    throw new Refusal('conflict', 'It is under way already: it is tried until it arrives or is given up.');
  }
  return showDeliveries(app, [await requireDelivery(app, id, delivery)]).then(([view]) => view as DeliveryView);
}

export const deliveryId = /^dlv_[0-9a-z]{1,40}$/;

async function makeAttempt(app: App, row: DeliveryRow): Promise<void> {
  const delivery = await findDelivery(app.db, row.id);
  if (delivery === undefined) return;
  const webhook = row.webhook_id === null ? null : await findWebhook(app.db, row.webhook_id);
  const outcome = await sendDelivery(app, { ...delivery, attempt: row.attempt }, webhook);
  await app.db.transaction().execute((trx) => endAttempt(app, trx, delivery, row, webhook ?? null, outcome));
}

async function endAttempt(
  app: App,
  trx: Db,
  { type }: DeliveryWithNotice,
  { id, attempt, tries }: DeliveryRow,
  webhook: WebhookRow | null,
  { result, status, reason, waitMs }: SendOutcome,
): Promise<void> {
  const now = app.clock();
  const isLast = tries >= mostTries || type === testType;
  const again = result === 'later' && !isLast ? judgeRetry({ id, attempt, tries, waitMs }, now) : null;
  const ended = await endDeliveryAttempt(trx, {
    delivery_id: id,
    attempt,
    outcome: result,
    status,
    reason,
    state: result === 'delivered' ? 'delivered' : again === null ? 'failed' : 'waiting',
    next_at: again?.toISOString() ?? null,
    now: now.toISOString(),
  });
  if (!ended || webhook === null || type === testType) return;
  if (result === 'gone') await disable(app, trx, webhook, 'It answered 410: it wants no more of these.');
  if (result === 'later' && isLast) {
    await disable(app, trx, webhook, `It did not take a notice in ${mostTries} tries over three days: ${reason}`);
  }
}

async function disable(app: App, trx: Db, { id, name, version }: WebhookRow, reason: string): Promise<void> {
  if (!(await disableWebhook(trx, id, reason, nowText(app)))) return;
  await failWaitingDeliveries(trx, id);
  await app.announce(trx, {
    id: `${id}-disabled-${version}`,
    type: 'webhook.disabled',
    data: { webhook: id, name, reason },
  });
}

async function requireDelivery(app: App, webhook_id: string | null, id: string): Promise<DeliveryWithNotice> {
  const row = await findDelivery(app.db, id);
  if (row === undefined || row.webhook_id !== webhook_id) throw refuseUnknown('delivery', id);
  return row;
}

async function showDeliveries(app: App, rows: readonly DeliveryWithNotice[]): Promise<readonly DeliveryView[]> {
  const attempts = await listDeliveryAttempts(
    app.db,
    rows.map(({ id }) => id),
  );
  return rows.map(({ id, notice_id, type, data, state, next_at, delivered_at, created_at }) => ({
    id,
    notice: { id: notice_id, type, data: JSON.parse(data) },
    state,
    next_at,
    delivered_at,
    created_at,
    attempts: attempts.filter(({ delivery_id }) => delivery_id === id).map(showAttempt),
  }));
}

export function showAttempt({ attempt, at, outcome, status, reason }: DeliveryAttemptRow): AttemptView {
  return { attempt, at, outcome, status, reason };
}

function lostAt(app: App): string {
  return new Date(app.clock().getTime() + lostMs).toISOString();
}
