import { findFreeMegabytes } from '../db/free-space.ts';
import type { App } from './app.ts';
import { Refusal } from './refusal.ts';

/** Refuses a write while the disk of the embedded database has less than MIN_FREE_MB left. */
export async function requireRoom(app: {
  readonly settings: Pick<App['settings'], 'guardedFolder' | 'minFreeMb'>;
}): Promise<void> {
  const { guardedFolder, minFreeMb } = app.settings;
  if (guardedFolder === null) return;
  const free = await findFreeMegabytes(guardedFolder);
  if (free === null || free >= minFreeMb) return;
  throw new Refusal(
    'out-of-space',
    `Only ${free} MB are free and ${minFreeMb} MB must stay free: nothing was stored.`,
    {
      retryAfterSeconds: 60,
    },
  );
}
