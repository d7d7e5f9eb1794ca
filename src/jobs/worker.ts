import type { App } from '../services/app.ts';
import { clearWaitingFiles } from '../services/bills/waiting-files.ts';
import { planPrices } from '../services/prices/price-plan.ts';
import type { Jobs } from '../services/runs/run-execution.ts';
import { executeRun, loseRun } from '../services/runs/run-execution.ts';
import { reviveRuns } from '../services/runs/runs.ts';
import { planSchedules } from '../services/schedules/schedule-plan.ts';
import { planKeeps } from '../services/sources/keep-job.ts';

export type WorkerOptions = {
  /** Runs at once. */
  readonly concurrency: number;
  /** Between two looks at what is due. */
  readonly tickMs: number;
};

export type Worker = { readonly stop: () => void };

/** Looks for runs the queue has lost at every so many looks at what is due. */
const reviveEvery = 4;

/**
 * Works on runs and starts what is due by the clock. Any number of processes may. Stop it before the queue, which waits
 * for the runs at work.
 */
export async function startWorker(app: App, jobs: Jobs, { concurrency, tickMs }: WorkerOptions): Promise<Worker> {
  await app.queue.work({
    concurrency,
    run: (id, isLast, signal) => executeRun(app, jobs, id, { isLast, signal }),
    lost: (id) => loseRun(app, jobs, id),
  });
  let ticks = 0;
  let busy = false;
  const tick = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      await planSchedules(app);
      await planKeeps(app);
      await planPrices(app);
      if (ticks++ % reviveEvery === 0) await reviveRuns(app);
      await clearWaitingFiles(app);
    } catch (error) {
      // The database may be away; the next look comes anyway.
      app.log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'could not look at what is due');
    } finally {
      busy = false;
    }
  };
  await tick();
  const timer = setInterval(() => void tick(), tickMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
