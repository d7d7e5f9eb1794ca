import { countActiveApiKeys } from '../db/api-keys.ts';
import { findFreeMegabytes } from '../db/free-space.ts';
import type { App } from './app.ts';
import { nowText } from './app.ts';

export type Check = { readonly ok: boolean; readonly detail?: string };
export type Health = {
  readonly ok: boolean;
  readonly checks: Readonly<Record<'database' | 'disk' | 'compute', Check>>;
};

const answerMs = 2_000;

/** Whether requests can be served now: the database answers, the disk has room, the queue of calculations is not full. */
export async function checkHealth(app: App): Promise<Health> {
  const [database, disk] = await Promise.all([checkDatabase(app), checkDisk(app)]);
  const compute = { ok: true, detail: `${app.compute.running()} running, ${app.compute.queued()} waiting` };
  return { ok: database.ok && disk.ok, checks: { database, disk, compute } };
}

async function checkDatabase(app: App): Promise<Check> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Check>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: `no answer within ${answerMs} ms` }), answerMs);
  });
  const answered = countActiveApiKeys(app.db, nowText(app)).then(
    (): Check => ({ ok: true }),
    (): Check => ({ ok: false, detail: 'a query failed; see the log' }),
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

async function checkDisk({ settings }: App): Promise<Check> {
  if (settings.guardedFolder === null) return { ok: true };
  const free = await findFreeMegabytes(settings.guardedFolder);
  if (free === null || free >= settings.minFreeMb) return { ok: true };
  return { ok: false, detail: `${free} MB free, ${settings.minFreeMb} MB needed` };
}
