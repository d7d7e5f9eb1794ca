import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from './config.ts';
import { allowedHosts, loadConfig, WrongSettings } from './config.ts';
import { StartRefused } from './db/folder-lock.ts';
import { createHttpServer } from './http/app.ts';
import type { HttpSettings, ServiceState } from './http/operation.ts';
import type { StartOptions } from './main/assembly.ts';
import { assemble, makeClosers, startJobs } from './main/assembly.ts';
import { runUntilStopped } from './main/process.ts';
import { hasAdminKey } from './services/api-keys.ts';
import type { App } from './services/app.ts';
import { storeSampleOnce } from './services/forecasts/sample.ts';

export type RunningService = { readonly url: string; readonly app: App; readonly close: () => Promise<void> };

/**
 * Puts the service together and listens: lock, database, schema, queue, worker threads, HTTP, then the sample on a first
 * start, and jobs. Throws StartRefused with one sentence and the cure; whatever was opened by then is closed again.
 */
export async function startService(config: Config, options: StartOptions): Promise<RunningService> {
  let state: ServiceState = 'starting';
  const closers = makeClosers();
  const close = async (): Promise<void> => {
    state = 'stopping';
    await closers.close();
  };
  try {
    const app = await assemble(config, options, closers);
    await requireAdminKey(config, app);
    const server = createHttpServer({
      app,
      settings: httpSettings(config),
      metrics: config.METRICS === 'on',
      state: () => state,
    });
    const url = await listen(server, config);
    closers.add(() => stop(server));
    await storeSampleOnce(app).catch((error: unknown) => {
      options.log.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'the sample scenario was not stored',
      );
    });
    if (config.WORKER === 'inline') await startJobs(config, app, closers);
    state = 'serving';
    return { url, app, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Runs the service until it is told to stop. Prints where it is once it is ready; a start that cannot go on sets exit code 1. */
export async function serve(config: Config): Promise<void> {
  const { url } = await runUntilStopped(config, (options) => startService(config, options));
  console.log(`infercast is ready: ${url}`);
}

async function requireAdminKey(config: Config, app: App): Promise<void> {
  if (config.AUTH_MODE !== 'token' || (await hasAdminKey(app))) return;
  throw new StartRefused(
    'AUTH_MODE=token and there is no admin key yet: start without AUTH_MODE and HOST, make one (infercast keys create NAME --scopes admin), then start again.',
  );
}

async function listen(server: Server, { HOST, PORT }: Config): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new StartRefused(describeListenError(cause, HOST, PORT), { cause })),
    );
    server.listen({ host: HOST, port: PORT }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${port}`;
}

function describeListenError({ code }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use: stop what uses it, or choose another with PORT=${port + 1}.`;
    case 'EACCES':
      return `Port ${port} is reserved for the system: choose one above 1023 with PORT.`;
    default:
      return `${host} is not an address of this machine (${code}): set HOST=127.0.0.1, or one that it has.`;
  }
}

/** Lets requests in work finish; connections without one are closed at once. */
async function stop(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

function httpSettings(config: Config): HttpSettings {
  return {
    allowedHosts: allowedHosts(config),
    publicUrl: config.PUBLIC_URL ?? null,
    trustProxy: config.TRUST_PROXY,
    keysRequired: config.AUTH_MODE === 'token',
    bodyLimitBytes: config.BODY_LIMIT_MB * 1_048_576,
    ratesPerMinute: {
      read: config.RATE_READ,
      write: config.RATE_WRITE,
      compute: config.RATE_COMPUTE,
      upload: config.RATE_UPLOAD,
    },
    metricsToken: config.METRICS_TOKEN ?? null,
  };
}

if (import.meta.main) {
  try {
    await serve(loadConfig());
  } catch (error) {
    if (!(error instanceof StartRefused || error instanceof WrongSettings)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
