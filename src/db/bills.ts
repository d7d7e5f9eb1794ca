import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import { BILL_COLUMN_NAMES, BILL_COLUMNS } from '../core/bills/bill-columns.ts';
import type { BillIdentity } from '../core/bills/bill-identity.ts';
import type { BillLine } from '../core/bills/bill-line.ts';
import type { BillLineText } from '../core/bills/bill-line-text.ts';
import { parseBillLine } from '../core/bills/bill-line-text.ts';
import type { BillEventRow, BillLineRow, BillModelRow, BillRow, Db } from './tables.ts';
import { workspace } from './workspace.ts';

/** A bill with what became of it, and the name of its file. */
export type StoredBill = Omit<BillRow, 'workspace_id'> & {
  readonly status: 'provisional' | 'locked' | 'reversed';
  /** Whether its money counts: not reversed, and no usage beside a bill of the same provider and month. */
  readonly counts: boolean;
  readonly file_name: string;
  readonly file_sha256: string;
  readonly file_bytes: string;
};

export type BillFilter = {
  readonly provider: string | null;
  readonly period: string | null;
  readonly status: StoredBill['status'] | null;
  /** Rows with a smaller id, that is older ones. */
  readonly before: string | null;
  readonly limit: number;
};

/** A line as it is stored: `model` is the id in the price book of what `x_Model` means. */
export type StoredBillLine = { readonly place: number; readonly line: BillLine; readonly model: string | null };

/** Newest first, one more than `limit` where there is more. */
export async function listBills(
  db: Db,
  { provider, period, status, before, limit }: BillFilter,
): Promise<readonly StoredBill[]> {
  return selectBills(db)
    .$if(provider !== null, (query) => query.where('bills.provider', '=', provider ?? ''))
    .$if(period !== null, (query) => query.where('bills.period', '=', period ?? ''))
    .$if(status !== null, (query) => query.where('bill_states.status', '=', status ?? 'locked'))
    .$if(before !== null, (query) => query.where('bills.id', '<', before ?? ''))
    .orderBy('bills.id', 'desc')
    .limit(limit + 1)
    .execute();
}

export async function findBill(db: Db, id: string): Promise<StoredBill | undefined> {
  return selectBills(db).where('bills.id', '=', id).executeTakeFirst();
}

/** Bills of a file with these bytes, reversed ones too, oldest first. */
export async function findBillsOfFile(db: Db, sha256: string): Promise<readonly StoredBill[]> {
  return selectBills(db).where('bill_files.sha256', '=', sha256).orderBy('bills.id').execute();
}

/** Bills at these identities that are not reversed, oldest first. */
export async function findStandingBills(db: Db, identities: readonly BillIdentity[]): Promise<readonly StoredBill[]> {
  if (identities.length === 0) return [];
  const periods = [...new Set(identities.map(({ period }) => period))];
  const bills = await selectBills(db)
    .where('bills.period', 'in', periods)
    .where('bill_states.status', '!=', 'reversed')
    .orderBy('bills.id')
    .execute();
  return bills.filter((bill) => identities.some((identity) => mayBeSame(bill, identity)));
}

/** Bills of some months that are not reversed, oldest first. */
export async function findBillsOfPeriods(db: Db, periods: readonly string[]): Promise<readonly StoredBill[]> {
  if (periods.length === 0) return [];
  return selectBills(db)
    .where('bills.period', 'in', [...periods])
    .where('bill_states.status', '!=', 'reversed')
    .orderBy('bills.id')
    .execute();
}

export async function findBillEvents(db: Db, bill_id: string): Promise<readonly BillEventRow[]> {
  return db
    .selectFrom('bill_events')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('bill_id', '=', bill_id)
    .orderBy('created_at')
    .orderBy('event')
    .execute();
}

