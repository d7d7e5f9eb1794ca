import { nowText } from '../app.ts';
import { announceFailure } from '../notices/announce-failure.ts';
import type { Hooks } from '../runs/run-execution.ts';
import { cancelled, reasonOf } from '../runs/run-execution.ts';

const dayMs = 24 * 3_600_000;

/**
 * For work that is planned once a day: each day is a run of its own, and of those that fail alike one a month is told. Who
 * starts one by hand sees how it ends.
 */
export const dailyHooks: Hooks = {
  failed: async (app, trx, run, error) => {
    if (error === cancelled || run.trigger !== 'schedule') return;
    const next_try_at = new Date(app.clock().getTime() + dayMs).toISOString();
    const about = `${run.kind}-${nowText(app).slice(0, 7)}`;
    await announceFailure(app, trx, about, { run: run.id, what: run.kind, reason: reasonOf(error), next_try_at });
  },
};
