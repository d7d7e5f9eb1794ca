import { Decimal } from 'decimal.js';
import type { App } from '../app.ts';
import type { BillSummary } from '../bills/bills.ts';
import { findBills } from '../bills/bills.ts';
import { figureTextFor, monthText } from '../figure-text.ts';
import { findBillSources } from '../sources/bill-sources.ts';
import type { BillImportView } from './bill-import-view.ts';
import { billStatus } from './comparison-view.ts';
import { instantText } from './instant-text.ts';
import type { Mark } from './run-words.ts';
import type { Figure } from './view.ts';

/** Bills by month, and the form for a new one with what became of the file that was sent. */
export type BillsView = {
  readonly months: readonly BillMonth[];
  /** Where older ones are; null where there are none. */
  readonly older: string | null;
  readonly sent: BillImportView | null;
};

export type BillMonth = {
  readonly period: string;
  readonly month: string;
  /** What counts, by currency. */
  readonly totals: readonly Figure[];
  readonly bills: readonly BillRow[];
};

export type BillRow = {
  readonly id: string;
  readonly provider: string;
  readonly account: string;
  readonly billed: Figure;
  readonly lines: string;
  readonly status: Mark;
  readonly notes: readonly string[];
  readonly source: string;
  readonly file: string;
  readonly stored: string;
};

const billsOnPage = 200;

export async function findBillsPage(
  app: App,
  cursor: string | null,
  sent: BillImportView | null = null,
): Promise<BillsView> {
  const all = { provider: null, period: null, status: null };
  const { data, next_cursor } = await findBills(app, { ...all, cursor, limit: billsOnPage });
  const sources = await findBillSources(app, { cursor: null, limit: 200 });
  const names = new Map(sources.data.map(({ id, name }) => [id, name]));
  const periods = [...new Set(data.map(({ period }) => period))].toSorted().toReversed();
  return {
    months: periods.map((period) => {
      const bills = data.filter((bill) => bill.period === period);
      return {
        period,
        month: monthText(period),
        totals: totalsOf(bills),
        bills: bills
          .toSorted((a, b) => a.provider.localeCompare(b.provider, 'en'))
          .map((bill) => showBill(bill, names, app.settings.timeZone)),
      };
    }),
    older: next_cursor === null ? null : `/bills?${new URLSearchParams({ cursor: next_cursor })}`,
    sent,
  };
}

function totalsOf(bills: readonly BillSummary[]): readonly Figure[] {
  const sums = new Map<string, Decimal>();
  for (const { counts, kind, currency, billed } of bills) {
    if (!counts || kind === 'usage') continue;
    sums.set(currency, (sums.get(currency) ?? new Decimal(0)).plus(billed));
  }
  return [...sums].map(([currency, sum]) => figure(sum.toFixed(), currency));
}

function showBill(bill: BillSummary, names: ReadonlyMap<string, string>, zone: string): BillRow {
  const { id, provider, account, billed, currency, lines, status, kind, counts, balance, created_at, file } = bill;
  const pulled = /^(src_[0-9a-z]+)\/(.*)$/s.exec(file.name);
  return {
    id,
    provider,
    account,
    billed: figure(billed, currency),
    lines: lines.toLocaleString('en-US'),
    status: billStatus(status),
    notes: [
      ...(kind === 'usage' ? ['Quantities, priced from the price book.'] : []),
      ...(!counts && status !== 'reversed' ? ['Does not count: a bill of the same month does.'] : []),
      ...(balance === 'unbalanced' ? ['Its lines do not come to what its invoice asks.'] : []),
    ],
    source: pulled === null ? 'sent by hand' : (names.get(pulled[1] ?? '') ?? 'a source that was deleted'),
    file: pulled?.[2] ?? file.name,
    stored: instantText(created_at, zone),
  };
}

function figure(amount: string, currency: string): Figure {
  return { text: figureTextFor(currency).money(amount), exact: amount };
}
