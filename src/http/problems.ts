import { InvalidInput } from '../core/problem.ts';
import { findOutage } from '../services/outage.ts';
import type { ProblemText } from '../services/problem-text.ts';
import { showProblem } from '../services/problem-text.ts';
import type { RefusalCode } from '../services/refusal.ts';
import { Refusal, refuseInput } from '../services/refusal.ts';

export type ProblemType = {
  readonly status: number;
  readonly title: string;
  /** What it means and how to mend it; the text at its `type` address. */
  readonly about: string;
};

/** Every kind of error this service answers with: the one table from a refusal to HTTP (RFC 9457). */
export const problemTypes: Readonly<Record<RefusalCode, ProblemType>> = {
  'malformed-json': type(
    400,
    'The body is not JSON',
    'Send one JSON document in UTF-8; `position` is the character where reading stopped.',
  ),
  'malformed-yaml': type(
    400,
    'The body is not YAML',
    'Send one YAML 1.2 document in UTF-8, without tags of its own; the detail names the line.',
  ),
  'bad-cursor': type(
    400,
    'The cursor is not known',
    'Cursors come from `next_cursor` of the same list. Start again without one.',
  ),
  'invalid-parameter': type(
    400,
    'A query parameter is wrong',
    'Each entry of `errors` points at one parameter and says what it takes.',
  ),
  'idempotency-key-invalid': type(
    400,
    'The Idempotency-Key is not usable',
    'Send 1 to 200 visible ASCII characters, best a UUID.',
  ),
  unauthenticated: type(
    401,
    'A key is needed',
    'Send `Authorization: Bearer ifc_live_…` with a key that is neither expired nor revoked.',
  ),
  'missing-scope': type(
    403,
    'The key may not do this',
    '`required_scope` names what it lacks. Make a key that has it; scopes of a key never change.',
  ),
  csrf: type(
    403,
    'The request comes from another site',
    'Only pages of this service may call it from a browser. Programs send no Origin at all.',
  ),
  'not-found': type(404, 'There is no such thing', 'The address or the id is wrong, or it was deleted.'),
  'method-not-allowed': type(405, 'The address does not take this method', '`Allow` names those it takes.'),
  'not-acceptable': type(
    406,
    'The answer does not come in this form',
    '`supported` names the media types it comes in; leave Accept out to take what there is.',
  ),
  conflict: type(409, 'It collides with what is there', '`existing` is the address of the thing in the way.'),
  'run-exists': type(
    409,
    'This was run already',
    'A period of a schedule has one result. `existing` is the address of its run.',
  ),
  'idempotency-in-progress': type(
    409,
    'The same request is still at work',
    'Wait as long as Retry-After says, then send it again with the same key.',
  ),
  'engine-changed': type(
    409,
    'Another engine version computed it',
    'Stored numbers never change. Run it again with its own version, or make a new forecast.',
  ),
  'version-mismatch': type(
    412,
    'It was changed meanwhile',
    'Read it again and put your change on top; `current_etag` is the ETag to send in If-Match.',
  ),
  'body-too-large': type(413, 'The body is too large', '`limit_bytes` is the most that is taken.'),
  'url-too-long': type(414, 'The address is too long', 'At most 4,096 characters are taken.'),
  'unsupported-media-type': type(
    415,
    'The body is in a form that is not taken',
    '`supported` names the media types that are; compressed bodies are not.',
  ),
  'misdirected-request': type(
    421,
    'The Host is not one of this service',
    'Use a name from ALLOWED_HOSTS, or this machine’s own. This keeps foreign web sites out (DNS rebinding).',
  ),
  'validation-failed': type(
    422,
    'What was sent does not hold',
    'Each entry of `errors` points (RFC 6901) at one wrong place and says how to mend it. All are listed at once.',
  ),
  'limit-exceeded': type(
    422,
    'A limit was passed',
    'Each entry of `errors` names a limit. Ask for less, or raise the setting where there is one.',
  ),
  'too-expensive': type(
    422,
    'The calculation is too large',
    'It passed its time or memory and was stopped; `limit` says which. Ask for fewer draws, months or tiers.',
  ),
  'idempotency-key-reused': type(
    422,
    'The Idempotency-Key belongs to another request',
    'A key stands for one request for 24 hours. Use a new one.',
  ),
  'if-match-required': type(
    428,
    'If-Match is needed',
    'Send the ETag of the version you read, so that nobody’s change is lost; `*` takes any.',
  ),
  'rate-limited': type(429, 'Too many requests', 'Wait as long as Retry-After says.'),
  'too-many-jobs': type(
    429,
    'The queue of calculations is full',
    'Nothing was started. Wait as long as Retry-After says.',
  ),
  'headers-too-large': type(431, 'The headers are too large', 'At most 16 kB are taken.'),
  internal: type(
    500,
    'Something broke on our side',
    'Report it with its `request_id`; the log has the cause under it.',
  ),
  unavailable: type(
    503,
    'Not available for the moment',
    'The database is away or the service is stopping. Wait as long as Retry-After says.',
  ),
  'out-of-space': type(507, 'The disk is nearly full', 'Nothing was stored. Free space, or lower MIN_FREE_MB.'),
};

export const problemMediaType = 'application/problem+json; charset=utf-8';

export type ProblemDocument = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly request_id: string;
  readonly errors?: readonly ProblemText[];
  readonly [member: string]: unknown;
};

/** The refusal behind anything thrown; what nobody foresaw is `internal` and says nothing of the inside. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof InvalidInput) return refuseInput(error.problems);
  const outage = findOutage(error);
  if (outage !== null) return outage;
  const { type: kind, status, limit } = error as { type?: unknown; status?: unknown; limit?: unknown };
  if (kind === 'entity.too.large') {
    const limit_bytes = Number(limit);
    return new Refusal('body-too-large', `A body may have ${limit_bytes} bytes.`, {
      members: { limit_bytes },
      cause: error,
    });
  }
  if (kind === 'encoding.unsupported')
    return new Refusal('unsupported-media-type', 'Send the body uncompressed.', { cause: error });
  if (kind === 'request.aborted' || kind === 'request.size.invalid') {
    return new Refusal('malformed-json', 'The body ended before its Content-Length.', { cause: error });
  }
  if (error instanceof URIError || status === 400) {
    return new Refusal('invalid-parameter', 'The address holds a wrong percent escape.', { cause: error });
  }
  return new Refusal('internal', 'The request could not be answered.', { cause: error });
}

export function problemDocument(refusal: Refusal, instance: string, request_id: string): ProblemDocument {
  const { status, title } = problemTypes[refusal.code];
  const retry = refusal.retryAfterSeconds === null ? {} : { retry_after_s: refusal.retryAfterSeconds };
  return {
    type: `/v1/problems/${refusal.code}`,
    title,
    status,
    detail: refusal.message,
    instance,
    request_id,
    ...(refusal.errors.length === 0 ? {} : { errors: refusal.errors.map(showProblem) }),
    ...refusal.members,
    ...retry,
  };
}

function type(status: number, title: string, about: string): ProblemType {
  return { status, title, about };
}
