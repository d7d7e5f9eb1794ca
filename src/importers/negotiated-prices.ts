import Papa from 'papaparse';
import { didYouMean, nearestNames } from '../core/nearest-name.ts';
import type { Meter } from '../core/prices/meters.ts';
import { isMeter, METER_IDS } from '../core/prices/meters.ts';
import type { ImportedPrices, ProposedPrice } from '../core/prices/proposed-price.ts';
import { parseUtcHours, utcHoursInWords } from '../core/prices/utc-hours.ts';
import type { Problem } from '../core/problem.ts';
import { InvalidInput } from '../core/problem.ts';
import { parsePriceText } from './price-text.ts';

const catalogue = 'negotiated prices';
const needed = ['provider', 'model', 'meter', 'price'] as const;
const taken = [...needed, 'above_input_tokens', 'utc_hours', 'valid_from', 'valid_to', 'source'] as const;

type Column = (typeof taken)[number];
type Line = Readonly<Partial<Record<Column, string>>>;

/**
 * Reads a CSV of negotiated prices: provider, model, meter and price (USD in the meter's unit), and where wanted
 * above_input_tokens, utc_hours (01:00-04:00 mon-fri), valid_from, valid_to (exclusive) and source. Columns are found by name; others are passed over. A
 * row without an end ends where the next one of its meter begins.
 * Throws InvalidInput with every problem, each with its line: `/3/price` is the price of line 3, the header being 1.
 */
export function parseNegotiatedPrices(text: string): ImportedPrices {
  const { data, meta, errors } = Papa.parse<Record<string, string>>(text.replace(/^\uFEFF/, ''), {
    header: true,
    skipEmptyLines: 'greedy',
    transformHeader: (name) => name.trim().toLowerCase(),
    transform: (value) => value.trim(),
  });
  const missing = needed.filter((column) => !(meta.fields ?? []).includes(column));
  if (missing.length > 0) {
    const message = `The header lacks ${missing.join(', ')}; expected ${taken.join(', ')}.`;
    throw new InvalidInput([{ code: 'missing-column', pointer: '/1', message }]);
  }
  const problems: Problem[] = errors
    .filter(({ type }) => type !== 'FieldMismatch')
    .map(({ row = 0, message }) => ({ code: 'malformed-csv', pointer: `/${row + 2}`, message }));
  const prices = data.flatMap((line: Line, i) => readLine(line, `/${i + 2}`, problems));
  if (problems.length > 0) throw new InvalidInput(problems);
  return { catalogue, prices: closed(prices), leftOut: [] };
}

function readLine(line: Line, pointer: string, problems: Problem[]): readonly ProposedPrice[] {
  const before = problems.length;
  const report = (column: Column, message: string, suggestions: readonly string[] = []): void => {
    const found = { code: 'invalid-data', pointer: `${pointer}/${column}`, message };
    problems.push({ ...found, ...(suggestions.length > 0 && { suggestions }) });
  };
  const { provider = '', model = '', meter = '', price: text = '' } = line;
  if (!/^[a-z][a-z0-9-]{0,59}$/.test(provider)) report('provider', 'Expected a provider id such as openai.');
  if (model === '' || model.length > 200) report('model', 'Expected a model id of 1 to 200 characters.');
  if (!isMeter(meter)) {
    const suggestions = nearestNames(meter, METER_IDS);
    report('meter', `There is no meter "${meter.slice(0, 60)}".${didYouMean(suggestions)}`, suggestions);
  }
  const price = parsePriceText(text);
  if (price === null || price.gt(1_000_000))
    report('price', `Expected a plain number such as 0.15, found "${text.slice(0, 40)}".`);
  const above = line.above_input_tokens ?? '';
  if (above !== '' && !/^[1-9]\d{0,11}$/.test(above))
    report('above_input_tokens', 'Expected a whole number of tokens.');
  const hours = line.utc_hours || null;
  const utc_hours = hours === null ? null : parseUtcHours(hours);
  if (hours !== null && utc_hours === null) report('utc_hours', `Expected ${utcHoursInWords}, or nothing.`);
  for (const column of ['valid_from', 'valid_to'] as const) {
    if (!isDay(line[column] ?? '')) report(column, 'Expected a day as YYYY-MM-DD, or nothing.');
  }
  const valid_from = line.valid_from || null;
  const valid_to = line.valid_to || null;
  if (valid_from !== null && valid_to !== null && valid_to <= valid_from)
    report('valid_to', 'The price ends before it begins; valid_to is the first day on which it no longer holds.');
  if (problems.length > before || price === null) return [];
  return [
    {
      provider,
      model,
      meter: meter as Meter,
      price,
      above_input_tokens: above === '' ? null : Number(above),
      utc_hours,
      valid_from,
      valid_to,
      source: line.source || 'negotiated',
      catalogue,
    },
  ];
}

function isDay(text: string): boolean {
  if (text === '') return true;
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  return date !== null && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** Rows of one meter in the order they begin, each without an end ended by the next. */
function closed(prices: readonly ProposedPrice[]): readonly ProposedPrice[] {
  const groups = Map.groupBy(prices, (row) =>
    [row.provider, row.model, row.meter, row.above_input_tokens, row.utc_hours].join(' '),
  );
  return [...groups.values()].flatMap((group) => {
    const inOrder = group.toSorted((a, b) => ((a.valid_from ?? '') < (b.valid_from ?? '') ? -1 : 1));
    return inOrder.map((row, i) => ({ ...row, valid_to: row.valid_to ?? inOrder[i + 1]?.valid_from ?? null }));
  });
}
