import { join } from 'node:path';
import { Eta } from 'eta';
import type { Request } from 'express';
import { z } from 'zod';
import { forecastId } from '../services/forecasts.ts';
import { findPage } from '../services/page.ts';
import type { RefusalCode } from '../services/refusal.ts';
import type { Answer } from './operation.ts';
import { operation } from './operation.ts';
import type { ProblemDocument } from './problems.ts';
import { problemTypes } from './problems.ts';

const html = 'text/html; charset=utf-8';
const templates = new Eta({ views: join(import.meta.dirname, '../web'), cache: true });

/**
 * `GET /`: the newest forecast, or the one asked for, as a page. It goes the way of every operation (who is it, may they,
 * how often), but stands outside the API and its document.
 */
export const pageOperation = operation({
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
  handle: async ({ app }, { query: { forecast } }): Promise<Answer> => {
    const view = await findPage(app, forecast ?? null);
    return {
      status: 200,
      body: view === null ? templates.render('./empty', {}) : templates.render('./page', view),
      mediaType: html,
    };
  },
});

/** Whether a refusal is best told as a page: a person followed a link, or typed an address. */
export function wantsPage(request: Request): boolean {
  return !request.path.startsWith('/v1') && request.accepts(['json', 'html']) === 'html';
}

/** What a refusal says, as a page. */
export function renderProblem(code: RefusalCode, { title, detail, request_id }: ProblemDocument): string {
  return templates.render('./problem', { title, detail, about: problemTypes[code].about, request_id });
}
