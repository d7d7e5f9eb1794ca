import type { Problem } from '../core/problem.ts';

/** Why a use case cannot be done, in words a client program can rely on. The HTTP status of each is known to `http` only. */
export type RefusalCode =
  | 'malformed-json'
  | 'malformed-yaml'
  | 'bad-cursor'
  | 'invalid-parameter'
  | 'idempotency-key-invalid'
  | 'unauthenticated'
  | 'missing-scope'
  | 'csrf'
  | 'not-found'
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'conflict'
  | 'run-exists'
  | 'idempotency-in-progress'
  | 'engine-changed'
  | 'version-mismatch'
  | 'body-too-large'
  | 'url-too-long'
  | 'unsupported-media-type'
  | 'misdirected-request'
  | 'validation-failed'
  | 'limit-exceeded'
  | 'too-expensive'
  | 'idempotency-key-reused'
  | 'if-match-required'
  | 'rate-limited'
  | 'too-many-jobs'
  | 'headers-too-large'
  | 'internal'
  | 'unavailable'
  | 'out-of-space';

export type RefusalOptions = {
  readonly errors?: readonly Problem[];
  /** Further members of the problem, as its type documents them: `limit_bytes`, `current_etag`, `existing`. Plain JSON. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
};

/** Thrown by a use case that refuses; `message` says what was found and how to mend it. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly errors: readonly Problem[];
  readonly members: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | null;

  constructor(code: RefusalCode, message: string, options: RefusalOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'Refusal';
    this.code = code;
    this.errors = options.errors ?? [];
    this.members = options.members ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}

/** Everything wrong with what was sent, at once. It is a passed limit only when nothing else is wrong. */
export function refuseInput(problems: readonly Problem[]): Refusal {
  const limitsOnly = problems.length > 0 && problems.every(({ code }) => code === 'limit-exceeded');
  const code = limitsOnly ? 'limit-exceeded' : 'validation-failed';
  return new Refusal(code, problems.length === 1 ? 'One thing is wrong.' : `${problems.length} things are wrong.`, {
    errors: problems,
  });
}

export function refuseUnknown(what: string, id: string): Refusal {
  return new Refusal('not-found', `There is no ${what} ${id.slice(0, 80)}.`);
}
