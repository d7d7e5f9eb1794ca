-- Why: a file that can be read in two ways is never guessed at, so a source whose files write the day before the month, or
-- are of no known format, would be refused each month. How they are read is said once and stands with the source:
-- {"format", "answers", "mapping", "models"}, each as an upload takes it; null where nothing was said.
alter table bill_sources add column reading jsonb;
