import { didYouMean, nearestNames } from '../core/nearest-name.ts';
import type { Meter } from '../core/prices/meters.ts';
import type { PriceListing } from '../core/prices/price-list.ts';
import { badUsage } from './exit.ts';
import { conditionText, listPriceText } from './figures.ts';
import type { Format, GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import type { PriceSource, PriceSourceOptions } from './price-sources.ts';
import { openPrices } from './price-sources.ts';
import { loadCalculationSettings } from './settings.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

export type PricesListOptions = GlobalOptions &
  PriceSourceOptions & {
    readonly provider?: string;
    readonly model?: string;
    readonly on?: string;
    readonly format: Format;
  };

/** `infercast prices list`: JSON and CSV have a row for each meter; the table has the main meters of a model beside each other. */
export async function runPricesList({ provider, model, on, format, ...options }: PricesListOptions): Promise<void> {
  const output = outputOf(options);
  const settings = loadCalculationSettings();
  const day = on ?? settings.today;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw badUsage(`--on ${day}: expected a day, such as ${settings.today}.`);
  const prices = await openPrices(options);
  const rows = await prices.list({
    on: day,
    ...(provider !== undefined && { provider }),
    ...(model !== undefined && { model }),
  });
  if (rows.length === 0 && provider !== undefined) await requireProvider(prices, provider);
  if (rows.length === 0) output.say(`No price in force on ${day} passes this filter.`);
  if (format === 'json') output.print(JSON.stringify({ data: rows }));
  else if (format === 'csv') output.print(renderTable(meterTable(rows), 'csv', output.terminal));
  else output.print(renderTable(modelTable(rows), format, output.terminal));
  if (format === 'table' && rows.length > 0)
    output.say(`USD per 1M tokens, in force on ${day}.${staleNote(rows, settings)}`);
  output.say(prices.says);
}

/** `infercast prices history PROVIDER MODEL` */
export async function runPricesHistory(
  provider: string,
  model: string,
  { format, ...options }: GlobalOptions & PriceSourceOptions & { readonly format: Format },
): Promise<void> {
  const output = outputOf(options);
  const prices = await openPrices(options);
  const found = await prices.history(provider, model);
  if (format === 'json') output.print(JSON.stringify({ model: found.model, data: found.rows }));
  else if (format === 'csv') output.print(renderTable(meterTable(found.rows), 'csv', output.terminal));
  else output.print(renderTable(historyTable(found.rows), format, output.terminal));
  output.say(prices.says);
}

async function requireProvider({ list }: PriceSource, provider: string): Promise<void> {
  if ((await list({ provider })).length > 0) return;
  const known = [...new Set((await list({})).map((row) => row.provider))];
  throw badUsage(
    `There are no prices of "${provider}".${didYouMean(nearestNames(provider, known)) || ` Known: ${known.join(', ')}.`}`,
  );
}

const mainMeters = [
  ['input', 'Input'],
  ['cached_input', 'Cached'],
  ['cache_write_5m', 'Cache write'],
  ['output', 'Output'],
] as const satisfies readonly (readonly [Meter, string])[];

/** Models that are billed by none of the main meters, such as speech by the hour, are in JSON and CSV only. */
function modelTable(rows: readonly PriceListing[]): Table {
  const groups = Map.groupBy(
    rows,
    ({ provider, model, above_input_tokens, utc_hours }) => `${provider} ${model} ${above_input_tokens} ${utc_hours}`,
  );
  return {
    columns: [
      { id: 'provider', title: 'Provider' },
      { id: 'model', title: 'Model' },
      ...mainMeters.map(([id, title]) => ({ id, title, align: 'right' as const })),
      { id: 'checked', title: 'Checked' },
    ],
    rows: [...groups.values()].flatMap((group) => {
      const [first] = group as [PriceListing];
      const priceOf = (meter: Meter): string => group.find((row) => row.meter === meter)?.price ?? '';
      const prices = mainMeters.map(([meter]) => priceOf(meter));
      if (prices.every((price) => price === '')) return [];
      const shown = prices.map((price) => (price === '' ? '–' : listPriceText(price)));
      return [[first.provider, first.model + conditionText(first), ...shown, first.checked_at ?? '']];
    }),
  };
}

function historyTable(rows: readonly PriceListing[]): Table {
  return {
    columns: [
      { id: 'meter', title: 'Meter' },
      { id: 'from', title: 'From' },
      { id: 'to', title: 'To (exclusive)' },
      { id: 'price', title: 'Price', align: 'right' },
      { id: 'unit', title: 'Unit' },
      { id: 'checked', title: 'Checked' },
      { id: 'catalogue', title: 'Catalogue' },
    ],
    rows: rows.map((row) => [
      row.meter + conditionText(row),
      row.valid_from ?? 'always',
      row.valid_to ?? '',
      listPriceText(row.price),
      row.unit,
      row.checked_at ?? '',
      row.catalogue ?? '',
    ]),
  };
}

function meterTable(rows: readonly PriceListing[]): Table {
  const ids = [
    'provider',
    'model',
    'meter',
    'price',
    'unit',
    'above_input_tokens',
    'utc_hours',
    'valid_from',
    'valid_to',
    'known_at',
    'checked_at',
    'source',
    'catalogue',
  ] as const;
  return {
    columns: ids.map((id) => ({ id, title: id })),
    rows: rows.map((row) => ids.map((id) => String(row[id] ?? ''))),
  };
}

function staleNote(
  rows: readonly PriceListing[],
  { today, priceStaleDays }: { readonly today: string; readonly priceStaleDays: number },
): string {
  const days = (row: PriceListing): number =>
    row.checked_at === null ? 0 : (Date.parse(today) - Date.parse(row.checked_at)) / 86_400_000;
  const oldest = Math.max(...rows.map(days));
  return oldest > priceStaleDays
    ? ` Last checked up to ${Math.round(oldest)} days ago: they may have changed since.`
    : '';
}
