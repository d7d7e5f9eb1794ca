import { join } from 'node:path';
import { Eta } from 'eta';
import type { Request } from 'express';
import type { RefusalCode } from '../services/refusal.ts';
import type { Answer, Call } from './operation.ts';
import type { ProblemDocument } from './problems.ts';
import { problemTypes } from './problems.ts';

export const html = 'text/html; charset=utf-8';

const templates = new Eta({ views: join(import.meta.dirname, '../web'), cache: true });

/** A page of `src/web` by the name of its template, with its view, for whoever asked. */
export function answerWithPage({ actor }: Pick<Call, 'actor'>, template: string, view: object, status = 200): Answer {
  const signedIn = actor.kind === 'key';
  return { status, body: templates.render(`./${template}`, { ...view, signedIn }), mediaType: html };
}

/** What a form that has done its work answers: the browser then reads a page, and reading it again repeats nothing. */
export function goTo(path: string): Answer {
  return { status: 303, headers: { Location: path } };
}

/** Whether a refusal is best told as a page: a person followed a link, or typed an address. */
export function wantsPage(request: Request): boolean {
  return !request.path.startsWith('/v1') && request.accepts(['json', 'html']) === 'html';
}

/** The form that asks for a key, in place of a page that needs one. */
export function renderSignIn({ method, originalUrl }: Request): string {
  const next = method === 'GET' || method === 'HEAD' ? originalUrl : '/';
  return templates.render('./sign-in', { next, wrong: false });
}

/** What a refusal says, as a page. */
export function renderProblem(code: RefusalCode, { title, detail, request_id, errors = [] }: ProblemDocument): string {
  const { about } = problemTypes[code];
  return templates.render('./problem', { title, detail, about, request_id, errors });
}
