import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { fixedClock } from '../../../src/clock.ts';
import type { Database } from '../../../src/db/connect.ts';
import type { DeliveryView } from '../../../src/services/notices/deliveries.ts';
import { deliverDue, makeSender } from '../../../src/services/notices/deliveries.ts';
import { judgeRetry, mostTries, retryWaitsMs } from '../../../src/services/notices/delivery-retry.ts';
import type { Notice } from '../../../src/services/notices/notice.ts';
import type { WebhookView } from '../../../src/services/notices/webhooks.ts';
import type { TestRequest, TestService } from '../../helpers/app.ts';
import { defaultSettings, openMigrated, openOn, startTestService } from '../../helpers/app.ts';
import type { Mailbox } from '../../helpers/mailbox.ts';
import { startMailbox } from '../../helpers/mailbox.ts';
import type { WebhookReceiver } from '../../helpers/webhook-receiver.ts';
import { startReceiver } from '../../helpers/webhook-receiver.ts';
import type { Postgres } from '../../setup/postgres.ts';
import { startPostgres } from '../../setup/postgres.ts';

const noon = Date.parse('2026-11-22T12:00:00.000Z');
const failure: Notice = {
  id: 'run_1-failed-1',
  type: 'schedule.failed',
  data: { schedule: 'sch_1', run: 'run_1', period: '2026-10', what: 'compare-period', reason: 'The key is wrong.' },
};

type Made = WebhookView & { secret: string };
type List<T> = { data: readonly T[] };

