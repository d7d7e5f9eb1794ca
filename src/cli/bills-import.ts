import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { loadConfig } from '../config.ts';
import type { BillImportReport, ImportedBill, OverlapView } from '../services/bills/bill-report.ts';
import type { RunView } from '../services/runs/runs.ts';
import { badUsage, CommandFailed } from './exit.ts';
import { followRun } from './follow-run.ts';
import type { Format, GlobalOptions, Output } from './output.ts';
import { outputOf } from './output.ts';
import type { Progress } from './progress.ts';
import { openProgress } from './progress.ts';
import type { RefusalText, ServiceClient, UploadOptions } from './service.ts';
import { connectService, ServiceRefused, serviceUrl } from './service.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

export type BillsImportOptions = GlobalOptions & {
  readonly source?: string;
  readonly account?: string;
  readonly period?: string;
  readonly dryRun?: boolean;
  readonly answer?: readonly string[];
  readonly model?: readonly string[];
  readonly map?: string;
  readonly payable?: string;
  readonly replace?: boolean;
  readonly add?: boolean;
  readonly server?: string;
  readonly keyFile?: string;
  readonly format: Format;
};

const mediaTypes: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.tsv': 'text/tab-separated-values',
  '.json': 'application/json',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.parquet': 'application/vnd.apache.parquet',
};
const longestQuery = 3_900;

/** `infercast bills import FILE` */
export async function runBillsImport(file: string, options: BillsImportOptions): Promise<void> {
  const output = outputOf(options);
  const { size } = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    throw badUsage(`${file} cannot be read (${cause.code ?? 'unknown'}).`, { cause });
  });
  const query = await queryOf(file, options);
  const service = await connectService(options.server ?? serviceUrl(loadConfig()), options.keyFile ?? null);
  const progress = openProgress(output.terminal);
  const mediaType = mediaTypes[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
  const upload = {
    mediaType,
    idempotencyKey: randomUUID(),
    onProgress: (bytes: number) => {
      if (bytes < size) progress.show(bytes, size, `of ${megabytes(size)} sent`);
      else progress.say('Sent; reading and comparing …');
    },
  };
  const report = await importFile(service, `/v1/bills?${query}`, file, upload, progress)
    .catch((error: unknown) => {
      throw error instanceof ServiceRefused ? withHelp(error) : error;
    })
    .finally(progress.end);
  if (options.format === 'json') output.print(JSON.stringify(report));
  else output.print(renderTable(billTable(report.bills), options.format, output.terminal));
  if (options.format === 'table') tellMore(report, output);
}

/** The report, at once or, of a long file, when its run has ended. */
async function importFile(
  { upload, call }: ServiceClient,
  path: string,
  file: string,
  options: UploadOptions,
  progress: Progress,
): Promise<BillImportReport> {
  const answer = (await upload(path, file, options)) as BillImportReport | RunView;
  return 'stored' in answer ? answer : ((await followRun(call, answer, progress)) as BillImportReport);
}

async function queryOf(file: string, options: BillsImportOptions): Promise<URLSearchParams> {
  const { source, account, period, dryRun, payable, replace, add, map } = options;
  const answers = pairsOf('--answer', options.answer ?? []);
  const models = Object.fromEntries(
    Object.entries(pairsOf('--model', options.model ?? [])).map(([billed, id]) => [billed, id === '' ? null : id]),
  );
  const mapping = map === undefined ? null : await readMapping(map);
  const query = new URLSearchParams({
    file_name: path.basename(file).slice(0, 200),
    ...(source !== undefined && { source }),
    ...(account !== undefined && { account }),
    ...(period !== undefined && { period }),
    ...(payable !== undefined && { payable }),
    ...(dryRun === true && { dry_run: 'true' }),
    ...(replace === true && { replace: 'true' }),
    ...(add === true && { add: 'true' }),
    ...(Object.keys(answers).length > 0 && { answers: JSON.stringify(answers) }),
    ...(Object.keys(models).length > 0 && { models: JSON.stringify(models) }),
    ...(mapping !== null && { mapping: JSON.stringify(mapping) }),
  });
  if (query.toString().length <= longestQuery) return query;
  throw badUsage('The answers, models and mapping are too long together: leave columns that need no mapping out.');
}

