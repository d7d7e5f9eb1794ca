import type { Decimal } from 'decimal.js';
import type { Meter } from '../core/prices/meters.ts';
import type { ImportedPrices, ProposedPrice } from '../core/prices/proposed-price.ts';
import { InvalidInput } from '../core/problem.ts';
import { isRecord, parsePriceText, perMillion, perThousand } from './price-text.ts';

const catalogue = 'LiteLLM model_prices_and_context_window';
const source = 'https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json';

/**
 * Reads LiteLLM's price file (numbers as text; USD per token). The prices of the six providers and Bedrock are kept; the
 * same model under other providers' names is theirs. It has no dates: a price holds from when it is learned.
 */
export function parseLitellmPrices(raw: unknown): ImportedPrices {
  if (!isRecord(raw)) {
    const message = 'Expected an object of models with litellm_provider and input_cost_per_token.';
    throw new InvalidInput([{ code: 'invalid-data', pointer: '', message }]);
  }
  const leftOut: string[] = [];
  const prices = Object.entries(raw).flatMap(([key, model]): readonly ProposedPrice[] => {
    // The first key documents the others: words stand in its fields of numbers.
    if (key === 'sample_spec' || !isRecord(model)) return [];
    const provider = providers[String(model.litellm_provider)];
    if (provider === undefined) return [];
    const id = provider.prefixes.reduce(
      (name, prefix) => (name.startsWith(prefix) ? name.slice(prefix.length) : name),
      key,
    );
    return Object.entries(model).flatMap(([field, value]): readonly ProposedPrice[] => {
      const meaning = meaningOf(field);
      if (meaning === null) return [];
      const price = meaning.meter === 'web_searches' ? searchPrice(value) : perMillion(value);
      if (price === null) {
        if (value !== null) leftOut.push(`${key}: ${field} is no price`);
        return [];
      }
      const { meter, above } = meaning;
      const dates = { utc_hours: null, valid_from: null, valid_to: null };
      return [
        { provider: provider.id, model: id, meter, price, above_input_tokens: above, ...dates, source, catalogue },
      ];
    });
  });
  return { catalogue, prices: onceEach(prices), leftOut };
}

const providers: Readonly<Record<string, { readonly id: string; readonly prefixes: readonly string[] }>> = {
  openai: { id: 'openai', prefixes: ['openai/'] },
  'text-completion-openai': { id: 'openai', prefixes: ['text-completion-openai/'] },
  anthropic: { id: 'anthropic', prefixes: ['anthropic/'] },
  gemini: { id: 'google', prefixes: ['gemini/'] },
  openrouter: { id: 'openrouter', prefixes: ['openrouter/'] },
  together_ai: { id: 'together', prefixes: ['together_ai/'] },
  fireworks_ai: { id: 'fireworks', prefixes: ['fireworks_ai/'] },
  bedrock: { id: 'aws', prefixes: ['bedrock/'] },
  bedrock_converse: { id: 'aws', prefixes: ['bedrock/'] },
};

const fields: readonly (readonly [field: string, meter: Meter])[] = [
  ['input_cost_per_token', 'input'],
  ['output_cost_per_token', 'output'],
  ['output_cost_per_reasoning_token', 'reasoning_output'],
  ['cache_read_input_token_cost', 'cached_input'],
  ['cache_creation_input_token_cost_above_1hr', 'cache_write_1h'],
  ['cache_creation_input_token_cost', 'cache_write_5m'],
  ['search_context_cost_per_query', 'web_searches'],
];

/** `input_cost_per_token_above_200k_tokens_priority` is priority input above 200,000 tokens; null for what is no price. */
function meaningOf(field: string): { readonly meter: Meter; readonly above: number | null } | null {
  const found = fields.find(([name]) => field === name || field.startsWith(`${name}_`));
  if (found === undefined) return null;
  const [name, meter] = found;
  const rest = /^(?:_above_(\d+)k_tokens)?(?:_(batches|flex|priority))?$/.exec(field.slice(name.length));
  if (rest === null) return null;
  const [, thousands, service] = rest;
  const classed = service === undefined ? meter : inClass(meter, service === 'batches' ? 'batch' : service);
  return classed === null ? null : { meter: classed, above: thousands === undefined ? null : Number(thousands) * 1000 };
}

function inClass(meter: Meter, service: string): Meter | null {
  const named = `${service}_${meter}`;
  return meter === 'reasoning_output' || meter === 'web_searches' ? null : (named as Meter);
}

/** One price, or one for each size of the search's context: then the medium one. */
function searchPrice(value: unknown): Decimal | null {
  return isRecord(value) ? perThousand(value.search_context_size_medium) : (parsePriceText(value)?.times(1000) ?? null);
}

/** A model stands there under several names; the first one with a meter counts. */
function onceEach(prices: readonly ProposedPrice[]): readonly ProposedPrice[] {
  const seen = new Map<string, ProposedPrice>();
  for (const price of prices) {
    const key = `${price.provider} ${price.model} ${price.meter} ${price.above_input_tokens}`;
    if (!seen.has(key)) seen.set(key, price);
  }
  return [...seen.values()];
}
