import type { Clock } from '../clock.ts';
import { insertNotice } from '../db/deliveries.ts';
import { listEnabledWebhooks } from '../db/webhooks.ts';
import { makeId } from './ids.ts';
import type { Announce, NoticeType } from './notice.ts';

/** What is worth a mail. That a threshold was passed stands in the mail of the comparison. */
const mailed: ReadonlySet<NoticeType> = new Set([
  'comparison.completed',
  'nowcast.warning',
  'schedule.missed',
  'schedule.failed',
  'price.stale',
  'webhook.disabled',
]);

/** Keeps each notice once, with a delivery to every webhook that wants it and to those who get mail. */
export function makeAnnounce({ clock, hasMail }: { readonly clock: Clock; readonly hasMail: boolean }): Announce {
  return async (trx, { id, type, data }) => {
    const webhooks = (await listEnabledWebhooks(trx)).filter(({ events }) => events === null || events.includes(type));
    const receivers = [...webhooks.map((webhook) => webhook.id), ...(hasMail && mailed.has(type) ? [null] : [])];
    const deliveries = receivers.map((webhook_id) => ({ id: makeId('dlv'), webhook_id }));
    await insertNotice(trx, { id, type, data: JSON.stringify(data), created_at: clock().toISOString() }, deliveries);
  };
}
