import type { Problem } from '../../core/problem.ts';
import { localText } from '../../core/schedule/local-time.ts';
import type { Calendar } from '../../core/schedule/periods.ts';
import { dueAt, findNextRuns, firstFreezable, firstPeriodAfter, freezeWindow } from '../../core/schedule/periods.ts';
import type { Timing } from '../../core/schedule/timing.ts';
import { defaultDay, defaultTime, findTimingProblems, firesMonthly } from '../../core/schedule/timing.ts';
import { findScenario } from '../../db/scenarios.ts';
import type { ScheduleTerms } from '../../db/schedules.ts';
import {
  countSchedules,
  findSchedule,
  insertSchedule,
  listSchedules,
  markScheduleDeleted,
  updateSchedule,
} from '../../db/schedules.ts';
import type { ScheduleRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import type { Page, PageRequest } from '../paging.ts';
import { makePage, parseCursor } from '../paging.ts';
import { Refusal, refuseInput, refuseUnknown } from '../refusal.ts';
import { requireRoom } from '../storage.ts';
import { parseCron } from './cron.ts';

export type TimingInput = {
  readonly day?: number | 'last' | undefined;
  readonly time?: string | undefined;
  readonly cron?: string | undefined;
  readonly time_zone?: string | undefined;
};

export type ScheduleInput = TimingInput & {
  readonly name: string;
  readonly scenario_id: string;
  readonly paused?: boolean | undefined;
  readonly sources?: readonly string[] | undefined;
  readonly alert_above?: string | null | undefined;
};

export type ScheduledRun = { readonly period: string; readonly at: string; readonly local: string };

export type ScheduleView = {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly scenario_id: string;
  readonly day?: number | 'last';
  readonly time?: string;
  readonly cron?: string;
  readonly time_zone: string;
  readonly paused: boolean;
  readonly sources: readonly string[];
  readonly alert_above: string | null;
  readonly next: ScheduledRun;
  readonly next_freeze: ScheduledRun;
  readonly created_at: string;
  readonly updated_at: string;
};

const mostSchedules = 50;
const defaultAlert = '0.10';

/** Stores a schedule under `id`; the same id again gives what was stored first. Throws Refusal: problems, name taken. */
export async function createSchedule(app: App, id: string, input: ScheduleInput): Promise<ScheduleView> {
  if ((await countSchedules(app.db)) >= mostSchedules) {
    throw new Refusal('limit-exceeded', `There are ${mostSchedules} schedules already: delete one first.`, {
      members: { limit: String(mostSchedules) },
    });
  }
  const terms = await requireTerms(app, input, null);
  await requireRoom(app);
  const { taken } = await insertSchedule(app.db, id, terms, nowText(app));
  if (taken !== null && taken !== id) throw refuseName(input.name, taken);
  return getSchedule(app, id);
}

export async function getSchedule(app: App, id: string): Promise<ScheduleView> {
  return showSchedule(await requireSchedule(app, id));
}

export async function findSchedules(
  app: App,
  { cursor, limit, scenario_id }: PageRequest & { readonly scenario_id: string | null },
): Promise<Page<ScheduleView>> {
  const rows = await listSchedules(app.db, { scenario_id, before: parseCursor(cursor, scheduleId), limit });
  return makePage(rows, limit, ({ id }) => id, showSchedule);
}

/**
 * Changes what `change` names and leaves the rest. Periods that were due and not run yet stay so under new times; what
 * passed while it was paused is not made up for. Throws Refusal: problems, changed meanwhile, name taken.
 */
export async function changeSchedule(
  app: App,
  id: string,
  change: Partial<ScheduleInput>,
  isExpected: (version: number) => boolean,
): Promise<ScheduleView> {
  const current = await requireSchedule(app, id);
  if (!isExpected(current.version)) throw refuseVersion(current);
  const terms = await requireTerms(app, mergeChange(current, change), current);
  const stored = await updateSchedule(app.db, id, current.version, terms, nowText(app));
  if (stored.outcome === 'name-taken') throw refuseName(terms.name, stored.by);
  const now = await requireSchedule(app, id);
  if (stored.outcome === 'changed-meanwhile') throw refuseVersion(now);
  return showSchedule(now);
}

/** Hides a schedule; its results and runs stay readable. */
export async function deleteSchedule(app: App, id: string, isExpected: (version: number) => boolean): Promise<void> {
  const current = await requireSchedule(app, id);
  if (!isExpected(current.version)) throw refuseVersion(current);
  if (!(await markScheduleDeleted(app.db, id, current.version, nowText(app))))
    throw refuseVersion(await requireSchedule(app, id));
}

/** The next runs of a schedule with the period each covers. */
export async function getNextRuns(app: App, id: string, count: number): Promise<readonly ScheduledRun[]> {
  const row = await requireSchedule(app, id);
  return showRuns(calendarOf(row), row.next_period, count);
}

/** The next runs of a schedule that is not stored yet. Throws Refusal with every problem of its times. */
export function previewRuns(app: App, input: TimingInput, count: number): readonly ScheduledRun[] {
  const { calendar } = requireTiming(app, input);
  return showRuns(calendar, firstPeriodAfter(calendar, app.clock().getTime()), count);
}

/** A stored schedule as the calendar sees it. Throws RangeError where its zone is no longer known. */
export function calendarOf({ timing, time_zone }: Pick<ScheduleRow, 'timing' | 'time_zone'>): Calendar {
  if (!('cron' in timing)) return { fires: firesMonthly({ ...timing, time_zone }), zone: time_zone };
  const parsed = parseCron(timing.cron, time_zone);
  if ('problem' in parsed) throw new RangeError(parsed.problem.message);
  return { fires: parsed.fires, zone: time_zone };
}

export async function requireSchedule(app: Pick<App, 'db'>, id: string): Promise<ScheduleRow> {
  const row = await findSchedule(app.db, id);
  if (row === undefined) throw refuseUnknown('schedule', id);
  return row;
}

export const scheduleId = /^sch_[0-9a-z]{1,40}$/;

/** Strong: the version names what may be changed. */
export function scheduleEtag({ id, version }: { id: string; version: number }): string {
  return `"${id}-${version}"`;
}

async function requireTerms(app: App, input: ScheduleInput, current: ScheduleRow | null): Promise<ScheduleTerms> {
  const problems: Problem[] = [];
  const timing = parseTiming(app, input);
  if ('problems' in timing) problems.push(...timing.problems);
  if ((await findScenario(app.db, input.scenario_id)) === undefined) {
    const message = `There is no scenario ${input.scenario_id.slice(0, 80)}.`;
    problems.push({ code: 'unknown-scenario', pointer: '/scenario_id', message });
  }
  if ('problems' in timing || problems.length > 0) throw refuseInput(problems);
  const { name, scenario_id, paused = false, sources = [], alert_above = defaultAlert } = input;
  return {
    name,
    scenario_id,
    timing: timing.stored,
    time_zone: timing.calendar.zone,
    paused,
    sources,
    alert_above,
    ...cursorOf(app, timing.calendar, current, paused),
  };
}

type ParsedTiming = { readonly calendar: Calendar; readonly stored: ScheduleRow['timing'] };

function requireTiming(app: App, input: TimingInput): ParsedTiming {
  const parsed = parseTiming(app, input);
  if ('problems' in parsed) throw refuseInput(parsed.problems);
  return parsed;
}

function parseTiming(app: App, input: TimingInput): ParsedTiming | { readonly problems: readonly Problem[] } {
  const time_zone = input.time_zone ?? app.settings.timeZone;
  const zones = Intl.supportedValuesOf('timeZone');
  if (input.cron !== undefined) {
    const problems = [...findTimingProblems({ cron: input.cron, time_zone }, zones)];
    for (const name of ['day', 'time'] as const) {
      if (input[name] === undefined) continue;
      problems.push({ code: 'conflict', pointer: `/${name}`, message: `Send either cron or ${name}, not both.` });
    }
    const parsed = parseCron(input.cron, problems.length === 0 ? time_zone : 'UTC');
    if ('problem' in parsed) return { problems: [parsed.problem, ...problems] };
    if (problems.length > 0) return { problems };
    return { calendar: { fires: parsed.fires, zone: time_zone }, stored: { cron: input.cron } };
  }
  const { day = defaultDay, time = defaultTime } = input;
  const timing: Timing = { day, time, time_zone };
  const problems = findTimingProblems(timing, zones);
  if (problems.length > 0) return { problems };
  return { calendar: { fires: firesMonthly(timing), zone: time_zone }, stored: { day, time } };
}

/** Where a schedule goes on: never back to a period it has passed, and not into the time it was paused. */
function cursorOf(app: App, calendar: Calendar, current: ScheduleRow | null, paused: boolean) {
  const now = app.clock().getTime();
  const fresh = current === null || (current.paused && !paused);
  const first = firstPeriodAfter(calendar, now);
  const period = fresh ? laterOf(current?.next_period, first) : current.next_period;
  const freeze = laterOf(current?.freeze_period, firstFreezable(now, calendar.zone));
  return {
    next_period: period,
    next_due_at: instant(dueAt(calendar, period)),
    freeze_period: freeze,
    freeze_due_at: instant(freezeWindow(freeze, calendar.zone).opens),
  };
}

function laterOf(a: string | undefined, b: string): string {
  return a !== undefined && a > b ? a : b;
}

function mergeChange(current: ScheduleRow, change: Partial<ScheduleInput>): ScheduleInput {
  const { timing, name, scenario_id, time_zone, paused, sources, alert_above } = current;
  const retimed = change.cron !== undefined || change.day !== undefined || change.time !== undefined;
  // A day keeps its time and a time its day; an expression replaces both, and is replaced by either.
  const kept: TimingInput = 'cron' in timing ? (retimed ? {} : timing) : change.cron === undefined ? timing : {};
  return { ...kept, name, scenario_id, time_zone, paused, sources, alert_above, ...given(change) };
}

function given<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

function showRuns(calendar: Calendar, from: string, count: number): readonly ScheduledRun[] {
  return findNextRuns(calendar, from, count).map(({ period, at }) => showAt(period, at, calendar.zone));
}

function showSchedule(row: ScheduleRow): ScheduleView {
  const { id, name, version, scenario_id, timing, time_zone, paused, sources, alert_above } = row;
  return {
    id,
    name,
    version,
    scenario_id,
    ...timing,
    time_zone,
    paused,
    sources,
    alert_above,
    next: showAt(row.next_period, Date.parse(row.next_due_at), time_zone),
    next_freeze: showAt(row.freeze_period, Date.parse(row.freeze_due_at), time_zone),
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

function showAt(period: string, at: number, zone: string): ScheduledRun {
  return { period, at: instant(at), local: localText(at, zone) };
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

function refuseName(name: string, taken: string): Refusal {
  return new Refusal(
    'conflict',
    `There is a schedule named "${name}" already: change that one, or choose another name.`,
    {
      members: { existing: `/v1/schedules/${taken}` },
    },
  );
}

function refuseVersion(current: { id: string; version: number }): Refusal {
  return new Refusal(
    'version-mismatch',
    `The schedule is at version ${current.version} now: read it again before changing it.`,
    { members: { current_etag: scheduleEtag(current) } },
  );
}
