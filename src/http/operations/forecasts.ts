import { z } from 'zod';
import { scenarioInput } from '../../core/scenario/schema.ts';
import { computeScenario } from '../../services/forecasts/calculations.ts';
import { isPutOff, requestForecast } from '../../services/forecasts/forecast-job.ts';
import {
  createForecast,
  explainForecast,
  findForecasts,
  forecastId,
  getForecast,
  getForecastCsv,
  getForecastWorkbook,
  rerunForecast,
} from '../../services/forecasts/forecasts.ts';
import { scenarioId } from '../../services/forecasts/scenarios.ts';
import { fileName } from '../file-name.ts';
import type { Answer, RateClass } from '../operation.ts';
import { operation } from '../operation.ts';
import { answerPage } from '../page-answer.ts';
import { answerRun, putOff } from '../run-answer.ts';
import { sampleScenario } from '../sample-scenario.ts';
import { explanationSchema } from '../schemas/explanation.ts';
import { forecastSchema } from '../schemas/forecast.ts';
import { idOf, optionalText, pageOf, paging, requiredText } from '../schemas/parameters.ts';
import { pointingInto, scenarioIn } from '../sent-scenario.ts';

const tag = 'Forecasts';
const params = idOf(forecastId, 'forecast');
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const csv = 'text/csv; charset=utf-8';
/** An estimate of so few draws is quick enough to count as a read. */
const cheapDraws = 2_048;

const request = <Scenario extends z.ZodType>(scenario: Scenario) =>
  z
    .strictObject({
      scenario_id: z
        .string()
        .regex(scenarioId, 'an id like sc_…')
        .optional()
        .describe('Its newest version is forecast'),
      scenario: scenario.optional().describe('Forecast without being stored as a scenario'),
      from: z
        .string()
        .regex(/^[12]\d{3}-(0[1-9]|1[0-2])$/, 'a month as YYYY-MM')
        .optional()
        .describe('Freeze scenario_id for this month: prices as known today, and bills of closed months as history'),
    })
    .refine(
      (sent) => (sent.scenario_id === undefined) !== (sent.scenario === undefined),
      'Send either scenario_id or scenario',
    )
    .refine(
      (sent) => sent.from === undefined || sent.scenario_id !== undefined,
      'from freezes a stored scenario: send scenario_id',
    );

