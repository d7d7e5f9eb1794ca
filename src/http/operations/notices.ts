import { z } from 'zod';
import { testMail, testType } from '../../services/notices/deliveries.ts';
import { noticeTypes } from '../../services/notices/notice.ts';
import { findNotices, getNotice, noticeId, redeliverNotice } from '../../services/notices/told-notices.ts';
import { operation } from '../operation.ts';
import { answerPage } from '../page-answer.ts';
import { deliverySchema, deliveryState } from '../schemas/delivery.ts';
import { idOf, optionalText, pageOf, paging } from '../schemas/parameters.ts';

const tag = 'Notices';
const params = idOf(noticeId, 'notice');
const types = [...noticeTypes, testType] as const;

const notice = {
  id: z.string().describe('The `webhook-id` of every attempt'),
  type: z.string(),
  headline: z.string().describe('What it says in one line'),
  created_at: z.iso.datetime(),
  schedules: z.array(z.string()).describe('Ids of the schedules it concerns'),
  receivers: z
    .object({ delivered: z.int(), waiting: z.int(), failed: z.int() })
    .describe('How many have it, wait for it, or never got it'),
};
const noticeSchema = z.object(notice).meta({ id: 'Notice' });
const noticeDetails = z
  .object({
    ...notice,
    data: z.unknown(),
    deliveries: z.array(
      z.object({
        id: z.string(),
        to: z.enum(['webhook', 'mail']),
        webhook: z.object({ id: z.string(), name: z.string() }).nullable(),
        ...deliveryState,
      }),
    ),
  })
  .meta({ id: 'NoticeWithDeliveries' });

export const noticeOperations = [
  operation({
    id: 'listNotices',
    method: 'get',
    path: '/v1/notices',
    tag,
    summary: 'List what was told, newest first',
    description: 'Also what nobody was there to be told.',
    scope: 'read',
    rate: 'read',
    query: z.strictObject({
      ...paging,
      type: z
        .enum(types, `one of ${types.join(', ')}`)
        .optional()
        .transform((value) => value ?? null)
        .meta({ description: 'Only those of this type' }),
      schedule: optionalText('Only those that concern this schedule'),
    }),
    answers: { 200: { description: 'A page', schema: pageOf(noticeSchema), headers: ['Link'] } },
    refusals: ['bad-cursor'],
    handle: async ({ app }, { query }) => answerPage('/v1/notices', query, await findNotices(app, query)),
  }),
  operation({
    id: 'getNotice',
    method: 'get',
    path: '/v1/notices/{id}',
    tag,
    summary: 'Read a notice, and what became of it at each receiver',
    scope: 'read',
    rate: 'read',
    params,
    answers: { 200: { description: 'The notice', schema: noticeDetails } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => ({ status: 200, body: await getNotice(app, id) }),
  }),
  operation({
    id: 'redeliverNotice',
    method: 'post',
    path: '/v1/notices/{id}/redeliver',
    tag,
    summary: 'Send a notice again to everybody it went to, under the same id',
    scope: 'admin',
    rate: 'write',
    params,
    answers: { 202: { description: 'The notice, waiting', schema: noticeDetails } },
    refusals: ['not-found', 'conflict'],
    handle: async ({ app }, { params: { id } }) => ({ status: 202, body: await redeliverNotice(app, id) }),
  }),
  operation({
    id: 'testMail',
    method: 'post',
    path: '/v1/mail/test',
    tag,
    summary: 'Send a mail to MAIL_TO now and see how it went',
    scope: 'admin',
    rate: 'write',
    makes: true,
    answers: { 200: { description: 'The delivery with its one attempt', schema: deliverySchema } },
    refusals: ['conflict'],
    handle: async ({ app }, { objectId }) => ({ status: 200, body: await testMail(app, objectId) }),
  }),
];
