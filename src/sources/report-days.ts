import { createHash } from 'node:crypto';
import { SourceFailed } from './bill-source.ts';

type Bucket = { readonly results?: unknown; readonly start_time?: unknown; readonly starting_at?: unknown };

/**
 * Sees to it that each day of a report counts once, whichever pages it stands on: the same again is left out of the text,
 * and a day of which two pages say different things is refused, since nobody knows which of them counts.
 */
export function openReportDays(origin: string): { readonly once: (text: string, json: { data: unknown }) => string } {
  const known = new Map<string, string>();

  /** False where a page before said the very same. */
  function isNew(bucket: Bucket): boolean {
    const start = bucket.start_time ?? bucket.starting_at;
    // A day without results adds nothing, however often it comes.
    if (start === undefined || (Array.isArray(bucket.results) && bucket.results.length === 0)) return true;
    const day = dayOf(start);
    const digest = createHash('sha256').update(JSON.stringify(bucket)).digest('base64');
    const before = known.get(day);
    known.set(day, digest);
    if (before === undefined) return true;
    if (before === digest) return false;
    const message = `${origin} says two different things of ${day} on the pages of one report: none of it is taken. Pull again later.`;
    throw new SourceFailed('shape', message);
  }

  return {
    once: (text, { data }) => {
      const buckets = Array.isArray(data) ? (data as readonly Bucket[]) : [];
      const fresh = buckets.map((bucket) => typeof bucket !== 'object' || bucket === null || isNew(bucket));
      return fresh.includes(false) ? without(text, fresh) : text;
    },
  };
}

/** Seconds since 1970 or an instant as text. */
function dayOf(start: unknown): string {
  const instant = new Date(typeof start === 'number' ? start * 1_000 : String(start));
  return Number.isNaN(instant.getTime()) ? String(start).slice(0, 40) : instant.toISOString().slice(0, 10);
}

type RawJson = { readonly rawJSON: (text: string) => unknown };

/** The page with only the buckets that are fresh; its numbers stay as they were written. */
function without(text: string, fresh: readonly boolean[]): string {
  const exact = ((_key: string, value: unknown, { source }: { source: string }): unknown =>
    typeof value === 'number' ? (JSON as unknown as RawJson).rawJSON(source) : value) as (
    key: string,
    value: unknown,
  ) => unknown;
  const page = JSON.parse(text, exact) as { readonly data: readonly unknown[] };
  return JSON.stringify({ ...page, data: page.data.filter((_bucket, index) => fresh[index]) });
}
