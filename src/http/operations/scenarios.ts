import { z } from 'zod';
import { scenarioInput } from '../../core/scenario/schema.ts';
import { checkScenarioInput } from '../../services/forecasts/calculations.ts';
import type { ScenarioView } from '../../services/forecasts/scenarios.ts';
import {
  createScenario,
  deleteScenario,
  findScenarios,
  findScenarioVersions,
  getScenario,
  getScenarioVersion,
  replaceScenario,
  scenarioEtag,
  scenarioId,
} from '../../services/forecasts/scenarios.ts';
import type { Answer } from '../operation.ts';
import { operation } from '../operation.ts';
import { answerPage } from '../page-answer.ts';
import { sampleScenario } from '../sample-scenario.ts';
import { idOf, optionalInstant, optionalText, pageOf, paging } from '../schemas/parameters.ts';
import { scenarioIn } from '../sent-scenario.ts';

const tag = 'Scenarios';
const instant = z.iso.datetime();
const summary = {
  id: z.string(),
  name: z.string(),
  version: z.int(),
  created_at: instant,
  updated_at: instant,
};
const asSent = z.record(z.string(), z.unknown()).describe('The scenario as it was sent');
const stored = z.object({ ...summary, scenario: asSent }).meta({ id: 'StoredScenario' });
const version = z.object({ version: z.int(), created_at: instant, scenario: asSent }).meta({ id: 'ScenarioVersion' });
const problem = z.object({
  pointer: z.string(),
  code: z.string(),
  detail: z.string(),
  limit: z.string().exactOptional(),
  suggestions: z.array(z.string()).exactOptional(),
});

const body = { schema: scenarioInput, yaml: true, example: sampleScenario };
const params = idOf(scenarioId, 'scenario');

export const scenarioOperations = [
  operation({
    id: 'createScenario',
    method: 'post',
    path: '/v1/scenarios',
    tag,
    summary: 'Store a scenario',
    description: 'Takes JSON or YAML. Nothing is stored unless all of it holds; every problem is named at once.',
    scope: 'write',
    rate: 'write',
    makes: true,
    body,
    answers: { 201: { description: 'Stored as version 1', schema: stored, headers: ['ETag', 'Location'] } },
    refusals: ['validation-failed', 'limit-exceeded', 'conflict', 'out-of-space', 'too-many-jobs'],
    handle: async ({ app }, { body: scenario, objectId }) => {
      const made = await createScenario(app, `sc_${objectId}`, scenario);
      return { ...answerScenario(201, made), headers: { Location: `/v1/scenarios/${made.id}` } };
    },
  }),
  operation({
    id: 'listScenarios',
    method: 'get',
    path: '/v1/scenarios',
    tag,
    summary: 'List scenarios, newest first',
    scope: 'read',
    rate: 'read',
    query: z.strictObject({
      ...paging,
      q: optionalText('Part of the name, any case'),
      updated_since: optionalInstant('Only those changed at or after this instant'),
    }),
    answers: { 200: { description: 'A page', schema: pageOf(z.object(summary)), headers: ['Link'] } },
    refusals: ['bad-cursor'],
    handle: async ({ app }, { query }) => answerPage('/v1/scenarios', query, await findScenarios(app, query)),
  }),
  operation({
    id: 'validateScenario',
    method: 'post',
    path: '/v1/scenarios/validate',
    tag,
    summary: 'Check a scenario without storing it',
    description: 'Answers 200 whether it holds or not, with every problem and every warning.',
    scope: 'read',
    rate: 'read',
    body,
    answers: {
      200: {
        description: 'What was found',
        schema: z.object({
          valid: z.boolean(),
          errors: z.array(problem),
          warnings: z.array(z.object({ code: z.string(), pointer: z.string(), message: z.string() })),
        }),
      },
    },
    refusals: ['too-many-jobs'],
    handle: async ({ app }, { body: sent, signal }) => {
      const { scenario, at } = scenarioIn(sent);
      const outcome = await checkScenarioInput(app, scenario, signal);
      const found = outcome.ok ? [] : outcome.problems;
      const errors = found.map(({ message, pointer, ...rest }) => ({
        ...rest,
        pointer: at + pointer,
        detail: message,
      }));
      return { status: 200, body: { valid: outcome.ok, errors, warnings: outcome.ok ? outcome.warnings : [] } };
    },
  }),
  operation({
    id: 'getScenario',
    method: 'get',
    path: '/v1/scenarios/{id}',
    tag,
    summary: 'Read the newest version of a scenario',
    scope: 'read',
    rate: 'read',
    params,
    answers: { 200: { description: 'The scenario', schema: stored, headers: ['ETag'] } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => answerScenario(200, await getScenario(app, id)),
  }),
  operation({
    id: 'replaceScenario',
    method: 'put',
    path: '/v1/scenarios/{id}',
    tag,
    summary: 'Store the next version of a scenario',
    description: 'Send the ETag you read in If-Match. The same text again makes no new version.',
    scope: 'write',
    rate: 'write',
    changes: true,
    params,
    body,
    answers: { 200: { description: 'The newest version', schema: stored, headers: ['ETag'] } },
    refusals: [
      'validation-failed',
      'limit-exceeded',
      'not-found',
      'conflict',
      'version-mismatch',
      'if-match-required',
      'out-of-space',
      'too-many-jobs',
    ],
    handle: async ({ app }, { params: { id }, body: scenario, isExpected }) => {
      const isCurrent = (version: number): boolean => isExpected(scenarioEtag({ id, version }));
      return answerScenario(200, await replaceScenario(app, id, scenario, isCurrent));
    },
  }),
  operation({
    id: 'deleteScenario',
    method: 'delete',
    path: '/v1/scenarios/{id}',
    tag,
    summary: 'Delete a scenario',
    description: 'Its forecasts stay. Send the ETag you read in If-Match.',
    scope: 'write',
    rate: 'write',
    changes: true,
    params,
    answers: { 204: { description: 'Deleted' } },
    refusals: ['not-found', 'version-mismatch', 'if-match-required'],
    handle: async ({ app }, { params: { id }, isExpected }) => {
      await deleteScenario(app, id, (version) => isExpected(scenarioEtag({ id, version })));
      return { status: 204 };
    },
  }),
  operation({
    id: 'listScenarioVersions',
    method: 'get',
    path: '/v1/scenarios/{id}/versions',
    tag,
    summary: 'List the versions of a scenario, newest first',
    scope: 'read',
    rate: 'read',
    params,
    query: z.strictObject(paging),
    answers: { 200: { description: 'A page', schema: pageOf(version), headers: ['Link'] } },
    refusals: ['not-found', 'bad-cursor'],
    handle: async ({ app }, { params: { id }, query }) =>
      answerPage(`/v1/scenarios/${id}/versions`, query, await findScenarioVersions(app, id, query)),
  }),
  operation({
    id: 'getScenarioVersion',
    method: 'get',
    path: '/v1/scenarios/{id}/versions/{version}',
    tag,
    summary: 'Read one version of a scenario',
    scope: 'read',
    rate: 'read',
    params: params.extend({
      version: z
        .string()
        .regex(/^[1-9]\d{0,8}$/)
        .meta({ description: 'Version number', override: { type: 'integer', minimum: 1 } }),
    }),
    answers: { 200: { description: 'The version', schema: version } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id, version: number } }) => ({
      status: 200,
      body: await getScenarioVersion(app, id, Number(number)),
    }),
  }),
];

function answerScenario(status: number, scenario: ScenarioView): Answer {
  return { status, body: scenario, etag: scenarioEtag(scenario) };
}
