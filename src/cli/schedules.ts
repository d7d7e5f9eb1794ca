import { loadConfig } from '../config.ts';
import type { RunView } from '../services/runs.ts';
import type { ScheduledRun, ScheduleView } from '../services/schedules.ts';
import { badUsage } from './exit.ts';
import type { Format, GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import type { ServiceClient } from './service.ts';
import { connectService, serviceUrl } from './service.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

export type SchedulesOptions = GlobalOptions & {
  readonly server?: string;
  readonly keyFile?: string;
  readonly format: Format;
};

export type NewScheduleOptions = SchedulesOptions & {
  readonly scenario?: string;
  readonly day?: string;
  readonly time?: string;
  readonly cron?: string;
  readonly zone?: string;
  readonly dryRun?: boolean;
};

/** `infercast schedules list` */
export async function runSchedulesList(options: SchedulesOptions): Promise<void> {
  const { call } = await connect(options);
  const found = await everyPage<ScheduleView>(call, '/v1/schedules?limit=100');
  const output = outputOf(options);
  if (options.format === 'json') output.print(JSON.stringify({ data: found }));
  else output.print(renderTable(scheduleTable(found), options.format, output.terminal));
}

/** `infercast schedules add NAME`; with `--dry-run` the next twelve runs, and nothing is stored. */
export async function runSchedulesAdd(name: string, options: NewScheduleOptions): Promise<void> {
  const { day, time, cron, zone, scenario, dryRun } = options;
  const timing = {
    ...(day !== undefined && { day: parseDay(day) }),
    ...(time !== undefined && { time }),
    ...(cron !== undefined && { cron }),
    ...(zone !== undefined && { time_zone: zone }),
  };
  const { call } = await connect(options);
  const output = outputOf(options);
  const show = (runs: readonly ScheduledRun[], value: unknown): void => {
    if (options.format === 'json') output.print(JSON.stringify(value));
    else output.print(renderTable(nextTable(runs), options.format, output.terminal));
  };
  if (dryRun === true) {
    const preview = (await call('POST', '/v1/schedules/preview', timing)) as { data: readonly ScheduledRun[] };
    show(preview.data, preview);
    output.say('A dry run: nothing was stored.');
    return;
  }
  if (scenario === undefined) throw badUsage('A schedule needs a scenario: give its id with --scenario sc_….');
  const made = (await call('POST', '/v1/schedules', { name, scenario_id: scenario, ...timing })) as ScheduleView;
  const next = (await call('GET', `/v1/schedules/${made.id}/next`)) as { data: readonly ScheduledRun[] };
  show(next.data, made);
  output.say(
    `${made.id} is stored: the forecast of ${made.next_freeze.period} is frozen on ${made.next_freeze.local.slice(0, 10)}.`,
  );
}

/** `infercast schedules run ID` */
export async function runSchedulesRun(
  id: string,
  options: SchedulesOptions & { readonly period?: string },
): Promise<void> {
  const { call } = await connect(options);
  const { period } = options;
  const run = (await call(
    'POST',
    `/v1/schedules/${encodeURIComponent(id)}/run`,
    period === undefined ? {} : { period },
  )) as RunView;
  const output = outputOf(options);
  if (options.format === 'json') output.print(JSON.stringify(run));
  else output.print(renderTable(runTable([run]), options.format, output.terminal));
}

export async function connect({ server, keyFile }: SchedulesOptions): Promise<ServiceClient> {
  return connectService(server ?? serviceUrl(loadConfig()), keyFile ?? null);
}

async function everyPage<Item>(call: ServiceClient['call'], path: string): Promise<readonly Item[]> {
  type Page = { readonly data: readonly Item[]; readonly next_cursor: string | null };
  const found: Item[] = [];
  let cursor: string | null = null;
  do {
    const page = (await call('GET', cursor === null ? path : `${path}&cursor=${encodeURIComponent(cursor)}`)) as Page;
    found.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

function parseDay(text: string): number | 'last' {
  if (text === 'last') return text;
  if (/^\d{1,2}$/.test(text)) return Number(text);
  throw badUsage(`--day ${text}: expected a day from 1 to 28, or last.`);
}

function scheduleTable(schedules: readonly ScheduleView[]): Table {
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

export function runTable(runs: readonly RunView[]): Table {
  return {
    columns: [
      { id: 'id', title: 'Id' },
      { id: 'period', title: 'Covers' },
      { id: 'state', title: 'State' },
      { id: 'trigger', title: 'Trigger' },
    ],
    rows: runs.map(({ id, period, state, trigger }) => [id, period ?? '', state, trigger]),
  };
}
