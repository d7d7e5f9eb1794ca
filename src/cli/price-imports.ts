import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { dayIn } from '../clock.ts';
import { loadConfig } from '../config.ts';
import { InvalidInput } from '../core/problem.ts';
import { StartRefused } from '../db/folder-lock.ts';
import { loadPriceBook } from '../files/price-book.ts';
import { makeId } from '../services/ids.ts';
import type { PriceDifference, PriceImportReport, PriceImportRequest } from '../services/prices/prices.ts';
import { importPrices, judgePriceList } from '../services/prices/prices.ts';
import { Refusal } from '../services/refusal.ts';
import { DownloadFailed } from '../sources/download.ts';
import type { PriceListName } from '../sources/price-lists.ts';
import { downloadPriceList, priceLists } from '../sources/price-lists.ts';
import { badUsage, CommandFailed, exitCodes } from './exit.ts';
import { conditionText } from './figures.ts';
import type { Format, GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import { connectService, findService, serviceUrl } from './service.ts';
import { clockOf, loadEgressRules } from './settings.ts';
import { openStore } from './store.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

export type PriceImportOptions = GlobalOptions & {
  readonly dryRun?: boolean;
  readonly acceptOutliers?: boolean;
  readonly server?: string;
  readonly keyFile?: string;
  readonly format: Format;
};

const folder = path.join(import.meta.dirname, '../../models/prices');
const mostBytes = 25_000_000;

/** `infercast prices import FILE` */
export async function runPricesImport(file: string, options: PriceImportOptions): Promise<void> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw badUsage(`${file} cannot be read (${cause.code ?? 'unknown'}).`, { cause });
  });
  if (bytes.byteLength > mostBytes) throw badUsage(`${file} has more than ${mostBytes} bytes.`);
  await learn(bytes.toString('utf8'), options);
}

/** `infercast prices pull LIST` */
export async function runPricesPull(list: string, options: PriceImportOptions): Promise<void> {
  outputOf(options).say(`Fetching ${priceLists[list as PriceListName]}`);
  const text = await downloadPriceList(list as PriceListName, loadEgressRules()).catch((error: unknown) => {
    if (!(error instanceof DownloadFailed)) throw error;
    throw new CommandFailed(exitCodes.failed, [`${error.message} Offline, import a file instead.`], { cause: error });
  });
  await learn(text, options);
}

async function learn(text: string, options: PriceImportOptions): Promise<void> {
  const request = { text, dryRun: options.dryRun === true, acceptOutliers: options.acceptOutliers === true };
  const report = await importSomewhere(request, options).catch((error: unknown) => {
    if (error instanceof InvalidInput) {
      const lines = error.problems.map(({ pointer, message }) => (pointer === '' ? message : `${pointer}: ${message}`));
      throw new CommandFailed(exitCodes.badUsage, lines, { cause: error });
    }
    if (error instanceof Refusal) throw new CommandFailed(exitCodes.failed, [error.message], { cause: error });
    throw error;
  });
  const output = outputOf(options);
  if (options.format === 'json') output.print(JSON.stringify(report));
  else if (report.differences.length > 0 || options.format === 'csv')
    output.print(renderTable(differenceTable(report.differences), options.format, output.terminal));
  output.say(summaryOf(report));
  for (const what of report.left_out.slice(0, 10)) output.say(`Left out: ${what}`);
  if (report.left_out.length > 10) output.say(`… and ${report.left_out.length - 10} more, all in --format json.`);
}

/** Prices are in the database; where a running service holds the embedded one, the service is asked instead. */
async function importSomewhere(request: PriceImportRequest, options: PriceImportOptions): Promise<PriceImportReport> {
  if (options.server !== undefined) return importThroughService(options.server, request, options);
  const config = loadConfig();
  if (request.dryRun && config.DATABASE_URL === undefined && !existsSync(config.DATA_DIR)) {
    const today = dayIn(config.DEFAULT_TZ, clockOf(config)());
    return judgePriceList(request.text, await loadPriceBook(folder), today, request).report;
  }
  const database = await openStore(config).catch((error: unknown) => {
    if (error instanceof StartRefused && config.DATABASE_URL === undefined) return error;
    throw error;
  });
  if (database instanceof StartRefused) {
    const url = serviceUrl(config);
    if (await findService(url)) return importThroughService(url, request, options);
    throw new CommandFailed(exitCodes.unreachable, [
      database.message,
      `No service answers at ${url} either: give its address with --server.`,
    ]);
  }
  try {
    const settings = {
      timeZone: config.DEFAULT_TZ,
      guardedFolder: config.DATABASE_URL === undefined ? config.DATA_DIR : null,
      minFreeMb: config.MIN_FREE_MB,
    };
    const prices = await loadPriceBook(folder);
    const store = { db: database.db, clock: clockOf(config), settings, catalogues: { prices } };
    return await importPrices(store, makeId('pi'), request);
  } finally {
    await database.close();
  }
}

async function importThroughService(
  url: string,
  { text, dryRun, acceptOutliers }: PriceImportRequest,
  { keyFile }: PriceImportOptions,
): Promise<PriceImportReport> {
  const { post } = await connectService(url, keyFile ?? null);
  const mediaType = /^\s*[{[]/.test(text) ? 'application/json' : 'text/csv';
  const query = `dry_run=${dryRun}&accept_outliers=${acceptOutliers}`;
  return (await post(`/v1/prices/import?${query}`, text, mediaType)) as PriceImportReport;
}

function differenceTable(differences: readonly PriceDifference[]): Table {
  return {
    columns: [
      { id: 'verdict', title: 'Verdict' },
      { id: 'provider', title: 'Provider' },
      { id: 'model', title: 'Model' },
      { id: 'meter', title: 'Meter' },
      { id: 'believed', title: 'Believed', align: 'right' },
      { id: 'proposed', title: 'Proposed', align: 'right' },
      { id: 'ratio', title: 'Ratio', align: 'right' },
      { id: 'believed_from', title: 'Believed from' },
    ],
    rows: differences.map((row) => [
      row.verdict,
      row.provider,
      row.model,
      row.meter + conditionText(row),
      row.believed ?? '–',
      row.proposed,
      row.ratio ?? '–',
      row.believed_from ?? '',
    ]),
  };
}

function summaryOf({ counts, catalogue, known_at, dry_run, repeated }: PriceImportReport): string {
  const { new: added, same, differs, quarantined } = counts;
  const figures = `${added} new, ${same} confirmed, ${differs} different by more than 1 %, ${quarantined} quarantined`;
  if (dry_run) return `${catalogue}: ${figures}. A dry run: nothing was stored.`;
  if (repeated) return `${catalogue}: imported today already (${figures}); nothing was stored again.`;
  return `${catalogue}: ${figures}. Learned on ${known_at}: forecasts with an earlier as_of do not see them.`;
}
