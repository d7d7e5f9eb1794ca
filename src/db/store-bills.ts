import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Insertable } from 'kysely';
import { sql } from 'kysely';
import type { BillIdentity } from '../core/bills/bill-identity.ts';
import type { BillLine } from '../core/bills/bill-line.ts';
import { describeBillLine } from '../core/bills/bill-line-text.ts';
import type { BillEventsTable, BillFilesTable, BillModelsTable, BillsTable } from './bill-tables.ts';
import type { StoredBill } from './bills.ts';
import { findBill, findStandingBills } from './bills.ts';
import type { BillEventRow, Db } from './tables.ts';
import { workspace } from './workspace.ts';

export type NewBill = Omit<Insertable<BillsTable>, 'workspace_id' | 'file_id'>;

export type NewBillLine = {
  readonly bill_id: string;
  /** From 0 within its bill. */
  readonly place: number;
  readonly line: BillLine;
  readonly model: string | null;
};

/** Everything one import changes. */
export type BillStorage = {
  readonly file: Omit<Insertable<BillFilesTable>, 'workspace_id'>;
  /** The bytes of the file, each piece compressed by itself. Read only where the file is not there yet. */
  readonly chunks: () => AsyncIterable<Uint8Array>;
  readonly bills: readonly NewBill[];
  /** A few hundred at a time; texts without NUL and half characters, which PostgreSQL cannot hold. */
  readonly lines: () => AsyncIterable<readonly NewBillLine[]>;
  /** Bills that count no longer, and what counts instead. */
  readonly reversals: readonly Pick<BillEventRow, 'bill_id' | 'reason' | 'replaced_by'>[];
  readonly models: readonly Omit<Insertable<BillModelsTable>, 'workspace_id'>[];
  /** What the import was judged against: the standing bills of these identities, and of no others. */
  readonly judged: { readonly identities: readonly BillIdentity[]; readonly bills: readonly string[] };
  /** The last step; what it throws undoes all. */
  readonly last?: (trx: Db) => Promise<void>;
};

/**
 * Stores a file with its bills, whole or not at all. False, and nothing stored, where other bills stand at these months
 * meanwhile: imports wait for one another, so that none is judged against what another is about to change.
 */
export async function insertBills(db: Db, storage: BillStorage): Promise<boolean> {
  const { file, bills, reversals, judged } = storage;
  return db.transaction().execute(async (trx) => {
    await lockBills(trx);
    const standing = await findStandingBills(trx, judged.identities);
    if (
      !isSame(
        standing.map(({ id }) => id),
        judged.bills,
      )
    )
      return false;
    const file_id = await insertFile(trx, storage);
    await trx
      .insertInto('bills')
      .values(bills.map((bill) => ({ ...bill, workspace_id: workspace, file_id })))
      .execute();
    for await (const lines of storage.lines()) await insertLines(trx, lines);
    for (const { bill_id, reason, replaced_by } of reversals) {
      const created_at = file.created_at;
      await insertEvent(trx, {
        bill_id,
        event: 'reversed',
        reason,
        replaced_by,
        payable: null,
        difference: null,
        created_at,
      });
    }
    await upsertBillModels(trx, storage.models);
    await storage.last?.(trx);
    return true;
  });
}

/**
 * Records that a bill was locked or reversed. A reversed one takes nothing more, and nothing happens twice: then it gives
 * the status that stood in the way, and stores nothing.
 */
export async function insertBillEvent(
  db: Db,
  event: Omit<Insertable<BillEventsTable>, 'workspace_id'>,
): Promise<{ readonly done: true } | { readonly done: false; readonly status: StoredBill['status'] | 'unknown' }> {
  return db.transaction().execute(async (trx) => {
    await lockBills(trx);
    const status = (await findBill(trx, event.bill_id))?.status ?? 'unknown';
    if (status === 'unknown' || status === 'reversed' || status === event.event) return { done: false, status };
    await insertEvent(trx, event);
    return { done: true };
  });
}

/** Remembers what billed names mean; the last word counts. */
export async function upsertBillModels(
  db: Db,
  models: readonly Omit<Insertable<BillModelsTable>, 'workspace_id'>[],
): Promise<void> {
  for (const { provider, billed, model, updated_at } of models) {
    await db
      .insertInto('bill_models')
      .values({ workspace_id: workspace, provider, billed, model, updated_at })
      .onConflict((conflict) =>
        conflict.columns(['workspace_id', 'provider', 'billed']).doUpdateSet({ model, updated_at }),
      )
      .execute();
  }
}

/** Until the transaction ends, no other import and no reversal begins. */
async function lockBills(trx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext(${`bills of ${workspace}`}))`.execute(trx);
}

async function insertFile(trx: Db, { file, chunks }: BillStorage): Promise<string> {
  const known = await trx
    .selectFrom('bill_files')
    .select('id')
    .where('workspace_id', '=', workspace)
    .where('sha256', '=', file.sha256)
    .executeTakeFirst();
  if (known !== undefined) return known.id;
  await trx
    .insertInto('bill_files')
    .values({ ...file, workspace_id: workspace })
    .execute();
  let place = 0;
  for await (const chunk of chunks()) {
    const content = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    await trx
      .insertInto('bill_file_chunks')
      .values({ workspace_id: workspace, file_id: file.id, place, content })
      .execute();
    place++;
  }
  return file.id;
}

/** One text for all rows: PostgreSQL takes it apart by the names of the columns, several times quicker than parameters. */
async function insertLines(trx: Db, lines: readonly NewBillLine[]): Promise<void> {
  const rows = lines.map(({ bill_id, place, line, model }) => ({
    ...Object.fromEntries(Object.entries(describeBillLine(line)).map(([name, value]) => [name.toLowerCase(), value])),
    workspace_id: workspace,
    bill_id,
    place,
    x_modelid: model,
  }));
  const text = JSON.stringify(rows);
  await nextTurn();
  await sql`insert into bill_lines select * from json_populate_recordset(null::bill_lines, ${text}::json)`.execute(trx);
}

async function insertEvent(trx: Db, event: Omit<Insertable<BillEventsTable>, 'workspace_id'>): Promise<void> {
  await trx
    .insertInto('bill_events')
    .values({ ...event, workspace_id: workspace })
    .execute();
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id));
}