/** Lines after a place, in the order of the file, one more than `limit` where there is more. */
export async function listBillLines(
  db: Db,
  bill_id: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly StoredBillLine[]> {
  const rows = await db
    .selectFrom('bill_lines')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('bill_id', '=', bill_id)
    .where('place', '>', after)
    .orderBy('place')
    .limit(limit + 1)
    .execute();
  return rows.map(readLine);
}

const linesAtOnce = 1000;

/** Every line of a bill in order, a few at a time, so that other requests get their turn. */
export async function* streamBillLines(db: Db, bill_id: string): AsyncGenerator<StoredBillLine> {
  for (let after = -1; ; ) {
    const lines = await listBillLines(db, bill_id, { after, limit: linesAtOnce });
    // The embedded database answers without ever giving the event loop its turn.
    await nextTurn();
    yield* lines.slice(0, linesAtOnce);
    after = lines[linesAtOnce - 1]?.place ?? after;
    if (lines.length <= linesAtOnce) return;
  }
}

/** Every line of a month that is not reversed, with its bill, whose `counts` says whether its money counts. */
export async function* loadPeriodLines(
  db: Db,
  { period, provider }: { readonly period: string; readonly provider?: string },
): AsyncGenerator<StoredBillLine & { readonly bill: StoredBill }> {
  for (const bill of await findBillsOfPeriods(db, [period])) {
    if (provider !== undefined && bill.provider !== provider) continue;
    for await (const line of streamBillLines(db, bill.id)) yield { ...line, bill };
  }
}

/** The file of a bill, piece by piece as it was compressed. */
export async function* streamBillFile(db: Db, file_id: string): AsyncGenerator<Uint8Array> {
  for (let place = 0; ; place++) {
    const chunk = await db
      .selectFrom('bill_file_chunks')
      .select('content')
      .where('workspace_id', '=', workspace)
      .where('file_id', '=', file_id)
      .where('place', '=', place)
      .executeTakeFirst();
    if (chunk === undefined) return;
    yield chunk.content;
  }
}

export async function listBillModels(db: Db, provider: string | null): Promise<readonly BillModelRow[]> {
  return db
    .selectFrom('bill_models')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .$if(provider !== null, (query) => query.where('provider', '=', provider ?? ''))
    .orderBy('provider')
    .orderBy('billed')
    .execute();
}

/** Whether two bills may be of the same use. One that names no account may be of any, so that nothing counts twice unseen. */
export function mayBeSame(bill: BillIdentity, { provider, account, period, currency }: BillIdentity): boolean {
  const accounts = bill.account === account || bill.account === '' || account === '';
  return bill.provider === provider && accounts && bill.period === period && bill.currency === currency;
}

function selectBills(db: Db) {
  return db
    .selectFrom('bills')
    .innerJoin('bill_states', (join) =>
      join.onRef('bill_states.workspace_id', '=', 'bills.workspace_id').onRef('bill_states.id', '=', 'bills.id'),
    )
    .innerJoin('bill_files', (join) =>
      join.onRef('bill_files.workspace_id', '=', 'bills.workspace_id').onRef('bill_files.id', '=', 'bills.file_id'),
    )
    .select([
      'bills.id',
      'bills.file_id',
      'bills.kind',
      'bills.provider',
      'bills.account',
      'bills.period',
      'bills.currency',
      'bills.content_sha256',
      'bills.reading',
      'bills.lines',
      'bills.billed',
      'bills.effective',
      'bills.categories',
      'bills.invoices',
      'bills.balance',
      'bills.models',
      'bills.created_at',
      'bill_states.status',
      'bill_states.counts',
      // The same bytes are kept once, whoever brings them under whichever name.
      sql<string>`coalesce(bills.reading ->> 'file_name', bill_files.file_name)`.as('file_name'),
      'bill_files.sha256 as file_sha256',
      'bill_files.bytes as file_bytes',
    ])
    .where('bills.workspace_id', '=', workspace);
}

function readLine(row: BillLineRow): StoredBillLine {
  const folded = row as unknown as Readonly<Record<string, unknown>>;
  const plain = Object.fromEntries(
    BILL_COLUMN_NAMES.map((name) => {
      const value = folded[name.toLowerCase()];
      if (BILL_COLUMNS[name] === 'whole') return [name, Number(value)];
      return [name, BILL_COLUMNS[name] === 'instant' && typeof value === 'string' ? readInstant(value) : value];
    }),
  );
  return { place: row.place, line: parseBillLine(plain as unknown as BillLineText), model: row.x_modelid };
}

/** Instants come back with milliseconds, which few bills have. */
function readInstant(text: string): string {
  return text.replace(/\.000Z$/, 'Z');
}
