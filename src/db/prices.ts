import { Decimal } from 'decimal.js';
import { isMeter } from '../core/prices/meters.ts';
import type { PriceRow } from '../core/prices/price.ts';
import { isTaken } from './failures.ts';
import type { Db, PriceImportRow, StoredPriceRow } from './tables.ts';
import { workspace } from './workspace.ts';

export type NewPriceImport = {
  readonly id: string;
  readonly catalogue: string;
  readonly known_at: string;
  readonly content_sha256: string;
  readonly report: unknown;
  readonly created_at: string;
};

export type NewPriceRow = { readonly row: PriceRow; readonly status: 'accepted' | 'quarantined' };

const rowsAtOnce = 500;

/** Appends an import with its rows. False where the same list was imported on that day already; nothing is stored then. */
export async function insertPriceImport(
  db: Db,
  made: NewPriceImport,
  rows: readonly NewPriceRow[],
  also?: (trx: Db) => Promise<void>,
): Promise<boolean> {
  try {
    await db.transaction().execute(async (trx) => {
      await trx
        .insertInto('price_imports')
        .values({ ...made, workspace_id: workspace, report: JSON.stringify(made.report) })
        .execute();
      for (let from = 0; from < rows.length; from += rowsAtOnce) {
        const values = rows.slice(from, from + rowsAtOnce).map(({ row, status }, i) => ({
          workspace_id: workspace,
          import_id: made.id,
          place: from + i,
          status,
          provider: row.provider,
          model: row.model,
          meter: row.meter,
          unit: row.unit,
          price: row.price.toFixed(),
          above_input_tokens: row.above_input_tokens === null ? null : String(row.above_input_tokens),
          utc_hours: row.utc_hours,
          valid_from: row.valid_from,
          valid_to: row.valid_to,
          known_at: row.known_at ?? made.known_at,
          checked_at: row.checked_at ?? made.known_at,
          source: row.source,
          catalogue: row.catalogue ?? made.catalogue,
        }));
        await trx.insertInto('price_rows').values(values).execute();
      }
      await also?.(trx);
    });
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

export async function findPriceImport(
  db: Db,
  known_at: string,
  content_sha256: string,
): Promise<PriceImportRow | undefined> {
  return db
    .selectFrom('price_imports')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('known_at', '=', known_at)
    .where('content_sha256', '=', content_sha256)
    .executeTakeFirst();
}

/** What a price that was kept apart is for. */
export type HeldPrice = {
  readonly provider: string;
  readonly model: string;
  readonly meter: string;
  readonly above_input_tokens: number | null;
  readonly utc_hours: string | null;
};

/** What a list said and was kept apart; `price` is decimal text. */
export async function listHeldPrices(
  db: Db,
  catalogue: string,
): Promise<readonly (HeldPrice & { readonly price: string })[]> {
  const rows = await db
    .selectFrom('price_rows')
    .select(['provider', 'model', 'meter', 'price', 'above_input_tokens', 'utc_hours'])
    .where('workspace_id', '=', workspace)
    .where('status', '=', 'quarantined')
    .where('catalogue', '=', catalogue)
    .execute();
  return rows.map(({ price, above_input_tokens: above, ...row }) => ({
    ...row,
    price: new Decimal(price).toFixed(),
    above_input_tokens: above === null ? null : Number(above),
  }));
}

/** Accepted rows in the order they were learned; of some models only, where they are named. */
export async function listLearnedPrices(db: Db, models?: readonly string[]): Promise<readonly PriceRow[]> {
  // no text in the database holds a NUL, and PostgreSQL refuses to be asked for one
  const asked = models?.filter((model) => !model.includes('\0'));
  if (asked?.length === 0) return [];
  const rows = await db
    .selectFrom('price_rows')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('status', '=', 'accepted')
    .$if(asked !== undefined, (query) => query.where('model', 'in', asked ?? []))
    .orderBy('known_at')
    .orderBy('import_id')
    .orderBy('place')
    .execute();
  return rows.flatMap(readPriceRow);
}

/** A row whose meter this version does not know is passed over: nothing here bills it. */
function readPriceRow({ meter, price, above_input_tokens: above, ...row }: StoredPriceRow): readonly PriceRow[] {
  if (!isMeter(meter)) return [];
  const { provider, model, unit, utc_hours, valid_from, valid_to, known_at, checked_at, source, catalogue } = row;
  return [
    {
      provider,
      model,
      meter,
      unit,
      price: new Decimal(price),
      above_input_tokens: above === null ? null : Number(above),
      utc_hours,
      valid_from,
      valid_to,
      known_at,
      checked_at,
      source,
      catalogue,
      derived_from: null,
    },
  ];
}
