import type { Db } from '../db/tables.ts';

/** Something that happened, for whoever asked to be told. `id` is the same however often it is told. */
export type Notice = {
  readonly id: string;
  readonly type: 'comparison.completed' | 'schedule.missed' | 'schedule.failed';
  readonly data: Readonly<Record<string, unknown>>;
};

/** Keeps a notice for sending, in the transaction that makes it true: it is sent if and only if that is committed. */
export type Announce = (trx: Db, notice: Notice) => Promise<void>;

/** While nobody can be told, nothing is kept. */
export const announceNothing: Announce = async () => {};
