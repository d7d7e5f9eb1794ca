-- Why: lists of prices that are read each day mostly say what they said before. That is no row of prices, or there would be ten
-- thousand a day, but it vouches for those that are there: a row is checked on every later day on which its list was read,
-- until the day on which the list does not say it any more. Days are never added for the past, so that what an as-of date
-- sees stays what it was.
create table price_checks (
  workspace_id text not null default 'ws_default',
  catalogue text not null,
  day text not null check (day ~ '^\d{4}-\d{2}-\d{2}$'),
  primary key (workspace_id, catalogue, day)
);

create table price_ends (
  workspace_id text not null default 'ws_default',
  import_id text not null,
  place integer not null,
  day text not null check (day ~ '^\d{4}-\d{2}-\d{2}$'),
  primary key (workspace_id, import_id, place),
  foreign key (workspace_id, import_id, place) references price_rows (workspace_id, import_id, place)
);