/** `key=value`, the value perhaps empty; the last `=` parts them, as names of models may have one. */
function pairsOf(option: string, texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.lastIndexOf('=');
      if (at < 1) throw badUsage(`${option} ${text}: expected name=value.`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

async function readMapping(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw badUsage(`${file} cannot be read (${cause.code ?? 'unknown'}).`, { cause });
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw badUsage(`${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** What the refusal asks for, as options of this command. */
function withHelp(refused: ServiceRefused): CommandFailed {
  const { errors = [], suggested_mapping } = refused.problem as RefusalText & { suggested_mapping?: unknown };
  const answers = errors.flatMap(({ pointer, suggestions = [] }) => {
    const id = /^\/answers\/(.+)$/.exec(pointer)?.[1];
    return id === undefined ? [] : [`Answer with --answer ${id}=${suggestions.join('|') || '…'}`];
  });
  const mapping =
    suggested_mapping === undefined
      ? []
      : ['A mapping to be corrected, saved and given with --map:', JSON.stringify(suggested_mapping, null, 2)];
  return new CommandFailed(refused.exitCode, [...refused.lines, ...answers, ...mapping], { cause: refused });
}

const actions: Readonly<Record<ImportedBill['action'], string>> = {
  store: 'new',
  replace: 'replaces',
  add: 'adds',
  repeated: 'there already',
  undecided: 'to be decided',
};

function billTable(bills: readonly ImportedBill[]): Table {
  return {
    columns: [
      { id: 'id', title: 'Bill' },
      { id: 'action', title: 'What' },
      { id: 'provider', title: 'Provider' },
      { id: 'account', title: 'Account' },
      { id: 'period', title: 'Month' },
      { id: 'kind', title: 'Kind' },
      { id: 'lines', title: 'Lines', align: 'right' },
      { id: 'billed', title: 'Billed', align: 'right' },
      { id: 'currency', title: 'Currency' },
      { id: 'balance', title: 'Invoice' },
    ],
    rows: bills.map((bill) => [
      bill.id ?? '–',
      actions[bill.action],
      bill.provider,
      bill.account === '' ? '–' : bill.account,
      bill.period,
      bill.kind,
      String(bill.lines),
      bill.billed,
      bill.currency,
      bill.balance,
    ]),
  };
}

function tellMore(report: BillImportReport, output: Output): void {
  const { file, questions, warnings, bills, models, left_out } = report;
  if (file.format !== null) output.say(`${file.name} is ${file.format.label}.`);
  for (const { id, column, text, choices } of questions) {
    output.say(`${column}: ${text} Answer with --answer ${id}=${choices.map(({ value }) => value).join('|') || '…'}`);
  }
  for (const bill of bills) {
    for (const { invoice_id, payable, difference } of bill.invoices) {
      if (payable !== null)
        output.say(`Invoice ${invoice_id ?? bill.period}: payable ${payable}, difference ${difference}.`);
    }
    if (bill.priced_lines > 0)
      output.say(`${linesOf(bill.priced_lines)} of ${bill.period} priced from the price book.`);
    for (const { model, meter, reason, lines } of bill.unpriced.slice(0, 10))
      output.say(
        `${linesOf(lines)} of ${bill.period} without a price (${[model, meter, reason].filter((text) => text !== null).join(', ')}).`,
      );
    if (bill.overlap !== null) tellOverlap(bill, bill.overlap, output);
  }
  for (const { billed, model, certainty, nearest } of models) {
    if (certainty === 'exact') continue;
    const near = nearest.length === 0 ? '' : ` Near: ${nearest.join(', ')}.`;
    output.say(
      `"${billed}" is taken for ${model ?? 'no model of the price book'} (${certainty}).${near} Change it with --model "${billed}=ID".`,
    );
  }
  for (const { period, lines } of left_out) output.say(`${linesOf(lines)} of ${period} left out.`);
  for (const { message } of warnings.slice(0, 20)) output.say(message);
  output.say(verdictOf(report));
}

function tellOverlap({ provider, period }: ImportedBill, overlap: OverlapView, output: Output): void {
  const { same, added, removed, changed, bills, lines } = overlap;
  output.say(
    `${provider} ${period} is stored as ${bills.map(({ id }) => id).join(', ')}: ${same} the same, ${added} added, ${removed} missing, ${changed} changed.`,
  );
  for (const { verdict, day, model, meter, stored, sent } of lines.slice(0, 20))
    output.say(
      `  ${day} ${model ?? ''} ${meter ?? ''}: ${verdict}, stored ${stored?.billed ?? '–'}, in the file ${sent?.billed ?? '–'}`,
    );
  if (lines.length > 20) output.say(`  … and ${lines.length - 20} more, in --format json.`);
}

function verdictOf({ stored, dry_run, repeated, questions, bills }: BillImportReport): string {
  if (questions.length > 0) return 'Nothing can be stored before this is answered.';
  if (repeated) return 'Everything in it is stored already.';
  const undecided = bills.some(({ action }) => action === 'undecided');
  if (dry_run && undecided) return 'A dry run. To store it, give --replace or --add.';
  if (dry_run) return 'A dry run: nothing was stored.';
  return stored ? 'Stored; provisional until bills lock.' : 'Nothing was stored.';
}

function linesOf(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
