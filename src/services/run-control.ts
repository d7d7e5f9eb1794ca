import { requestCancel, requeueRun } from '../db/runs.ts';
import type { App } from './app.ts';
import { nowText } from './app.ts';
import { hooks } from './jobs.ts';
import { Refusal } from './refusal.ts';
import { cancelled } from './run-execution.ts';
import type { RunView } from './runs.ts';
import { requireRun, showRun } from './runs.ts';

/** Asks a run to stop. One that waits ends at once, one at work at its next step. Throws Refusal where it has ended. */
export async function cancelRun(app: App, id: string): Promise<RunView> {
  const { state } = await requireRun(app, id);
  const row = await app.db.transaction().execute(async (trx) => {
    const asked = await requestCancel(trx, id, nowText(app));
    if (asked?.state === 'cancelled') await hooks[asked.kind]?.failed?.(app, trx, asked, cancelled);
    return asked;
  });
  if (row !== undefined) return showRun(row);
  throw new Refusal('conflict', `The run has ended (${state}): there is nothing left to cancel.`, {
    members: { existing: `/v1/runs/${id}` },
  });
}

/** Puts a run that failed, was cancelled or was missed back in the queue. Throws Refusal for any other. */
export async function retryRun(app: App, id: string): Promise<RunView> {
  const { state } = await requireRun(app, id);
  const again = await app.db.transaction().execute(async (trx) => {
    const row = await requeueRun(trx, id, nowText(app));
    if (row === undefined) return undefined;
    await hooks[row.kind]?.retried?.(app, trx, row);
    await app.queue.send(trx, id);
    return row;
  });
  if (again === undefined) {
    throw new Refusal(
      'conflict',
      `Only a run that failed, was cancelled or was missed is tried again; this is ${state}.`,
      {
        members: { existing: `/v1/runs/${id}` },
      },
    );
  }
  app.queue.wake();
  return showRun(again);
}
