import { z } from 'zod';
import { importBills } from '../../services/bills/bill-imports.ts';
import { findBilledModels, rememberBilledModels } from '../../services/bills/bill-models.ts';
import { parsePayable } from '../../services/bills/bill-reconciliation.ts';
import type { BillImportRequest, UploadedFile } from '../../services/bills/bill-request.ts';
import {
  billId,
  findBills,
  getBill,
  getBillFile,
  getBillLines,
  lockBill,
  reverseBill,
} from '../../services/bills/bills.ts';
import { isImportPutOff, longImportBytes, requestImport } from '../../services/bills/import-job.ts';
import { attachment } from '../file-name.ts';
import { operation } from '../operation.ts';
import { answerPage } from '../page-answer.ts';
import { answerRun } from '../run-answer.ts';
import { billedModelSchema, billImportSchema, billLineSchema, billSchema, billSummarySchema } from '../schemas/bill.ts';
import { answers, mapping, models } from '../schemas/bill-reading.ts';
import { idOf, jsonText, optionalMonth, optionalText, pageOf, paging, yesOrNo } from '../schemas/parameters.ts';
import { runSchema } from '../schemas/run.ts';

const tag = 'Bills';
const params = idOf(billId, 'bill');
const octets = 'application/octet-stream';
const mediaTypes = [
  'text/csv',
  'text/tab-separated-values',
  'application/json',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.apache.parquet',
  octets,
];

const plain = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{C}*$/u, 'text without control characters');
const payable = z
  .string()
  .max(2_000)
  .transform((text, context) => {
    const stated = parsePayable(text);
    if (stated !== null) return stated;
    context.addIssue('an amount such as 123.45, or INV-7:100.00,INV-8:23.45');
    return z.NEVER;
  })
  .optional()
  .transform((stated) => stated ?? [])
  .meta({
    description: 'What the invoice asks: 123.45, or INV-7:100.00,INV-8:23.45 where there are several',
    override: { type: 'string' },
  });

const amount = z.string().regex(/^-?\d{1,15}(\.\d{1,12})?$/, 'a decimal such as 123.45');
const reason = plain(2_000);

const importQuery = z
  .strictObject({
    file_name: optionalText('Name of the file, for people'),
    source: optionalText('Id of its format, where it shall not be found by its columns'),
    account: optionalText('Account of a file that names none: tells the files of two accounts apart'),
    period: optionalMonth('YYYY-MM: only the bills of this month'),
    dry_run: yesOrNo('true: only show what would be stored'),
    payable,
    answers: jsonText(answers, 'Answers to what was asked, as JSON: {"date-order": "day-first"}'),
    mapping: jsonText(mapping, 'What each FOCUS column is read from, as JSON, for a file of no known format'),
    models: jsonText(models, 'What billed names of models mean, as JSON; kept for the next files'),
    replace: yesOrNo('true: put it in the place of what is stored of its months, which is reversed'),
    add: yesOrNo('true: store only lines that are not there yet'),
  })
  .refine(({ replace, add }) => !(replace && add), 'Send either replace or add');

