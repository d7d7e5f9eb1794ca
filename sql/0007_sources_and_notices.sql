-- Why: what is told to somebody must be true, and what is true must be told even though this process dies in between. So
-- a notice and its deliveries are rows written by the transaction that makes the notice true, and sent from there until
-- they arrive. Keys and addresses with keys in them stand here sealed only (`sealed`: AES-256-GCM bound to table and row).

-- `address` is what may be shown of it: without its query, and only the host where the whole address is a secret.
create table webhooks (
  workspace_id text not null default 'ws_default',
  id text not null,
  name text not null,
  form text not null check (form in ('standard', 'slack')),
  address text not null,
  sealed text not null,
  hint jsonb not null,
  events jsonb,
  version integer not null check (version >= 1),
  enabled boolean not null,
  disabled_reason text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (workspace_id, id)
);

-- `data` is JSON text. The id names what happened, so that telling it twice is one notice.
create table notices (
  workspace_id text not null default 'ws_default',
  id text not null,
  type text not null,
  data text not null,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);

-- One notice to one receiver: a webhook, or those who get mail (`webhook_id` null). While an attempt is under way
-- `next_at` is when it counts as lost; `attempt` counts up for good, so that a process that was slow can see that another
-- one took it; `tries` counts from the last time somebody asked for it.
create table deliveries (
  workspace_id text not null default 'ws_default',
  id text not null,
  notice_id text not null,
  webhook_id text,
  state text not null check (state in ('waiting', 'delivered', 'failed')),
  attempt integer not null default 0 check (attempt >= 0),
  tries integer not null default 0 check (tries >= 0),
  next_at timestamptz,
  delivered_at timestamptz,
  created_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, notice_id) references notices (workspace_id, id),
  foreign key (workspace_id, webhook_id) references webhooks (workspace_id, id),
  check ((state = 'waiting') = (next_at is not null))
);

create unique index deliveries_once on deliveries (workspace_id, notice_id, coalesce(webhook_id, ''));
create index deliveries_due on deliveries (next_at) where state = 'waiting';
create index deliveries_by_webhook on deliveries (workspace_id, webhook_id, id);

create table delivery_attempts (
  workspace_id text not null default 'ws_default',
  delivery_id text not null,
  attempt integer not null,
  at timestamptz not null,
  outcome text not null check (outcome in ('delivered', 'later', 'gone', 'refused')),
  status integer,
  reason text,
  primary key (workspace_id, delivery_id, attempt),
  foreign key (workspace_id, delivery_id) references deliveries (workspace_id, id)
);

-- Where bills are fetched. `settings` is what may be shown ({"url"} without its query, {"folder"}).
create table bill_sources (
  workspace_id text not null default 'ws_default',
  id text not null,
  name text not null,
  kind text not null check (kind in ('openai', 'anthropic', 'openrouter', 'url', 'inbox')),
  account text,
  settings jsonb not null,
  sealed text,
  hint jsonb,
  version integer not null check (version >= 1),
  keep_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (workspace_id, id)
);

create unique index bill_sources_by_name on bill_sources (workspace_id, lower(name)) where deleted_at is null;
create index bill_sources_to_keep on bill_sources (keep_at) where keep_at is not null and deleted_at is null;

-- Days of a source that forgets them (OpenRouter gives the last 30 only), as they came; a later look replaces one.
create table kept_days (
  workspace_id text not null default 'ws_default',
  source_id text not null,
  day text not null check (day ~ '^\d{4}-\d{2}-\d{2}$'),
  body text not null,
  pulled_at timestamptz not null,
  primary key (workspace_id, source_id, day),
  foreign key (workspace_id, source_id) references bill_sources (workspace_id, id)
);
