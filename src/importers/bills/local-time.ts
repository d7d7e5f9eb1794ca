const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether the name is a time zone of the IANA database that this machine knows. */
export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/**
 * The instant at which the clocks of `zone` show `local` (milliseconds, as if they were UTC). A time that the clocks skip
 * in spring is read as many minutes later; of one they show twice in autumn the first is taken.
 */
export function utcOfLocal(local: number, zone: string): number {
  if (zone === 'UTC') return local;
  const before = offsetAt(local - 86_400_000, zone);
  const after = offsetAt(local + 86_400_000, zone);
  const early = local - before;
  return before === after || offsetAt(early, zone) === before ? early : gapOrAfter(local, before, after, zone);
}

function gapOrAfter(local: number, before: number, after: number, zone: string): number {
  const late = local - after;
  return offsetAt(late, zone) === after ? late : local - before;
}

/** Milliseconds that the clocks of `zone` are ahead of UTC. */
function offsetAt(instant: number, zone: string): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const two = '2-digit';
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: two,
    day: two,
    hour: two,
    minute: two,
    second: two,
  });
  formats.set(zone, format);
  return format;
}
