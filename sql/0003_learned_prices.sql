-- Why: a forecast made in August must stay explainable in December. So a price has two clocks: when it holds (valid_from,
-- valid_to) and when we learned it (known_at, the day of the import, which nobody can state otherwise). Rows are only ever
-- appended; a correction is a later row, and what an as-of date sees never changes.

create table price_imports (
  workspace_id text not null default 'ws_default',
  id text not null,
  catalogue text not null,
  known_at text not null check (known_at ~ '^\d{4}-\d{2}-\d{2}$'),
  content_sha256 text not null,
  report jsonb not null,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);

-- The same list twice on one day teaches nothing.
create unique index price_imports_once on price_imports (workspace_id, known_at, content_sha256);

-- `status` is accepted, or quarantined where a price was more than ten times another: no forecast reads those.
-- `place` is the order within an import: of two rows for one meter learned on one day, the later counts.
create table price_rows (
  workspace_id text not null default 'ws_default',
  import_id text not null,
  place integer not null,
  status text not null check (status in ('accepted', 'quarantined')),
  provider text not null,
  model text not null,
  meter text not null,
  unit text not null,
  price numeric not null check (price >= 0),
  above_input_tokens bigint,
  valid_from text check (valid_from ~ '^\d{4}-\d{2}-\d{2}$'),
  valid_to text check (valid_to ~ '^\d{4}-\d{2}-\d{2}$'),
  known_at text not null,
  checked_at text not null,
  source text not null,
  catalogue text not null,
  primary key (workspace_id, import_id, place),
  foreign key (workspace_id, import_id) references price_imports (workspace_id, id)
);

create index price_rows_by_model on price_rows (workspace_id, model, provider);

create trigger price_imports_are_final before update or delete on price_imports
  for each row execute function refuse_change();
create trigger price_rows_are_final before update or delete on price_rows
  for each row execute function refuse_change();
