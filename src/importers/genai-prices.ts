import { Decimal } from 'decimal.js';
import { z } from 'zod';
import type { Meter } from '../core/prices/meters.ts';
import { METER_IDS } from '../core/prices/meters.ts';
import { parseData } from '../core/prices/parse-data.ts';
import type { PriceFile, PriceFileModel, PriceLine } from '../core/prices/price-file.ts';
import { parseUtcHours } from '../core/prices/utc-hours.ts';
import { InvalidInput } from '../core/problem.ts';

const rate = z.union([
  z.number().nonnegative(),
  z.object({
    base: z.number().nonnegative(),
    tiers: z.array(z.object({ start: z.int().positive(), price: z.number().nonnegative() })),
  }),
]);
const rates = z.record(z.string(), rate);
const constraint = z.union([
  z.object({ start_date: z.iso.date() }),
  z.object({ start_time: z.string(), end_time: z.string() }),
]);
const conditionalPrice = z.object({ constraint: constraint.optional(), prices: rates });

const provider = z.object({
  id: z.string(),
  name: z.string(),
  pricing_urls: z.array(z.url()).min(1),
  models: z.array(
    z.object({
      id: z.string(),
      name: z.string().optional(),
      match: z.unknown(),
      context_window: z.int().positive().optional(),
      deprecated: z.boolean().optional(),
      prices: z.union([z.array(conditionalPrice), rates]),
    }),
  ),
});

type ForeignModel = z.output<typeof provider>['models'][number];
/** What the maintainers say in comments that their format cannot: from a day on, the hours of a model are on some days only. */
export type DaysOfHours = Readonly<Record<string, { readonly from: string; readonly days: string }>>;

type Period = {
  readonly from: string | null;
  readonly to: string | null;
  /** Hours of the day in UTC; null: all of them. */
  readonly hours: string | null;
  readonly prices: z.output<typeof rates>;
};

export type GenaiPricesImport = {
  readonly file: PriceFile;
  /** Prices under a condition that cannot be read, in words. */
  readonly leftOut: readonly string[];
};

/**
 * Turns one provider of the `@pydantic/genai-prices` package into a price file. Prices keep their digits; a
 * `start_date` becomes `valid_from` and closes the period before it; a tier that starts at n becomes the price of
 * requests with more than n input tokens; a `start_time` and an `end_time` become hours of the day. An entry has one
 * condition only, so hours hold from the latest date that is listed before them: windows listed after the price of
 * 2026-08-17 are windows of that price, as its maintainers say of DeepSeek, and not of all history.
 *
 * The package finds models by prefix, part and pattern. Only its `equals` rules at the top level (or in a top-level `or`)
 * are kept, as aliases: they alone name one model exactly.
 *
 * Throws InvalidInput on another shape or on a price key without a meter, so that a new unit is never dropped unseen.
 */
export function parseGenaiPrices(
  raw: unknown,
  edition: { readonly version: string; readonly published: string; readonly daysOfHours?: DaysOfHours },
): GenaiPricesImport {
  const foreign = parseData(provider, raw, '@pydantic/genai-prices');
  refuseUnknownKeys(foreign.models);
  const owners = new Map<string, string>();
  for (const model of foreign.models) owners.set(model.id, model.id);
  for (const model of foreign.models)
    for (const name of exactNames(model.match)) if (!owners.has(name)) owners.set(name, model.id);

  const models = foreign.models
    .map((model) =>
      toModel(
        model,
        edition.daysOfHours?.[model.id] ?? null,
        [...owners].filter(([name, id]) => id === model.id && name !== id).map(([name]) => name),
      ),
    )
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const leftOut = foreign.models
    .filter((model) => Array.isArray(model.prices) && model.prices.some((entry) => hoursOf(entry) === 'unknown'))
    .map((model) => `${foreign.id} ${model.id}: prices of hours that cannot be read`);
  return {
    file: {
      provider: foreign.id,
      name: foreign.name,
      source: foreign.pricing_urls[0] ?? '',
      catalogue: { name: '@pydantic/genai-prices', version: edition.version, published: edition.published },
      models,
    },
    leftOut,
  };
}

