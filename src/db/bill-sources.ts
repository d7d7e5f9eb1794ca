import { sql } from 'kysely';
import { isTaken } from './failures.ts';
import type { BillSourceKind, BillSourceReading, BillSourceSettings, SealedHint } from './outside-tables.ts';
import type { BillSourceRow, Db } from './tables.ts';
import { workspace } from './workspace.ts';

export type BillSourceTerms = {
  readonly name: string;
  readonly kind: BillSourceKind;
  readonly account: string | null;
  readonly settings: BillSourceSettings;
  readonly sealed: string | null;
  readonly hint: SealedHint | null;
  readonly reading: BillSourceReading | null;
  /** When its days must be fetched again before it forgets them; null for one that forgets nothing. */
  readonly keep_at: string | null;
};

/** Stores a source as version 1. `taken` gives the id of the one that has the name; an id that is there is left as it is. */
export async function insertBillSource(
  db: Db,
  id: string,
  terms: BillSourceTerms,
  now: string,
): Promise<{ taken: string | null }> {
  try {
    await db
      .insertInto('bill_sources')
      .values({ ...columnsOf(terms), workspace_id: workspace, id, version: 1, created_at: now, updated_at: now })
      .onConflict((conflict) => conflict.columns(['workspace_id', 'id']).doNothing())
      .execute();
    return { taken: null };
  } catch (error) {
    if (!isTaken(error)) throw error;
    return { taken: await findIdByName(db, terms.name) };
  }
}

/** Changes a source where `expected` is still its version. */
export async function updateBillSource(
  db: Db,
  id: string,
  expected: number,
  terms: BillSourceTerms,
  now: string,
): Promise<{ outcome: 'stored' | 'changed-meanwhile' } | { outcome: 'name-taken'; by: string }> {
  try {
    const { numUpdatedRows } = await db
      .updateTable('bill_sources')
      .set({ ...columnsOf(terms), version: expected + 1, updated_at: now })
      .where('workspace_id', '=', workspace)
      .where('id', '=', id)
      .where('version', '=', expected)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    return { outcome: numUpdatedRows === 0n ? 'changed-meanwhile' : 'stored' };
  } catch (error) {
    if (!isTaken(error)) throw error;
    return { outcome: 'name-taken', by: await findIdByName(db, terms.name) };
  }
}

/** Hides a source and forgets its credential; the days it kept stay. */
export async function markBillSourceDeleted(db: Db, id: string, expected: number, now: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('bill_sources')
    .set({ deleted_at: now, updated_at: now, sealed: null, keep_at: null })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('version', '=', expected)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function findBillSource(db: Db, id: string): Promise<BillSourceRow | undefined> {
  return active(db).where('id', '=', id).executeTakeFirst();
}

/** Newest first, one more than `limit` where there is more. */
export async function listBillSources(db: Db, before: string | null, limit: number): Promise<BillSourceRow[]> {
  return active(db)
    .$if(before !== null, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

export async function countBillSources(db: Db): Promise<number> {
  const row = await db
    .selectFrom('bill_sources')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('workspace_id', '=', workspace)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** One source whose days must be fetched before they are gone, put off to `next`; of several planners each gets another. */
export async function claimSourceToKeep(trx: Db, now: string, next: string): Promise<BillSourceRow | undefined> {
  const due = await active(trx)
    .where('keep_at', '<=', now)
    .orderBy('keep_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (due === undefined) return undefined;
  await trx
    .updateTable('bill_sources')
    .set({ keep_at: next })
    .where('workspace_id', '=', workspace)
    .where('id', '=', due.id)
    .execute();
  return due;
}

/** Moves the next look at a source, where it has one. */
export async function delayKeeping(trx: Db, id: string, until: string): Promise<void> {
  await trx
    .updateTable('bill_sources')
    .set({ keep_at: until })
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .where('keep_at', 'is not', null)
    .execute();
}

export type KeptDay = { readonly day: string; readonly body: string };

/** Keeps days as they came; one that was kept before is replaced. */
export async function keepDays(db: Db, source_id: string, days: readonly KeptDay[], now: string): Promise<void> {
  if (days.length === 0) return;
  await db
    .insertInto('kept_days')
    .values(days.map(({ day, body }) => ({ workspace_id: workspace, source_id, day, body, pulled_at: now })))
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_id', 'source_id', 'day'])
        .doUpdateSet((set) => ({ body: set.ref('excluded.body'), pulled_at: set.ref('excluded.pulled_at') })),
    )
    .execute();
}

/** The kept days of a month in order. */
export async function listKeptDays(db: Db, source_id: string, period: string): Promise<KeptDay[]> {
  return db
    .selectFrom('kept_days')
    .select(['day', 'body'])
    .where('workspace_id', '=', workspace)
    .where('source_id', '=', source_id)
    .where('day', '>=', `${period}-01`)
    .where('day', '<=', `${period}-31`)
    .orderBy('day')
    .execute();
}

function active(db: Db) {
  return db
    .selectFrom('bill_sources')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('deleted_at', 'is', null);
}

function columnsOf({ settings, hint, reading, ...terms }: BillSourceTerms) {
  const text = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));
  return { ...terms, settings: JSON.stringify(settings), hint: text(hint), reading: text(reading) };
}

async function findIdByName(db: Db, name: string): Promise<string> {
  const row = await active(db).where(sql<boolean>`lower(name) = lower(${name})`).executeTakeFirst();
  return row?.id ?? '';
}
