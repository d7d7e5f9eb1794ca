import type { EgressRules } from '../egress/guarded-request.ts';
import { downloadText } from './download.ts';

/** Lists of prices that can be fetched, each at the one address it is published at. */
export const priceLists = {
  openrouter: 'https://openrouter.ai/api/v1/models',
  litellm: 'https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json',
  'models-dev': 'https://models.dev/api.json',
} as const satisfies Readonly<Record<string, string>>;

export type PriceListName = keyof typeof priceLists;

export const priceListNames: readonly PriceListName[] = Object.keys(priceLists) as PriceListName[];

const maxBytes = 25_000_000;

/** The text of a published list. Throws DownloadFailed. `lists` says where else they are, for tests. */
export async function downloadPriceList(
  name: PriceListName,
  rules: EgressRules,
  lists: Readonly<Record<PriceListName, string>> = priceLists,
): Promise<string> {
  const origins = Object.values(lists).map((address) => new URL(address).origin);
  return downloadText(lists[name], { origins, maxBytes, rules });
}
