import { readFile } from 'node:fs/promises';
import type { RunView } from '../services/runs/runs.ts';
import type { BillSourceTest } from '../services/sources/bill-source-test.ts';
import type { BillSourceView } from '../services/sources/bill-sources.ts';
import { badUsage, CommandFailed, exitCodes } from './exit.ts';
import { outputOf } from './output.ts';
import { runTable } from './run-table.ts';
import { readSecret } from './secret-input.ts';
import { ServiceRefused } from './service.ts';
import type { ServiceOptions } from './service-command.ts';
import { connect, everyPage, show } from './service-command.ts';
import type { Table } from './table.ts';

export type NewSourceOptions = ServiceOptions & {
  readonly kind: string;
  readonly account?: string;
  readonly url?: string;
  readonly urlFile?: string;
  readonly urlEnv?: string;
  readonly folder?: string;
  readonly credentialFile?: string;
  readonly credentialEnv?: string;
  readonly reading?: string;
  readonly dryRun?: boolean;
  readonly period?: string;
};

/** A month of many pages takes its time. */
const pullMs = 600_000;

/** `infercast sources list` */
export async function runSourcesList(options: ServiceOptions): Promise<void> {
  const { call } = await connect(options);
  const data = await everyPage<BillSourceView>(call, '/v1/bill-sources?limit=100');
  show(options, { data }, sourceTable(data));
}

/** `infercast sources add NAME`; with `--dry-run` a month is fetched and shown, and nothing is stored. */
export async function runSourcesAdd(name: string, options: NewSourceOptions): Promise<void> {
  const { kind, account, folder, dryRun, period } = options;
  const url = await readAddress(options);
  const credential = await readSecret('--credential', {
    file: options.credentialFile,
    variable: options.credentialEnv,
  });
  const source = {
    name,
    kind,
    ...(account !== undefined && { account }),
    ...(url !== null && { url }),
    ...(folder !== undefined && { folder }),
    ...(credential !== null && { credential }),
    ...(options.reading !== undefined && { reading: await readJson('--reading', options.reading) }),
  };
  const { call } = await connect(options);
  if (dryRun === true) {
    const tried = await call('POST', `/v1/bill-sources/test${ofMonth(period)}`, source, pullMs).catch(withHelp);
    tellTest(tried as BillSourceTest, options);
    outputOf(options).say('A dry run: nothing was stored.');
    return;
  }
  const made = (await call('POST', '/v1/bill-sources', source).catch(withHelp)) as BillSourceView;
  show(options, made, sourceTable([made]));
  outputOf(options).say(`${made.id} is stored: infercast sources test ${made.id} shows what it would bring.`);
}

/** `infercast sources test ID`: exit code 1 where its bills could not be stored as they are. */
export async function runSourcesTest(
  id: string,
  options: ServiceOptions & { readonly period?: string },
): Promise<void> {
  const { call } = await connect(options);
  const path = `/v1/bill-sources/${encodeURIComponent(id)}/test${ofMonth(options.period)}`;
  tellTest((await call('POST', path, undefined, pullMs)) as BillSourceTest, options);
}

/** `infercast sources pull ID` */
export async function runSourcesPull(
  id: string,
  options: ServiceOptions & { readonly period?: string },
): Promise<void> {
  const { call } = await connect(options);
  const path = `/v1/bill-sources/${encodeURIComponent(id)}/pull${ofMonth(options.period)}`;
  const run = (await call('POST', path)) as RunView;
  show(options, run, runTable([run]));
}

/** `infercast sources remove ID` */
export async function runSourcesRemove(id: string, options: ServiceOptions): Promise<void> {
  const { change } = await connect(options);
  await change('DELETE', `/v1/bill-sources/${encodeURIComponent(id)}`);
  outputOf(options).say(`${id} and its key are removed; the bills it brought stay.`);
}

/** An address may be secret as a whole, or hold a key in its query. */
async function readAddress({ url, urlFile, urlEnv }: NewSourceOptions): Promise<string | null> {
  const read = await readSecret('--url', { file: urlFile, variable: urlEnv });
  if (read !== null && url !== undefined) throw badUsage('Give either --url, --url-file or --url-env.');
  return read ?? url ?? null;
}

function ofMonth(period: string | undefined): string {
  return period === undefined ? '' : `?period=${encodeURIComponent(period)}`;
}

async function readJson(option: string, file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw badUsage(`${option} ${file} cannot be read (${cause.code ?? 'unknown'}).`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badUsage(`${option} ${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** What the refusal asks for, as options of this command. */
function withHelp(error: unknown): never {
  const isKeyless =
    error instanceof ServiceRefused && (error.problem.errors ?? []).some(({ pointer }) => pointer === '/credential');
  if (!isKeyless) throw error;
  const help = 'A key is read from a file (--credential-file, - is stdin) or a variable (--credential-env).';
  throw new CommandFailed(error.exitCode, [...error.lines, help], { cause: error });
}

function tellTest(test: BillSourceTest, options: ServiceOptions): void {
  show(options, test, testTable(test));
  const output = outputOf(options);
  if (test.missing_days.length > 0) output.say(`It no longer gives ${test.missing_days.join(', ')}.`);
  const found = test.files.flatMap(({ name, problem, suggested_mapping: mapping }) => [
    ...(problem === null ? [] : [`${name}: ${problem}`]),
    ...(mapping === null ? [] : ['A mapping to be corrected, for "mapping" of --reading:', JSON.stringify(mapping)]),
  ]);
  if (test.ok) return;
  throw new CommandFailed(exitCodes.failed, test.problem === null ? found : [test.problem, ...found]);
}

function sourceTable(sources: readonly BillSourceView[]): Table {
  return {
    columns: [
      { id: 'id', title: 'Id' },
      { id: 'name', title: 'Name' },
      { id: 'kind', title: 'Kind' },
      { id: 'account', title: 'Account' },
      { id: 'where', title: 'Where' },
      { id: 'key', title: 'Key' },
    ],
    rows: sources.map(({ id, name, kind, account, url, folder, credential }) => [
      id,
      name,
      kind,
      account ?? '–',
      url ?? folder ?? '–',
      credential === null ? '–' : `…${credential.last4 ?? ''}`,
    ]),
  };
}

function testTable({ files }: BillSourceTest): Table {
  return {
    columns: [
      { id: 'file', title: 'File' },
      { id: 'format', title: 'Format' },
      { id: 'provider', title: 'Provider' },
      { id: 'account', title: 'Account' },
      { id: 'kind', title: 'Kind' },
      { id: 'lines', title: 'Lines', align: 'right' },
      { id: 'billed', title: 'Billed', align: 'right' },
      { id: 'currency', title: '' },
    ],
    rows: files.flatMap(({ name, format, bills }) =>
      bills.length === 0
        ? [[name, format ?? '–', '–', '–', '–', '0', '–', '']]
        : bills.map(({ provider, account, kind, lines, billed, currency }) => [
            name,
            format ?? '–',
            provider,
            account === '' ? '–' : account,
            kind,
            String(lines),
            billed,
            currency,
          ]),
    ),
  };
}
