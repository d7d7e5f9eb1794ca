-- Why: what was said about a month must stay said. A comparison is stored once and never changed; when a bill changes or
-- closes, a new comparison supersedes the old one, and both can be read. Of each tier the newest score of a month counts.

-- `body` is text, as a forecast's is: the same bytes for ever. `forecast_id` names a forecast of the same workspace.
create table comparisons (
  workspace_id text not null default 'ws_default',
  id text not null,
  scenario_id text,
  forecast_id text not null,
  name text not null,
  period text not null check (period ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  status text not null check (status in ('provisional', 'final')),
  supersedes text,
  body text not null,
  created_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, forecast_id) references forecasts (workspace_id, id),
  foreign key (workspace_id, supersedes) references comparisons (workspace_id, id)
);

create index comparisons_by_scenario on comparisons (workspace_id, scenario_id, period, id);

-- Where each tier's bill fell among the futures of its forecast, z = Φ⁻¹ of the share of them below it. From these later
-- forecasts learn how wide their bands really are. Only months that were forecast before they began have a row.
create table comparison_scores (
  workspace_id text not null default 'ws_default',
  comparison_id text not null,
  tier text not null,
  perimeter text not null check (perimeter in ('bill', 'full')),
  status text not null check (status in ('provisional', 'final')),
  forecast numeric not null,
  actual numeric not null,
  hit boolean not null,
  z double precision not null,
  primary key (workspace_id, comparison_id, tier, perimeter),
  foreign key (workspace_id, comparison_id) references comparisons (workspace_id, id)
);

create trigger comparisons_are_final before update or delete on comparisons
  for each row execute function refuse_change();
create trigger comparison_scores_are_final before update or delete on comparison_scores
  for each row execute function refuse_change();
