import { Decimal } from 'decimal.js';
import { isMeter } from '../core/prices/meters.ts';
import type { PriceRow } from '../core/prices/price.ts';
import { isTaken } from './failures.ts';
import type { PricePlace } from './price-checks.ts';
import { listPriceChecks } from './price-checks.ts';
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

/**
 * Accepted rows in the order they were learned; of some models only, where they are named. Each was last vouched for on the
 * last day up to `asOf` (YYYY-MM-DD) on which its list was read and still said it.
 */
export async function listLearnedPrices(
  db: Db,
  asOf: string,
  models?: readonly string[],
): Promise<readonly PriceRow[]> {
  // no text in the database holds a NUL, and PostgreSQL refuses to be asked for one
  const asked = models?.filter((model) => !model.includes('\0'));
  if (asked?.length === 0) return [];
  const checks = await listPriceChecks(db, asOf);
  const rows = await accepted(db)
    .$if(asked !== undefined, (query) => query.where('price_rows.model', 'in', asked ?? []))
    .execute();
  return rows.flatMap((row) => readPriceRow({ ...row, checked_at: lastCheck(row, checks.get(row.catalogue) ?? []) }));
}

/** What lists said when they were last learned from and did not take back since, with the place of each row. */
export async function listSaidPrices(db: Db): Promise<readonly (PricePlace & { readonly row: PriceRow })[]> {
  const rows = await accepted(db).where('price_ends.day', 'is', null).execute();
  return rows.flatMap(({ import_id, place, ...stored }) =>
    readPriceRow({ import_id, place, ...stored }).map((row) => ({ import_id, place, row })),
  );
}

function accepted(db: Db) {
  return db
    .selectFrom('price_rows')
    .leftJoin('price_ends', (join) =>
      join
        .onRef('price_ends.workspace_id', '=', 'price_rows.workspace_id')
        .onRef('price_ends.import_id', '=', 'price_rows.import_id')
        .onRef('price_ends.place', '=', 'price_rows.place'),
    )
    .selectAll('price_rows')
    .select('price_ends.day as ended_on')
    .where('price_rows.workspace_id', '=', workspace)
    .where('price_rows.status', '=', 'accepted')
    .orderBy('price_rows.known_at')
    .orderBy('price_rows.import_id')
    .orderBy('price_rows.place');
}

function lastCheck(
  { checked_at, ended_on }: { readonly checked_at: string; readonly ended_on: string | null },
  days: readonly string[],
): string {
  const last = days.findLast((day) => ended_on === null || day < ended_on) ?? checked_at;
  return last > checked_at ? last : checked_at;
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