/** Prints a price file with one line for each model and one for each set of prices, so that a change reads as a change. */
export function printPriceFile(file: PriceFile): string {
  const { models, ...head } = file;
  const lines = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  return ['{', ...lines, '  "models": [', models.map(printModel).join(',\n'), '  ]', '}', ''].join('\n');
}

const METER_OF_KEY: Readonly<Record<string, Meter>> = {
  input_mtok: 'input',
  cache_read_mtok: 'cached_input',
  cache_write_mtok: 'cache_write_5m',
  cache_write_5m_mtok: 'cache_write_5m',
  cache_write_1h_mtok: 'cache_write_1h',
  output_mtok: 'output',
  output_reasoning_mtok: 'reasoning_output',
  requests_kcount: 'requests',
  web_searches_kcount: 'web_searches',
  storage_searches_kcount: 'file_searches',
  input_audio_mtok: 'input_audio',
  cache_audio_read_mtok: 'cached_input_audio',
  output_audio_mtok: 'output_audio',
  input_image_mtok: 'input_image',
  cache_image_read_mtok: 'cached_input_image',
  output_image_mtok: 'output_image',
  input_video_mtok: 'input_video',
  output_video_mtok: 'output_video',
  audio_hours: 'audio_hours',
  input_audio_hours: 'input_audio_hours',
};

function refuseUnknownKeys(models: readonly ForeignModel[]): void {
  const keys = models.flatMap((model) => periodsOf(model).flatMap((period) => Object.keys(period.prices)));
  const unknown = [...new Set(keys)].filter((key) => !Object.hasOwn(METER_OF_KEY, key));
  if (unknown.length === 0) return;
  throw new InvalidInput(
    unknown.map((key) => ({
      code: 'unknown-meter',
      pointer: '',
      message: `@pydantic/genai-prices: no meter is known for the price key ${key}.`,
    })),
  );
}

function toModel(model: ForeignModel, onDays: DaysOfHours[string] | null, aliases: readonly string[]): PriceFileModel {
  const prices = linesOf(periodsOf(model).flatMap((period) => splitByDays(period, onDays)));
  const doubt = findDoubt(prices);
  return {
    id: model.id,
    ...(model.name === undefined || model.name === model.id ? {} : { name: model.name }),
    ...(aliases.length === 0 ? {} : { aliases: aliases.toSorted() }),
    ...(model.context_window === undefined ? {} : { context_window: model.context_window }),
    ...(model.deprecated === true ? { deprecated: true as const } : {}),
    ...(doubt === null ? {} : { doubt }),
    prices: [...prices],
  };
}

/** The stretches of time with one set of prices, windows last. An entry holds from its date until the next one begins. */
function periodsOf(model: ForeignModel): readonly Period[] {
  if (!Array.isArray(model.prices)) return [{ from: null, to: null, hours: null, prices: model.prices }];
  const entries = model.prices;
  const dated = entries
    .flatMap((entry) => (hoursOf(entry) === null ? { from: startOf(entry), hours: null, prices: entry.prices } : []))
    .toSorted((a, b) => ((a.from ?? '') < (b.from ?? '') ? -1 : 1));
  const windows = entries.flatMap((entry, i): readonly Period[] => {
    const hours = hoursOf(entry);
    if (hours === null || hours === 'unknown') return [];
    const before = entries.slice(0, i).flatMap((one) => startOf(one) ?? []);
    const from = before.toSorted().at(-1) ?? null;
    const after = entries.slice(i + 1).flatMap((one) => startOf(one) ?? []);
    const to = after.toSorted().find((day) => day > (from ?? '')) ?? null;
    return [{ from, to, hours, prices: entry.prices }];
  });
  return [...dated.map((period, i) => ({ ...period, to: dated[i + 1]?.from ?? null })), ...windows];
}

/** Hours that are on all days at first and on some days from a day on. */
function splitByDays(period: Period, onDays: DaysOfHours[string] | null): readonly Period[] {
  if (period.hours === null || onDays === null) return [period];
  const hours = parseUtcHours(`${period.hours} ${onDays.days}`) ?? period.hours;
  return [
    { ...period, to: onDays.from },
    { ...period, from: onDays.from, hours },
  ];
}

