import type { Decimal } from 'decimal.js';
import { minorUnitsOf } from '../forecast/plan.ts';
import type { Problem } from '../problem.ts';
import { BillDecimal } from './bill-decimal.ts';

/** What the lines of one invoice come to; `id` is account and month where the lines name none. */
export type InvoiceSum = { readonly id: string; readonly currency: string; readonly billed: Decimal };

/** What an invoice asks to be paid, as its reader states it; `invoice` is null where it is not said which. */
export type StatedPayable = { readonly invoice: string | null; readonly amount: Decimal };

export type ReconciledInvoice = InvoiceSum & {
  readonly payable: Decimal | null;
  /** Lines minus payable; null where nobody stated what is payable. */
  readonly difference: Decimal | null;
};

export type Balance = 'balanced' | 'unbalanced' | 'not-stated';

/**
 * Σ BilledCost of each invoice against its payable amount, as FOCUS asks (BilledCost: "the sum … MUST match the payable
 * amount"): balanced where they agree once the sum is rounded to the currency's smallest unit, since lines carry more
 * digits than an invoice. Lines of 0.333 and 0.333 balance a payable 0.67. A payable that names no invoice is of the only
 * one there is.
 */
export function reconcileInvoices(
  sums: readonly InvoiceSum[],
  stated: readonly StatedPayable[],
): { readonly invoices: readonly ReconciledInvoice[]; readonly problems: readonly Problem[] } {
  const problems = stated.flatMap((payable) => judgePayable(payable, sums));
  const invoices = sums.map((sum): ReconciledInvoice => {
    const payable = stated.findLast(({ invoice }) => invoice === null || invoice === sum.id)?.amount ?? null;
    return { ...sum, payable, difference: payable === null ? null : sum.billed.minus(payable) };
  });
  return { invoices, problems };
}

/** Of several invoices, one that does not balance is enough; all must be stated to be balanced. */
export function judgeBalance(invoices: readonly Pick<ReconciledInvoice, 'currency' | 'billed' | 'payable'>[]): Balance {
  const isBalanced = ({ billed, payable, currency }: (typeof invoices)[number]): boolean =>
    payable !== null && roundToMinor(billed, currency).eq(payable);
  if (invoices.some((invoice) => invoice.payable !== null && !isBalanced(invoice))) return 'unbalanced';
  return invoices.length > 0 && invoices.every(isBalanced) ? 'balanced' : 'not-stated';
}

/** Half away from zero to the currency's smallest unit; a unit that is no currency, such as a provider's credits, has cents. */
export function roundToMinor(amount: Decimal, currency: string): Decimal {
  const digits = /^[A-Z]{3}$/.test(currency) ? minorUnitsOf(currency) : 2;
  return new BillDecimal(amount).toDecimalPlaces(digits);
}

function judgePayable({ invoice }: StatedPayable, sums: readonly InvoiceSum[]): readonly Problem[] {
  const known = sums.map(({ id }) => id);
  const shown = known.slice(0, 20);
  if (invoice === null && sums.length > 1) {
    const message = `The file has ${sums.length} invoices: say which is payable, such as ${shown[0]}:123.45.`;
    return [{ code: 'ambiguous-payable', pointer: '/payable', message, suggestions: shown }];
  }
  if (invoice === null || known.includes(invoice)) return [];
  const message = `No line is of the invoice "${invoice.slice(0, 100)}".`;
  return [{ code: 'unknown-invoice', pointer: '/payable', message, suggestions: shown }];
}
