import { systemClock } from '../../src/clock.ts';
import { openCompute } from '../../src/compute/pool.ts';
import { openDatabase } from '../../src/db/connect.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import { openQueue } from '../../src/db/queue.ts';
import type { App } from '../../src/services/app.ts';
import { loadCatalogues } from '../../src/services/load-catalogues.ts';
import { defaultSettings } from './app.ts';

/** Where the database is: an address of PostgreSQL, or the folder of the embedded one. */
export type JobStore = { readonly url: string | null; readonly dataDir: string };

/**
 * What a process that works on runs has, over a database that outlives it. A worker that died is missed after ten seconds,
 * the shortest there is.
 */
export async function openJobApp({ url, dataDir }: JobStore): Promise<App & { readonly close: () => Promise<void> }> {
  const fail = (error: unknown): void => {
    process.stderr.write(`worker: ${error instanceof Error ? error.message : String(error)}\n`);
  };
  const database = await openDatabase({
    url,
    dataDir,
    poolMax: 6,
    statementTimeoutMs: 15_000,
    ssl: 'off',
    onConnectionLost: () => {},
    onFatal: fail,
  });
  await migrateToLatest(database.db);
  const queue = await openQueue(database, {
    migrate: true,
    onError: fail,
    pollSeconds: 0.5,
    heartbeatSeconds: 10,
    retrySeconds: 1,
  });
  const compute = openCompute({ workers: 1, timeoutMs: 30_000, heapMb: 512, maxQueue: 10 });
  return {
    db: database.db,
    queue,
    compute,
    catalogues: await loadCatalogues(),
    clock: systemClock,
    log: {
      info: () => {},
      warn: (fields, message) => fail(`${message} ${JSON.stringify(fields)}`),
      error: (fields) => fail(JSON.stringify(fields)),
    },
    settings: defaultSettings,
    announce: async () => {},
    close: async () => {
      await queue.stop(1_000);
      await compute.close();
      await database.close();
    },
  };
}
