import type { Request, RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { Refusal } from '../services/refusal.ts';
import type { Actor, HttpSettings, RateClass } from './operation.ts';

export type RateLimits = {
  /** Counts a request of a key and refuses it beyond its class's rate. An open service has no rates. */
  readonly count: (rate: RateClass, actor: Actor, request: Request, response: Response) => Promise<void>;
  /** Counts a failed authentication by address and refuses the 11th within 15 minutes. */
  readonly countFailure: (request: Request, response: Response) => Promise<void>;
};

export function makeRateLimits({ ratesPerMinute }: Pick<HttpSettings, 'ratesPerMinute'>): RateLimits {
  const actors = new WeakMap<Request, string>();
  const byKey = (rate: RateClass): RequestHandler =>
    limiter(rate, 60_000, ratesPerMinute[rate], (request) => actors.get(request) ?? '');
  const limiters: Record<RateClass, RequestHandler> = {
    read: byKey('read'),
    write: byKey('write'),
    compute: byKey('compute'),
    upload: byKey('upload'),
  };
  const failures = limiter('login', 15 * 60_000, 10, (request) => request.ip ?? '');
  return {
    count: async (rate, actor, request, response) => {
      if (actor.kind === 'local') return;
      actors.set(request, actor.key.id);
      await pass(limiters[rate], request, response);
    },
    countFailure: (request, response) => pass(failures, request, response),
  };
}

function limiter(
  name: string,
  windowMs: number,
  limit: number,
  keyGenerator: (request: Request) => string,
): RequestHandler {
  return rateLimit({
    windowMs,
    limit,
    identifier: name,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: false,
    keyGenerator,
    handler: (_request, response, next) => {
      const retryAfterSeconds = Number(response.getHeader('Retry-After') ?? Math.ceil(windowMs / 1000));
      next(
        new Refusal('rate-limited', `More than ${limit} requests within ${windowMs / 60_000} min.`, {
          retryAfterSeconds,
        }),
      );
    },
  });
}

function pass(handler: RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    const answered = handler(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
    Promise.resolve(answered).catch(reject);
  });
}
