import { Decimal } from 'decimal.js';
import type { Meter } from '../core/prices/meters.ts';
import type { ImportedPrices, ProposedPrice } from '../core/prices/proposed-price.ts';
import { InvalidInput } from '../core/problem.ts';
import { isRecord, parsePriceText, perMillion, perThousand } from './price-text.ts';

const catalogue = 'OpenRouter /api/v1/models';
const source = 'https://openrouter.ai/api/v1/models';

/**
 * Reads `GET /api/v1/models` of OpenRouter: USD per token as strings, per search and per request. `discount` is taken off
 * every price of the model; `overrides` with `min_prompt_tokens` are prices of longer requests (strictly above). The list
 * has one price a model; its endpoints may differ. It has no dates: a price holds from when it is learned.
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
    const lines = [
      ...pricesOf(pricing, null),
      ...(Array.isArray(pricing.overrides) ? pricing.overrides : []).flatMap((override: unknown) => {
        if (!isRecord(override)) return [];
        const above = override.min_prompt_tokens;
        if (typeof above === 'string' && override.utc_start === undefined) return pricesOf(override, Number(above));
        leftOut.push(`${id}: prices by time of day`);
        return [];
      }),
    ];
    if (lines.length === 0) leftOut.push(`${id}: no price of its own`);
    return lines.map(({ meter, price, above }) => ({
      provider: 'openrouter',
      model: id,
      meter,
      price: price.times(kept),
      above_input_tokens: above,
      valid_from: null,
      valid_to: null,
      source,
      catalogue,
    }));
  });
  return { catalogue, prices, leftOut };
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

function pricesOf(
  pricing: Readonly<Record<string, unknown>>,
  above: number | null,
): readonly { readonly meter: Meter; readonly price: Decimal; readonly above: number | null }[] {
  return fields.flatMap(([field, meter, read]) => {
    const price = read(pricing[field]);
    // A list that shows 0 for what it does not bill says nothing, except for tokens, where 0 is a free model.
    if (price === null || (price.isZero() && meter !== 'input' && meter !== 'output')) return [];
    return [{ meter, price, above }];
  });
}
