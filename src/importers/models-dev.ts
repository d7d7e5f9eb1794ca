import type { Meter } from '../core/prices/meters.ts';
import type { ImportedPrices, ProposedPrice } from '../core/prices/proposed-price.ts';
import { InvalidInput } from '../core/problem.ts';
import { isRecord, parsePriceText } from './price-text.ts';

const catalogue = 'models.dev api.json';
const source = 'https://models.dev/api.json';

/**
 * Reads models.dev's `api.json`: USD per million tokens, by provider and model. It has no dates and no batch prices: a
 * price holds from when it is learned.
 */
export function parseModelsDev(raw: unknown): ImportedPrices {
  if (!isRecord(raw)) {
    const message = 'Expected {provider: {models: {id: {cost: {input, output, …}}}}}.';
    throw new InvalidInput([{ code: 'invalid-data', pointer: '', message }]);
  }
  const prices = Object.entries(providers).flatMap(([foreign, provider]) => {
    const entry = raw[foreign];
    const models = isRecord(entry) && isRecord(entry.models) ? entry.models : {};
    return Object.entries(models).flatMap(([model, about]): readonly ProposedPrice[] => {
      const cost = isRecord(about) && isRecord(about.cost) ? about.cost : {};
      return fields.flatMap(([field, meter]) => {
        const price = parsePriceText(cost[field]);
        if (price === null) return [];
        const none = { above_input_tokens: null, utc_hours: null, valid_from: null, valid_to: null };
        return [{ provider, model, meter, price, ...none, source, catalogue }];
      });
    });
  });
  return { catalogue, prices, leftOut: [] };
}

const providers: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  openrouter: 'openrouter',
  togetherai: 'together',
  'fireworks-ai': 'fireworks',
  'amazon-bedrock': 'aws',
};

const fields: readonly (readonly [field: string, meter: Meter])[] = [
  ['input', 'input'],
  ['output', 'output'],
  ['reasoning', 'reasoning_output'],
  ['cache_read', 'cached_input'],
  ['cache_write', 'cache_write_5m'],
  ['input_audio', 'input_audio'],
  ['output_audio', 'output_audio'],
];
