-- Why: a scenario is a promise about inputs, a forecast a promise about numbers. Both must be readable years later just
-- as they were, so versions and forecasts are only ever appended; only the pointer to the newest version moves.
-- Every table names its workspace from the first day, because adding it to full tables later is the expensive way.

create table scenarios (
  workspace_id text not null default 'ws_default',
  id text not null,
  name text not null,
  version integer not null check (version >= 1),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (workspace_id, id)
);

-- A name is taken only while its scenario is there; a deleted one frees it.
create unique index scenarios_by_name on scenarios (workspace_id, lower(name)) where deleted_at is null;

-- `body` is the JSON text as it was sent, so that pointers into it stay true.
create table scenario_versions (
  workspace_id text not null default 'ws_default',
  scenario_id text not null,
  version integer not null check (version >= 1),
  body text not null,
  created_at timestamptz not null,
  primary key (workspace_id, scenario_id, version),
  foreign key (workspace_id, scenario_id) references scenarios (workspace_id, id)
);

-- `result` and `inputs` are text, not jsonb: jsonb would reorder keys and respell numbers, and a forecast must recompute
-- byte for byte. `result` is the answer of an estimate; id and scenario version are put on top when it is read.
create table forecasts (
  workspace_id text not null default 'ws_default',
  id text not null,
  scenario_id text,
  scenario_version integer,
  name text not null,
  as_of text not null,
  engine text not null,
  inputs_digest text not null,
  result text not null,
  inputs text not null,
  created_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, scenario_id, scenario_version) references scenario_versions (workspace_id, scenario_id, version)
);

create index forecasts_by_scenario on forecasts (workspace_id, scenario_id, id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed', tg_table_name using errcode = 'restrict_violation';
end
$$;

create trigger scenario_versions_are_final before update or delete on scenario_versions
  for each row execute function refuse_change();
create trigger forecasts_are_final before update or delete on forecasts
  for each row execute function refuse_change();
