import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { makeLog } from '../log.ts';
import type { StartOptions } from './assembly.ts';

/**
 * Runs something until this process is told to stop, then lets what is at work finish. A database that cannot go on ends
 * the process at once. Gives what was started.
 */
export async function runUntilStopped<Started extends { readonly close: () => Promise<void> }>(
  config: Config,
  start: (options: StartOptions) => Promise<Started>,
): Promise<Started> {
  const log = makeLog({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const onFatal = (error: unknown): void => {
    log.fatal({ reason: error instanceof Error ? error.message : String(error) }, 'the database cannot go on');
    process.exit(1);
  };
  const started = start({ log, onFatal });
  stopGracefully(config, log, started);
  return started;
}

function stopGracefully(config: Config, log: Logger, started: Promise<{ readonly close: () => Promise<void> }>): void {
  closeWithGrace({ delay: config.SHUTDOWN_GRACE_MS, logger: false }, async ({ signal, err }) => {
    if (err !== undefined) log.fatal({ reason: err.message, stack: err.stack }, 'unforeseen error');
    else log.info({ signal }, 'stopping');
    await started.then(({ close }) => close());
  });
}
