import type { Config } from '../config.ts';
import { loadConfig } from '../config.ts';
import { serve } from '../main.ts';
import { environmentWith } from './environment.ts';
import type { GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';

export type ServeOptions = GlobalOptions & {
  readonly port?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly worker: boolean;
};

/** `infercast serve`: options take the place of their variables, and pass the same checks. */
export async function runServe(options: ServeOptions): Promise<void> {
  const { port, host, dataDir, worker } = options;
  const config = loadConfig(
    environmentWith({ PORT: port, HOST: host, DATA_DIR: dataDir, WORKER: worker ? undefined : 'off' }),
  );
  if (config.WORKER === 'off') outputOf(options).say(sayNoWorker(config));
  await serve(config);
}

function sayNoWorker({ DATABASE_URL }: Config): string {
  if (DATABASE_URL !== undefined) return 'No jobs run in this process: start infercast worker beside it.';
  return 'No jobs run in this process, and no other can reach its database: schedules and long forecasts wait until it is started with a worker.';
}
