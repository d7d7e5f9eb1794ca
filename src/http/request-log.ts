import type { Request, RequestHandler } from 'express';
import type { AppLog } from '../services/app.ts';
import { makeId } from '../services/ids.ts';
import type { RequestMetrics } from './metrics.ts';

type Tracked = { readonly id: string; route: string };

const tracked = new WeakMap<Request, Tracked>();

/** One line for each request when it ends: time and level are the logger's. Never a body, a key, or a query's values. */
export function trackRequests(log: AppLog, metrics: RequestMetrics | null): RequestHandler {
  return (request, response, next) => {
    const sent = request.headers['x-request-id'];
    const id = typeof sent === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(sent) ? sent : makeId('req');
    const state: Tracked = { id, route: 'unknown' };
    tracked.set(request, state);
    response.set('X-Request-Id', id);
    const began = performance.now();
    response.once('close', () => {
      const ms = Math.round((performance.now() - began) * 10) / 10;
      const status = response.writableFinished ? response.statusCode : 499;
      const line = { request_id: id, method: request.method, route: state.route, status, ms };
      if (status >= 500) log.error(line, 'request');
      else log.info(line, 'request');
      metrics?.count(request.method, state.route, status, ms / 1000);
    });
    next();
  };
}

/** Names the route of a request for its log line: the pattern, so that ids are not spread over the log. */
export function nameRoute(request: Request, route: string): void {
  const state = tracked.get(request);
  if (state !== undefined) state.route = route;
}

export function requestIdOf(request: Request): string {
  return tracked.get(request)?.id ?? '';
}

/** What broke, without what was sent: a database error's own text may quote values. */
export function describeFailure(error: unknown): object {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const { name, message, code, stack } = cause as { name?: string; message?: string; code?: unknown; stack?: string };
  const fromDatabase = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    error: name,
    code,
    ...(fromDatabase ? {} : { reason: message }),
    stack: frames.slice(0, 12).map((line) => line.trim()),
  };
}