describe.each(['embedded', 'postgres'] as const)('notices on the %s database', (kind) => {
  let server: Postgres | undefined;
  let service: TestService;
  let mailbox: Mailbox;
  let receiver: WebhookReceiver;
  let now = noon;

  beforeAll(async () => {
    server = kind === 'postgres' ? await startPostgres() : undefined;
    const database: Database = server === undefined ? await openMigrated() : await openOn(server);
    mailbox = await startMailbox();
    const mail = { smtpUrl: mailbox.url, from: 'infercast@example.com', to: ['controller@example.com'] };
    service = await startTestService({
      database,
      announces: true,
      settings: { outside: { ...defaultSettings.outside, mail, publicUrl: 'https://infercast.example.com' } },
    });
  });
  beforeEach(async () => {
    receiver = await startReceiver();
    for (const { id } of (await json<List<WebhookView>>('/v1/webhooks', 200)).data) await remove(id);
    // Whatever a test left waiting is over by then.
    setNow(now + 10 * 24 * 3_600_000);
    await deliverDue(service.app);
    mailbox.refusals.length = 0;
    mailbox.got.length = 0;
  });
  afterEach(() => receiver.close());
  afterAll(async () => {
    await service.close();
    await mailbox.close();
    await server?.stop();
  });

  function setNow(at: number): void {
    now = at;
    service.setClock(fixedClock(new Date(at)));
  }
  async function json<T>(path: string, status: number, request: TestRequest = {}): Promise<T> {
    const response = await service.fetch(path, request);
    const text = await response.text();
    expect([response.status, response.status === status ? '' : text]).toEqual([status, '']);
    return (text === '' ? null : JSON.parse(text)) as T;
  }
  const etagOf = ({ id, version }: WebhookView): Record<string, string> => ({ 'If-Match': `"${id}-${version}"` });
  async function remove(id: string): Promise<void> {
    const found = await json<WebhookView>(`/v1/webhooks/${id}`, 200);
    await json(`/v1/webhooks/${id}`, 204, { method: 'DELETE', headers: etagOf(found) });
  }
  const make = (given: object = {}): Promise<Made> =>
    json<Made>('/v1/webhooks', 201, { json: { name: 'Finance', url: receiver.url, ...given } });
  const announce = (notice: Notice): Promise<void> =>
    service.app.db.transaction().execute((trx) => service.app.announce(trx, notice));
  const told = (notice: Notice, suffix: string): Notice => ({ ...notice, id: `${notice.id}-${suffix}-${now}` });
  const deliveries = async (id: string): Promise<readonly DeliveryView[]> =>
    (await json<List<DeliveryView>>(`/v1/webhooks/${id}/deliveries`, 200)).data;

  test('arrive once, signed, as the transaction that made them true says; what was rolled back never', async () => {
    const { id, secret } = await make();
    const notice = told(failure, 'signed');
    await announce(notice);
    await announce(notice);
    const undone = service.app.db.transaction().execute(async (trx) => {
      await service.app.announce(trx, told(failure, 'undone'));
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await deliverDue(service.app);
    await deliverDue(service.app);
    expect(receiver.got).toHaveLength(1);
    const [{ headers, body } = { headers: {} as Record<string, string>, body: '' }] = receiver.got;
    // The library refuses what is not of the last five minutes by its own clock, which is not ours.
    const sent = new Webhook(secret).sign(headers['webhook-id'] ?? '', new Date(now), body);
    expect([headers['webhook-id'], headers['webhook-signature'], headers['webhook-timestamp']]).toEqual([
      notice.id,
      sent,
      String(now / 1_000),
    ]);
    expect(JSON.parse(body)).toEqual({
      type: 'schedule.failed',
      timestamp: new Date(now).toISOString(),
      data: {
        workspace: 'default',
        report_url: `https://infercast.example.com/runs/${failure.data.run}`,
        ...failure.data,
      },
    });
    expect(await deliveries(id)).toMatchObject([{ state: 'delivered', attempts: [{ attempt: 1, status: 204 }] }]);
    expect(mailbox.got.map(({ subject, messageId }) => [subject, messageId])).toEqual([
      ['[infercast] A scheduled run failed for October 2026', `<${notice.id}@infercast>`],
    ]);
    expect(mailbox.got[0]?.text).toContain('The key is wrong.');
  });

  test('go only to those who want them', async () => {
    const { id } = await make({ events: ['comparison.completed'] });
    await announce(told(failure, 'unwanted'));
    expect(await deliverDue(service.app)).toBe(1);
    expect([await deliveries(id), receiver.got.length, mailbox.got.length]).toEqual([[], 0, 1]);
  });

  test('are tried ten times over three days under one id, then the webhook is stopped and one mail says so', async () => {
    const { id } = await make();
    receiver.answers.push(...Array.from({ length: mostTries }, () => 503));
    await announce(told(failure, 'away'));
    const waits: number[] = [];
    for (;;) {
      await deliverDue(service.app);
      const [found] = await deliveries(id);
      if (found?.state !== 'waiting') break;
      waits.push(Date.parse(found.next_at ?? '') - now);
      setNow(Date.parse(found.next_at ?? '') - 1);
      expect(await deliverDue(service.app)).toBe(0);
      setNow(Date.parse(found.next_at ?? ''));
    }
    expect(waits).toHaveLength(mostTries - 1);
    for (const [i, wait] of waits.entries()) {
      const table = retryWaitsMs[i + 1] ?? 0;
      expect(wait).toBeGreaterThanOrEqual(table);
      expect(wait).toBeLessThanOrEqual(table * 1.1);
    }
    expect(new Set(receiver.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(receiver.got).toHaveLength(mostTries);
    const found = await json<WebhookView>(`/v1/webhooks/${id}`, 200);
    expect([found.enabled, found.disabled_reason]).toEqual([
      false,
      expect.stringContaining('10 tries over three days'),
    ]);
    await deliverDue(service.app);
    expect(mailbox.got.map(({ subject }) => subject)).toEqual([
      '[infercast] A scheduled run failed for October 2026',
      '[infercast] The webhook Finance gets no more',
    ]);
    await announce(told(failure, 'afterwards'));
    await deliverDue(service.app);
    expect(receiver.got).toHaveLength(mostTries);
  });

  test('to a receiver that does not answer hold up no other, and come to it one after the other', async () => {
    const other = await startReceiver();
    const { id } = await make();
    await make({ name: 'Other', url: other.url });
    let answer = (_status: number): void => {};
    receiver.answers.push(
      new Promise<number>((resolve) => {
        answer = resolve;
      }),
    );
    const send = makeSender(service.app);
    for (const suffix of ['first', 'second']) await announce(told(failure, suffix));
    const sending = send();
    while (other.got.length < 2 || mailbox.got.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await announce(told(failure, 'third'));
    while (other.got.length < 3 || mailbox.got.length < 3) await send();
    // The first still waits for its answer.
    const idsOf = ({ got }: WebhookReceiver) => got.map(({ headers }) => headers['webhook-id']);
    const ids = ['first', 'second', 'third'].map((suffix) => told(failure, suffix).id);
    expect([idsOf(receiver), idsOf(other)]).toEqual([ids.slice(0, 1), ids]);
    answer(204);
    await sending;
    expect(idsOf(receiver)).toEqual(ids);
    expect((await deliveries(id)).map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered']);
    await other.close();
  });

  test('wait as long as the receiver asks', async () => {
    const { id } = await make();
    receiver.answers.push({ status: 429, retryAfter: '3600' });
    await announce(told(failure, 'busy'));
    await deliverDue(service.app);
    expect(await deliveries(id)).toMatchObject([{ next_at: new Date(now + 3_600_000).toISOString() }]);
    setNow(now + 3_600_000);
    await deliverDue(service.app);
    expect((await deliveries(id))[0]?.attempts.map(({ outcome }) => outcome)).toEqual(['later', 'delivered']);
  });

  test('end at once where the receiver is gone, and are no longer tried by redirects', async () => {
    const { id } = await make();
    receiver.answers.push(410);
    await announce(told(failure, 'gone'));
    await deliverDue(service.app);
    expect(await deliveries(id)).toMatchObject([{ state: 'failed', attempts: [{ outcome: 'gone', status: 410 }] }]);
    expect((await json<WebhookView>(`/v1/webhooks/${id}`, 200)).enabled).toBe(false);
  });

  test('are sent again when asked, under the same id', async () => {
    const { id } = await make();
    await announce(told(failure, 'again'));
    await deliverDue(service.app);
    const [sent] = await deliveries(id);
    const path = `/v1/webhooks/${id}/deliveries/${sent?.id}/redeliver`;
    await json(path, 202, { method: 'POST' });
    await json(path, 409, { method: 'POST' });
    await deliverDue(service.app);
    expect(receiver.got.map(({ headers }) => headers['webhook-id'])).toEqual([sent?.notice.id, sent?.notice.id]);
    expect((await deliveries(id))[0]?.attempts).toHaveLength(2);
  });

  test('that died with their process are sent by the next one, and by one only', async () => {
    const { id } = await make();
    await announce(told(failure, 'lost'));
    await service.app.db
      .updateTable('deliveries')
      .set({ attempt: 1, next_at: new Date(now + 1_000).toISOString() })
      .where('state', '=', 'waiting')
      .execute();
    expect(await deliverDue(service.app)).toBe(0);
    setNow(now + 1_000);
    const made = await Promise.all([deliverDue(service.app), deliverDue(service.app)]);
    // The webhook and the mail.
    expect(made.reduce((sum, count) => sum + count)).toBe(2);
    expect([receiver.got.length, (await deliveries(id))[0]?.attempts[0]?.attempt]).toEqual([1, 2]);
  });

  test('are tried at once by a test, also while the webhook is stopped, and only once', async () => {
    const { id, version } = await make({ enabled: false });
    receiver.answers.push(500);
    const bad = await json<DeliveryView>(`/v1/webhooks/${id}/test`, 200, { method: 'POST' });
    expect(bad).toMatchObject({ state: 'failed', notice: { type: 'test.ping' }, attempts: [{ status: 500 }] });
    const good = await json<DeliveryView>(`/v1/webhooks/${id}/test`, 200, { method: 'POST' });
    expect([good.state, JSON.parse(receiver.got[1]?.body ?? '{}').type]).toEqual(['delivered', 'test.ping']);
    expect((await json<WebhookView>(`/v1/webhooks/${id}`, 200)).version).toBe(version);
  });

  test('are signed with both secrets for a day after a rotation', async () => {
    const { id, secret: old } = await make();
    const { secret: fresh } = await json<Made>(`/v1/webhooks/${id}/rotate`, 200, { method: 'POST' });
    expect(fresh).not.toBe(old);
    const signedWith = (index: number): boolean[] => {
      const { headers, body } = receiver.got[index] ?? { headers: {}, body: '' };
      const sent = headers['webhook-signature']?.split(' ');
      return [old, fresh].map((key) =>
        Boolean(sent?.includes(new Webhook(key).sign(headers['webhook-id'] ?? '', new Date(now), body))),
      );
    };
    await json(`/v1/webhooks/${id}/test`, 200, { method: 'POST' });
    expect(signedWith(0)).toEqual([true, true]);
    setNow(now + 24 * 3_600_000);
    await json(`/v1/webhooks/${id}/test`, 200, { method: 'POST' });
    expect(signedWith(1)).toEqual([false, true]);
  });

  test('come as text where Slack is to show them, and cannot call everybody', async () => {
    const { id, address } = await make({ form: 'slack', url: `${receiver.url}/T000/B000/planted-slack-canary` });
    expect(address).not.toContain('planted');
    await announce(
      told({ ...failure, data: { ...failure.data, reason: '<!channel> & <https://evil.example|here>' } }, 's'),
    );
    await deliverDue(service.app);
    const { text, blocks } = JSON.parse(receiver.got[0]?.body ?? '{}') as { text: string; blocks: unknown[] };
    expect(text).toBe('A scheduled run failed for October 2026');
    expect(blocks.length).toBeLessThanOrEqual(10);
    expect(JSON.stringify(blocks)).toContain('&lt;!channel&gt; &amp; &lt;https://evil.example|here&gt;');
    expect(receiver.got[0]?.body).not.toMatch(/[<>]/);
    await remove(id);
  });

  test('by mail that is refused for the moment are sent later, refused for good never', async () => {
    mailbox.refusals.push(451);
    await announce(told(failure, 'greylisted'));
    await deliverDue(service.app);
    setNow(now + 6_000);
    await deliverDue(service.app);
    expect(mailbox.got).toHaveLength(1);
    mailbox.refusals.push(550);
    await announce(told(failure, 'unknown-user'));
    await deliverDue(service.app);
    setNow(now + 4 * 24 * 3_600_000);
    expect([await deliverDue(service.app), mailbox.got.length]).toEqual([0, 1]);
  });

  test('hold no plain secret anywhere: not in the database, the log or an answer', async () => {
    const { id, secret } = await make({ url: `${receiver.url}?token=planted-canary-1234567890` });
    receiver.answers.push(500, 410);
    await announce(told(failure, 'canary'));
    await deliverDue(service.app);
    setNow(now + 6_000);
    await deliverDue(service.app);
    const rows = await Promise.all(
      (['webhooks', 'deliveries', 'delivery_attempts', 'notices', 'idempotency_keys'] as const).map((table) =>
        service.app.db.selectFrom(table).selectAll().execute(),
      ),
    );
    const seen = JSON.stringify([
      rows,
      service.log,
      await json(`/v1/webhooks/${id}`, 200),
      await json('/v1/webhooks', 200),
      await deliveries(id),
      mailbox.got.map(({ text, html }) => [text, html]),
    ]);
    expect(seen).not.toContain('planted-canary');
    expect(seen).not.toContain(secret);
    // The scan can fail: the address without its query is there.
    expect(seen).toContain(new URL(receiver.url).host);
  });
});

describe('a webhook', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ announces: true });
  });
  afterAll(() => service.close());
  const send = (json: object, headers: Record<string, string> = {}): Promise<Response> =>
    service.fetch('/v1/webhooks', { json, headers });

  test.each([
    ['ftp://example.com/x'],
    ['http://example.com/x'],
    ['https://example.com:8080/x'],
    ['https://user:pw@example.com/x'],
    ['https://10.0.0.1/x'],
    ['https://localhost/x'],
    ['https://[::1]/x'],
    ['not an address'],
  ])('to %s is refused', async (url) => {
    const response = await send({ name: 'x', url });
    const { errors } = (await response.json()) as { errors: { pointer: string }[] };
    expect([response.status, errors.map(({ pointer }) => pointer)]).toEqual([422, ['/url']]);
  });

  test('shows its secret once, also when the request is repeated', async () => {
    const asked = { name: 'Once', url: 'https://hooks.example.com/x?y=z' };
    const first = (await (await send(asked, { 'Idempotency-Key': 'once' })).json()) as Made;
    const again = (await (await send(asked, { 'Idempotency-Key': 'once' })).json()) as Made;
    expect(first.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(again).toEqual({ ...first, secret: null });
    expect(first.address).toBe('https://hooks.example.com/x?…');
  });

  test('cannot be kept without a key to seal it, and the refusal says how to make one', async () => {
    const { makeSecretBox } = await import('../../../src/services/sealed-secrets.ts');
    const outside = { ...defaultSettings.outside, secrets: makeSecretBox(null) };
    const bare = await startTestService({ settings: { outside } });
    const response = await bare.fetch('/v1/webhooks', { json: { name: 'x', url: 'https://hooks.example.com/x' } });
    expect([response.status, await response.text()]).toEqual([422, expect.stringContaining('openssl rand -base64 32')]);
    await bare.close();
  });

  test('is the tenth at most', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 10; i++)
      statuses.push((await send({ name: `w${i}`, url: `https://hooks.example.com/${i}` })).status);
    expect(statuses).toEqual([...Array.from({ length: 9 }, () => 201), 422]);
  });
});

test('the wait before a try is the same whoever computes it, and spread over a tenth', () => {
  const waits = Array.from({ length: 200 }, (_, i) =>
    judgeRetry({ id: `dlv_${i}`, attempt: 2, tries: 2, waitMs: null }, new Date(noon)),
  ).map((at) => (at?.getTime() ?? 0) - noon);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(300_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(330_000);
  expect(new Set(waits).size).toBeGreaterThan(150);
  expect(judgeRetry({ id: 'dlv_1', attempt: 10, tries: 10, waitMs: null }, new Date(noon))).toBeNull();
});
