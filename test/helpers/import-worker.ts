import { setTimeout } from 'node:timers/promises';
import { findRun } from '../../src/db/runs.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import { importJob, importKind } from '../../src/services/bills/import-job.ts';
import type { Job } from '../../src/services/runs/run-execution.ts';
import type { JobStore } from './job-app.ts';
import { openJobApp } from './job-app.ts';

/**
 * A worker of its own that takes the import of a file and ends when that has ended. One that `dies` kills itself as the
 * kernel would, when all is written and nothing is committed.
 */
export type ImportWorkerOptions = JobStore & { readonly run: string; readonly dies: boolean };

const { run, dies, ...store } = JSON.parse(process.argv[2] ?? '') as ImportWorkerOptions;

const dyingJob: Job = {
  ...importJob,
  work: (app, input, context) =>
    importJob.work(app, input, {
      ...context,
      end: async (trx, result) => {
        await context.end(trx, result);
        process.kill(process.pid, 'SIGKILL');
      },
    }),
};

const app = await openJobApp(store);
const jobs = { [importKind]: dies ? dyingJob : importJob };
const worker = await startWorker(app, jobs, { concurrency: 1, tickMs: 1_000 });
while ((await findRun(app.db, run))?.ended_at === null) await setTimeout(200);
worker.stop();
await app.close();
