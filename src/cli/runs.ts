import { loadConfig } from '../config.ts';
import type { RunDetails, RunView } from '../services/runs/runs.ts';
import { badUsage } from './exit.ts';
import type { Format, GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import type { ServiceClient } from './service.ts';
import { connectService, serviceUrl } from './service.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

export type RunsOptions = GlobalOptions & {
  readonly server?: string;
  readonly keyFile?: string;
  readonly format: Format;
};

export type RunsListOptions = RunsOptions & {
  readonly kind?: string;
  readonly state?: string;
  readonly period?: string;
  readonly schedule?: string;
  readonly limit: string;
};

const mostListed = 1_000;
const mostOnPage = 200;

/** `infercast runs list` */
export async function runRunsList(options: RunsListOptions): Promise<void> {
  const { kind, state, period, schedule, limit, format } = options;
  if (!/^\d{1,4}$/.test(limit) || Number(limit) < 1 || Number(limit) > mostListed)
    throw badUsage(`--limit ${limit}: expected a number from 1 to 1,000.`);
  const { call } = await connect(options);
  const filter = {
    ...(kind !== undefined && { kind }),
    ...(state !== undefined && { state }),
    ...(period !== undefined && { period }),
    ...(schedule !== undefined && { schedule_id: schedule }),
  };
  const found: RunView[] = [];
  let cursor: string | null = null;
  do {
    const most = String(Math.min(mostOnPage, Number(limit) - found.length));
    const query = new URLSearchParams({ ...filter, limit: most, ...(cursor !== null && { cursor }) });
    const page = (await call('GET', `/v1/runs?${query}`)) as { data: RunView[]; next_cursor: string | null };
    found.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor !== null && found.length < Number(limit));
  const output = outputOf(options);
  if (format === 'json') output.print(JSON.stringify({ data: found }));
  else output.print(renderTable(runsTable(found), format, output.terminal));
}

/** `infercast runs show ID` */
export async function runRunsShow(id: string, options: RunsOptions): Promise<void> {
  const { call } = await connect(options);
  tell(await readRun(call, id), options);
}

/** `infercast runs cancel ID` */
export async function runRunsCancel(id: string, options: RunsOptions): Promise<void> {
  const { call } = await connect(options);
  const { state } = (await call('POST', `/v1/runs/${encodeURIComponent(id)}/cancel`)) as RunView;
  tell(await readRun(call, id), options);
  outputOf(options).say(
    state === 'cancelled' ? 'It is cancelled.' : 'It is asked to stop, which its worker sees within seconds.',
  );
}

/** `infercast runs retry ID` */
export async function runRunsRetry(id: string, options: RunsOptions): Promise<void> {
  const { call } = await connect(options);
  await call('POST', `/v1/runs/${encodeURIComponent(id)}/retry`);
  tell(await readRun(call, id), options);
  outputOf(options).say('It waits for a worker again.');
}

function connect({ server, keyFile }: RunsOptions): Promise<ServiceClient> {
  return connectService(server ?? serviceUrl(loadConfig()), keyFile ?? null);
}

async function readRun(call: ServiceClient['call'], id: string): Promise<RunDetails> {
  return (await call('GET', `/v1/runs/${encodeURIComponent(id)}`)) as RunDetails;
}

function tell(run: RunDetails, options: RunsOptions): void {
  const output = outputOf(options);
  if (options.format === 'json') output.print(JSON.stringify(run));
  else output.print(renderTable(runTable(run), options.format, output.terminal));
}

function runsTable(runs: readonly RunView[]): Table {
  return {
    columns: [
      { id: 'id', title: 'Run' },
      { id: 'kind', title: 'Kind' },
      { id: 'period', title: 'Covers' },
      { id: 'state', title: 'State' },
      { id: 'progress', title: 'Progress' },
      { id: 'attempt', title: 'Attempts', align: 'right' },
      { id: 'created_at', title: 'Asked for' },
      { id: 'ended_at', title: 'Ended' },
    ],
    rows: runs.map((run) => [
      run.id,
      run.kind,
      run.period ?? '–',
      stateOf(run),
      progressOf(run),
      String(run.attempt),
      run.created_at,
      run.ended_at ?? '–',
    ]),
  };
}

function runTable(run: RunDetails): Table {
  const { id, kind, trigger, schedule_id, period, attempt, created_at, started_at, ended_at, result, error, log } = run;
  return {
    columns: [
      { id: 'what', title: 'What' },
      { id: 'value', title: 'Value' },
    ],
    rows: [
      ['Run', id],
      ['Kind', kind],
      ['State', stateOf(run)],
      ['Trigger', trigger],
      ...(schedule_id === null ? [] : [['Schedule', schedule_id]]),
      ...(period === null ? [] : [['Covers', period]]),
      ['Progress', progressOf(run)],
      ['Attempts', String(attempt)],
      ['Asked for', created_at],
      ['Started', started_at ?? '–'],
      ['Ended', ended_at ?? '–'],
      ...broughtBy(result),
      ...(error === null ? [] : [['Error', error.message]]),
      ...(error?.errors ?? []).map(({ pointer, detail }) => [`  ${pointer || 'all'}`, detail]),
      ...log.map(({ at, message }) => [`Log ${at.slice(0, 19)}`, message]),
    ],
  };
}

function stateOf({ state, cancel_requested }: RunView): string {
  return state === 'running' && cancel_requested ? 'running, to be cancelled' : state;
}

function progressOf({ progress }: RunView): string {
  if (progress === null) return '–';
  const { done, total, unit } = progress;
  return total === null ? `${done} ${unit}` : `${done} of ${total} ${unit}`;
}

/** What of a result fits in a line: texts, numbers, and the ids of what it lists. All of it is in `--format json`. */
function broughtBy(result: unknown): readonly string[][] {
  if (typeof result !== 'object' || result === null) return [];
  return Object.entries(result).flatMap(([name, value]) => {
    const text = Array.isArray(value) ? value.map(lineOf).filter(Boolean).join(', ') : lineOf(value);
    return text === '' ? [] : [[`Result ${name}`, text]];
  });
}

function lineOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : '';
}
