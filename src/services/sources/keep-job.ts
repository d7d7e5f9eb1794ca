import { z } from 'zod';
import { claimSourceToKeep, delayKeeping } from '../../db/bill-sources.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import { announceFailure } from '../notices/announce-failure.ts';
import type { Hooks, Job } from '../runs/run-execution.ts';
import { cancelled, reasonOf } from '../runs/run-execution.ts';
import { startRun } from '../runs/runs.ts';
import { keepSourceDays } from './bill-pulls.ts';
import { openBillSource, requireBillSource } from './bill-sources.ts';

export const keepKind = 'keep-days';

/** A source that forgets after 30 days is looked at each week, and after a failure the day after: no day is lost to one. */
const keepEveryMs = 7 * 24 * 3_600_000;
const keepAgainMs = 24 * 3_600_000;
const mostSteps = 1_000;

const keepInput = z.object({ source_id: z.string() });

/** Starts looks at sources whose days would be forgotten. Any number of processes may. Gives how many it started. */
export async function planKeeps(app: App): Promise<number> {
  let steps = 0;
  while (steps < mostSteps && (await app.db.transaction().execute((trx) => planNext(app, trx)))) steps++;
  if (steps > 0) app.queue.wake();
  return steps;
}

async function planNext(app: App, trx: App['db']): Promise<boolean> {
  const now = nowText(app);
  const source = await claimSourceToKeep(trx, now, after(app, keepEveryMs));
  if (source === undefined) return false;
  const key = `${source.id}:keep:${now}`;
  await startRun(app, trx, { kind: keepKind, key, trigger: 'schedule', input: { source_id: source.id } });
  return true;
}

export const keepHooks: Hooks = {
  failed: async (app, trx, run, error) => {
    const { source_id } = keepInput.parse(JSON.parse(run.input));
    const next_try_at = after(app, keepAgainMs);
    await delayKeeping(trx, source_id, next_try_at);
    if (error === cancelled) return;
    // Each look is a run of its own; of those that fail alike one a month is told.
    const about = `${source_id}-${nowText(app).slice(0, 7)}-${keepKind}`;
    const failure = { run: run.id, source: source_id, what: keepKind, reason: reasonOf(error), next_try_at };
    await announceFailure(app, trx, about, failure);
  },
};

/** Fetches the days that a source still gives, so that a bill of a month can be put together after they are gone. */
export const keepJob: Job = {
  ...keepHooks,
  work: async (app, input, { signal, log }) => {
    const { source_id } = keepInput.parse(input);
    const source = openBillSource(app, await requireBillSource(app, source_id));
    const days = await keepSourceDays(app, source, { signal, log });
    return { result: { source: `/v1/bill-sources/${source_id}`, days } };
  },
};

function after(app: App, ms: number): string {
  return new Date(app.clock().getTime() + ms).toISOString();
}