export const billOperations = [
  operation({
    id: 'importBills',
    method: 'post',
    path: '/v1/bills',
    tag,
    summary: 'Store the bills of a file, or show what would be stored',
    description: `Takes CSV, JSON, Excel and Parquet as providers hand them out, and tells which by what stands in it: FOCUS 1.0 to 1.4, OpenAI, Anthropic, OpenRouter, Google Cloud, Together, Fireworks, LiteLLM, electricity bills, meter readings and timesheets; any other table by \`mapping\`. A file becomes one bill for each provider, account, month and currency. The same bytes, or the same lines in another order or under another name, are stored once. What can be read in two ways is asked, never guessed. A file above ${longImportBytes / 1_000_000} MB, and any with \`Prefer: respond-async\`, is a run: the answer is 202 with its address. Needs an Idempotency-Key unless it is a dry run.`,
    scope: 'bills',
    rate: 'upload',
    makes: true,
    query: importQuery,
    file: {
      mediaTypes,
      limitBytes: ({ app }) => app.settings.billLimits.bytes,
      needsKey: ({ dry_run }) => !dry_run,
    },
    answers: {
      200: { description: 'A dry run, or nothing that was not stored already', schema: billImportSchema },
      201: { description: 'What was stored', schema: billImportSchema, headers: ['Location'] },
      202: {
        description: 'Its run, at Location; `result` will be what 201 or 200 shows, or `error` why nothing was stored',
        schema: runSchema,
        headers: ['Location'],
      },
    },
    refusals: ['validation-failed', 'limit-exceeded', 'conflict', 'too-expensive', 'too-many-jobs', 'out-of-space'],
    handle: async ({ app }, { query, body, objectId, signal, prefersAsync }) => {
      const { file_name, source, account, period, dry_run, replace, add, ...said } = query;
      const request: BillImportRequest = {
        fileName: file_name ?? 'bill',
        source,
        account,
        period,
        dryRun: dry_run,
        answers: said.answers ?? {},
        mapping: said.mapping,
        models: said.models ?? {},
        payable: said.payable,
        overlap: replace ? 'replace' : add ? 'add' : 'refuse',
      };
      const upload = body as unknown as UploadedFile;
      if (isImportPutOff(upload, request, prefersAsync))
        return answerRun(await requestImport(app, objectId, upload, request, signal), prefersAsync);
      const report = await importBills(app, `bill_${objectId}`, upload, request, { signal });
      if (!report.stored) return { status: 200, body: report };
      const made = report.bills.find(({ action }) => action !== 'repeated');
      return { status: 201, body: report, headers: { Location: `/v1/bills/${made?.id}` } };
    },
  }),
  operation({
    id: 'listBills',
    method: 'get',
    path: '/v1/bills',
    tag,
    summary: 'List bills, newest first',
    scope: 'read',
    rate: 'read',
    query: z.strictObject({
      ...paging,
      provider: optionalText('Only of this provider'),
      period: optionalMonth('Only of this month, YYYY-MM'),
      status: z
        .enum(['provisional', 'locked', 'reversed'])
        .optional()
        .transform((value) => value ?? null),
    }),
    answers: { 200: { description: 'A page', schema: pageOf(billSummarySchema), headers: ['Link'] } },
    refusals: ['bad-cursor'],
    handle: async ({ app }, { query }) => answerPage('/v1/bills', query, await findBills(app, query)),
  }),
  operation({
    id: 'getBill',
    method: 'get',
    path: '/v1/bills/{id}',
    tag,
    summary: 'Read a bill: its sums, its invoices, what became of it',
    scope: 'read',
    rate: 'read',
    params,
    answers: { 200: { description: 'The bill', schema: billSchema } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => ({ status: 200, body: await getBill(app, id) }),
  }),
  operation({
    id: 'listBillLines',
    method: 'get',
    path: '/v1/bills/{id}/lines',
    tag,
    summary: 'List the lines of a bill in FOCUS columns, in the order of the file',
    scope: 'read',
    rate: 'read',
    params,
    query: z.strictObject(paging),
    answers: { 200: { description: 'A page', schema: pageOf(billLineSchema), headers: ['Link'] } },
    refusals: ['not-found', 'bad-cursor'],
    handle: async ({ app }, { params: { id }, query }) =>
      answerPage(`/v1/bills/${id}/lines`, query, await getBillLines(app, id, query)),
  }),
  operation({
    id: 'downloadBillFile',
    method: 'get',
    path: '/v1/bills/{id}/original',
    tag,
    summary: 'Read the file of a bill as it was sent, byte by byte',
    scope: 'bills',
    rate: 'read',
    params,
    answers: { 200: { description: 'The file', mediaType: octets, headers: ['Content-Disposition'] } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => {
      const { name, bytes, content } = await getBillFile(app, id);
      const headers = { 'Content-Disposition': attachment(name) };
      return { status: 200, stream: { bytes, content }, mediaType: octets, headers };
    },
  }),
  operation({
    id: 'lockBill',
    method: 'post',
    path: '/v1/bills/{id}/lock',
    tag,
    summary: 'Settle a bill: from then on it is only ever reversed',
    description: 'A bill whose lines do not come to what is payable is refused unless the difference is accepted.',
    scope: 'bills',
    rate: 'write',
    params,
    body: {
      check: z.strictObject({
        payable: amount.optional(),
        reason: reason.optional(),
        accept_difference: z.boolean().optional(),
      }),
      schema: z.strictObject({
        payable: amount.optional(),
        reason: reason.optional(),
        accept_difference: z.boolean().optional(),
      }),
      yaml: false,
      example: { payable: '123.45' },
    },
    answers: { 200: { description: 'The bill', schema: billSchema } },
    refusals: ['not-found', 'conflict'],
    handle: async ({ app }, { params: { id }, body }) => ({
      status: 200,
      body: await lockBill(app, id, {
        payable: body.payable ?? null,
        reason: body.reason ?? null,
        acceptDifference: body.accept_difference === true,
      }),
    }),
  }),
  operation({
    id: 'reverseBill',
    method: 'post',
    path: '/v1/bills/{id}/reverse',
    tag,
    summary: 'Take a bill out of every total; it stays readable',
    scope: 'bills',
    rate: 'write',
    params,
    body: {
      check: z.strictObject({ reason: reason.min(1) }),
      schema: z.strictObject({ reason: reason.min(1) }),
      yaml: false,
      example: { reason: 'The provider sent a corrected invoice.' },
    },
    answers: { 200: { description: 'The bill', schema: billSchema } },
    refusals: ['not-found', 'conflict'],
    handle: async ({ app }, { params: { id }, body }) => ({
      status: 200,
      body: await reverseBill(app, id, body.reason),
    }),
  }),
  operation({
    id: 'listBilledModels',
    method: 'get',
    path: '/v1/bill-models',
    tag,
    summary: 'List what billed names of models mean, as people said',
    scope: 'read',
    rate: 'read',
    query: z.strictObject({ provider: optionalText('Only of this provider') }),
    answers: {
      200: {
        description: 'By provider and name',
        schema: z.object({ data: z.array(billedModelSchema.extend({ updated_at: z.iso.datetime() })) }),
      },
    },
    refusals: [],
    handle: async ({ app }, { query }) => ({
      status: 200,
      body: { data: await findBilledModels(app, query.provider) },
    }),
  }),
  operation({
    id: 'rememberBilledModels',
    method: 'put',
    path: '/v1/bill-models',
    tag,
    summary: 'Say what billed names of models mean, for the next files',
    scope: 'bills',
    rate: 'write',
    body: {
      check: z.strictObject({
        models: z
          .array(z.strictObject({ provider: plain(200), billed: plain(200), model: plain(200).nullable() }))
          .max(1_000),
      }),
      schema: z.strictObject({ models: z.array(billedModelSchema).max(1_000) }),
      yaml: false,
      example: { models: [{ provider: 'anthropic', billed: 'Claude Opus 4.6', model: 'claude-opus-4-6' }] },
    },
    answers: { 204: { description: 'Remembered' } },
    refusals: ['validation-failed'],
    handle: async ({ app }, { body }) => {
      await rememberBilledModels(app, body.models);
      return { status: 204 };
    },
  }),
];
