import type { EgressAnswer, EgressRules } from '../egress/guarded-request.ts';
import { EgressFailed, sendGuarded } from '../egress/guarded-request.ts';
import { parseRetryAfter } from '../egress/retry-after.ts';

/** What a pull brings: the text of each day or report as it came, to be read like an uploaded file. */
export type PulledFile = { readonly name: string; readonly bytes: Uint8Array };

export type Pulled = {
  readonly files: readonly PulledFile[];
  /** Days of the period that the source no longer gives, YYYY-MM-DD. */
  readonly missing_days: readonly string[];
};

export type PullContext = {
  /** `YYYY-MM`, in UTC as providers count their days. */
  readonly period: string;
  /** YYYY-MM-DD: the current day in UTC. */
  readonly today: string;
  readonly credential: string | null;
  /** Its last four characters, where those may be shown. */
  readonly last4: string | null;
  readonly rules: EgressRules;
  /** What `Retry-After` is counted from. */
  readonly now: () => Date;
  /** Waits between attempts; the caller decides how. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** How long the whole pull may still wait; counts down. */
  readonly patience: { leftMs: number };
  /** Nothing more is asked once it is aborted: its reason is thrown. */
  readonly signal: AbortSignal;
  readonly log: (message: string) => Promise<void>;
};

/**
 * `credential`: the key is wrong or may not read this; `gone`: the address is not there; `shape`: the answer is none that
 * is known; `refused`: our own rules; `too-large`: more than is read of one; `later`: of the moment, worth another try after
 * `waitMs`.
 */
export type SourceFailureKind = 'credential' | 'gone' | 'shape' | 'refused' | 'too-large' | 'later';

/** Why a source gave nothing, in one sentence with what to do; what the far side said is never part of it. */
export class SourceFailed extends Error {
  readonly kind: SourceFailureKind;
  readonly waitMs: number | null;

  constructor(kind: SourceFailureKind, message: string, waitMs: number | null = null, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SourceFailed';
    this.kind = kind;
    this.waitMs = waitMs;
  }
}

export type SourceRequest = {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly destination: { readonly origins: readonly string[] } | 'free';
  readonly maxBytes: number;
  /** Which key may read it, such as `an admin key of the organisation`. */
  readonly needs: string;
};

/** As limits are told: 5 MB. */
export function megabytes(bytes: number): string {
  return `${bytes / 1_000_000} MB`;
}

/** A pull waits no longer than this in all, so that the run which holds it comes to its end. */
export const mostPatienceMs = 10 * 60_000;

const attempts = 4;
const firstWaitMs = 1_000;
/** A longer wait is the queue's business, not that of a pull that holds a worker. */
const longestWaitMs = 60_000;

/**
 * The body of an answer 200. Answers 429 and 5xx, timeouts and broken answers are asked again, as long as Retry-After
 * says, else after 1, 2 and 4 seconds, while the patience of the pull lasts. Throws SourceFailed.
 */
export async function askSource(request: SourceRequest, context: PullContext): Promise<EgressAnswer> {
  const { wait, log, patience, signal } = context;
  const { host } = new URL(request.address);
  for (let attempt = 1; ; attempt++) {
    const failure = await tryOnce(request, context).catch((cause: unknown) => {
      if (cause instanceof SourceFailed) return cause;
      throw cause;
    });
    if (!(failure instanceof SourceFailed)) return failure;
    const waitMs = failure.waitMs ?? firstWaitMs * 2 ** (attempt - 1);
    const isTooLong = waitMs > Math.min(longestWaitMs, patience.leftMs);
    if (failure.kind !== 'later' || attempt === attempts || isTooLong) throw failure;
    patience.leftMs -= waitMs;
    await log(`${failure.message} Asking ${host} again in ${Math.ceil(waitMs / 1_000)} s.`);
    await wait(waitMs, signal);
  }
}

/** The JSON text of an answer. Throws SourceFailed where it is none. */
export async function askForJson(
  request: SourceRequest,
  context: PullContext,
): Promise<{ text: string; json: unknown }> {
  const { body } = await askSource(request, context);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return { text, json: JSON.parse(text) };
  } catch (cause) {
    throw new SourceFailed('later', `${new URL(request.address).host} sent no JSON.`, null, { cause });
  }
}

async function tryOnce(
  { address, headers, destination, maxBytes, needs }: SourceRequest,
  context: PullContext,
): Promise<EgressAnswer> {
  const { origin } = new URL(address);
  const answer = await sendGuarded(
    { method: 'GET', address, headers: { 'User-Agent': 'infercast', ...headers }, body: null, destination, maxBytes },
    context.rules,
    context.signal,
  ).catch((cause: unknown) => {
    if (!(cause instanceof EgressFailed)) throw cause;
    if (cause.kind === 'too-large') {
      const message = `${origin} sent more than ${megabytes(maxBytes)} in one answer, which is the most that is read.`;
      throw new SourceFailed('too-large', message, null, { cause });
    }
    const kind = cause.kind === 'refused' ? 'refused' : 'later';
    throw new SourceFailed(kind, cause.message, null, { cause });
  });
  if (answer.status === 200) return answer;
  throw failureOf(answer, origin, needs, context);
}

function failureOf(
  { status, headers }: EgressAnswer,
  origin: string,
  needs: string,
  { credential, last4, now }: PullContext,
): SourceFailed {
  if (status === 401 || status === 403) {
    const key = last4 === null ? 'the key' : `the key that ends in ${last4}`;
    const said = credential === null ? 'asks for a key' : `did not take ${key}`;
    return new SourceFailed('credential', `${origin} ${said} (${status}): it takes ${needs}.`);
  }
  if (status === 429 || status >= 500) {
    const waitMs = parseRetryAfter(headers['retry-after'], now());
    return new SourceFailed('later', `${origin} answered with status ${status}.`, waitMs);
  }
  if (status === 404 || status === 410) return new SourceFailed('gone', `${origin} knows no such report (${status}).`);
  return new SourceFailed('shape', `${origin} answered with status ${status}, which a report never has.`);
}
