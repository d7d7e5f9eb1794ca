import { sql } from 'kysely';
import type { Db } from './tables.ts';
import { workspace } from './workspace.ts';

/** A row of an import. */
export type PricePlace = { readonly import_id: string; readonly place: number };

const rowsAtOnce = 500;

/**
 * Notes that a list was read on a day: what it was learned by is vouched for once more, but for `ended`, which it does not
 * say any more.
 */
export async function notePriceCheck(
  trx: Db,
  {
    catalogue,
    day,
    ended,
  }: { readonly catalogue: string; readonly day: string; readonly ended: readonly PricePlace[] },
): Promise<void> {
  await trx
    .insertInto('price_checks')
    .values({ workspace_id: workspace, catalogue, day })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  for (let from = 0; from < ended.length; from += rowsAtOnce) {
    const values = ended
      .slice(from, from + rowsAtOnce)
      .map(({ import_id, place }) => ({ workspace_id: workspace, import_id, place, day }));
    await trx
      .insertInto('price_ends')
      .values(values)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** The days up to one on which each list was read, oldest first, by catalogue. */
export async function listPriceChecks(db: Db, upTo: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await db
    .selectFrom('price_checks')
    .select(['catalogue', 'day'])
    .where('workspace_id', '=', workspace)
    .where(sql<boolean>`day <= ${upTo}`)
    .orderBy(sql`day collate "C"`)
    .execute();
  return new Map(
    [...Map.groupBy(rows, ({ catalogue }) => catalogue)].map(([name, days]) => [name, days.map(({ day }) => day)]),
  );
}
