import type { Config } from '../config.ts';
import type { Database } from '../db/connect.ts';
import { openDatabase } from '../db/connect.ts';
import { migrateToLatest } from '../db/migrate.ts';

/** The database of these settings, its schema up to date. Throws StartRefused, as when a running service holds its folder. */
export async function openStore(config: Config): Promise<Database> {
  const ended = (error: unknown): void => {
    throw error instanceof Error ? error : new Error(String(error));
  };
  const database = await openDatabase({
    url: config.DATABASE_URL ?? null,
    dataDir: config.DATA_DIR,
    poolMax: 1,
    statementTimeoutMs: config.DB_STATEMENT_TIMEOUT_MS,
    ssl: config.DB_SSL,
    onConnectionLost: ended,
    onFatal: ended,
  });
  try {
    if (config.MIGRATE_ON_START) await migrateToLatest(database.db);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
