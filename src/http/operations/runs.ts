import { z } from 'zod';
import { isPeriod } from '../../core/schedule/periods.ts';
import { cancelRun, retryRun } from '../../services/runs/run-control.ts';
import { runStates } from '../../services/runs/run-states.ts';
import { findRuns, getRun, runId } from '../../services/runs/runs.ts';
import { operation } from '../operation.ts';
import { answerPage } from '../page-answer.ts';
import { idOf, optionalText, pageOf, paging } from '../schemas/parameters.ts';
import { runDetailsSchema, runSchema } from '../schemas/run.ts';

const tag = 'Runs';
const params = idOf(runId, 'run');

export const runOperations = [
  operation({
    id: 'listRuns',
    method: 'get',
    path: '/v1/runs',
    tag,
    summary: 'List executions of jobs and schedules, newest first',
    scope: 'read',
    rate: 'read',
    query: z.strictObject({
      ...paging,
      schedule_id: optionalText('Only those of this schedule'),
      period: z
        .string()
        .refine(isPeriod, 'a month as YYYY-MM')
        .optional()
        .transform((value) => value ?? null)
        .meta({ description: 'Only those that cover this month' }),
      kind: optionalText('Only those of this kind, such as compare-period'),
      state: z
        .enum(runStates, `one of ${runStates.join(', ')}`)
        .optional()
        .transform((value) => value ?? null)
        .meta({ description: 'Only those in this state' }),
    }),
    answers: { 200: { description: 'A page', schema: pageOf(runSchema), headers: ['Link'] } },
    refusals: ['bad-cursor'],
    handle: async ({ app }, { query }) => answerPage('/v1/runs', query, await findRuns(app, query)),
  }),
  operation({
    id: 'getRun',
    method: 'get',
    path: '/v1/runs/{id}',
    tag,
    summary: 'Read a run with its log',
    scope: 'read',
    rate: 'read',
    params,
    answers: { 200: { description: 'The run', schema: runDetailsSchema } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => ({ status: 200, body: await getRun(app, id) }),
  }),
  operation({
    id: 'cancelRun',
    method: 'post',
    path: '/v1/runs/{id}/cancel',
    tag,
    summary: 'Ask a run to stop',
    description: 'One that waits ends at once; one at work is told within seconds and then shows the state cancelled.',
    scope: 'schedules',
    rate: 'write',
    params,
    answers: { 200: { description: 'The run', schema: runSchema } },
    refusals: ['not-found', 'conflict'],
    handle: async ({ app }, { params: { id } }) => ({ status: 200, body: await cancelRun(app, id) }),
  }),
  operation({
    id: 'retryRun',
    method: 'post',
    path: '/v1/runs/{id}/retry',
    tag,
    summary: 'Try a run again that failed, was cancelled or was missed',
    scope: 'schedules',
    rate: 'write',
    params,
    answers: { 202: { description: 'The run, queued', schema: runSchema, headers: ['Location'] } },
    refusals: ['not-found', 'conflict'],
    handle: async ({ app }, { params: { id } }) => ({
      status: 202,
      body: await retryRun(app, id),
      headers: { Location: `/v1/runs/${id}` },
    }),
  }),
];
