-- Why: that a price went stale is told once, by whichever process looks first, and again only when it went stale anew. So
-- what was told is a row: a model with the day on which its oldest price was last vouched for. Notices can be read, newest
-- first, and so have an index.

create table stale_prices (
  workspace_id text not null default 'ws_default',
  provider text not null,
  model text not null,
  checked_at text not null check (checked_at ~ '^\d{4}-\d{2}-\d{2}$'),
  notice_id text not null,
  primary key (workspace_id, provider, model, checked_at)
);

create index notices_newest on notices (workspace_id, created_at desc, id desc);
