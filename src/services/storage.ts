import { tmpdir } from 'node:os';
import { findFreeMegabytes } from '../db/free-space.ts';
import type { App } from './app.ts';
import { Refusal } from './refusal.ts';

type Guarded = { readonly settings: Pick<App['settings'], 'guardedFolder' | 'minFreeMb'> };

/**
 * Refuses a write while the disk of the embedded database has less than MIN_FREE_MB left, or would have after so many
 * megabytes more.
 */
export async function requireRoom({ settings: { guardedFolder, minFreeMb } }: Guarded, megabytes = 0): Promise<void> {
  if (guardedFolder !== null) await requireFree(guardedFolder, minFreeMb, megabytes);
}

/** Refuses a file that the disk of temporary files has no room for. */
export async function requireTemporaryRoom({ settings }: Guarded, megabytes: number): Promise<void> {
  await requireFree(tmpdir(), settings.minFreeMb, megabytes);
}

async function requireFree(folder: string, minFreeMb: number, megabytes: number): Promise<void> {
  const free = await findFreeMegabytes(folder);
  if (free === null || free >= minFreeMb + megabytes) return;
  const more = megabytes === 0 ? '' : ` after ${Math.ceil(megabytes)} MB more`;
  throw new Refusal(
    'out-of-space',
    `Only ${free} MB are free and ${minFreeMb} MB must stay free${more}: nothing was stored.`,
    { retryAfterSeconds: 60 },
  );
}
