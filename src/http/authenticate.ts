import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import type { Scope } from '../services/api-keys.ts';
import { authenticateKey } from '../services/api-keys.ts';
import { Refusal } from '../services/refusal.ts';
import { cookieKeyOf } from './key-cookie.ts';
import type { Actor, Service } from './operation.ts';

/**
 * Who sends a request. A key that is sent must be right, also where none is needed; a cookie is looked at only where one
 * is. Throws Refusal.
 */
export async function authenticate(service: Service, request: Request): Promise<Actor> {
  const header = request.headers.authorization;
  if (header === undefined && !service.settings.keysRequired) return { kind: 'local' };
  if (!sendsKey(request)) throw new Refusal('unauthenticated', 'This service takes requests with a key only.');
  const sent = header === undefined ? cookieOf(request) : /^Bearer ([\x21-\x7e]{1,300})$/i.exec(header)?.[1];
  const key = sent === undefined ? null : await authenticateKey(service.app, sent);
  if (key === null)
    throw new Refusal('unauthenticated', 'The key is not valid: it may be mistyped, expired or revoked.');
  return { kind: 'key', key };
}

/** Whether a request carries a key, right or wrong. */
export function sendsKey(request: Request): boolean {
  return request.headers.authorization !== undefined || cookieOf(request) !== undefined;
}

/** Whether the key that a request is judged by is that of a cookie. */
export function judgesCookie(request: Request): boolean {
  return request.headers.authorization === undefined && cookieOf(request) !== undefined;
}

/**
 * A cookie goes along with whatever a browser sends. Pages check where their forms come from; of the API it opens what only
 * reads, so that a page's links to workbooks and JSON work.
 */
function cookieOf(request: Request): string | undefined {
  const onlyReads = request.method === 'GET' || request.method === 'HEAD';
  return onlyReads || !request.path.startsWith('/v1/') ? cookieKeyOf(request) : undefined;
}

/** Throws Refusal when the key lacks the scope. Whoever is on this machine may do everything. */
export function requireScope(actor: Actor, scope: Scope): void {
  if (actor.kind === 'local' || actor.key.scopes.includes(scope) || actor.key.scopes.includes('admin')) return;
  throw new Refusal('missing-scope', `This needs a key with the scope ${scope}.`, {
    members: { required_scope: scope },
  });
}

/** Whether a request carries the token that opens /metrics alone. */
export function hasMetricsToken({ settings }: Service, request: Request): boolean {
  const sent = request.headers.authorization;
  return settings.metricsToken !== null && sent !== undefined && isSame(sent, `Bearer ${settings.metricsToken}`);
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
