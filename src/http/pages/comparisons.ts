import { comparisonId, getComparison } from '../../services/bills/comparisons.ts';
import { showComparison } from '../../services/page/comparison-view.ts';
import { operation } from '../operation.ts';
import { answerWithPage, html } from '../page-templates.ts';
import { idOf } from '../schemas/parameters.ts';

export const comparisonPages = [
  operation({
    id: 'showComparison',
    method: 'get',
    path: '/comparisons/{id}',
    tag: 'Page',
    summary: 'A comparison as a page',
    scope: 'read',
    rate: 'read',
    params: idOf(comparisonId, 'comparison'),
    answers: { 200: { description: 'The page', mediaType: html } },
    refusals: ['not-found'],
    handle: async ({ app }, call) =>
      answerWithPage(call, 'comparison', showComparison(await getComparison(app, call.params.id))),
  }),
];
