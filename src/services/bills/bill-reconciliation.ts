import { BillDecimal } from '../../core/bills/bill-decimal.ts';
import type { Balance, InvoiceSum, ReconciledInvoice, StatedPayable } from '../../core/bills/reconcile.ts';
import { judgeBalance, reconcileInvoices } from '../../core/bills/reconcile.ts';
import type { Problem } from '../../core/problem.ts';
import type { BillSums } from './bill-judgement.ts';
import type { SurveyedBill } from './bill-survey.ts';

/** An invoice of a bill. `billed` is this bill's part of it, `total` what all lines of the file come to. */
export type InvoiceView = {
  readonly invoice_id: string | null;
  readonly billed: string;
  readonly total: string;
  readonly payable: string | null;
  readonly difference: string | null;
};

export type Reconciliation = { readonly invoices: readonly InvoiceView[]; readonly balance: Balance };

/** The invoices of every bill of a file, held against what is payable. An invoice may go over several bills. */
export function reconcileBills(
  bills: readonly SurveyedBill[],
  sums: ReadonlyMap<string, BillSums>,
  stated: readonly StatedPayable[],
): { readonly byBill: ReadonlyMap<string, Reconciliation>; readonly problems: readonly Problem[] } {
  const totals = new Map<string, InvoiceSum>();
  for (const bill of bills) {
    for (const [invoice, billed] of sums.get(bill.key)?.invoices ?? []) {
      const id = labelOf(bill, invoice);
      const before = totals.get(id)?.billed ?? new BillDecimal(0);
      totals.set(id, { id, currency: bill.currency, billed: before.plus(billed) });
    }
  }
  const { invoices, problems } = reconcileInvoices([...totals.values()], stated);
  const reconciled = new Map(invoices.map((invoice) => [invoice.id, invoice]));
  const byBill = bills.map((bill): [string, Reconciliation] => {
    const own = [...(sums.get(bill.key)?.invoices ?? [])].flatMap(([invoice_id, billed]) => {
      const invoice = reconciled.get(labelOf(bill, invoice_id));
      return invoice === undefined ? [] : [{ invoice_id, billed: billed.toFixed(), invoice }];
    });
    return [bill.key, { invoices: own.map(describe), balance: judgeBalance(own.map(({ invoice }) => invoice)) }];
  });
  return { byBill: new Map(byBill), problems };
}

/** `123.45`, or `INV-7:100.00,INV-8:23.45` where there are several invoices. Null where it is neither. */
export function parsePayable(text: string): readonly StatedPayable[] | null {
  const parts = text.split(',').map((part) => /^(?:(.{1,200}):)?(-?\d{1,15}(?:\.\d{1,12})?)$/.exec(part.trim()));
  if (parts.some((match) => match === null)) return null;
  return parts.map((match) => ({ invoice: match?.[1] ?? null, amount: new BillDecimal(match?.[2] ?? '0') }));
}

/** The name under which an invoice is stated payable. */
function labelOf({ account, period }: SurveyedBill, invoice: string | null): string {
  return invoice ?? (account === '' ? period : `${account} ${period}`);
}

function describe({
  invoice_id,
  billed,
  invoice,
}: {
  readonly invoice_id: string | null;
  readonly billed: string;
  readonly invoice: ReconciledInvoice;
}): InvoiceView {
  return {
    invoice_id,
    billed,
    total: invoice.billed.toFixed(),
    payable: invoice.payable?.toFixed() ?? null,
    difference: invoice.difference?.toFixed() ?? null,
  };
}
