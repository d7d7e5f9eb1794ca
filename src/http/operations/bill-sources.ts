import { z } from 'zod';
import { isPeriod } from '../../core/schedule/periods.ts';
import { testNewSource, testStoredSource } from '../../services/sources/bill-source-test.ts';
import type { BillSourceView } from '../../services/sources/bill-sources.ts';
import {
  billSourceEtag,
  billSourceId,
  billSourceKinds,
  changeBillSource,
  createBillSource,
  deleteBillSource,
  findBillSources,
  getBillSource,
} from '../../services/sources/bill-sources.ts';
import { requestPull } from '../../services/sources/pull-job.ts';
import type { Answer } from '../operation.ts';
import { operation } from '../operation.ts';
import { answerPage } from '../page-answer.ts';
import { mapping, readingSchema } from '../schemas/bill-reading.ts';
import { idOf, pageOf, paging } from '../schemas/parameters.ts';
import { runSchema } from '../schemas/run.ts';

const tag = 'Bill sources';
const instant = z.iso.datetime();
const params = idOf(billSourceId, 'bill source');

const plain = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^\P{C}*$/u, 'text without control characters');
const terms = {
  name: plain(120),
  account: plain(200).nullable().optional().describe('Account of bills that do not name theirs'),
  credential: plain(4_000)
    .nullable()
    .optional()
    .describe('A key that may read usage and costs; write-only and kept sealed, which takes SECRETS_KEY'),
  url: plain(2_000)
    .optional()
    .describe(
      'Of the kind url: what serves FOCUS or another known format; {period}, {start} and {end} become the month',
    ),
  reading: readingSchema
    .nullable()
    .optional()
    .describe('Of the kinds url and inbox: how the files are read, where they do not tell; null: nothing is said'),
  folder: plain(200).optional().describe('Of the kind inbox: a folder below INBOX_DIR; files are found by their month'),
};
const request = z.strictObject({
  ...terms,
  kind: z
    .enum(billSourceKinds, `one of ${billSourceKinds.slice(0, 5).join(', ')}`)
    .describe('together and fireworks publish no address that gives bills, and are refused with what to do instead'),
});
const change = z.strictObject({ ...terms, name: terms.name.optional() });
const month = z
  .string()
  .refine(isPeriod, 'a month as YYYY-MM')
  .optional()
  .transform((value) => value ?? null)
  .meta({ description: 'YYYY-MM; unless given, the last that ended' });

const source = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['openai', 'anthropic', 'openrouter', 'url', 'inbox']),
    account: z.string().nullable(),
    url: z.string().nullable().describe('Without its query, which may hold a key'),
    folder: z.string().nullable(),
    reading: readingSchema.nullable(),
    credential: z
      .object({ last4: z.string().nullable(), sha256: z.string() })
      .nullable()
      .describe('Which key it is, without telling it'),
    version: z.int(),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'BillSource' });
const tested = z
  .object({
    ok: z.boolean(),
    period: z.string(),
    files: z.array(
      z.object({
        name: z.string(),
        bytes: z.int(),
        format: z.string().nullable(),
        bills: z.array(
          z.object({
            provider: z.string(),
            account: z.string(),
            currency: z.string(),
            kind: z.enum(['billed', 'usage']),
            lines: z.int(),
            billed: z.string(),
          }),
        ),
        questions: z
          .array(z.looseObject({ id: z.string(), column: z.string(), text: z.string(), pointer: z.string() }))
          .describe(
            'What it can be read as in more than one way; `pointer` says where in `reading` the answer belongs',
          ),
        suggested_mapping: mapping.nullable().describe('Of a file of no known format: `reading.mapping`, to be edited'),
        problem: z.string().nullable().describe('Why its bills could not be stored as they are'),
      }),
    ),
    missing_days: z.array(z.string()).describe('Days of the month that it no longer gives'),
    problem: z.string().nullable().describe('Why it gave nothing, and what to do'),
  })
  .meta({ id: 'BillSourceTest' });

const example = { name: 'OpenAI, whole organisation', kind: 'openai', credential: 'sk-admin-…' };

