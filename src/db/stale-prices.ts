import type { Db } from './tables.ts';
import { workspace } from './workspace.ts';

/** A model whose oldest price was last vouched for on a day. */
export type StalePrice = { readonly provider: string; readonly model: string; readonly checked_at: string };

/** Notes under which notice prices are told as stale. Gives those that were not told before: each goes to one caller only. */
export async function claimStalePrices(
  trx: Db,
  notice_id: string,
  prices: readonly StalePrice[],
): Promise<readonly StalePrice[]> {
  if (prices.length === 0) return [];
  return trx
    .insertInto('stale_prices')
    .values(
      prices.map(({ provider, model, checked_at }) => ({
        workspace_id: workspace,
        provider,
        model,
        checked_at,
        notice_id,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning(['provider', 'model', 'checked_at'])
    .execute();
}