type ForeignEntry = z.output<typeof conditionalPrice>;

function startOf({ constraint: condition }: ForeignEntry): string | null {
  return condition !== undefined && 'start_date' in condition ? condition.start_date : null;
}

/** `01:00:00Z` to `04:00:00Z` is `01:00-04:00`; null where the entry holds at all hours. */
function hoursOf({ constraint: condition }: ForeignEntry): string | null | 'unknown' {
  if (condition === undefined || 'start_date' in condition) return null;
  const times = [condition.start_time, condition.end_time];
  if (!times.every((time) => /^\d\d:\d\d:00Z$/.test(time))) return 'unknown';
  return parseUtcHours(times.map((time) => time.slice(0, 5)).join('-')) ?? 'unknown';
}

/** A window has a line for every threshold of the prices it stands for, since it replaces them all. */
function linesOf(periods: readonly Period[]): readonly PriceLine[] {
  const all = new Set(periods.flatMap(thresholdsOf));
  return periods.flatMap((period) =>
    [null, ...(period.hours === null ? new Set(thresholdsOf(period)) : all)]
      .toSorted((a, b) => (a ?? 0) - (b ?? 0))
      .map((threshold) => toLine(period, threshold))
      .filter((line) => METER_IDS.some((meter) => line[meter] !== undefined)),
  );
}

function thresholdsOf({ prices }: Period): readonly number[] {
  return Object.values(prices).flatMap((price) =>
    typeof price === 'object' ? price.tiers.map(({ start }) => start) : [],
  );
}

function toLine(period: Period, threshold: number | null): PriceLine {
  const priced = new Map<Meter, string>();
  for (const [key, price] of Object.entries(period.prices)) {
    const own = priceAbove(price, threshold);
    const value = period.hours === null ? own : (own ?? priceAbove(price, null));
    const meter = METER_OF_KEY[key];
    if (value !== undefined && meter !== undefined) priced.set(meter, new Decimal(String(value)).toFixed());
  }
  return {
    ...(period.from === null ? {} : { valid_from: period.from }),
    ...(period.to === null ? {} : { valid_to: period.to }),
    ...(threshold === null ? {} : { above_input_tokens: threshold }),
    ...(period.hours === null ? {} : { utc_hours: period.hours }),
    ...Object.fromEntries(METER_IDS.flatMap((meter) => (priced.has(meter) ? [[meter, priced.get(meter)]] : []))),
  };
}

function priceAbove(price: z.output<typeof rate>, threshold: number | null): number | undefined {
  if (typeof price === 'number') return threshold === null ? price : undefined;
  return threshold === null ? price.base : price.tiers.find((tier) => tier.start === threshold)?.price;
}

/** A price that contradicts how caches are sold: a write below plain input, or a read above it. */
function findDoubt(lines: readonly PriceLine[]): string | null {
  const base = lines.filter((line) => line.above_input_tokens === undefined && line.input !== undefined);
  for (const { input = '0', cached_input, cache_write_5m } of base) {
    if (cache_write_5m !== undefined && new Decimal(cache_write_5m).lt(input)) {
      return `a cache write is listed at ${cache_write_5m} USD/Mtok, below plain input at ${input}; it may be the storage part alone`;
    }
    if (cached_input !== undefined && new Decimal(cached_input).gt(input)) {
      return `a cache read is listed at ${cached_input} USD/Mtok, above plain input at ${input}`;
    }
  }
  return null;
}

const equalsRule = z.object({ equals: z.string() });
const orRule = z.object({ or: z.array(z.unknown()) });

function exactNames(match: unknown): readonly string[] {
  const either = orRule.safeParse(match);
  return (either.success ? either.data.or : [match]).flatMap((rule) => {
    const exact = equalsRule.safeParse(rule);
    return exact.success ? exact.data.equals : [];
  });
}

function printModel(model: PriceFileModel): string {
  const { prices, ...head } = model;
  const text = JSON.stringify(head);
  if (prices.length === 0) return `    ${text.slice(0, -1)},"prices":[]}`;
  const lines = prices.map((line) => `      ${JSON.stringify(line)}`).join(',\n');
  return `    ${text.slice(0, -1)},"prices":[\n${lines}\n    ]}`;
}
