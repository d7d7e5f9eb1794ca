import { z } from 'zod';
import { findRunPage, findRunsPage } from '../../services/page/runs-page.ts';
import { cancelRun, retryRun } from '../../services/runs/run-control.ts';
import { runStates } from '../../services/runs/run-states.ts';
import { runId } from '../../services/runs/runs.ts';
import { formBody } from '../form-body.ts';
import { operation } from '../operation.ts';
import { answerWithPage, goTo, html } from '../page-templates.ts';
import { idOf, optionalText, paging } from '../schemas/parameters.ts';

const tag = 'Page';
const params = idOf(runId, 'run');
const page = { 200: { description: 'The page', mediaType: html } };
const done = { 303: { description: 'Where the page is that shows what was done' } };

export const runPages = [
  operation({
    id: 'showRuns',
    method: 'get',
    path: '/runs',
    tag,
    summary: 'The latest runs as a page',
    scope: 'read',
    rate: 'read',
    query: z.strictObject({
      cursor: paging.cursor,
      schedule_id: optionalText('Only those of this schedule'),
      state: z
        .enum(runStates, `one of ${runStates.join(', ')}`)
        .optional()
        .transform((value) => value ?? null),
    }),
    answers: page,
    refusals: ['bad-cursor'],
    handle: async ({ app }, call) => answerWithPage(call, 'runs', await findRunsPage(app, call.query)),
  }),
  operation({
    id: 'showRun',
    method: 'get',
    path: '/runs/{id}',
    tag,
    summary: 'A run with its log as a page',
    scope: 'read',
    rate: 'read',
    params,
    answers: page,
    refusals: ['not-found'],
    handle: async ({ app }, call) => answerWithPage(call, 'run', await findRunPage(app, call.params.id)),
  }),
  operation({
    id: 'sendCancelForm',
    method: 'post',
    path: '/runs/{id}/cancel',
    tag,
    summary: 'Ask a run to stop',
    scope: 'schedules',
    rate: 'write',
    params,
    body: formBody,
    answers: done,
    refusals: ['not-found', 'conflict'],
    handle: async ({ app }, { params: { id } }) => goTo(`/runs/${(await cancelRun(app, id)).id}`),
  }),
  operation({
    id: 'sendRetryForm',
    method: 'post',
    path: '/runs/{id}/retry',
    tag,
    summary: 'Try a run again',
    scope: 'schedules',
    rate: 'write',
    params,
    body: formBody,
    answers: done,
    refusals: ['not-found', 'conflict'],
    handle: async ({ app }, { params: { id } }) => goTo(`/runs/${(await retryRun(app, id)).id}`),
  }),
];
