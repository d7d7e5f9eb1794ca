import { z } from 'zod';
import { authenticateKey } from '../../services/api-keys.ts';
import { fieldOf, formBody } from '../form-body.ts';
import { forgetKey, keepKey } from '../key-cookie.ts';
import { operation } from '../operation.ts';
import { answerWithPage, goTo, html } from '../page-templates.ts';

const tag = 'Page';
const page = { description: 'The page', mediaType: html };
const done = { 303: { description: 'Where the reader wanted to go' } };

export const signInPages = [
  operation({
    id: 'showSignIn',
    method: 'get',
    path: '/sign-in',
    tag,
    summary: 'The form that asks for a key',
    scope: null,
    rate: 'read',
    query: z.strictObject({}),
    answers: { 200: page },
    refusals: [],
    handle: (_service, call) => answerWithPage(call, 'sign-in', { next: '/', wrong: false }),
  }),
  operation({
    id: 'sendSignInForm',
    method: 'post',
    path: '/sign-in',
    tag,
    summary: 'Keep a key in this browser',
    scope: null,
    rate: 'write',
    body: formBody,
    answers: { 401: page, ...done },
    refusals: ['rate-limited'],
    handle: async ({ app }, call) => {
      const key = fieldOf(call.body, 'key') ?? '';
      const next = ownPath(fieldOf(call.body, 'next'));
      const known = /^[\x21-\x7e]{1,300}$/.test(key) ? await authenticateKey(app, key) : null;
      if (known === null) return { ...answerWithPage(call, 'sign-in', { next, wrong: true }, 401), wrongKey: true };
      return { ...goTo(next), cookies: [keepKey(key, call.secure)] };
    },
  }),
  operation({
    id: 'sendSignOutForm',
    method: 'post',
    path: '/sign-out',
    tag,
    summary: 'Forget the key in this browser',
    scope: null,
    rate: 'write',
    body: formBody,
    answers: done,
    refusals: [],
    handle: () => ({ ...goTo('/sign-in'), cookies: forgetKey() }),
  }),
];

/** An address of this service, never of another: browsers take `//` and `/\` for the beginning of a foreign one. */
function ownPath(path = '/'): string {
  return /^\/(?![/\\])[\x21-\x7e]{0,2000}$/.test(path) ? path : '/';
}
