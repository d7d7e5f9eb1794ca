import type { App } from '../app.ts';
import { monthText } from '../figure-text.ts';
import type { RunQuery, RunView } from '../runs/runs.ts';
import { findRuns, getRun } from '../runs/runs.ts';
import { findSchedules } from '../schedules/schedules.ts';
import { instantText } from './instant-text.ts';
import type { Mark } from './run-words.ts';
import { failureInWords, kindInWords, stateInWords, triggerInWords } from './run-words.ts';

/** Executions of jobs and schedules, newest first, in words. */
export type RunsView = {
  readonly runs: readonly RunLine[];
  /** Where older ones are; null where there are none. */
  readonly older: string | null;
  /** Whether these are only some of all, by what was asked. */
  readonly filtered: boolean;
  readonly zone: string;
};

export type RunLine = {
  readonly id: string;
  readonly kind: string;
  readonly trigger: string;
  /** The month it covers; empty where it covers none. */
  readonly month: string;
  /** Name of its schedule, or its id where that was deleted; null where it has none. */
  readonly schedule: { readonly id: string; readonly name: string } | null;
  readonly state: Mark;
  readonly underWay: boolean;
  readonly progress: string;
  readonly attempts: string;
  readonly created: string;
  readonly error: string | null;
  readonly action: 'cancel' | 'retry' | null;
};

/** A run with everything that is known of it. */
export type RunPageView = RunLine & {
  readonly zone: string;
  readonly facts: readonly { readonly term: string; readonly text: string }[];
  readonly problems: readonly string[];
  readonly links: readonly { readonly href: string; readonly text: string }[];
  /** JSON; null until it has succeeded. */
  readonly result: string | null;
  readonly log: readonly { readonly at: string; readonly attempt: number; readonly message: string }[];
};

export type RunsPageQuery = Pick<RunQuery, 'cursor' | 'schedule_id' | 'state'>;

const runsOnPage = 50;

export async function findRunsPage(app: App, query: RunsPageQuery): Promise<RunsView> {
  const { data, next_cursor } = await findRuns(app, { ...query, limit: runsOnPage, period: null, kind: null });
  const names = await findScheduleNames(app);
  const { schedule_id, state } = query;
  return {
    runs: data.map((run) => showLine(run, names, app.settings.timeZone)),
    older: next_cursor === null ? null : addressOf({ schedule_id, state, cursor: next_cursor }),
    filtered: schedule_id !== null || state !== null,
    zone: app.settings.timeZone,
  };
}

/** Throws Refusal for an unknown id. */
export async function findRunPage(app: App, id: string): Promise<RunPageView> {
  const run = await getRun(app, id);
  const zone = app.settings.timeZone;
  const line = showLine(run, await findScheduleNames(app), zone);
  const time = (instant: string | null): string => (instant === null ? '–' : instantText(instant, zone));
  return {
    ...line,
    zone,
    facts: [
      { term: 'Started', text: `${line.trigger}, ${line.created}` },
      { term: 'Last attempt', text: time(run.started_at) },
      { term: 'Ended', text: time(run.ended_at) },
      { term: 'Attempts', text: line.attempts },
      ...(line.progress === '' ? [] : [{ term: 'Progress', text: line.progress }]),
      { term: 'Id', text: id },
    ],
    problems: (run.error?.errors ?? []).map(({ detail }) => detail),
    links: linksOf(run),
    result: run.result === null ? null : JSON.stringify(run.result, null, 2),
    log: run.log.map(({ at, attempt, message }) => ({ at: instantText(at, zone), attempt, message })),
  };
}

async function findScheduleNames(app: App): Promise<ReadonlyMap<string, string>> {
  const { data } = await findSchedules(app, { cursor: null, limit: 200, scenario_id: null });
  return new Map(data.map(({ id, name }) => [id, name]));
}

function showLine(run: RunView, names: ReadonlyMap<string, string>, zone: string): RunLine {
  const { id, kind, state, trigger, schedule_id, period, attempt, error, cancel_requested, created_at } = run;
  const underWay = state === 'queued' || state === 'running';
  const stops = underWay && cancel_requested;
  return {
    id,
    kind: kindInWords(kind),
    trigger: triggerInWords(trigger),
    month: period === null ? '' : monthText(period),
    schedule: schedule_id === null ? null : { id: schedule_id, name: names.get(schedule_id) ?? schedule_id },
    state: stops ? { mark: 'open', text: 'being cancelled' } : stateInWords(state),
    underWay,
    progress: progressOf(run),
    attempts: attempt === 0 ? 'none yet' : String(attempt),
    created: instantText(created_at, zone),
    error: state === 'succeeded' || error === null ? null : failureInWords(error),
    action: underWay ? (stops ? null : 'cancel') : state === 'succeeded' ? null : 'retry',
  };
}

function progressOf({ progress, state }: RunView): string {
  if (progress === null || state !== 'running') return '';
  const { done, total, unit } = progress;
  const number = (value: number): string => value.toLocaleString('en-US');
  return total === null ? `${number(done)} ${unit}` : `${number(done)} of ${number(total)} ${unit}`;
}

/** Pages of what a run brought, by the addresses in its result. */
function linksOf({ result }: RunView): RunPageView['links'] {
  if (typeof result !== 'object' || result === null) return [];
  const texts = Object.values(result).filter((value): value is string => typeof value === 'string');
  const idOf = (form: RegExp): string | undefined => texts.flatMap((text) => form.exec(text)?.[1] ?? [])[0];
  const comparison = idOf(/^(?:\/v1\/comparisons\/)?(cmp_[0-9a-z]+)$/);
  const forecast = idOf(/^(?:\/v1\/forecasts\/)?(fc_[0-9a-z]+)$/);
  return [
    ...(comparison === undefined ? [] : [{ href: `/comparisons/${comparison}`, text: 'The comparison' }]),
    ...(forecast === undefined ? [] : [{ href: `/?forecast=${forecast}`, text: 'The forecast' }]),
    ...('bills' in result ? [{ href: '/bills', text: 'The bills' }] : []),
  ];
}

function addressOf(query: RunsPageQuery): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== null);
  return `/runs?${new URLSearchParams(given)}`;
}
