import { z } from 'zod';
import { deliveryId, findDeliveries, redeliver, testWebhook } from '../../services/notices/deliveries.ts';
import { noticeTypes } from '../../services/notices/notice.ts';
import type { WebhookView } from '../../services/notices/webhooks.ts';
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  findWebhooks,
  getWebhook,
  rotateWebhook,
  webhookEtag,
  webhookId,
} from '../../services/notices/webhooks.ts';
import type { Answer } from '../operation.ts';
import { operation } from '../operation.ts';
import { answerPage } from '../page-answer.ts';
import { deliverySchema } from '../schemas/delivery.ts';
import { idOf, pageOf, paging } from '../schemas/parameters.ts';

const tag = 'Webhooks';
const instant = z.iso.datetime();
const params = idOf(webhookId, 'webhook');

const terms = {
  name: z
    .string('a name')
    .min(1, 'a name of 1 to 120 characters')
    .max(120, 'a name of 1 to 120 characters')
    .regex(/^\P{C}*$/u, 'text without control characters'),
  url: z
    .url({ protocol: /^https?$/, error: 'a https address' })
    .max(2_000, 'at most 2000 characters')
    .describe('https on port 443 or 8443, unless EGRESS_ALLOW_PRIVATE lists it; kept sealed, never shown whole again'),
  events: z
    .array(z.enum(noticeTypes, `one of ${noticeTypes.join(', ')}`))
    .min(1, 'at least one')
    .max(noticeTypes.length, 'each once')
    .nullable()
    .optional()
    .describe('Left out or null: all'),
  enabled: z.boolean('true or false').optional(),
};
const request = z.strictObject({
  ...terms,
  form: z
    .enum(['standard', 'slack'])
    .optional()
    .describe('standard: signed JSON as Standard Webhooks 1.0 has it; slack: text for an incoming webhook of Slack'),
});
const change = z.strictObject({ ...terms, name: terms.name.optional(), url: terms.url.optional() });

const webhook = {
  id: z.string(),
  name: z.string(),
  form: z.enum(['standard', 'slack']),
  address: z.string().describe('Where it leads, without what may be secret in it'),
  events: z.array(z.string()).nullable(),
  enabled: z.boolean(),
  disabled_reason: z.string().nullable(),
  fingerprint: z.string().describe('Of the whole address'),
  version: z.int(),
  created_at: instant,
  updated_at: instant,
};
const webhookSchema = z.object(webhook).meta({ id: 'Webhook' });
const secret = z.string().nullable().describe('whsec_…, in this answer only; null where it is not signed');
const example = { name: 'Finance', url: 'https://hooks.example.com/infercast', events: ['comparison.completed'] };

