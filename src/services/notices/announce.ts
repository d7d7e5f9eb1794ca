import type { Clock } from '../../clock.ts';
import { insertNotice } from '../../db/deliveries.ts';
import { listEnabledWebhooks } from '../../db/webhooks.ts';
import { makeId } from '../ids.ts';
import type { Announce, Notice, NoticeType } from './notice.ts';

/** What is worth a mail. That a threshold was passed stands in the mail of the comparison. */
const mailed: ReadonlySet<NoticeType> = new Set([
  'comparison.completed',
  'nowcast.warning',
  'schedule.missed',
  'schedule.failed',
  'price.stale',
  'webhook.disabled',
]);

/** What changed is worth a mail where somebody uses it; of the rest a list of prices changes something nearly every day. */
function isMailed({ type, data }: Notice): boolean {
  return mailed.has(type) || (type === 'price.changed' && Array.isArray(data.changes) && data.changes.length > 0);
}

/** Keeps each notice once, with a delivery to every webhook that wants it and to those who get mail. */
export function makeAnnounce({ clock, hasMail }: { readonly clock: Clock; readonly hasMail: boolean }): Announce {
  return async (trx, notice) => {
    const { id, type, data } = notice;
    const webhooks = (await listEnabledWebhooks(trx)).filter(({ events }) => events === null || events.includes(type));
    const receivers = [...webhooks.map((webhook) => webhook.id), ...(hasMail && isMailed(notice) ? [null] : [])];
    const deliveries = receivers.map((webhook_id) => ({ id: makeId('dlv'), webhook_id }));
    const { schedules = typeof data.schedule === 'string' ? [data.schedule] : [] } = notice;
    const row = { id, type, data: JSON.stringify(data), schedules, created_at: clock().toISOString() };
    await insertNotice(trx, row, deliveries);
  };
}
