import type { IncomingHttpHeaders, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { deliverWebhook, signWebhook } from '../../src/notify/webhook.ts';

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const older = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const rules = { offline: false, hosts: [], privateRanges: ['127.0.0.1'], timeoutMs: 2_000 };
// Verification compares with the clock of the receiver.
const message = () => ({ id: 'msg_1', at: new Date(), body: '{"type":"test.ping","n":"é"}' });

let server: Server;
let base: string;
let answer: { status: number; headers?: Record<string, string> };
let got: { headers: IncomingHttpHeaders; body: string }[];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    got.push({ headers: request.headers, body });
    response.writeHead(answer.status, answer.headers).end('thank you');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
beforeEach(() => {
  got = [];
  answer = { status: 204 };
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('a webhook', () => {
  test('is signed so that the reference library takes it', async () => {
    const sent = message();
    expect(await deliverWebhook({ url: base, secrets: [secret] }, sent, rules)).toEqual({
      result: 'delivered',
      status: 204,
      waitMs: null,
      reason: null,
    });
    const [{ headers, body } = { headers: {}, body: '' }] = got;
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(sent.body));
  });

  test('is taken by a receiver that knows either secret while one replaces the other', () => {
    const sent = message();
    const headers = signWebhook(sent, [secret, older]);
    for (const known of [secret, older]) expect(() => new Webhook(known).verify(sent.body, headers)).not.toThrow();
  });

  test('that was changed on the way is not taken', () => {
    const sent = message();
    const headers = signWebhook(sent, [secret]);
    expect(() => new Webhook(secret).verify(sent.body.replace('ping', 'pong'), headers)).toThrow();
    expect(() => new Webhook(secret).verify(sent.body, { ...headers, 'webhook-id': 'msg_2' })).toThrow();
  });

  test.each([
    [410, {}, 'gone', null],
    [301, { Location: 'http://127.0.0.1/' }, 'later', null],
    [404, {}, 'later', null],
    [429, { 'Retry-After': '120' }, 'later', 120_000],
    [503, { 'Retry-After': '99999999' }, 'later', 24 * 3_600_000],
    [503, { 'Retry-After': 'soon' }, 'later', null],
    [500, {}, 'later', null],
  ] as const)('answered with %i %j is %s', async (status, headers, result, waitMs) => {
    answer = { status, headers };
    const outcome = await deliverWebhook({ url: base, secrets: [secret] }, message(), rules);
    expect(outcome).toEqual({ result, status, waitMs, reason: `The receiver answered with status ${status}.` });
  });

  test('to a private address that nobody allowed is not sent', async () => {
    const outcome = await deliverWebhook({ url: base, secrets: [secret] }, message(), { ...rules, privateRanges: [] });
    expect([outcome.result, got]).toEqual(['refused', []]);
  });
});
