import { Decimal } from 'decimal.js';

/** Hours that are busier than others: `share` of a workload's requests falls into them, the rest evenly into the other hours. */
export type BusyHours = { readonly hours: string; readonly share: Decimal };

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const minutesOfDay = 1440;
const minutesOfWeek = 7 * minutesOfDay;
const Exact = Decimal.clone({ precision: 34 });

/** What hours of the week look like, for those who have to write them. */
export const utcHoursInWords = 'UTC hours such as 01:00-04:00, 08:00-18:00 mon-fri or sat,sun';

/**
 * Hours of the week in UTC in their one spelling: `1:00-4:00 Mon-Fri` is `01:00-04:00 mon-fri`, `sat, sun` is
 * `00:00-24:00 sat,sun`. The first minute is within, the last is not; hours past midnight (`22:00-02:00`) are two ends of
 * the same day, so that a day named is the day of the request itself. null where the text is no such hours.
 */
export function parseUtcHours(text: string): string | null {
  const match = /^(?:(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2}))?\s*([a-z,\s-]*)$/i.exec(text.trim().slice(0, 100));
  if (match === null) return null;
  const [, start, end, named = ''] = match;
  const from = start === undefined ? 0 : minuteOf(start);
  const to = end === undefined ? minutesOfDay : minuteOf(end);
  const on = named.trim() === '' ? days.map((_, i) => i) : parseDays(named);
  if (from === null || to === null || on === null || from === to || from === minutesOfDay) return null;
  if (start === undefined && named.trim() === '') return null;
  const clock = `${clockText(from)}-${clockText(to)}`;
  return on.length === days.length ? clock : `${clock} ${daysText(on)}`;
}

/**
 * The share of a workload's requests that falls into each of several windows, and, under null, into none of them. Where
 * windows overlap the later one counts. Without busy hours requests are spread evenly over the week:
 * `01:00-04:00` and `06:00-10:00` have 3/24 and 4/24 of them, and 17/24 are left.
 */
export function sharesOfHours(
  windows: readonly string[],
  busy: BusyHours | null = null,
): ReadonlyMap<string | null, Decimal> {
  const spans = windows.map((hours) => ({ hours, spans: spansOf(hours) }));
  const busySpans = busy === null ? [] : spansOf(busy.hours);
  const busyMinutes = busySpans.reduce((sum, [from, to]) => sum + to - from, 0);
  const edges = [...spans.flatMap((window) => window.spans.flat()), ...busySpans.flat(), 0, minutesOfWeek];
  const inOrder = [...new Set(edges)].sort((a, b) => a - b);
  const shares = new Map<string | null, Decimal>([[null, new Exact(0)], ...windows.map(emptyShare)]);
  for (const [i, from] of inOrder.slice(0, -1).entries()) {
    const minutes = (inOrder[i + 1] ?? from) - from;
    const owner = spans.findLast((window) => holds(window.spans, from))?.hours ?? null;
    const share = shareOfMinutes(minutes, holds(busySpans, from), busy, busyMinutes);
    shares.set(owner, (shares.get(owner) ?? new Exact(0)).plus(share));
  }
  return shares;
}

/** Whether hours are the whole week, so that nothing is left for others. */
export function isWholeWeek(hours: string): boolean {
  return spansOf(hours).reduce((sum, [from, to]) => sum + to - from, 0) === minutesOfWeek;
}

function shareOfMinutes(minutes: number, isBusy: boolean, busy: BusyHours | null, busyMinutes: number): Decimal {
  if (busy === null) return new Exact(minutes).div(minutesOfWeek);
  if (isBusy) return new Exact(busy.share).times(minutes).div(busyMinutes);
  return new Exact(1)
    .minus(busy.share)
    .times(minutes)
    .div(minutesOfWeek - busyMinutes);
}

function emptyShare(hours: string): [string, Decimal] {
  return [hours, new Exact(0)];
}

type Span = readonly [from: number, to: number];

/** Minutes of the week, Monday first, that hours in their one spelling stand for. */
function spansOf(hours: string): readonly Span[] {
  const [clock = '', named] = hours.split(' ');
  const [from = 0, to = minutesOfDay] = clock.split('-').map((text) => minuteOf(text) ?? 0);
  const on = named === undefined ? days.map((_, i) => i) : (parseDays(named) ?? []);
  const inDay: readonly Span[] =
    from < to
      ? [[from, to]]
      : [
          [0, to],
          [from, minutesOfDay],
        ];
  return on.flatMap((day) =>
    inDay.flatMap(([start, end]): readonly Span[] =>
      start === end ? [] : [[day * minutesOfDay + start, day * minutesOfDay + end]],
    ),
  );
}

function holds(spans: readonly Span[], minute: number): boolean {
  return spans.some(([from, to]) => from <= minute && minute < to);
}

function minuteOf(text: string): number | null {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  const minute = hours * 60 + minutes;
  return minutes < 60 && minute <= minutesOfDay ? minute : null;
}

/** `mon-fri`, `sat,sun`, `fri-mon`: days in order of the week; null where one is no day. */
function parseDays(text: string): readonly number[] | null {
  const found = new Set<number>();
  for (const part of text.toLowerCase().replaceAll(/\s/g, '').split(',')) {
    const [first = '', last = first, more] = part.split('-');
    const from = dayOf(first);
    const to = dayOf(last);
    if (from < 0 || to < 0 || more !== undefined) return null;
    for (let day = from; ; day = (day + 1) % days.length) {
      found.add(day);
      if (day === to) break;
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** By its first three letters or its whole name. */
function dayOf(name: string): number {
  const whole = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  return days.findIndex((day, i) => name === day || name === whole[i]);
}

function daysText(on: readonly number[]): string {
  const runs: number[][] = [];
  for (const day of on) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1) === day - 1) run.push(day);
    else runs.push([day]);
  }
  return runs
    .flatMap((run) => (run.length > 2 ? `${days[run[0] ?? 0]}-${days[run.at(-1) ?? 0]}` : run.map((day) => days[day])))
    .join(',');
}

function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
