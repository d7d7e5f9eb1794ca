import type { DeliveryWithNotice } from '../../db/deliveries.ts';
import type { WebhookRow } from '../../db/tables.ts';
import { MailFailed, sendMail } from '../../notify/mail.ts';
import { renderNoticeMail } from '../../notify/notice-mail.ts';
import { slackBody } from '../../notify/slack.ts';
import type { WebhookOutcome } from '../../notify/webhook.ts';
import { deliverWebhook } from '../../notify/webhook.ts';
import type { App } from '../app.ts';
import type { MailSettings } from '../outside.ts';
import { Refusal } from '../refusal.ts';
import { findAttachments } from './notice-attachments.ts';
import type { StoredNotice } from './notice-view.ts';
import { noticeBody, noticeView } from './notice-view.ts';
import { openWebhook } from './webhooks.ts';

export type SendOutcome = WebhookOutcome;

/** Longest a receiver may take; what it has to do it does later. */
const mostWebhookMs = 15_000;

/**
 * Sends a delivery once: to its webhook, or by mail where `webhook` is null; undefined is a webhook that was deleted. Never
 * throws: what nobody foresaw is logged and tried again.
 */
export async function sendDelivery(
  app: App,
  delivery: DeliveryWithNotice,
  webhook: WebhookRow | null | undefined,
): Promise<SendOutcome> {
  const { notice_id, type, data, created_at } = delivery;
  const notice: StoredNotice = { id: notice_id, type, created_at, data: JSON.parse(data) };
  try {
    if (webhook === undefined) return failed('refused', 'The webhook was deleted.');
    if (webhook !== null) return await sendToWebhook(app, notice, webhook);
    const { mail } = app.settings.outside;
    return mail === null ? failed('refused', 'No mail server is set.') : await sendByMail(app, notice, mail);
  } catch (error) {
    // A missing SECRETS_KEY may be set again.
    if (error instanceof Refusal) return failed('later', error.message);
    const stack = error instanceof Error ? error.stack : String(error);
    app.log.error({ delivery: delivery.id, stack }, 'a notice could not be sent');
    return failed('later', 'Something broke on our side; the log has the cause under the id of the delivery.');
  }
}

async function sendToWebhook(app: App, notice: StoredNotice, webhook: WebhookRow): Promise<SendOutcome> {
  const { publicUrl, egress } = app.settings.outside;
  const { url, secrets } = openWebhook(app, webhook);
  const at = app.clock();
  const signing = secrets.filter(({ until }) => until === null || Date.parse(until) > at.getTime());
  const isSlack = webhook.form === 'slack';
  const body = isSlack ? slackBody(noticeView(notice, publicUrl)) : noticeBody(notice, publicUrl);
  const rules = { ...egress, timeoutMs: Math.min(egress.timeoutMs, mostWebhookMs) };
  return deliverWebhook({ url, secrets: signing.map(({ secret }) => secret) }, { id: notice.id, at, body }, rules);
}

async function sendByMail(app: App, notice: StoredNotice, { smtpUrl, from, to }: MailSettings): Promise<SendOutcome> {
  const { publicUrl, egress } = app.settings.outside;
  if (egress.offline) return failed('refused', 'OFFLINE=true: no mail is sent.');
  const { attachments, remark } = await findAttachments(app, notice);
  const view = noticeView(notice, publicUrl);
  const shown = remark === null ? view : { ...view, paragraphs: [...view.paragraphs, remark] };
  try {
    await sendMail(smtpUrl, {
      from,
      to,
      subject: `[infercast] ${view.headline}`,
      ...renderNoticeMail(shown),
      messageId: `${notice.id}@infercast`,
      attachments,
      unsubscribeUrl: publicUrl,
    });
    return { result: 'delivered', status: null, waitMs: null, reason: null };
  } catch (cause) {
    if (!(cause instanceof MailFailed)) throw cause;
    return failed(cause.isFinal ? 'refused' : 'later', cause.message);
  }
}

function failed(result: 'refused' | 'later', reason: string): SendOutcome {
  return { result, status: null, waitMs: null, reason };
}
