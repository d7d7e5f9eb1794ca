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
  const config = loadConfig(environmentWith({ PORT: port, HOST: host, DATA_DIR: dataDir }));
  if (!worker) outputOf(options).say('No jobs run in this process; there are none yet that would.');
  await serve(config);
}
