import type { Decimal } from 'decimal.js';
import type { ActualSpend, SpendItem, UsageGroup } from '../core/bills/actual-spend.ts';
import { BillDecimal } from '../core/bills/bill-decimal.ts';
import type { SpendText } from './tasks.ts';

/** Numbers do not survive the way into a thread: they travel as text. */
export function spendText({ groups, items, leftOut }: ActualSpend): SpendText {
  const text = (value: Decimal | null): string | null => value?.toFixed() ?? null;
  return {
    groups: groups.map((group) => ({
      ...group,
      quantity: text(group.quantity),
      cost: text(group.cost),
      listCost: text(group.listCost),
      contractedCost: text(group.contractedCost),
    })),
    items: items.map((item) => ({ ...item, quantity: text(item.quantity), amount: item.amount.toFixed() })),
    leftOut: leftOut.map((one) => ({
      ...one,
      tax: one.tax.toFixed(),
      credits: one.credits.toFixed(),
      prepayments: one.prepayments.toFixed(),
    })),
  };
}

export function readSpend({ groups, items, leftOut }: SpendText): ActualSpend {
  const read = (text: string | null): Decimal | null => (text === null ? null : new BillDecimal(text));
  return {
    groups: groups.map(
      (group): UsageGroup => ({
        ...group,
        quantity: read(group.quantity),
        cost: read(group.cost),
        listCost: read(group.listCost),
        contractedCost: read(group.contractedCost),
      }),
    ),
    items: items.map(
      (item): SpendItem => ({ ...item, quantity: read(item.quantity), amount: new BillDecimal(item.amount) }),
    ),
    leftOut: leftOut.map((one) => ({
      ...one,
      tax: new BillDecimal(one.tax),
      credits: new BillDecimal(one.credits),
      prepayments: new BillDecimal(one.prepayments),
    })),
  };
}