const summary = z
  .object({
    id: z.string(),
    scenario: z.object({ id: z.string().nullable(), name: z.string(), version: z.int().nullable() }),
    as_of: z.string(),
    engine: z.string(),
    inputs_digest: z.string(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'ForecastSummary' });

export const forecastOperations = [
  operation({
    id: 'createEstimate',
    method: 'post',
    path: '/v1/estimates',
    tag,
    summary: 'Forecast a scenario without storing anything',
    description: `The answer is byte for byte what \`infercast forecast --format json\` prints. Up to ${cheapDraws} draws it counts as a read.`,
    scope: 'read',
    rate: rateOfEstimate,
    body: { schema: scenarioInput, yaml: true, example: sampleScenario },
    answers: { 200: { description: 'The forecast, without id and version', schema: forecastSchema } },
    refusals: ['validation-failed', 'limit-exceeded', 'too-expensive', 'too-many-jobs'],
    handle: async ({ app }, { body, signal }): Promise<Answer> => {
      const { scenario, at } = scenarioIn(body);
      const calculated = await pointingInto(at, () => computeScenario(app, scenario, signal));
      return { status: 200, body: calculated.body, mediaType: 'application/json; charset=utf-8' };
    },
  }),
  operation({
    id: 'createForecast',
    method: 'post',
    path: '/v1/forecasts',
    tag,
    summary: 'Forecast a scenario and keep the result for good',
    description:
      'A long one, and any with `Prefer: respond-async`, is a run: the answer is 202 with its address, and the same problems as at once.',
    scope: 'write',
    rate: 'compute',
    makes: true,
    body: {
      check: request(z.unknown()),
      schema: request(scenarioInput),
      yaml: true,
      example: { scenario: sampleScenario },
    },
    answers: {
      201: { description: 'The stored forecast', schema: forecastSchema, headers: ['Location', 'ETag'] },
      202: putOff('forecast'),
    },
    refusals: ['validation-failed', 'limit-exceeded', 'too-expensive', 'too-many-jobs', 'out-of-space'],
    handle: async ({ app }, { body: { scenario_id, scenario, from }, objectId, signal, prefersAsync }) => {
      const of = scenario_id === undefined ? { scenario } : { scenario_id, ...(from !== undefined && { from }) };
      const at = scenario_id === undefined ? '/scenario' : '';
      if (await isPutOff(app, of, prefersAsync)) {
        const run = await pointingInto(at, () => requestForecast(app, objectId, of, signal));
        return answerRun(run, prefersAsync);
      }
      const forecast = await pointingInto(at, () => createForecast(app, `fc_${objectId}`, of, signal));
      const id = forecast.id ?? '';
      return { status: 201, body: forecast, etag: `"${id}"`, headers: { Location: `/v1/forecasts/${id}` } };
    },
  }),
  operation({
    id: 'listForecasts',
    method: 'get',
    path: '/v1/forecasts',
    tag,
    summary: 'List forecasts, newest first',
    scope: 'read',
    rate: 'read',
    query: z.strictObject({ ...paging, scenario_id: optionalText('Only those of this scenario') }),
    answers: { 200: { description: 'A page', schema: pageOf(summary), headers: ['Link'] } },
    refusals: ['bad-cursor'],
    handle: async ({ app }, { query }) => answerPage('/v1/forecasts', query, await findForecasts(app, query)),
  }),
  operation({
    id: 'downloadWorkbook',
    method: 'get',
    path: '/v1/forecasts/{id}.xlsx',
    tag,
    summary: 'Read a forecast as a workbook with live formulas',
    scope: 'read',
    rate: 'compute',
    params,
    answers: { 200: { description: 'The workbook', mediaType: xlsx, headers: ['Content-Disposition'] } },
    refusals: ['not-found', 'engine-changed', 'too-expensive', 'too-many-jobs'],
    handle: async ({ app }, { params: { id }, signal }) => {
      const { name, bytes } = await getForecastWorkbook(app, id, signal);
      return { status: 200, body: bytes, mediaType: xlsx, headers: { 'Content-Disposition': fileName(name, 'xlsx') } };
    },
  }),
  operation({
    id: 'downloadCsv',
    method: 'get',
    path: '/v1/forecasts/{id}.csv',
    tag,
    summary: 'Read the bands of a forecast as CSV',
    scope: 'read',
    rate: 'read',
    params,
    answers: {
      200: { description: 'One row a tier, month and perimeter', mediaType: csv, headers: ['Content-Disposition'] },
    },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => {
      const { name, text } = await getForecastCsv(app, id);
      return { status: 200, body: text, mediaType: csv, headers: { 'Content-Disposition': fileName(name, 'csv') } };
    },
  }),
  operation({
    id: 'getForecast',
    method: 'get',
    path: '/v1/forecasts/{id}',
    tag,
    summary: 'Read a stored forecast',
    scope: 'read',
    rate: 'read',
    params,
    answers: { 200: { description: 'The forecast', schema: forecastSchema, headers: ['ETag'] } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => ({ status: 200, body: await getForecast(app, id), etag: `"${id}"` }),
  }),
  operation({
    id: 'explainForecast',
    method: 'get',
    path: '/v1/forecasts/{id}/explain',
    tag,
    summary: 'Follow one number back to its formula, its figures and its sources',
    scope: 'read',
    rate: 'read',
    params,
    query: z.strictObject({ path: requiredText('Path of names, such as local.electricity.2027-01') }),
    answers: { 200: { description: 'The explanation', schema: explanationSchema } },
    refusals: ['not-found', 'engine-changed', 'too-many-jobs'],
    handle: async ({ app }, { params: { id }, query: { path }, signal }) => ({
      status: 200,
      body: await explainForecast(app, id, path, signal),
    }),
  }),
  operation({
    id: 'rerunForecast',
    method: 'post',
    path: '/v1/forecasts/{id}/rerun',
    tag,
    summary: 'Compute a stored forecast again and compare every byte',
    description: 'Nothing is stored. Another engine version refuses with the reason.',
    scope: 'write',
    rate: 'compute',
    params,
    answers: {
      200: {
        description: 'Whether it came out the same, and the first difference if not',
        schema: z.object({
          identical: z.boolean(),
          digest: z.string().exactOptional(),
          first_difference: z.object({ at: z.int(), stored: z.string(), now: z.string() }).exactOptional(),
        }),
      },
    },
    refusals: ['not-found', 'engine-changed', 'too-expensive', 'too-many-jobs'],
    handle: async ({ app }, { params: { id }, signal }) => ({
      status: 200,
      body: await rerunForecast(app, id, signal),
    }),
  }),
];

function rateOfEstimate(body: unknown): RateClass {
  const { scenario } = scenarioIn(body);
  const draws = (scenario as { sampling?: { draws?: unknown } | null } | null)?.sampling?.draws;
  return typeof draws === 'number' && draws <= cheapDraws ? 'read' : 'compute';
}
