import { setTimeout as wait } from 'node:timers/promises';
import { isUnavailable } from '../db/failures.ts';
import { Refusal } from './refusal.ts';

/** A database that restarts or is away for a moment, as a refusal; null for anything else. */
export function findOutage(error: unknown): Refusal | null {
  if (!isUnavailable(error)) return null;
  return new Refusal('unavailable', 'The database is away for the moment.', { retryAfterSeconds: 5, cause: error });
}

const pausesMs = [100, 400, 1_500];

/** Repeats a read through a short outage of the database; never for a request that changes something. */
export async function readThroughOutages<Result>(read: () => Promise<Result>): Promise<Result> {
  for (const pause of pausesMs) {
    try {
      return await read();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      await wait(pause);
    }
  }
  return read();
}
