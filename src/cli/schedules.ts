import { BillDecimal } from '../core/bills/bill-decimal.ts';
import type { RunView } from '../services/runs/runs.ts';
import type { ScheduledRun, ScheduleView } from '../services/schedules/schedules.ts';
import { badUsage } from './exit.ts';
import { outputOf } from './output.ts';
import { runTable } from './run-table.ts';
import type { ServiceOptions } from './service-command.ts';
import { connect, everyPage, show } from './service-command.ts';
import type { Table } from './table.ts';

export type NewScheduleOptions = ServiceOptions & {
  readonly scenario?: string;
  readonly day?: string;
  readonly time?: string;
  readonly cron?: string;
  readonly zone?: string;
  readonly source?: readonly string[];
  readonly alertAbove?: string;
  readonly dryRun?: boolean;
};

/** `infercast schedules list` */
export async function runSchedulesList(options: ServiceOptions): Promise<void> {
  const { call } = await connect(options);
  const data = await everyPage<ScheduleView>(call, '/v1/schedules?limit=100');
  show(options, { data }, scheduleTable(data));
}

/** `infercast schedules add NAME`; with `--dry-run` the next twelve runs, and nothing is stored. */
export async function runSchedulesAdd(name: string, options: NewScheduleOptions): Promise<void> {
  const { day, time, cron, zone, scenario, source, alertAbove, dryRun } = options;
  const timing = {
    ...(day !== undefined && { day: parseDay(day) }),
    ...(time !== undefined && { time }),
    ...(cron !== undefined && { cron }),
    ...(zone !== undefined && { time_zone: zone }),
  };
  const alert = alertAbove === undefined ? {} : { alert_above: parseAlert(alertAbove) };
  const { call } = await connect(options);
  const output = outputOf(options);
  if (dryRun === true) {
    const preview = (await call('POST', '/v1/schedules/preview', timing)) as { data: readonly ScheduledRun[] };
    show(options, preview, nextTable(preview.data));
    output.say('A dry run: nothing was stored.');
    return;
  }
  if (scenario === undefined) throw badUsage('A schedule needs a scenario: give its id with --scenario sc_….');
  const made = (await call('POST', '/v1/schedules', {
    name,
    scenario_id: scenario,
    ...timing,
    ...(source !== undefined && { sources: source }),
    ...alert,
  })) as ScheduleView;
  const next = (await call('GET', `/v1/schedules/${made.id}/next`)) as { data: readonly ScheduledRun[] };
  show(options, made, nextTable(next.data));
  output.say(
    `${made.id} is stored: the forecast of ${made.next_freeze.period} is frozen on ${made.next_freeze.local.slice(0, 10)}.`,
  );
}

/** `infercast schedules run ID` */
export async function runSchedulesRun(
  id: string,
  options: ServiceOptions & { readonly period?: string },
): Promise<void> {
  const { call } = await connect(options);
  const { period } = options;
  const run = (await call(
    'POST',
    `/v1/schedules/${encodeURIComponent(id)}/run`,
    period === undefined ? {} : { period },
  )) as RunView;
  show(options, run, runTable([run]));
}

function parseDay(text: string): number | 'last' {
  if (text === 'last') return text;
  if (/^\d{1,2}$/.test(text)) return Number(text);
  throw badUsage(`--day ${text}: expected a day from 1 to 28, or last.`);
}

/** A share as text, exact: 12.5% is 0.125. null where no difference counts. */
function parseAlert(text: string): string | null {
  if (text === 'none') return null;
  const [, number = '', percent] = /^(\d{1,4}(?:\.\d{1,4})?)(%?)$/.exec(text) ?? [];
  if (number === '') throw badUsage(`--alert-above ${text}: expected a share such as 10%, or none.`);
  return percent === '%' ? new BillDecimal(number).div(100).toFixed() : number;
}

export function scheduleTable(schedules: readonly ScheduleView[]): Table {
  return {
    columns: [
      { id: 'id', title: 'Id' },
      { id: 'name', title: 'Name' },
      { id: 'scenario_id', title: 'Scenario' },
      { id: 'when', title: 'When' },
      { id: 'time_zone', title: 'Zone' },
      { id: 'next_run', title: 'Next run' },
      { id: 'covers', title: 'Covers' },
    ],
    rows: schedules.map((schedule) => [
      schedule.id,
      schedule.name,
      schedule.scenario_id,
      schedule.cron ?? `day ${schedule.day} at ${schedule.time}`,
      schedule.time_zone,
      schedule.paused ? 'paused' : schedule.next.local.slice(0, 16),
      schedule.next.period,
    ]),
  };
}

function nextTable(runs: readonly ScheduledRun[]): Table {
  return {
    columns: [
      { id: 'covers', title: 'Covers' },
      { id: 'local', title: 'On its clocks' },
      { id: 'utc', title: 'UTC' },
    ],
    rows: runs.map(({ period, at, local }) => [period, local, at]),
  };
}