export const webhookOperations = [
  operation({
    id: 'createWebhook',
    method: 'post',
    path: '/v1/webhooks',
    tag,
    summary: 'Be told when something happens',
    description:
      'Deliveries are signed (webhook-id, webhook-timestamp, webhook-signature: HMAC-SHA256 over id.timestamp.body) and come at least once, each time under the same webhook-id. What is not taken is tried ten times over three days; 410 ends it at once. Needs SECRETS_KEY.',
    scope: 'admin',
    rate: 'write',
    makes: true,
    body: { check: request, schema: request, yaml: false, example },
    answers: {
      201: {
        description: 'The webhook, with its secret, shown once',
        schema: z.object({ ...webhook, secret }),
        headers: ['ETag', 'Location'],
      },
    },
    refusals: ['validation-failed', 'limit-exceeded', 'out-of-space'],
    handle: async ({ app }, { body, objectId }) => {
      const made = await createWebhook(app, `wh_${objectId}`, body);
      return {
        ...answerWebhook(201, made),
        repeatedBody: { ...made, secret: null },
        headers: { Location: `/v1/webhooks/${made.id}` },
      };
    },
  }),
  operation({
    id: 'listWebhooks',
    method: 'get',
    path: '/v1/webhooks',
    tag,
    summary: 'List webhooks, newest first, without their secrets',
    scope: 'read',
    rate: 'read',
    query: z.strictObject(paging),
    answers: { 200: { description: 'A page', schema: pageOf(webhookSchema), headers: ['Link'] } },
    refusals: ['bad-cursor'],
    handle: async ({ app }, { query }) => answerPage('/v1/webhooks', query, await findWebhooks(app, query)),
  }),
  operation({
    id: 'getWebhook',
    method: 'get',
    path: '/v1/webhooks/{id}',
    tag,
    summary: 'Read a webhook',
    scope: 'read',
    rate: 'read',
    params,
    answers: { 200: { description: 'The webhook', schema: webhookSchema, headers: ['ETag'] } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => answerWebhook(200, await getWebhook(app, id)),
  }),
  operation({
    id: 'changeWebhook',
    method: 'patch',
    path: '/v1/webhooks/{id}',
    tag,
    summary: 'Change what is named, stop it, or enable it again',
    description: 'Send the ETag you read in If-Match.',
    scope: 'admin',
    rate: 'write',
    changes: true,
    params,
    body: { check: change, schema: change, yaml: false, example: { enabled: false } },
    answers: { 200: { description: 'The webhook', schema: webhookSchema, headers: ['ETag'] } },
    refusals: ['validation-failed', 'not-found', 'version-mismatch', 'if-match-required'],
    handle: async ({ app }, { params: { id }, body, isExpected }) =>
      answerWebhook(
        200,
        await changeWebhook(app, id, body as Parameters<typeof changeWebhook>[2], (version) =>
          isExpected(webhookEtag({ id, version })),
        ),
      ),
  }),
  operation({
    id: 'deleteWebhook',
    method: 'delete',
    path: '/v1/webhooks/{id}',
    tag,
    summary: 'Delete a webhook',
    description: 'Send the ETag you read in If-Match.',
    scope: 'admin',
    rate: 'write',
    changes: true,
    params,
    answers: { 204: { description: 'Deleted' } },
    refusals: ['not-found', 'version-mismatch', 'if-match-required'],
    handle: async ({ app }, { params: { id }, isExpected }) => {
      await deleteWebhook(app, id, (version) => isExpected(webhookEtag({ id, version })));
      return { status: 204 };
    },
  }),
  operation({
    id: 'rotateWebhookSecret',
    method: 'post',
    path: '/v1/webhooks/{id}/rotate',
    tag,
    summary: 'Give a webhook a new secret',
    description: 'For a day every delivery is signed with the one before too.',
    scope: 'admin',
    rate: 'write',
    makes: true,
    params,
    answers: {
      200: {
        description: 'The webhook, with its new secret, shown once',
        schema: z.object({ ...webhook, secret }),
        headers: ['ETag'],
      },
    },
    refusals: ['validation-failed', 'not-found', 'version-mismatch'],
    handle: async ({ app }, { params: { id } }) => {
      const made = await rotateWebhook(app, id);
      return { ...answerWebhook(200, made), repeatedBody: { ...made, secret: null } };
    },
  }),
  operation({
    id: 'testWebhook',
    method: 'post',
    path: '/v1/webhooks/{id}/test',
    tag,
    summary: 'Send test.ping now and see how it went',
    scope: 'admin',
    rate: 'write',
    makes: true,
    params,
    answers: { 200: { description: 'The delivery with its one attempt', schema: deliverySchema } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id }, objectId }) => ({
      status: 200,
      body: await testWebhook(app, id, objectId),
    }),
  }),
  operation({
    id: 'listDeliveries',
    method: 'get',
    path: '/v1/webhooks/{id}/deliveries',
    tag,
    summary: 'List what was sent or waits, newest first, with every attempt',
    scope: 'read',
    rate: 'read',
    params,
    query: z.strictObject(paging),
    answers: { 200: { description: 'A page', schema: pageOf(deliverySchema), headers: ['Link'] } },
    refusals: ['not-found', 'bad-cursor'],
    handle: async ({ app }, { params: { id }, query }) =>
      answerPage(`/v1/webhooks/${id}/deliveries`, query, await findDeliveries(app, id, query)),
  }),
  operation({
    id: 'redeliver',
    method: 'post',
    path: '/v1/webhooks/{id}/deliveries/{delivery}/redeliver',
    tag,
    summary: 'Send something again, under the same webhook-id',
    scope: 'admin',
    rate: 'write',
    params: z.object({
      id: z.string().regex(webhookId).meta({ description: 'Id of the webhook' }),
      delivery: z.string().regex(deliveryId).meta({ description: 'Id of the delivery' }),
    }),
    answers: { 202: { description: 'The delivery, waiting', schema: deliverySchema } },
    refusals: ['not-found', 'conflict'],
    handle: async ({ app }, { params: { id, delivery: wanted } }) => ({
      status: 202,
      body: await redeliver(app, id, wanted),
    }),
  }),
];

function answerWebhook(status: number, body: WebhookView): Answer {
  return { status, body, etag: webhookEtag(body) };
}
