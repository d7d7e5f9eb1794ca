import type { Db } from '../../db/tables.ts';

/** Kinds of things that somebody may want to be told, in the words of the webhooks. */
export const noticeTypes = [
  'comparison.completed',
  'comparison.threshold_exceeded',
  'nowcast.warning',
  'schedule.missed',
  'schedule.failed',
  'price.changed',
  'price.stale',
  'webhook.disabled',
] as const;
export type NoticeType = (typeof noticeTypes)[number];

/** Something that happened, for whoever asked to be told. `id` is the same however often it is told. */
export type Notice = {
  readonly id: string;
  readonly type: NoticeType;
  readonly data: Readonly<Record<string, unknown>>;
  /** Ids of the schedules it concerns; the one that `data` names unless given. */
  readonly schedules?: readonly string[];
};

/** Keeps a notice for sending, in the transaction that makes it true: it is sent if and only if that is committed. */
export type Announce = (trx: Db, notice: Notice) => Promise<void>;

/** While nobody can be told, nothing is kept. */
export const announceNothing: Announce = async () => {};
