import type { App } from '../app.ts';
import { monthText, toleranceText } from '../figure-text.ts';
import { getForecast } from '../forecasts/forecasts.ts';
import { findScenarios } from '../forecasts/scenarios.ts';
import type { RunView } from '../runs/runs.ts';
import { findRuns } from '../runs/runs.ts';
import { nowcastKind } from '../schedules/nowcast-job.ts';
import { compareKind } from '../schedules/schedule-jobs.ts';
import type { PeriodView } from '../schedules/schedule-runs.ts';
import { findPeriods } from '../schedules/schedule-runs.ts';
import type { ScheduledRun, ScheduleView } from '../schedules/schedules.ts';
import { findSchedules } from '../schedules/schedules.ts';
import { findBillSources } from '../sources/bill-sources.ts';
import { computedTiers } from './answer.ts';
import { instantText, utcText } from './instant-text.ts';
import type { Foreseen, MonthRow } from './month-row.ts';
import { isUnderWay, resultOf, showMonth } from './month-row.ts';
import type { NowcastView } from './nowcast-view.ts';
import { showNowcast } from './nowcast-view.ts';
import { failureInWords } from './run-words.ts';
import { timingText } from './timing-text.ts';

/** Everything on the page of schedules, in words. */
export type SchedulesView = { readonly schedules: readonly ScheduleCard[] };

export type ScheduleCard = {
  readonly id: string;
  readonly name: string;
  readonly paused: boolean;
  readonly facts: readonly { readonly term: string; readonly text: string; readonly note: string }[];
  readonly underWay: UnderWay | null;
  readonly months: readonly MonthRow[];
};

/** The month under way: what the last look saw, or when the first one comes. */
export type UnderWay = {
  readonly month: string;
  readonly nowcast: NowcastView | null;
  readonly notes: readonly string[];
};

/** As many as there may be. */
const mostSchedules = 50;
const shownMonths = 12;
const rememberedRuns = 50;

/** Every schedule with its last twelve months, newest first. */
export async function findSchedulesPage(app: App): Promise<SchedulesView> {
  const { data } = await findSchedules(app, { cursor: null, limit: mostSchedules, scenario_id: null });
  const names = await findNames(app);
  const schedules: ScheduleCard[] = [];
  // One after the other: the embedded database has one connection, and a page of fifty must not take the whole pool.
  for (const schedule of data) schedules.push(await showSchedule(app, schedule, names));
  return { schedules };
}

/** Names of scenarios and bill sources by id. */
async function findNames(app: App): Promise<ReadonlyMap<string, string>> {
  const whole = { cursor: null, limit: 200 };
  const scenarios = await findScenarios(app, { ...whole, q: null, updated_since: null });
  const sources = await findBillSources(app, whole);
  return new Map([...scenarios.data, ...sources.data].map(({ id, name }) => [id, name]));
}

async function showSchedule(
  app: App,
  schedule: ScheduleView,
  names: ReadonlyMap<string, string>,
): Promise<ScheduleCard> {
  const { id, name, paused, time_zone: zone } = schedule;
  const { data: periods } = await findPeriods(app, id, { cursor: null, limit: shownMonths });
  const failures = await findFailures(app, id, compareKind);
  const now = app.clock().getTime();
  const usual = periods.map(resultOf).find((result) => result !== null)?.tier ?? null;
  const months: MonthRow[] = [];
  for (const period of periods) {
    const foreseen = await findForeseen(app, period, usual);
    const failure = failures.get(period.period) ?? null;
    months.push(showMonth(period, { zone, now, paused, failure, foreseen }));
  }
  const current = periods.find(({ period }) => isUnderWay(period, now, zone));
  return {
    id,
    name,
    paused,
    facts: factsOf(schedule, names),
    underWay: current === undefined ? null : await showUnderWay(app, schedule, current),
    months,
  };
}

/** Why the newest run of a kind failed, by month; a month whose newest run did not fail has none. */
async function findFailures(app: App, schedule_id: string, kind: string): Promise<ReadonlyMap<string, string>> {
  const newestFirst = { cursor: null, limit: rememberedRuns, schedule_id, period: null, kind, state: null };
  const { data } = await findRuns(app, newestFirst);
  const newest = new Map<string, RunView>();
  for (const run of data) if (run.period !== null && !newest.has(run.period)) newest.set(run.period, run);
  return new Map(
    [...newest].flatMap(([period, { state, error }]): [string, string][] => {
      if (state === 'cancelled') return [[period, 'Its run was cancelled.']];
      return state === 'failed' && error !== null ? [[period, failureInWords(error)]] : [];
    }),
  );
}

/**
 * What was foreseen for a month that was not compared yet: of the tier whose bills are compared in other months, or of the
 * only one. null where neither says which.
 */
async function findForeseen(app: App, period: PeriodView, usual: string | null): Promise<Foreseen | null> {
  if (period.forecast_id === null || resultOf(period) !== null) return null;
  const forecast = await getForecast(app, period.forecast_id);
  const tiers = computedTiers(forecast);
  const tier = tiers.find(({ label }) => label === usual) ?? (tiers.length === 1 ? tiers[0] : undefined);
  const month = tier?.months.find((each) => each.month === period.period);
  return tier === undefined || month === undefined
    ? null
    : { tier: tier.label, p50: month.bill.p50, currency: forecast.currency };
}

async function showUnderWay(app: App, schedule: ScheduleView, current: PeriodView): Promise<UnderWay> {
  const { id, time_zone: zone, paused } = schedule;
  const { period, nowcast, looked_at, next_look_at } = current;
  const failure = (await findFailures(app, id, nowcastKind)).get(period);
  const next = next_look_at === null || paused ? null : instantText(next_look_at, zone);
  const seen = looked_at === null ? [] : [`Looked at on ${instantText(looked_at, zone)}.`];
  const then = next === null ? [] : [`${looked_at === null ? 'The first look' : 'The next look'} comes on ${next}.`];
  return {
    month: monthText(period),
    nowcast: nowcast === null ? null : showNowcast(nowcast),
    notes: [...(failure === undefined ? [] : [`The last look failed: ${failure}`]), ...seen, ...then],
  };
}

function factsOf(schedule: ScheduleView, names: ReadonlyMap<string, string>): ScheduleCard['facts'] {
  const { scenario_id, time_zone, sources, alert_above, next, next_freeze, paused } = schedule;
  const rests = 'Nothing is started while it is paused.';
  return [
    {
      term: 'Next run',
      text: paused ? 'paused' : instantText(next.at, time_zone),
      note: paused ? rests : `${besideUtc(next, time_zone)}compares ${monthText(next.period)}`,
    },
    {
      term: 'Next forecast',
      text: paused ? 'paused' : instantText(next_freeze.at, time_zone),
      note: paused ? rests : `${besideUtc(next_freeze, time_zone)}is frozen for ${monthText(next_freeze.period)}`,
    },
    { term: 'When', text: timingText(schedule), note: time_zone },
    { term: 'Scenario', text: names.get(scenario_id) ?? scenario_id, note: scenario_id },
    {
      term: 'Bills from',
      text: sources.length === 0 ? 'what somebody imports' : sources.map((id) => names.get(id) ?? id).join(', '),
      note: '',
    },
    {
      term: 'Alert',
      text: alert_above === null ? 'none' : `a difference above ${toleranceText(alert_above)}`,
      note: '',
    },
  ];
}

function besideUtc({ at }: ScheduledRun, zone: string): string {
  return zone === 'UTC' ? 'UTC; ' : `${utcText(at)}; `;
}
