import { findModelId } from '../../core/prices/model-id.ts';
import type { HeldPrice } from '../../db/prices.ts';
import { listHeldPrices } from '../../db/prices.ts';
import type { App } from '../app.ts';

/** Whether a price, as decimal text, was kept apart before. */
export type IsHeld = (price: HeldPrice, amount: string) => boolean;

/** What a list said before and was kept apart for: when it says so again that is no news. */
export async function findHeldBefore(
  { db, catalogues }: Pick<App, 'db'> & { readonly catalogues: Pick<App['catalogues'], 'prices'> },
  catalogue: string,
): Promise<IsHeld> {
  const nameOf: (price: HeldPrice, amount: string) => string = (
    { provider, model, meter, above_input_tokens: above, utc_hours },
    amount,
  ) =>
    JSON.stringify([
      provider,
      findModelId(catalogues.prices, provider, model) ?? model,
      meter,
      above,
      utc_hours,
      amount,
    ]);
  const known = new Set((await listHeldPrices(db, catalogue)).map((row) => nameOf(row, row.price)));
  return (price, amount) => known.has(nameOf(price, amount));
}
