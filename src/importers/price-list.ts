import { parseData } from '../core/prices/parse-data.ts';
import type { PriceFile } from '../core/prices/price-file.ts';
import { parsePriceFile, priceFileSchema } from '../core/prices/price-file.ts';
import type { ImportedPrices } from '../core/prices/proposed-price.ts';
import { parseJsonWithNumbersAsText } from './json-numbers.ts';
import { parseLitellmPrices } from './litellm.ts';
import { parseModelsDev } from './models-dev.ts';
import { parseNegotiatedPrices } from './negotiated-prices.ts';
import { parseOpenrouterModels } from './openrouter-models.ts';
import { isRecord } from './price-text.ts';

/** Lists of prices that are known by what stands in them. */
export type PriceFormat = 'litellm' | 'openrouter' | 'models-dev' | 'price-file' | 'negotiated-csv';

/** Reads a list of prices in any form known here. Throws InvalidInput with every problem. */
export function parsePriceList(text: string): ImportedPrices & { readonly format: PriceFormat } {
  if (!/^\s*[{[]/.test(text)) return { format: 'negotiated-csv', ...parseNegotiatedPrices(text) };
  const raw = parseJsonWithNumbersAsText(text);
  const format = detectFormat(raw);
  switch (format) {
    case 'openrouter':
      return { format, ...parseOpenrouterModels(raw) };
    case 'price-file':
      return { format, ...parseOwnFile(raw) };
    case 'models-dev':
      return { format, ...parseModelsDev(raw) };
    default:
      return { format, ...parseLitellmPrices(raw) };
  }
}

function detectFormat(raw: unknown): PriceFormat {
  if (!isRecord(raw)) return 'litellm';
  if (Array.isArray(raw.data)) return 'openrouter';
  if (Array.isArray(raw.models)) return 'price-file';
  const isModelsDev = Object.values(raw).some((entry) => isRecord(entry) && isRecord(entry.models));
  return isModelsDev ? 'models-dev' : 'litellm';
}

/** A provider's file as under `models/prices`. Its own day of publication says nothing here: it is learned today. */
function parseOwnFile(raw: unknown): ImportedPrices {
  const file: PriceFile = parseData(priceFileSchema, withNumbers(raw), 'price file');
  const { catalogue, models } = parsePriceFile(file, 'price file');
  const prices = [...models.values()].flatMap(({ rows }) =>
    rows.map(({ provider, model, meter, price, above_input_tokens, utc_hours, valid_from, valid_to, source }) => ({
      provider,
      model,
      meter,
      price,
      above_input_tokens,
      utc_hours,
      valid_from,
      valid_to,
      source,
      catalogue,
    })),
  );
  return { catalogue, prices, leftOut: [] };
}

/** Counts of tokens, which the file has as numbers, as numbers again. */
function withNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNumbers);
  if (!isRecord(value)) return value;
  const counts = new Set(['context_window', 'above_input_tokens']);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, counts.has(key) ? Number(inner) : withNumbers(inner)]),
  );
}
