import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import type { Scope } from '../services/api-keys.ts';
import { authenticateKey } from '../services/api-keys.ts';
import { Refusal } from '../services/refusal.ts';
import type { Actor, Service } from './operation.ts';

/** Who sends a request. A key that is sent must be right, also where none is needed. Throws Refusal. */
export async function authenticate(service: Service, request: Request): Promise<Actor> {
  const header = request.headers.authorization;
  if (header === undefined) {
    if (!service.settings.keysRequired) return { kind: 'local' };
    throw new Refusal('unauthenticated', 'This service takes requests with a key only.');
  }
  const sent = /^Bearer ([\x21-\x7e]{1,300})$/i.exec(header)?.[1];
  const key = sent === undefined ? null : await authenticateKey(service.app, sent);
  if (key === null)
    throw new Refusal('unauthenticated', 'The key is not valid: it may be mistyped, expired or revoked.');
  return { kind: 'key', key };
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
