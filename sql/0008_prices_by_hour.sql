-- Why: some providers charge by the hour of the day. A row with hours (`01:00-04:00 mon-fri`, UTC) holds in those hours
-- instead of the row without; every row that was learned before holds at all hours.
alter table price_rows add column utc_hours text;
