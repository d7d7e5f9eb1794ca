import type { ColumnType, Insertable, Kysely, Selectable } from 'kysely';
import type {
  BillEventsTable,
  BillFileChunksTable,
  BillFilesTable,
  BillLinesTable,
  BillModelsTable,
  BillStatesView,
  BillsTable,
  ComparisonScoresTable,
  ComparisonsTable,
  WaitingFileChunksTable,
  WaitingFilesTable,
} from './bill-tables.ts';
import type { Defaulted, Instant } from './column-types.ts';
import type {
  BillSourcesTable,
  DeliveriesTable,
  DeliveryAttemptsTable,
  KeptDaysTable,
  NoticesTable,
  StalePricesTable,
  WebhooksTable,
} from './outside-tables.ts';
import type { RunLogTable, RunsTable, SchedulePeriodsTable, SchedulesTable } from './schedule-tables.ts';

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

export type PriceChecksTable = {
  workspace_id: Defaulted<string>;
  catalogue: string;
  day: string;
};

export type PriceEndsTable = {
  workspace_id: Defaulted<string>;
  import_id: string;
  place: number;
  day: string;
};

export type Tables = {
  scenarios: ScenariosTable;
  scenario_versions: ScenarioVersionsTable;
  forecasts: ForecastsTable;
  api_keys: ApiKeysTable;
  idempotency_keys: IdempotencyKeysTable;
  price_imports: PriceImportsTable;
  price_rows: PriceRowsTable;
  price_checks: PriceChecksTable;
  price_ends: PriceEndsTable;
  stale_prices: StalePricesTable;
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
  waiting_files: WaitingFilesTable;
  waiting_file_chunks: WaitingFileChunksTable;
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
