import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fixedClock } from '../../src/clock.ts';
import type { DeliveryView } from '../../src/services/notices/deliveries.ts';
import { deliverDue } from '../../src/services/notices/deliveries.ts';
import type { Notice } from '../../src/services/notices/notice.ts';
import type { NoticeDetails, ToldNotice } from '../../src/services/notices/told-notices.ts';
import type { TestService } from '../helpers/app.ts';
import { defaultSettings, startTestService } from '../helpers/app.ts';
import type { Mailbox } from '../helpers/mailbox.ts';
import { startMailbox } from '../helpers/mailbox.ts';
import type { WebhookReceiver } from '../helpers/webhook-receiver.ts';
import { startReceiver } from '../helpers/webhook-receiver.ts';

let service: TestService;
let mailbox: Mailbox;
let receiver: WebhookReceiver;
beforeAll(async () => {
  [mailbox, receiver] = await Promise.all([startMailbox(), startReceiver()]);
  const mail = { smtpUrl: mailbox.url, from: 'infercast@example.com', to: ['controller@example.com'] };
  service = await startTestService({ announces: true, settings: { outside: { ...defaultSettings.outside, mail } } });
});
afterAll(async () => {
  await service.close();
  await Promise.all([mailbox.close(), receiver.close()]);
});

type List = { readonly data: readonly ToldNotice[]; readonly has_more: boolean; readonly next_cursor: string | null };

async function json<T>(path: string, status = 200, method = 'GET'): Promise<T> {
  const response = await service.fetch(path, { method });
  const text = await response.text();
  expect([response.status, response.status === status ? '' : text]).toEqual([status, '']);
  return JSON.parse(text) as T;
}

async function tell(at: string, notice: Notice): Promise<void> {
  service.setClock(fixedClock(new Date(at)));
  await service.app.db.transaction().execute((trx) => service.app.announce(trx, notice));
}

const failed = (n: number): Notice => ({
  id: `run_${n}-failed`,
  type: 'schedule.failed',
  data: { schedule: `sch_${n}`, run: `run_${n}`, period: '2026-10', what: 'compare-period', reason: 'No key.' },
});
const ids = ({ data }: List): readonly string[] => data.map(({ id }) => id);

describe('notices', () => {
  test('are kept though nobody is to be told, and are not sent again to nobody', async () => {
    const data = { catalogue: 'list', changed: 1, changes: [], unused: 1, schedules: [] };
    await tell('2026-11-22T08:00:00Z', { id: 'pi_1-changed', type: 'price.changed', data });
    const [notice] = (await json<List>('/v1/notices')).data;
    expect(notice).toMatchObject({ id: 'pi_1-changed', receivers: { delivered: 0, waiting: 0, failed: 0 } });
    const refused = await service.fetch('/v1/notices/pi_1-changed/redeliver', { method: 'POST' });
    expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining('It was for nobody')]);
  });

  test('are listed newest first, page by page, each once, also those of one instant', async () => {
    await service.fetch('/v1/webhooks', { json: { name: 'Finance', url: receiver.url } });
    for (const n of [1, 2, 3]) await tell('2026-11-22T09:00:00Z', failed(n));
    const stale = { schedules: [], prices: [], more_prices: 2, more_schedules: 0, stale_after_days: 30 };
    const concerned = ['sch_1', 'sch_3'];
    await tell('2026-11-22T10:00:00Z', { id: 'r-stale', type: 'price.stale', data: stale, schedules: concerned });
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: List = await json<List>(`/v1/notices?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
      found.push(...ids(page));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(found).toEqual(['r-stale', 'run_3-failed', 'run_2-failed', 'run_1-failed', 'pi_1-changed']);
    expect((await service.fetch('/v1/notices?cursor=bm90aGluZw')).status).toBe(400);
  });

  test('are found by their type and by the schedule they concern', async () => {
    expect(ids(await json<List>('/v1/notices?type=schedule.failed'))).toHaveLength(3);
    expect(ids(await json<List>('/v1/notices?schedule=sch_3'))).toEqual(['r-stale', 'run_3-failed']);
    expect(ids(await json<List>('/v1/notices?schedule=sch_3&type=price.stale'))).toEqual(['r-stale']);
    expect((await service.fetch('/v1/notices?type=price')).status).toBe(400);
  });

  test('show to whom they went and every attempt, and are sent again to all of them under one id', async () => {
    receiver.answers.push(500);
    await tell('2026-11-22T11:00:00Z', failed(4));
    await deliverDue(service.app);
    const path = '/v1/notices/run_4-failed';
    const shown = await json<NoticeDetails>(path);
    expect(shown).toMatchObject({
      headline: 'A scheduled run failed for October 2026',
      schedules: ['sch_4'],
      data: { reason: 'No key.' },
    });
    expect(shown.deliveries.map(({ to, webhook, state }) => [to, webhook?.name, state]).toSorted()).toEqual([
      ['mail', undefined, 'delivered'],
      ['webhook', 'Finance', expect.stringMatching(/waiting|delivered/)],
    ]);

    service.setClock(fixedClock(new Date('2026-11-22T12:00:00Z')));
    await deliverDue(service.app);
    expect((await json<NoticeDetails>(path)).receivers).toEqual({ delivered: 2, waiting: 0, failed: 0 });
    expect((await json<NoticeDetails>(`${path}/redeliver`, 202, 'POST')).receivers.waiting).toBe(2);
    expect((await service.fetch(`${path}/redeliver`, { method: 'POST' })).status).toBe(409);
    await deliverDue(service.app);
    expect(mailbox.got.filter(({ messageId }) => messageId === '<run_4-failed@infercast>')).toHaveLength(2);
    expect((await service.fetch('/v1/notices/run_5-failed')).status).toBe(404);
  });
});

describe('a test mail', () => {
  test('says that it was taken', async () => {
    const sent = await json<DeliveryView>('/v1/mail/test', 200, 'POST');
    expect([sent.state, sent.attempts[0]?.outcome]).toEqual(['delivered', 'delivered']);
    expect(mailbox.got.at(-1)?.subject).toBe('[infercast] infercast can reach you');
    expect(ids(await json<List>('/v1/notices?type=test.ping'))).toEqual([sent.notice.id]);
  });

  test('says in a sentence why it was not, and is not tried again', async () => {
    mailbox.refusals.push(451);
    const sent = await json<DeliveryView>('/v1/mail/test', 200, 'POST');
    expect([sent.state, sent.attempts.map(({ reason }) => reason)]).toEqual([
      'failed',
      ['The mail server refused the mail with code 451.'],
    ]);
    service.setClock(fixedClock(new Date('2026-11-25T12:00:00Z')));
    expect(await deliverDue(service.app)).toBe(0);
  });

  test('is not sent where no mail is set', async () => {
    const silent = await startTestService();
    const refused = await silent.fetch('/v1/mail/test', { method: 'POST' });
    expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining('SMTP_URL, MAIL_FROM')]);
    await silent.close();
  });
});
