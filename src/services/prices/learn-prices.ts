import type { App } from '../app.ts';
import { describePriceChanges } from './price-change-notice.ts';
import type { PriceImportReport, PriceImportRequest } from './prices.ts';
import { importPrices } from './prices.ts';
import { findScheduledPrices, keyOf, schedulesOf } from './scheduled-prices.ts';

/**
 * Learns prices from a list, and tells what changed and whose schedules it concerns. Throws InvalidInput where the text is
 * no list of prices.
 */
export async function learnPrices(
  app: App,
  id: string,
  request: PriceImportRequest,
  signal?: AbortSignal,
): Promise<PriceImportReport> {
  const store = {
    ...app,
    changed: async (learned: Parameters<typeof describePriceChanges>[0]) => {
      const { prices } = await findScheduledPrices(app, signal);
      const data = describePriceChanges(learned, prices);
      const changed = new Set(learned.changes.map(keyOf));
      const schedules = schedulesOf(prices.filter((price) => changed.has(keyOf(price))));
      return (trx: App['db']) => app.announce(trx, { id: `${id}-changed`, type: 'price.changed', data, schedules });
    },
  };
  return importPrices(store, id, request);
}
