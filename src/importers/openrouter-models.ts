import { Decimal } from 'decimal.js';
import type { Meter } from '../core/prices/meters.ts';
import type { ImportedPrices, ProposedPrice } from '../core/prices/proposed-price.ts';
import { parseUtcHours } from '../core/prices/utc-hours.ts';
import { InvalidInput } from '../core/problem.ts';
import { isRecord, parsePriceText, perMillion, perThousand } from './price-text.ts';

const catalogue = 'OpenRouter /api/v1/models';
const source = 'https://openrouter.ai/api/v1/models';

/**
 * Reads `GET /api/v1/models` of OpenRouter: USD per token as strings, per search and per request. `discount` is taken off
 * every price of the model. `overrides` are prices under conditions, all of which must hold: `min_prompt_tokens` (strictly
 * above), `utc_start` and `utc_end` (HHMM, may pass midnight) and `utc_days`; of several that hold the last counts, meter
 * by meter. The list has one price a model; its endpoints may differ. It has no dates: a price holds from when it is learned.
 */
export function parseOpenrouterModels(raw: unknown): ImportedPrices {
  const list = isRecord(raw) ? raw.data : undefined;
  if (!Array.isArray(list)) {
    const message = 'Expected {data: [{id, pricing: {prompt, completion, …}}]}.';
    throw new InvalidInput([{ code: 'invalid-data', pointer: '/data', message }]);
  }
  const leftOut: string[] = [];
  const prices = list.flatMap((model: unknown): readonly ProposedPrice[] => {
    if (!isRecord(model) || typeof model.id !== 'string' || !isRecord(model.pricing)) return [];
    const { id, pricing } = model;
    const kept = new Decimal(1).minus(parsePriceText(pricing.discount) ?? 0);
    const overrides = (Array.isArray(pricing.overrides) ? pricing.overrides : []).flatMap((override: unknown) => {
      const entry = isRecord(override) ? readOverride(override) : null;
      if (entry === null) leftOut.push(`${id}: a price under conditions that are not known here`);
      return entry ?? [];
    });
    const entries = [{ above: null, hours: null, prices: pricesOf(pricing) }, ...overrides];
    const rows = fields.flatMap(([, meter]) => rowsOfMeter(meter, entries));
    if (rows.length === 0) leftOut.push(`${id}: no price of its own`);
    return rows.map(({ meter, price, above, hours }) => ({
      provider: 'openrouter',
      model: id,
      meter,
      price: price.times(kept),
      above_input_tokens: above,
      utc_hours: hours,
      valid_from: null,
      valid_to: null,
      source,
      catalogue,
    }));
  });
  return { catalogue, prices, leftOut };
}

type Condition = { readonly above: number | null; readonly hours: string | null };
type Entry = Condition & { readonly prices: ReadonlyMap<Meter, Decimal> };
type Row = Condition & { readonly meter: Meter; readonly price: Decimal };

/** An override with its conditions; null where it has one that is not known, so that it is not taken for all requests. */
function readOverride({
  min_prompt_tokens: tokens,
  utc_start,
  utc_end,
  utc_days,
  ...rest
}: Readonly<Record<string, unknown>>): Entry | null {
  const known = new Set<string>(['discount', ...fields.map(([field]) => field), ...otherPrices]);
  if (Object.keys(rest).some((key) => !known.has(key))) return null;
  if (tokens !== undefined && !(typeof tokens === 'string' && /^[1-9]\d{0,11}$/.test(tokens))) return null;
  const isTimed = utc_start !== undefined || utc_end !== undefined || utc_days !== undefined;
  const clock = utc_start === undefined && utc_end === undefined ? '' : `${clockOf(utc_start)}-${clockOf(utc_end)} `;
  const named = Array.isArray(utc_days) ? utc_days.map(String).join(',') : '';
  const hours = isTimed ? parseUtcHours(`${clock}${named}`) : null;
  if (isTimed && hours === null) return null;
  return { above: tokens === undefined ? null : Number(tokens), hours, prices: pricesOf(rest) };
}

/** 100 is 01:00, 1030 is 10:30. */
function clockOf(value: unknown): string {
  const digits = String(value).padStart(4, '0');
  return `${digits.slice(0, 2)}:${digits.slice(2)}`;
}

/**
 * The rows of a meter, one for each threshold and window, so that the price of a long request at a dear hour is what the
 * last override says. A row that would repeat what the others say already is not needed.
 */
function rowsOfMeter(meter: Meter, entries: readonly Entry[]): readonly Row[] {
  const thresholds = [...new Set(entries.map(({ above }) => above))].sort((a, b) => (a ?? 0) - (b ?? 0));
  const windows = [...new Set(entries.map(({ hours }) => hours))];
  const rows: Row[] = [];
  for (const above of thresholds) {
    for (const hours of windows) {
      const price = lastOf(entries, above, hours)?.prices.get(meter);
      const said = lastOf(rows, above, hours);
      if (price !== undefined && said?.price.equals(price) !== true) rows.push({ meter, price, above, hours });
    }
  }
  return rows;

  function lastOf<One extends Condition>(list: readonly One[], above: number | null, hours: string | null) {
    return list.findLast(
      (one) =>
        (one.above ?? 0) <= (above ?? 0) &&
        (one.hours === null || one.hours === hours) &&
        (!('prices' in one) || (one.prices as Entry['prices']).has(meter)),
    );
  }
}

const fields: readonly (readonly [field: string, meter: Meter, read: (text: unknown) => Decimal | null])[] = [
  ['prompt', 'input', perMillion],
  ['completion', 'output', perMillion],
  ['internal_reasoning', 'reasoning_output', perMillion],
  ['input_cache_read', 'cached_input', perMillion],
  ['input_cache_write', 'cache_write_5m', perMillion],
  ['input_cache_write_1h', 'cache_write_1h', perMillion],
  ['request', 'requests', perThousand],
  ['web_search', 'web_searches', perThousand],
];

/** Prices of other media, which are not forecast. */
const otherPrices = [
  'image',
  'image_output',
  'image_token',
  'audio',
  'audio_output',
  'input_audio_cache',
] as const satisfies readonly string[];

function pricesOf(pricing: Readonly<Record<string, unknown>>): ReadonlyMap<Meter, Decimal> {
  return new Map(
    fields.flatMap(([field, meter, read]): readonly [Meter, Decimal][] => {
      const price = read(pricing[field]);
      // A list that shows 0 for what it does not bill says nothing, except for tokens, where 0 is a free model.
      return price === null || (price.isZero() && meter !== 'input' && meter !== 'output') ? [] : [[meter, price]];
    }),
  );
}
