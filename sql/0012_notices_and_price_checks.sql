-- Why: whoever missed a mail must be able to read what was told, and of which schedule. And that a price went stale is told
-- once, by whichever process looks first, and again only when it went stale anew: what was told is a row, a model with the
-- day on which its oldest price was last vouched for.

-- `schedules`: ids of those that a notice concerns.
alter table notices add column schedules jsonb not null default '[]';

update notices set schedules = jsonb_build_array(substring(data from '"schedule":"(sch_[0-9a-z]+)"'))
  where data ~ '"schedule":"sch_[0-9a-z]+"';

create index notices_newest on notices (workspace_id, created_at desc, id desc);

create table stale_prices (
  workspace_id text not null default 'ws_default',
  provider text not null,
  model text not null,
  checked_at text not null check (checked_at ~ '^\d{4}-\d{2}-\d{2}$'),
  notice_id text not null,
  primary key (workspace_id, provider, model, checked_at)
);

-- Lists of prices that are read each day mostly say what they said before. That is no row of prices, or there would be ten
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
