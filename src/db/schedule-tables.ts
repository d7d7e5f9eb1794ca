import type { ColumnType } from 'kysely';
import type { Problem } from '../core/problem.ts';
import type { Defaulted, Instant } from './column-types.ts';

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
  readonly errors?: readonly Problem[];
  /** What a refusal says beyond that: questions, a mapping to be edited, the address of what is in the way. */
  readonly members?: Readonly<Record<string, unknown>>;
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

/** `result` and `nowcast` are JSON text. */
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
  next_look_at: Defaulted<Instant | null>;
  looked_at: Defaulted<Instant | null>;
  nowcast: Defaulted<string | null>;
  created_at: Instant;
  updated_at: Instant;
};
