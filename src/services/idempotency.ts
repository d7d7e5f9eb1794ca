import { createHash } from 'node:crypto';
import type { KeptAnswer } from '../db/idempotency-keys.ts';
import {
  claimIdempotencyKey,
  deleteIdempotencyKeysBefore,
  keepAnswer,
  releaseIdempotencyKey,
} from '../db/idempotency-keys.ts';
import type { App } from './app.ts';
import { makeObjectId } from './ids.ts';
import { Refusal } from './refusal.ts';

const keptMs = 24 * 3_600_000;
/** Longer than any request may take, so that only a dead process's claim is ever taken over. */
const staleMs = 60_000;

export type RepeatableRequest = {
  readonly actor: string;
  readonly key: string;
  /** Everything that makes the request what it is: method, path and body. */
  readonly fingerprint: readonly (string | Uint8Array)[];
};

/**
 * Does a request once for each key: the first answer is kept for 24 hours and given to every repetition. `objectId` is
 * the same at every try, also after a crash in between, so that the object is made once too. An answer that is not a
 * success is not kept. Throws Refusal: another request has the key, or the first one is still at work.
 */
export async function answerOnce(
  app: App,
  { actor, key, fingerprint }: RepeatableRequest,
  answer: (objectId: string) => Promise<KeptAnswer>,
): Promise<KeptAnswer & { readonly repeated: boolean }> {
  const now = app.clock().getTime();
  const request_sha256 = digest(fingerprint);
  await deleteIdempotencyKeysBefore(app.db, instant(now - keptMs));
  const { claimed, row } = await claimIdempotencyKey(app.db, {
    actor,
    key,
    request_sha256,
    object_id: makeObjectId(),
    now: instant(now),
    stale_before: instant(now - staleMs),
  });
  if (!claimed) {
    if (row.request_sha256 !== request_sha256) {
      throw new Refusal('idempotency-key-reused', 'This Idempotency-Key was used for another request: use a new one.');
    }
    if (row.status === null) {
      throw new Refusal('idempotency-in-progress', 'The first request with this Idempotency-Key is still at work.', {
        retryAfterSeconds: 1,
      });
    }
    return { status: row.status, headers: row.headers ?? {}, body: row.body ?? '', repeated: true };
  }
  try {
    const made = await answer(row.object_id);
    await keepAnswer(app.db, actor, key, made);
    return { ...made, repeated: false };
  } catch (error) {
    await releaseIdempotencyKey(app.db, actor, key);
    throw error;
  }
}

function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
