import type { ColumnType, Insertable, Kysely, Selectable } from 'kysely';

type Defaulted<T> = ColumnType<T, T | undefined, T>;
/** RFC 3339 in UTC; the column is `timestamptz`, and its parser gives text. */
type Instant = string;

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

export type Tables = {
  scenarios: ScenariosTable;
  scenario_versions: ScenarioVersionsTable;
  forecasts: ForecastsTable;
  api_keys: ApiKeysTable;
  idempotency_keys: IdempotencyKeysTable;
};

/** A database or a transaction in it. Inside a transaction pass the transaction: the embedded database has one connection. */
export type Db = Kysely<Tables>;

export type ScenarioRow = Selectable<ScenariosTable>;
export type ScenarioVersionRow = Selectable<ScenarioVersionsTable>;
export type ForecastRow = Selectable<ForecastsTable>;
export type NewForecast = Insertable<ForecastsTable>;
export type ApiKeyRow = Selectable<ApiKeysTable>;
export type IdempotencyRow = Selectable<IdempotencyKeysTable>;
