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
