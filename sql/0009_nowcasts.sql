-- Why: a month that will end far above its forecast should be known while something can still be done about it. So each
-- month under way is looked at once a day; when comes next and what the last look saw stand beside the month's result.

-- `next_look_at` is not before when, null where no look comes any more; `nowcast` is JSON text, as of `looked_at`.
alter table schedule_periods
  add column next_look_at timestamptz,
  add column looked_at timestamptz,
  add column nowcast text,
  add check ((looked_at is null) = (nowcast is null));

create index schedule_periods_to_look_at on schedule_periods (next_look_at)
  where next_look_at is not null and status = 'open';

-- Months that are open already: the first planner to see them knows their zone.
update schedule_periods set next_look_at = created_at where status = 'open';
