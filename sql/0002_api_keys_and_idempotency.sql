-- Why: the service may be opened to others only with keys, and a client that lost its connection must be able to send
-- the same request again without doing its work twice.

-- The secret has 256 random bits, so one SHA-256 is enough; the secret itself is nowhere.
create table api_keys (
  workspace_id text not null default 'ws_default',
  id text not null primary key,
  name text not null,
  scopes jsonb not null,
  secret_sha256 text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);

-- `object_id` is drawn when the key is first seen, before the work: after a crash the same request makes the same object.
-- `status` is null while the work goes on; `claimed_at` tells whether its process is likely still at it.
create table idempotency_keys (
  workspace_id text not null default 'ws_default',
  actor text not null,
  key text not null,
  request_sha256 text not null,
  object_id text not null,
  claimed_at timestamptz not null,
  created_at timestamptz not null,
  status integer,
  headers jsonb,
  body text,
  primary key (workspace_id, actor, key)
);

create index idempotency_keys_by_age on idempotency_keys (created_at);
