import type { Config } from '../config.ts';
import { loadConfig } from '../config.ts';
import type { StartOptions } from '../main/assembly.ts';
import { assemble, makeClosers, startJobs } from '../main/assembly.ts';
import { runUntilStopped } from '../main/process.ts';
import { environmentWith } from './environment.ts';
import { badUsage } from './exit.ts';
import type { GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';

export type WorkerOptions = GlobalOptions & { readonly concurrency?: string };

/** `infercast worker`: works on the runs of the PostgreSQL that services share, and starts what is due, until it is stopped. */
export async function runWorker({ concurrency, ...options }: WorkerOptions): Promise<void> {
  const config = loadConfig(environmentWith({ JOB_CONCURRENCY: concurrency }));
  if (config.DATABASE_URL === undefined) {
    throw badUsage(
      'A worker of its own needs DATABASE_URL: the embedded database has one owner, the service, which does the work itself (infercast serve).',
    );
  }
  await runUntilStopped(config, (start) => startWorking(config, start));
  outputOf(options).print(`infercast works: ${config.JOB_CONCURRENCY} runs at once`);
}

async function startWorking(config: Config, options: StartOptions): Promise<{ readonly close: () => Promise<void> }> {
  const closers = makeClosers();
  try {
    const app = await assemble(config, options, closers);
    await startJobs(config, app, closers);
    return { close: closers.close };
  } catch (error) {
    await closers.close();
    throw error;
  }
}