export const billSourceOperations = [
  operation({
    id: 'createBillSource',
    method: 'post',
    path: '/v1/bill-sources',
    tag,
    summary: 'Say where bills are fetched',
    scope: 'admin',
    rate: 'write',
    makes: true,
    body: { check: request, schema: request, yaml: false, example },
    answers: { 201: { description: 'The source', schema: source, headers: ['ETag', 'Location'] } },
    refusals: ['validation-failed', 'limit-exceeded', 'conflict', 'out-of-space'],
    handle: async ({ app }, { body, objectId }) => {
      const made = await createBillSource(app, `src_${objectId}`, body);
      return { ...answerSource(201, made), headers: { Location: `/v1/bill-sources/${made.id}` } };
    },
  }),
  operation({
    id: 'testNewBillSource',
    method: 'post',
    path: '/v1/bill-sources/test',
    tag,
    summary: 'Try a source before it is saved',
    description: 'Fetches a month and says what came. Nothing is stored.',
    scope: 'admin',
    rate: 'compute',
    query: z.strictObject({ period: month }),
    body: { check: request, schema: request, yaml: false, example },
    answers: { 200: { description: 'What came, or why nothing did', schema: tested } },
    refusals: ['validation-failed'],
    handle: async ({ app }, { body, query, signal }) => ({
      status: 200,
      body: await testNewSource(app, body, query.period, signal),
    }),
  }),
  operation({
    id: 'listBillSources',
    method: 'get',
    path: '/v1/bill-sources',
    tag,
    summary: 'List bill sources, newest first, without their keys',
    scope: 'read',
    rate: 'read',
    query: z.strictObject(paging),
    answers: { 200: { description: 'A page', schema: pageOf(source), headers: ['Link'] } },
    refusals: ['bad-cursor'],
    handle: async ({ app }, { query }) => answerPage('/v1/bill-sources', query, await findBillSources(app, query)),
  }),
  operation({
    id: 'getBillSource',
    method: 'get',
    path: '/v1/bill-sources/{id}',
    tag,
    summary: 'Read a bill source',
    scope: 'read',
    rate: 'read',
    params,
    answers: { 200: { description: 'The source', schema: source, headers: ['ETag'] } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => answerSource(200, await getBillSource(app, id)),
  }),
  operation({
    id: 'changeBillSource',
    method: 'patch',
    path: '/v1/bill-sources/{id}',
    tag,
    summary: 'Change what is named; a key that is not sent stays',
    description: 'Send the ETag you read in If-Match.',
    scope: 'admin',
    rate: 'write',
    changes: true,
    params,
    body: { check: change, schema: change, yaml: false, example: { credential: 'sk-admin-…' } },
    answers: { 200: { description: 'The source', schema: source, headers: ['ETag'] } },
    refusals: ['validation-failed', 'not-found', 'conflict', 'version-mismatch', 'if-match-required'],
    handle: async ({ app }, { params: { id }, body, isExpected }) =>
      answerSource(
        200,
        await changeBillSource(app, id, body as Parameters<typeof changeBillSource>[2], (version) =>
          isExpected(billSourceEtag({ id, version })),
        ),
      ),
  }),
  operation({
    id: 'deleteBillSource',
    method: 'delete',
    path: '/v1/bill-sources/{id}',
    tag,
    summary: 'Delete a bill source and its key',
    description: 'The bills it brought stay. Send the ETag you read in If-Match.',
    scope: 'admin',
    rate: 'write',
    changes: true,
    params,
    answers: { 204: { description: 'Deleted' } },
    refusals: ['not-found', 'version-mismatch', 'if-match-required'],
    handle: async ({ app }, { params: { id }, isExpected }) => {
      await deleteBillSource(app, id, (version) => isExpected(billSourceEtag({ id, version })));
      return { status: 204 };
    },
  }),
  operation({
    id: 'testBillSource',
    method: 'post',
    path: '/v1/bill-sources/{id}/test',
    tag,
    summary: 'Fetch a month and say what came, without storing it',
    scope: 'admin',
    rate: 'compute',
    params,
    query: z.strictObject({ period: month }),
    answers: { 200: { description: 'What came, or why nothing did', schema: tested } },
    refusals: ['not-found', 'validation-failed'],
    handle: async ({ app }, { params: { id }, query, signal }) => ({
      status: 200,
      body: await testStoredSource(app, id, query.period, signal),
    }),
  }),
  operation({
    id: 'pullBillSource',
    method: 'post',
    path: '/v1/bill-sources/{id}/pull',
    tag,
    summary: 'Fetch the bills of a month and store them',
    description:
      'The same again stores nothing; what the source restated takes the place of what it said before. A bill that somebody sent by hand, or that is locked, is never replaced: the run then says which.',
    scope: 'bills',
    rate: 'write',
    makes: true,
    params,
    query: z.strictObject({ period: month }),
    answers: { 202: { description: 'The run, queued', schema: runSchema, headers: ['Location'] } },
    refusals: ['not-found', 'too-many-jobs'],
    handle: async ({ app }, { params: { id }, query, objectId }) => {
      const run = await requestPull(app, id, query.period, objectId);
      return { status: 202, body: run, headers: { Location: `/v1/runs/${run.id}` } };
    },
  }),
];

function answerSource(status: number, body: BillSourceView): Answer {
  return { status, body, etag: billSourceEtag(body) };
}
