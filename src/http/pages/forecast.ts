import { z } from 'zod';
import { forecastId } from '../../services/forecasts/forecasts.ts';
import { findPage } from '../../services/page/forecast-page.ts';
import { operation } from '../operation.ts';
import { answerWithPage, html } from '../page-templates.ts';

export const forecastPages = [
  operation({
    id: 'showPage',
    method: 'get',
    path: '/',
    tag: 'Page',
    summary: 'A forecast as a page',
    scope: 'read',
    rate: 'read',
    query: z.strictObject({ forecast: z.string().regex(forecastId, 'an id like fc_…').optional() }),
    answers: { 200: { description: 'The page', mediaType: html } },
    refusals: ['not-found', 'invalid-parameter'],
    handle: async ({ app }, call) => {
      const { forecast } = call.query;
      const view = await findPage(app, forecast ?? null);
      return view === null ? answerWithPage(call, 'empty', {}) : answerWithPage(call, 'page', view);
    },
  }),
];
