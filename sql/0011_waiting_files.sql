-- Why: a long import is a run, and the worker that takes it may be a process on another host. So its file waits here, not
-- on a disk, until the run has succeeded; a day at most where it has not, so that it can be tried again.

-- The file that a run imports. It stands before its run does: first its pieces, each in a transaction of its own, then
-- the run.
create table waiting_files (
  workspace_id text not null default 'ws_default',
  run_id text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  media_type text not null,
  bytes bigint not null,
  created_at timestamptz not null,
  primary key (workspace_id, run_id)
);

create table waiting_file_chunks (
  workspace_id text not null default 'ws_default',
  run_id text not null,
  place integer not null,
  content bytea not null,
  primary key (workspace_id, run_id, place),
  foreign key (workspace_id, run_id) references waiting_files (workspace_id, run_id) on delete cascade
);
