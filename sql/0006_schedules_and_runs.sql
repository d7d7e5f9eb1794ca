-- Why: "every month without being asked" holds only if each period of a schedule happens once, whatever clocks, restarts
-- and other instances do. So the claim of a period is a row with a primary key, and what a run brings is written in the
-- transaction that ends it; a queue that delivers a job twice changes nothing.

-- `next_period` and `freeze_period` are what comes next; their instants are kept beside them, so that finding what is due
-- takes no calendar. `timing` is {"day", "time"} or {"cron"}.
create table schedules (
  workspace_id text not null default 'ws_default',
  id text not null,
  name text not null,
  scenario_id text not null,
  version integer not null check (version >= 1),
  timing jsonb not null,
  time_zone text not null,
  paused boolean not null,
  sources jsonb not null,
  alert_above text,
  next_period text not null check (next_period ~ '^\d{4}-\d{2}$'),
  next_due_at timestamptz not null,
  freeze_period text not null check (freeze_period ~ '^\d{4}-\d{2}$'),
  freeze_due_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, scenario_id) references scenarios (workspace_id, id)
);

create unique index schedules_by_name on schedules (workspace_id, lower(name)) where deleted_at is null;
create index schedules_by_due on schedules (least(next_due_at, freeze_due_at)) where deleted_at is null and not paused;

-- One execution of a job or a schedule. `key` names what must be done once; `attempt` counts up for good, so that a worker
-- that was thought dead can see that another one took its run. `input` and `result` are JSON text.
create table runs (
  workspace_id text not null default 'ws_default',
  id text not null,
  kind text not null,
  key text,
  state text not null check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'missed')),
  trigger text not null check (trigger in ('request', 'schedule', 'backfill', 'repeat', 'manual')),
  schedule_id text,
  period text check (period ~ '^\d{4}-\d{2}$'),
  input text not null,
  attempt integer not null default 0 check (attempt >= 0),
  progress jsonb,
  result text,
  error jsonb,
  cancel_requested_at timestamptz,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);

create unique index runs_by_key on runs (workspace_id, key) where key is not null;
create index runs_by_schedule on runs (workspace_id, schedule_id, id) where schedule_id is not null;
create index runs_unfinished on runs (workspace_id, updated_at) where state in ('queued', 'running');

create table run_log (
  workspace_id text not null default 'ws_default',
  run_id text not null,
  place integer not null,
  attempt integer not null,
  at timestamptz not null,
  message text not null,
  primary key (workspace_id, run_id, place),
  foreign key (workspace_id, run_id) references runs (workspace_id, id)
);

-- The one result of a schedule for a month. open: only its forecast is there; due: its first run is not done; provisional:
-- compared, may still be restated; locked: two pulls a day apart agreed. `agreed_since` is when `digest` was first seen.
create table schedule_periods (
  workspace_id text not null default 'ws_default',
  schedule_id text not null,
  period text not null check (period ~ '^\d{4}-\d{2}$'),
  status text not null check (status in ('open', 'due', 'provisional', 'locked', 'failed', 'missed')),
  due_at timestamptz,
  backfilled boolean not null default false,
  run_id text,
  pulls integer not null default 0 check (pulls >= 0),
  digest text,
  agreed_since timestamptz,
  pulled_at timestamptz,
  next_pull_at timestamptz,
  result text,
  freeze_status text check (freeze_status in ('due', 'frozen', 'failed', 'missed')),
  forecast_id text,
  frozen_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, schedule_id, period),
  foreign key (workspace_id, schedule_id) references schedules (workspace_id, id)
);

create index schedule_periods_to_pull on schedule_periods (next_pull_at) where next_pull_at is not null;

-- A locked result is final: the numbers somebody reported must be the numbers somebody finds.
create function refuse_change_of_locked() returns trigger language plpgsql as $$
begin
  raise exception 'the result of % for % is locked', old.schedule_id, old.period using errcode = 'restrict_violation';
end
$$;

create trigger locked_periods_are_final before update or delete on schedule_periods
  for each row when (old.status = 'locked') execute function refuse_change_of_locked();
