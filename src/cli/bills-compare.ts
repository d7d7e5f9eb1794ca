import { writeFile } from 'node:fs/promises';
import { loadConfig } from '../config.ts';
import type { Comparison, TierComparison } from '../core/bills/comparison.ts';
import { comparisonCsv } from '../core/bills/comparison-csv.ts';
import { answerOf, comparisonMarkdown, thousands } from '../core/bills/comparison-markdown.ts';
import { didYouMean, nearestNames } from '../core/nearest-name.ts';
import { badUsage, CommandFailed, exitCodes } from './exit.ts';
import type { Format, GlobalOptions, Output } from './output.ts';
import { outputOf } from './output.ts';
import type { ServiceClient } from './service.ts';
import { connectService, serviceUrl } from './service.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

export type BillsCompareOptions = GlobalOptions & {
  readonly scenario?: string;
  readonly forecast?: string;
  readonly period: string;
  readonly tier?: readonly string[];
  readonly rate?: readonly string[];
  readonly xlsx?: string;
  readonly server?: string;
  readonly keyFile?: string;
  readonly format: Format;
};

/** `infercast bills compare` */
export async function runBillsCompare(options: BillsCompareOptions): Promise<void> {
  const { scenario, forecast, period, tier, rate = [], xlsx, format } = options;
  if (scenario === undefined && forecast === undefined)
    throw badUsage('Say what to compare: --scenario with its id or name, or --forecast with the id of one.');
  const service = await connectService(options.server ?? serviceUrl(loadConfig()), options.keyFile ?? null);
  const comparison = (await service.call('POST', '/v1/comparisons', {
    ...(scenario !== undefined && { scenario_id: await findScenarioId(service, scenario) }),
    ...(forecast !== undefined && { forecast_id: forecast }),
    period,
    ...(tier !== undefined && { tiers: tier }),
    exchange_rates: ratesOf(rate),
  })) as Comparison;
  const output = outputOf(options);
  if (format === 'json') output.print(JSON.stringify(comparison));
  else if (format === 'csv') output.print(comparisonCsv(comparison));
  else if (format === 'markdown') output.print(comparisonMarkdown(comparison));
  else printTables(comparison, output);
  if (xlsx !== undefined) await writeWorkbook(comparison, xlsx, output);
}

/** An id as it is; a name is looked up, whatever its case. */
async function findScenarioId({ call }: ServiceClient, given: string): Promise<string> {
  if (/^sc_[0-9a-z]+$/.test(given)) return given;
  const query = new URLSearchParams({ q: given.slice(0, 200), limit: '200' });
  const named = (await call('GET', `/v1/scenarios?${query}`)) as { data: { id: string; name: string }[] };
  const found = named.data.find(({ name }) => name.toLowerCase() === given.toLowerCase());
  if (found !== undefined) return found.id;
  const all = (await call('GET', '/v1/scenarios?limit=200')) as { data: { name: string }[] };
  const nearest = nearestNames(
    given,
    all.data.map(({ name }) => name),
  );
  throw badUsage(`There is no scenario "${given}".${didYouMean(nearest)}`);
}

function ratesOf(pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, currency, rate] = /^([A-Z]{3})=(\d+(?:\.\d+)?)$/.exec(pair) ?? [];
      if (currency === undefined || rate === undefined)
        throw badUsage(`--rate ${pair}: expected a currency and what one of it was worth, such as USD=0.92.`);
      return [currency, rate];
    }),
  );
}

function printTables(comparison: Comparison, output: Output): void {
  const { tiers, currency, unforeseen, warnings, id, status, period, forecast } = comparison;
  for (const tier of tiers) {
    output.print(`${tier.label}: ${answerOf(tier, currency)}\n`);
    output.print(renderTable(bridgeTable(tier, currency), 'table', output.terminal));
    output.print('\n');
  }
  for (const { place, label, flags, record } of tiers) {
    if (place !== null) output.say(`${label}: ${place.says}.`);
    for (const { says } of flags) output.say(`${label}: ${says}`);
    if (record !== null) output.say(`${label}: ${record.says}`);
  }
  for (const { provider, model, amount, currency: own } of unforeseen)
    output.say(
      `Billed, and used by no tier compared: ${[provider, model].filter(Boolean).join(' ')} ${amount} ${own}.`,
    );
  const said = new Set([...warnings, ...tiers.flatMap(({ notes }) => notes)].map(({ message }) => message));
  for (const message of said) output.say(message);
  output.say(`${id}: ${status}, ${period} against ${forecast.id} of ${forecast.created_at.slice(0, 10)}.`);
}

function bridgeTable({ forecast, bridge, actual }: TierComparison, currency: string): Table {
  return {
    columns: [
      { id: 'step', title: 'From the forecast to the bill' },
      { id: 'amount', title: currency, align: 'right' },
    ],
    rows: [
      ['Forecast (median)', thousands(forecast.p50)],
      ...bridge.map(({ label, amount }) => [label, thousands(amount)]),
      ['Bill', thousands(actual)],
    ],
  };
}

async function writeWorkbook(comparison: Comparison, path: string, output: Output): Promise<void> {
  const { writeComparisonWorkbook } = await import('../compute/calculate.ts');
  const bytes = await writeComparisonWorkbook(JSON.stringify(comparison));
  try {
    await writeFile(path, bytes);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CommandFailed(exitCodes.failed, [`${path} could not be written (${reason}).`], { cause });
  }
  output.say(`Wrote ${path}.`);
}
