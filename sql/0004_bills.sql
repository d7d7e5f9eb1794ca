-- Why: a forecast is held against what was really billed, so bills must be as unchangeable as forecasts. Files, bills and
-- lines are only ever appended; what happens to a bill later (locked, reversed) is a row beside it, at most one of a kind.
-- A correction is a reversal and, perhaps, another bill. Columns that FOCUS has carry its names, as PostgreSQL folds them,
-- so that queries written for FOCUS run as they are.

-- The file as it came. `content` is in `bill_file_chunks`, each a gzip of its own, so that no one has to hold it whole.
create table bill_files (
  workspace_id text not null default 'ws_default',
  id text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  file_name text not null,
  media_type text not null,
  bytes bigint not null,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);

create unique index bill_files_once on bill_files (workspace_id, sha256);

create table bill_file_chunks (
  workspace_id text not null default 'ws_default',
  file_id text not null,
  place integer not null,
  content bytea not null,
  primary key (workspace_id, file_id, place),
  foreign key (workspace_id, file_id) references bill_files (workspace_id, id)
);

-- One bill is what one provider asks of one account for one month in one currency. `kind` is billed, or usage where the
-- file has quantities only; money of a usage bill counts only while no billed one of its provider and month stands.
-- `content_sha256` is of the lines in any order, so that the same bill under another name or line end is known again.
-- `reading` is how the file was read: its format, the answers to what was asked, the mapping of its columns.
create table bills (
  workspace_id text not null default 'ws_default',
  id text not null,
  file_id text not null,
  kind text not null check (kind in ('billed', 'usage')),
  provider text not null,
  account text not null,
  period text not null check (period ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  currency text not null,
  content_sha256 text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
  reading jsonb not null,
  lines integer not null check (lines > 0),
  billed numeric not null,
  effective numeric not null,
  -- Sums by charge category and by invoice, with what each invoice asks to be paid.
  categories jsonb not null,
  invoices jsonb not null,
  balance text not null check (balance in ('balanced', 'unbalanced', 'not-stated')),
  -- Billed names of models and what they were taken for when the bill was stored.
  models jsonb not null,
  created_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, file_id) references bill_files (workspace_id, id)
);

create index bills_by_period on bills (workspace_id, period, provider);
create index bills_by_file on bills (workspace_id, file_id);

-- `locked`: settled, the month is closed; `reversed`: it counts no longer, `replaced_by` counts instead if it is named.
create table bill_events (
  workspace_id text not null default 'ws_default',
  bill_id text not null,
  event text not null check (event in ('locked', 'reversed')),
  reason text,
  replaced_by text,
  -- What was payable when the bill was locked, where it was stated only then.
  payable numeric,
  difference numeric,
  created_at timestamptz not null,
  primary key (workspace_id, bill_id, event),
  foreign key (workspace_id, bill_id) references bills (workspace_id, id)
);

create table bill_lines (
  workspace_id text not null default 'ws_default',
  bill_id text not null,
  place integer not null,
  billedcost numeric,
  effectivecost numeric,
  listcost numeric,
  contractedcost numeric,
  billingcurrency text not null,
  chargecategory text not null check (chargecategory in ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment')),
  chargeclass text check (chargeclass = 'Correction'),
  chargedescription text,
  chargeperiodstart timestamptz not null,
  chargeperiodend timestamptz not null,
  billingperiodstart timestamptz,
  billingperiodend timestamptz,
  invoiceid text,
  invoiceissuername text,
  billingaccountid text,
  subaccountid text,
  subaccountname text,
  regionid text,
  serviceprovidername text not null,
  hostprovidername text,
  servicename text,
  skuid text,
  skumeter text,
  pricingquantity numeric,
  pricingunit text,
  consumedquantity numeric,
  consumedunit text,
  listunitprice numeric,
  commitmentdiscountid text,
  x_provider text,
  x_model text,
  x_tokendirection text,
  x_cacheaction text,
  x_servicetier text,
  x_meter text,
  x_requests numeric,
  x_reasoningtokens numeric,
  x_costreason text,
  x_firstline bigint not null,
  x_lastline bigint not null,
  x_other jsonb not null,
  -- The id in the price book of the model that x_model means; null where none is meant by certain.
  x_modelid text,
  primary key (workspace_id, bill_id, place),
  foreign key (workspace_id, bill_id) references bills (workspace_id, id)
);

-- What a billed name of a model means, as a person said it last; null is none of the price book.
create table bill_models (
  workspace_id text not null default 'ws_default',
  provider text not null,
  billed text not null,
  model text,
  updated_at timestamptz not null,
  primary key (workspace_id, provider, billed)
);

create view bill_states as
  select
    b.workspace_id,
    b.id,
    case when r.event is not null then 'reversed' when l.event is not null then 'locked' else 'provisional' end as status,
    -- Quantities of a month that the provider's own amounts cover already are no second cost.
    r.event is null and (b.kind = 'billed' or not exists (
      select 1
      from bills o
      left join bill_events e on e.workspace_id = o.workspace_id and e.bill_id = o.id and e.event = 'reversed'
      where o.workspace_id = b.workspace_id and o.provider = b.provider and o.period = b.period
        and o.kind = 'billed' and e.event is null
    )) as counts
  from bills b
  left join bill_events r on r.workspace_id = b.workspace_id and r.bill_id = b.id and r.event = 'reversed'
  left join bill_events l on l.workspace_id = b.workspace_id and l.bill_id = b.id and l.event = 'locked';

-- Everything that counts, under the name that FOCUS's own queries select from.
create view focus_data_table as
  select l.*, l.serviceprovidername as providername, b.period as x_period
  from bill_lines l
  join bills b on b.workspace_id = l.workspace_id and b.id = l.bill_id
  join bill_states s on s.workspace_id = l.workspace_id and s.id = l.bill_id
  where s.counts;

create trigger bill_files_are_final before update or delete on bill_files
  for each row execute function refuse_change();
create trigger bill_file_chunks_are_final before update or delete on bill_file_chunks
  for each row execute function refuse_change();
create trigger bills_are_final before update or delete on bills
  for each row execute function refuse_change();
create trigger bill_events_are_final before update or delete on bill_events
  for each row execute function refuse_change();
create trigger bill_lines_are_final before update or delete on bill_lines
  for each row execute function refuse_change();
