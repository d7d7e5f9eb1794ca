import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { BillDecimal } from '../../core/bills/bill-decimal.ts';
import type { BillLineText } from '../../core/bills/bill-line-text.ts';
import { describeBillLine } from '../../core/bills/bill-line-text.ts';
import type { Balance } from '../../core/bills/reconcile.ts';
import { judgeBalance } from '../../core/bills/reconcile.ts';
import type { BillFilter, StoredBill } from '../../db/bills.ts';
import { findBill, findBillEvents, listBillLines, listBills, streamBillFile } from '../../db/bills.ts';
import { insertBillEvent } from '../../db/store-bills.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import type { Page, PageRequest } from '../paging.ts';
import { makePage, parseCursor } from '../paging.ts';
import { Refusal, refuseUnknown } from '../refusal.ts';
import type { ModelView } from './bill-models.ts';
import type { InvoiceView } from './bill-reconciliation.ts';

export const billId = /^bill_[0-9a-hjkmnp-tv-z]{26}$/;

export type BillSummary = {
  readonly id: string;
  readonly status: StoredBill['status'];
  readonly counts: boolean;
  readonly kind: StoredBill['kind'];
  readonly provider: string;
  readonly account: string;
  readonly period: string;
  readonly currency: string;
  readonly lines: number;
  /** Cash view and accrual view. */
  readonly billed: string;
  readonly effective: string;
  readonly balance: Balance;
  readonly file: { readonly name: string; readonly digest: string; readonly bytes: number };
  readonly created_at: string;
};

export type BillView = BillSummary & {
  readonly categories: Readonly<Record<string, string>>;
  readonly invoices: readonly InvoiceView[];
  /** What was payable when the bill was locked, where it was stated then. */
  readonly payable: string | null;
  readonly difference: string | null;
  readonly models: readonly ModelView[];
  /** How the file was read: its format, the answers to what was asked, the mapping of its columns. */
  readonly reading: unknown;
  readonly events: readonly {
    readonly event: 'locked' | 'reversed';
    readonly reason: string | null;
    readonly replaced_by: string | null;
    readonly created_at: string;
  }[];
};

export type BillQuery = PageRequest & Pick<BillFilter, 'provider' | 'period' | 'status'>;

export type BillLineView = BillLineText & { readonly place: number; readonly x_ModelId: string | null };

export async function findBills(app: App, { cursor, limit, ...filter }: BillQuery): Promise<Page<BillSummary>> {
  const before = parseCursor(cursor, billId);
  const rows = await listBills(app.db, { ...filter, before, limit });
  return makePage(rows, limit, ({ id }) => id, summarize);
}

export async function getBill(app: App, id: string): Promise<BillView> {
  const bill = await requireBill(app, id);
  const events = await findBillEvents(app.db, id);
  const locked = events.find(({ event }) => event === 'locked');
  const payable = locked?.payable ?? null;
  return {
    ...summarize(bill),
    balance: payable === null ? bill.balance : balanceOf(bill, payable),
    categories: bill.categories as BillView['categories'],
    invoices: bill.invoices as BillView['invoices'],
    payable,
    difference: locked?.difference ?? null,
    models: bill.models as BillView['models'],
    reading: bill.reading,
    events: events.map(({ event, reason, replaced_by, created_at }) => ({ event, reason, replaced_by, created_at })),
  };
}

/** Lines in the order of the file, in FOCUS columns. */
export async function getBillLines(app: App, id: string, { cursor, limit }: PageRequest): Promise<Page<BillLineView>> {
  await requireBill(app, id);
  const after = Number(parseCursor(cursor, /^(0|[1-9]\d{0,8})$/) ?? -1);
  const rows = await listBillLines(app.db, id, { after, limit });
  return makePage(
    rows,
    limit,
    ({ place }) => String(place),
    ({ place, line, model }) => ({ place, ...describeBillLine(line), x_ModelId: model }),
  );
}

/** The file of a bill as it was sent, piece by piece. */
export async function getBillFile(
  app: App,
  id: string,
): Promise<{ readonly name: string; readonly bytes: number; readonly content: AsyncIterable<Uint8Array> }> {
  const { file_id, file_name, file_bytes } = await requireBill(app, id);
  return { name: file_name, bytes: Number(file_bytes), content: inflate(streamBillFile(app.db, file_id)) };
}

export type LockRequest = {
  /** What the invoice asks, where it was not stated before. */
  readonly payable: string | null;
  readonly reason: string | null;
  /** Locks a bill whose lines do not come to what is payable. */
  readonly acceptDifference: boolean;
};

/**
 * Settles a bill: from now on it is only ever reversed. Refuses one whose lines do not come to what is payable, unless the
 * difference is accepted.
 */
export async function lockBill(
  app: App,
  id: string,
  { payable, reason, acceptDifference }: LockRequest,
): Promise<BillView> {
  const bill = await requireBill(app, id);
  const balance = payable === null ? bill.balance : balanceOf(bill, payable);
  const difference = payable === null ? null : new BillDecimal(bill.billed).minus(payable).toFixed();
  if (balance === 'unbalanced' && !acceptDifference) {
    const stated = (bill.invoices as readonly InvoiceView[]).flatMap((invoice) => invoice.difference ?? []);
    throw new Refusal(
      'conflict',
      `The lines differ from what is payable by ${difference ?? stated.join(', ')} ${bill.currency}: mend the file, or send accept_difference with a reason.`,
      { members: { difference: difference ?? stated } },
    );
  }
  const created_at = nowText(app);
  await record(app, { bill_id: id, event: 'locked', reason, replaced_by: null, payable, difference, created_at });
  return getBill(app, id);
}

/** Takes a bill out of every total, for good; it stays readable. The file may then be sent again. */
export async function reverseBill(app: App, id: string, reason: string): Promise<BillView> {
  await requireBill(app, id);
  const created_at = nowText(app);
  await record(app, {
    bill_id: id,
    event: 'reversed',
    reason,
    replaced_by: null,
    payable: null,
    difference: null,
    created_at,
  });
  return getBill(app, id);
}

async function record(app: App, event: Parameters<typeof insertBillEvent>[1]): Promise<void> {
  const outcome = await insertBillEvent(app.db, event);
  // The same again changes nothing, so that a request may be repeated.
  if (outcome.done || outcome.status === event.event) return;
  throw new Refusal('conflict', `The bill is ${outcome.status}: nothing can be done with it.`);
}

async function requireBill(app: App, id: string): Promise<StoredBill> {
  const bill = await findBill(app.db, id);
  if (bill === undefined) throw refuseUnknown('bill', id);
  return bill;
}

function balanceOf({ billed, currency }: StoredBill, payable: string): Balance {
  const [sum, asked] = [new BillDecimal(billed), new BillDecimal(payable)];
  return judgeBalance([{ billed: sum, currency, payable: asked }]);
}

function summarize(bill: StoredBill): BillSummary {
  const { id, status, counts, kind, provider, account, period, currency, lines, billed, effective, balance } = bill;
  return {
    id,
    status,
    counts,
    kind,
    provider,
    account,
    period,
    currency,
    lines,
    billed,
    effective,
    balance,
    file: { name: bill.file_name, digest: `sha256:${bill.file_sha256}`, bytes: Number(bill.file_bytes) },
    created_at: bill.created_at,
  };
}

const decompress = promisify(gunzip);

async function* inflate(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield decompress(chunk);
}
