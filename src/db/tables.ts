import type { ColumnType, Insertable, Kysely, Selectable } from 'kysely';
import type { BillLineText } from '../core/bills/bill-line-text.ts';

type Defaulted<T> = ColumnType<T, T | undefined, T>;
/** RFC 3339 in UTC; the column is `timestamptz`, and its parser gives text. */
type Instant = string;
type Json = ColumnType<unknown, string, string>;

export type ScenariosTable = {
  workspace_id: Defaulted<string>;
  id: string;
  name: string;
  version: number;
  created_at: Instant;
  updated_at: Instant;
  deleted_at: Instant | null;
};

export type ScenarioVersionsTable = {
  workspace_id: Defaulted<string>;
  scenario_id: string;
  version: number;
  body: string;
  created_at: Instant;
};

export type ForecastsTable = {
  workspace_id: Defaulted<string>;
  id: string;
  scenario_id: string | null;
  scenario_version: number | null;
  name: string;
  as_of: string;
  engine: string;
  inputs_digest: string;
  result: string;
  inputs: string;
  created_at: Instant;
};

export type ApiKeysTable = {
  workspace_id: Defaulted<string>;
  id: string;
  name: string;
  scopes: ColumnType<readonly string[], string, string>;
  secret_sha256: string;
  created_at: Instant;
  expires_at: Instant;
  last_used_at: Instant | null;
  revoked_at: Instant | null;
};

export type IdempotencyKeysTable = {
  workspace_id: Defaulted<string>;
  actor: string;
  key: string;
  request_sha256: string;
  object_id: string;
  claimed_at: Instant;
  created_at: Instant;
  status: number | null;
  headers: ColumnType<Readonly<Record<string, string>> | null, string | null, string | null>;
  body: string | null;
};

export type PriceImportsTable = {
  workspace_id: Defaulted<string>;
  id: string;
  catalogue: string;
  known_at: string;
  content_sha256: string;
  report: ColumnType<unknown, string, string>;
  created_at: Instant;
};

/** `price` and `above_input_tokens` are text: neither may pass through a float. */
export type PriceRowsTable = {
  workspace_id: Defaulted<string>;
  import_id: string;
  place: number;
  status: 'accepted' | 'quarantined';
  provider: string;
  model: string;
  meter: string;
  unit: string;
  price: string;
  above_input_tokens: string | null;
  utc_hours: string | null;
  valid_from: string | null;
  valid_to: string | null;
  known_at: string;
  checked_at: string;
  source: string;
  catalogue: string;
};

export type Timing = { readonly day: number | 'last'; readonly time: string } | { readonly cron: string };

export type SchedulesTable = {
  workspace_id: Defaulted<string>;
  id: string;
  name: string;
  scenario_id: string;
  version: number;
  timing: ColumnType<Timing, string, string>;
  time_zone: string;
  paused: boolean;
  sources: ColumnType<readonly string[], string, string>;
  alert_above: string | null;
  next_period: string;
  next_due_at: Instant;
  freeze_period: string;
  freeze_due_at: Instant;
  created_at: Instant;
  updated_at: Instant;
  deleted_at: Instant | null;
};

export type RunState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'missed';
export type RunTrigger = 'request' | 'schedule' | 'backfill' | 'repeat' | 'manual';
export type RunProgress = { readonly done: number; readonly total: number | null; readonly unit: string };
export type RunError = {
  readonly code: string;
  readonly message: string;
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly message: string }[];
};

/** `input` and `result` are JSON text. */
export type RunsTable = {
  workspace_id: Defaulted<string>;
  id: string;
  kind: string;
  key: string | null;
  state: RunState;
  trigger: RunTrigger;
  schedule_id: string | null;
  period: string | null;
  input: string;
  attempt: Defaulted<number>;
  progress: ColumnType<RunProgress | null, string | null | undefined, string | null>;
  result: Defaulted<string | null>;
  error: ColumnType<RunError | null, string | null | undefined, string | null>;
  cancel_requested_at: Defaulted<Instant | null>;
  created_at: Instant;
  started_at: Defaulted<Instant | null>;
  ended_at: Defaulted<Instant | null>;
  updated_at: Instant;
};

export type RunLogTable = {
  workspace_id: Defaulted<string>;
  run_id: string;
  place: number;
  attempt: number;
  at: Instant;
  message: string;
};

export type PeriodStatus = 'open' | 'due' | 'provisional' | 'locked' | 'failed' | 'missed';
export type FreezeStatus = 'due' | 'frozen' | 'failed' | 'missed';

/** `result` is JSON text. */
export type SchedulePeriodsTable = {
  workspace_id: Defaulted<string>;
  schedule_id: string;
  period: string;
  status: PeriodStatus;
  due_at: Defaulted<Instant | null>;
  backfilled: Defaulted<boolean>;
  run_id: Defaulted<string | null>;
  pulls: Defaulted<number>;
  digest: Defaulted<string | null>;
  agreed_since: Defaulted<Instant | null>;
  pulled_at: Defaulted<Instant | null>;
  next_pull_at: Defaulted<Instant | null>;
  result: Defaulted<string | null>;
  freeze_status: Defaulted<FreezeStatus | null>;
  forecast_id: Defaulted<string | null>;
  frozen_at: Defaulted<Instant | null>;
  created_at: Instant;
  updated_at: Instant;
};

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

