import type { ColumnType } from 'kysely';
import type { Defaulted, Instant } from './column-types.ts';

/** What may be shown of a sealed secret. */
export type SealedHint = { readonly last4: string | null; readonly sha256: string };

export type WebhooksTable = {
  workspace_id: Defaulted<string>;
  id: string;
  name: string;
  form: 'standard' | 'slack';
  address: string;
  sealed: string;
  hint: ColumnType<SealedHint, string, string>;
  events: ColumnType<readonly string[] | null, string | null, string | null>;
  version: number;
  enabled: boolean;
  disabled_reason: string | null;
  created_at: Instant;
  updated_at: Instant;
  deleted_at: Defaulted<Instant | null>;
};

export type StalePricesTable = {
  workspace_id: Defaulted<string>;
  provider: string;
  model: string;
  checked_at: string;
  notice_id: string;
};

/** `data` is JSON text. */
export type NoticesTable = {
  workspace_id: Defaulted<string>;
  id: string;
  type: string;
  data: string;
  schedules: ColumnType<readonly string[], string | undefined, string>;
  created_at: Instant;
};

export type DeliveriesTable = {
  workspace_id: Defaulted<string>;
  id: string;
  notice_id: string;
  webhook_id: string | null;
  state: 'waiting' | 'delivered' | 'failed';
  attempt: Defaulted<number>;
  tries: Defaulted<number>;
  next_at: Instant | null;
  delivered_at: Defaulted<Instant | null>;
  created_at: Instant;
};

export type DeliveryAttemptsTable = {
  workspace_id: Defaulted<string>;
  delivery_id: string;
  attempt: number;
  at: Instant;
  outcome: 'delivered' | 'later' | 'gone' | 'refused';
  status: number | null;
  reason: string | null;
};

export type BillSourceKind = 'openai' | 'anthropic' | 'openrouter' | 'url' | 'inbox';
export type BillSourceSettings = { readonly url?: string; readonly folder?: string };

/** How the files of a source are read; what is left out is told by each file. */
export type BillSourceReading = {
  /** Id of the format, where it shall not be found by the columns. */
  readonly format?: string;
  /** Answers to what can be read in two ways. */
  readonly answers?: Readonly<Record<string, string>>;
  /** What each FOCUS column is read from, of files of no known format. */
  readonly mapping?: Readonly<
    Record<string, { readonly column: string; readonly scale?: string } | { readonly value: string }>
  >;
  /** What billed names of models mean; null is none of the price book. */
  readonly models?: Readonly<Record<string, string | null>>;
};

export type BillSourcesTable = {
  workspace_id: Defaulted<string>;
  id: string;
  name: string;
  kind: BillSourceKind;
  account: string | null;
  settings: ColumnType<BillSourceSettings, string, string>;
  sealed: string | null;
  hint: ColumnType<SealedHint | null, string | null, string | null>;
  reading: ColumnType<BillSourceReading | null, string | null, string | null>;
  version: number;
  keep_at: Instant | null;
  created_at: Instant;
  updated_at: Instant;
  deleted_at: Defaulted<Instant | null>;
};

export type KeptDaysTable = {
  workspace_id: Defaulted<string>;
  source_id: string;
  day: string;
  body: string;
  pulled_at: Instant;
};
