import { createHash } from 'node:crypto';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Waits before each try, as Standard Webhooks 1.0 proposes them: the first at once, the last after three days. */
export const retryWaitsMs: readonly number[] = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

export const mostTries = retryWaitsMs.length;

/** Of a wait, so that what failed together does not come back together. */
const jitterShare = 0.1;

export type FailedTry = {
  readonly id: string;
  readonly attempt: number;
  /** 1 after the first. */
  readonly tries: number;
  /** As the receiver asked, if it did. */
  readonly waitMs: number | null;
};

/**
 * When a delivery is tried again, or null where it was the last try. Up to a tenth is added to the wait of the table, by
 * the id and the number of the attempt; a receiver that asked for longer is given that.
 */
export function judgeRetry({ id, attempt, tries, waitMs }: FailedTry, now: Date): Date | null {
  const table = retryWaitsMs[tries];
  if (table === undefined) return null;
  const share = createHash('sha256').update(`${id}:${attempt}`).digest().readUInt32BE(0) / 2 ** 32;
  const spread = Math.round(table * (1 + jitterShare * share));
  return new Date(now.getTime() + Math.max(spread, waitMs ?? 0));
}
