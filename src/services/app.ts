import type { Clock } from '../clock.ts';
import type { Compute } from '../compute/pool.ts';
import type { Queue } from '../db/queue.ts';
import type { Db } from '../db/tables.ts';
import type { PriceListName } from '../sources/price-lists.ts';
import type { Catalogues } from './load-catalogues.ts';
import type { Announce } from './notices/notice.ts';
import type { Outside } from './outside.ts';

/** What every use case may need, put together once at the start. */
export type App = {
  readonly db: Db;
  readonly queue: Queue;
  readonly compute: Compute;
  readonly catalogues: Catalogues;
  readonly clock: Clock;
  readonly log: AppLog;
  readonly settings: AppSettings;
  /** Tells whoever wants to know, in the transaction that makes it true. */
  readonly announce: Announce;
};

export type AppSettings = {
  /** IANA zone whose calendar day is "today", the as-of date of a scenario that names none. */
  readonly timeZone: string;
  readonly currency: string;
  readonly apiKeyTtlDays: number;
  readonly priceStaleDays: number;
  /** Which lists are fetched each day, and when on the clocks of `timeZone`; null: none are. */
  readonly pricePull: { readonly lists: readonly PriceListName[]; readonly time: string } | null;
  readonly maxMonths: number;
  readonly maxSamples: number;
  readonly maxCells: number;
  /** What a file of bills may have. */
  readonly billLimits: { readonly bytes: number; readonly records: number };
  /** Folder of the embedded database, whose disk must keep `minFreeMb`; null on a server. */
  readonly guardedFolder: string | null;
  readonly minFreeMb: number;
  /** Most periods of a schedule that are run after they were missed; older ones are recorded as missed. */
  readonly backfillMonths: number;
  readonly outside: Outside;
};

/** Structured log lines; a pino logger is one. */
export type AppLog = {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
};

export function nowText(app: Pick<App, 'clock'>): string {
  return app.clock().toISOString();
}
