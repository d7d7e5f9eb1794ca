import { z } from 'zod';
import { comparisonCsv } from '../../core/bills/comparison-csv.ts';
import { comparisonMarkdown } from '../../core/bills/comparison-markdown.ts';
import { requestComparison } from '../../services/bills/comparison-job.ts';
import {
  comparisonId,
  createComparison,
  findComparisons,
  getComparison,
  getComparisonWorkbook,
} from '../../services/bills/comparisons.ts';
import { forecastId } from '../../services/forecasts/forecasts.ts';
import { scenarioId } from '../../services/forecasts/scenarios.ts';
import { fileName } from '../file-name.ts';
import { operation } from '../operation.ts';
import { answerPage } from '../page-answer.ts';
import { answerRun, putOff } from '../run-answer.ts';
import { comparisonSchema, comparisonSummarySchema } from '../schemas/comparison.ts';
import { idOf, optionalMonth, optionalText, pageOf, paging } from '../schemas/parameters.ts';

const tag = 'Comparisons';
const params = idOf(comparisonId, 'comparison');
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const csv = 'text/csv; charset=utf-8';
const markdown = 'text/markdown; charset=utf-8';

const name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{C}*$/u, 'text without control characters');

const request = z
  .strictObject({
    scenario_id: z
      .string()
      .regex(scenarioId, 'an id like sc_…')
      .optional()
      .describe('Its newest forecast from before the month is compared'),
    forecast_id: z
      .string()
      .regex(forecastId, 'an id like fc_…')
      .optional()
      .describe('This forecast; one made after the month began is shown, never scored'),
    period: z.string().regex(/^[12]\d{3}-(0[1-9]|1[0-2])$/, 'a month as YYYY-MM'),
    tiers: z
      .array(name)
      .min(1)
      .max(20)
      .optional()
      .describe('Left out: every tier whose providers all have bills of the month'),
    exchange_rates: z
      .record(
        z.string().regex(/^[A-Z]{3}$/, 'a currency such as EUR'),
        z.string().regex(/^(?=.*[1-9])\d{1,9}(\.\d{1,12})?$/, 'a decimal above 0, as text: "0.92"'),
      )
      .optional()
      .describe("The scenario's currency for one of another, as it was in the month"),
    workloads: z
      .array(
        z.strictObject({
          workload: name,
          model: name.optional(),
          account: name.optional(),
          sub_account: name.optional(),
        }),
      )
      .max(200)
      .optional()
      .describe('Which lines belong to which workload; the first that fits counts, others go by their model'),
  })
  .refine(
    ({ scenario_id, forecast_id }) => scenario_id !== undefined || forecast_id !== undefined,
    'Send scenario_id or forecast_id',
  );

export const comparisonOperations = [
  operation({
    id: 'createComparison',
    method: 'post',
    path: '/v1/comparisons',
    tag,
    summary: 'Hold the bills of a month against the forecast frozen before it',
    description:
      'Stored for good. Provisional while a bill of the month is; a later comparison of the same month supersedes it. With `Prefer: respond-async` it is a run: the answer is 202 with its address.',
    scope: 'bills',
    rate: 'compute',
    makes: true,
    body: { check: request, schema: request, yaml: false, example: { scenario_id: 'sc_01…', period: '2026-10' } },
    answers: {
      201: { description: 'The stored comparison', schema: comparisonSchema, headers: ['Location', 'ETag'] },
      202: putOff('comparison'),
    },
    refusals: ['validation-failed', 'too-expensive', 'too-many-jobs', 'out-of-space'],
    handle: async ({ app }, { body, objectId, signal, prefersAsync }) => {
      const of = {
        scenario_id: body.scenario_id ?? null,
        forecast_id: body.forecast_id ?? null,
        period: body.period,
        tiers: body.tiers ?? null,
        exchange_rates: body.exchange_rates ?? {},
        workloads: body.workloads ?? [],
        time_zone: app.settings.timeZone,
      };
      if (prefersAsync) return answerRun(await requestComparison(app, objectId, of), prefersAsync);
      const comparison = await createComparison(app, `cmp_${objectId}`, of, signal);
      const id = comparison.id ?? '';
      return { status: 201, body: comparison, etag: `"${id}"`, headers: { Location: `/v1/comparisons/${id}` } };
    },
  }),
  operation({
    id: 'listComparisons',
    method: 'get',
    path: '/v1/comparisons',
    tag,
    summary: 'List comparisons, newest first',
    scope: 'read',
    rate: 'read',
    query: z.strictObject({
      ...paging,
      scenario_id: optionalText('Only those of this scenario'),
      period: optionalMonth('Only those of this month'),
    }),
    answers: { 200: { description: 'A page', schema: pageOf(comparisonSummarySchema), headers: ['Link'] } },
    refusals: ['bad-cursor'],
    handle: async ({ app }, { query }) => answerPage('/v1/comparisons', query, await findComparisons(app, query)),
  }),
  operation({
    id: 'downloadComparisonWorkbook',
    method: 'get',
    path: '/v1/comparisons/{id}.xlsx',
    tag,
    summary: 'Read a comparison as a workbook: live formulas from quantities and prices to the bridge',
    scope: 'read',
    rate: 'compute',
    params,
    answers: { 200: { description: 'The workbook', mediaType: xlsx, headers: ['Content-Disposition'] } },
    refusals: ['not-found', 'too-expensive', 'too-many-jobs'],
    handle: async ({ app }, { params: { id }, signal }) => {
      const { name: title, bytes } = await getComparisonWorkbook(app, id, signal);
      return { status: 200, body: bytes, mediaType: xlsx, headers: { 'Content-Disposition': fileName(title, 'xlsx') } };
    },
  }),
  operation({
    id: 'downloadComparisonCsv',
    method: 'get',
    path: '/v1/comparisons/{id}.csv',
    tag,
    summary: 'Read the bridge of a comparison as CSV',
    scope: 'read',
    rate: 'read',
    params,
    answers: {
      200: { description: 'One row a workload, fixed line and tier', mediaType: csv, headers: ['Content-Disposition'] },
    },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => {
      const comparison = await getComparison(app, id);
      const title = `${comparison.scenario.name} ${comparison.period}`;
      return {
        status: 200,
        body: comparisonCsv(comparison),
        mediaType: csv,
        headers: { 'Content-Disposition': fileName(title, 'csv') },
      };
    },
  }),
  operation({
    id: 'downloadComparisonMarkdown',
    method: 'get',
    path: '/v1/comparisons/{id}.md',
    tag,
    summary: 'Read a comparison as text with tables',
    scope: 'read',
    rate: 'read',
    params,
    answers: { 200: { description: 'Markdown', mediaType: markdown } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => ({
      status: 200,
      body: comparisonMarkdown(await getComparison(app, id)),
      mediaType: markdown,
    }),
  }),
  operation({
    id: 'getComparison',
    method: 'get',
    path: '/v1/comparisons/{id}',
    tag,
    summary: 'Read a stored comparison',
    scope: 'read',
    rate: 'read',
    params,
    answers: { 200: { description: 'The comparison', schema: comparisonSchema, headers: ['ETag'] } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => ({
      status: 200,
      body: await getComparison(app, id),
      etag: `"${id}"`,
    }),
  }),
];
