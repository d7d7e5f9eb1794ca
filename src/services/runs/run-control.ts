import { requestCancel, requeueRun } from '../../db/runs.ts';
import type { RunRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import { hooks } from '../jobs.ts';
import { Refusal } from '../refusal.ts';
import { cancelled } from './run-execution.ts';
import type { RunView } from './runs.ts';
import { requireRun, showRun } from './runs.ts';

/** Asks a run to stop. One that waits ends at once, one at work at its next step. Throws Refusal where it has ended. */
export async function cancelRun(app: App, id: string): Promise<RunView> {
  await requireRun(app, id);
  const row = await app.db.transaction().execute(async (trx) => {
    const asked = await requestCancel(trx, id, nowText(app));
    if (asked?.state === 'cancelled') await hooks[asked.kind]?.failed?.(app, trx, asked, cancelled);
    return asked;
  });
  if (row !== undefined) return showRun(row);
  const { state } = await requireRun(app, id);
  throw new Refusal('conflict', `The run has ended (${state}): there is nothing left to cancel.`, {
    members: { existing: `/v1/runs/${id}` },
  });
}

/** Puts a run that failed, was cancelled or was missed back in the queue. Throws Refusal for any other. */
export async function retryRun(app: App, id: string): Promise<RunView> {
  const run = await requireRun(app, id);
  const again = await app.db.transaction().execute(async (trx) => {
    // First the month and then its run, as the planner takes them, or the two could wait for each other.
    await hooks[run.kind]?.retried?.(app, trx, run);
    const row = await requeueRun(trx, id, nowText(app));
    if (row === undefined) throw refuseRetry(run);
    await app.queue.send(trx, id);
    return row;
  });
  app.queue.wake();
  return showRun(again);
}

function refuseRetry({ id, state }: RunRow): Refusal {
  const message = `Only a run that failed, was cancelled or was missed is tried again; this is ${state}.`;
  return new Refusal('conflict', message, { members: { existing: `/v1/runs/${id}` } });
}
