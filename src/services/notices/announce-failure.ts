import { createHash } from 'node:crypto';
import type { Db } from '../../db/tables.ts';
import type { App } from '../app.ts';

export type Failure = {
  /** Why, for people. */
  readonly reason: string;
  /** When it is tried again without being asked; null where somebody has to. */
  readonly next_try_at: string | null;
  readonly [about: string]: unknown;
};

/** Tells that something failed: once for each reason, however often it is tried, and again when nobody tries any more. */
export async function announceFailure(
  app: Pick<App, 'announce'>,
  trx: Db,
  about: string,
  failure: Failure,
): Promise<void> {
  const reason = createHash('sha256').update(failure.reason).digest('hex').slice(0, 8);
  const id = `${about}-failed-${reason}${failure.next_try_at === null ? '' : '-again'}`;
  await app.announce(trx, { id, type: 'schedule.failed', data: failure });
}
