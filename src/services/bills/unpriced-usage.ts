import { isPriceable } from '../../core/bills/price-lines.ts';
import type { StoredBill } from '../../db/bills.ts';
import { streamBillLines } from '../../db/bills.ts';
import type { App } from '../app.ts';

/** A bill of quantities whose money counts, though it is known of some lines only, or of none. */
export type UnpricedUsage = { readonly bill: StoredBill; readonly lines: number; readonly unpriced: number };

/** Where a provider reports what was used and not what it costs, and the price book does not know either. */
export async function findUnpricedUsage(
  { db }: Pick<App, 'db'>,
  bills: readonly StoredBill[],
): Promise<readonly UnpricedUsage[]> {
  const found: UnpricedUsage[] = [];
  for (const bill of bills) {
    if (bill.kind !== 'usage' || !bill.counts) continue;
    let unpriced = 0;
    for await (const { line } of streamBillLines(db, bill.id)) if (isPriceable(line)) unpriced++;
    if (unpriced > 0) found.push({ bill, lines: bill.lines, unpriced });
  }
  return found;
}