/** `data` is JSON text. */
export type NoticesTable = {
  workspace_id: Defaulted<string>;
  id: string;
  type: string;
  data: string;
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

export type BillSourcesTable = {
  workspace_id: Defaulted<string>;
  id: string;
  name: string;
  kind: BillSourceKind;
  account: string | null;
  settings: ColumnType<BillSourceSettings, string, string>;
  sealed: string | null;
  hint: ColumnType<SealedHint | null, string | null, string | null>;
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

export type BillFilesTable = {
  workspace_id: Defaulted<string>;
  id: string;
  sha256: string;
  file_name: string;
  media_type: string;
  bytes: string;
  created_at: Instant;
};

export type BillFileChunksTable = { workspace_id: Defaulted<string>; file_id: string; place: number; content: Buffer };

/** Sums are text, as all money. */
export type BillsTable = {
  workspace_id: Defaulted<string>;
  id: string;
  file_id: string;
  kind: 'billed' | 'usage';
  provider: string;
  account: string;
  period: string;
  currency: string;
  content_sha256: string;
  reading: Json;
  lines: number;
  billed: string;
  effective: string;
  categories: Json;
  invoices: Json;
  balance: 'balanced' | 'unbalanced' | 'not-stated';
  models: Json;
  created_at: Instant;
};

export type BillEventsTable = {
  workspace_id: Defaulted<string>;
  bill_id: string;
  event: 'locked' | 'reversed';
  reason: string | null;
  replaced_by: string | null;
  payable: string | null;
  difference: string | null;
  created_at: Instant;
};

/** The columns of a bill line as the database folds their names. */
type FoldedBillLine = { [Column in keyof BillLineText as Lowercase<Column>]: BillLineText[Column] };

export type BillLinesTable = FoldedBillLine & {
  workspace_id: Defaulted<string>;
  bill_id: string;
  place: number;
  x_modelid: string | null;
};

export type BillModelsTable = {
  workspace_id: Defaulted<string>;
  provider: string;
  billed: string;
  model: string | null;
  updated_at: Instant;
};

export type BillStatesView = {
  workspace_id: string;
  id: string;
  status: 'provisional' | 'locked' | 'reversed';
  counts: boolean;
};

export type ComparisonsTable = {
  workspace_id: Defaulted<string>;
  id: string;
  scenario_id: string | null;
  forecast_id: string;
  name: string;
  period: string;
  status: 'provisional' | 'final';
  supersedes: string | null;
  body: string;
  created_at: Instant;
};

export type ComparisonScoresTable = {
  workspace_id: Defaulted<string>;
  comparison_id: string;
  tier: string;
  perimeter: 'bill' | 'full';
  status: 'provisional' | 'final';
  forecast: string;
  actual: string;
  hit: boolean;
  z: number;
};

export type Tables = {
  scenarios: ScenariosTable;
  scenario_versions: ScenarioVersionsTable;
  forecasts: ForecastsTable;
  api_keys: ApiKeysTable;
  idempotency_keys: IdempotencyKeysTable;
  price_imports: PriceImportsTable;
  price_rows: PriceRowsTable;
  schedules: SchedulesTable;
  runs: RunsTable;
  run_log: RunLogTable;
  schedule_periods: SchedulePeriodsTable;
  webhooks: WebhooksTable;
  notices: NoticesTable;
  deliveries: DeliveriesTable;
  delivery_attempts: DeliveryAttemptsTable;
  bill_sources: BillSourcesTable;
  kept_days: KeptDaysTable;
  bill_files: BillFilesTable;
  bill_file_chunks: BillFileChunksTable;
  bills: BillsTable;
  bill_events: BillEventsTable;
  bill_lines: BillLinesTable;
  bill_models: BillModelsTable;
  bill_states: BillStatesView;
  comparisons: ComparisonsTable;
  comparison_scores: ComparisonScoresTable;
};

/** A database or a transaction in it. Inside a transaction pass the transaction: the embedded database has one connection. */
export type Db = Kysely<Tables>;

export type ScenarioRow = Selectable<ScenariosTable>;
export type ScenarioVersionRow = Selectable<ScenarioVersionsTable>;
export type ForecastRow = Selectable<ForecastsTable>;
export type NewForecast = Insertable<ForecastsTable>;
export type ApiKeyRow = Selectable<ApiKeysTable>;
export type PriceImportRow = Selectable<PriceImportsTable>;
export type StoredPriceRow = Selectable<PriceRowsTable>;
export type BillRow = Selectable<BillsTable>;
export type BillEventRow = Selectable<BillEventsTable>;
export type BillLineRow = Selectable<BillLinesTable>;
export type BillModelRow = Selectable<BillModelsTable>;
export type ComparisonRow = Selectable<ComparisonsTable>;
export type IdempotencyRow = Selectable<IdempotencyKeysTable>;
export type ScheduleRow = Selectable<SchedulesTable>;
export type RunRow = Selectable<RunsTable>;
export type RunLogRow = Selectable<RunLogTable>;
export type SchedulePeriodRow = Selectable<SchedulePeriodsTable>;
export type WebhookRow = Selectable<WebhooksTable>;
export type NoticeRow = Selectable<NoticesTable>;
export type DeliveryRow = Selectable<DeliveriesTable>;
export type DeliveryAttemptRow = Selectable<DeliveryAttemptsTable>;
export type BillSourceRow = Selectable<BillSourcesTable>;
