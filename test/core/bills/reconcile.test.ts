import { describe, expect, test } from '@jest/globals';
import { BillDecimal } from '../../../src/core/bills/bill-decimal.ts';
import { judgeBalance, reconcileInvoices, roundToMinor } from '../../../src/core/bills/reconcile.ts';

const amount = (text: string) => new BillDecimal(text);
const sum = (id: string, billed: string, currency = 'USD') => ({ id, currency, billed: amount(billed) });

describe('reconciling invoices', () => {
  test('a payable amount that names no invoice is of the only one', () => {
    const { invoices, problems } = reconcileInvoices(
      [sum('INV-1', '100.004')],
      [{ invoice: null, amount: amount('100.00') }],
    );
    expect(problems).toEqual([]);
    expect(invoices[0]?.difference?.toFixed()).toBe('0.004');
    expect(judgeBalance(invoices)).toBe('balanced');
  });

  test('one cent too much is unbalanced, and says so', () => {
    const { invoices } = reconcileInvoices([sum('INV-1', '100.005')], [{ invoice: 'INV-1', amount: amount('100.00') }]);
    // 100.005 is 100.01 to the cent.
    expect(judgeBalance(invoices)).toBe('unbalanced');
    expect(invoices[0]?.difference?.toFixed()).toBe('0.005');
  });

  test('of several invoices all must be stated to be balanced, and one that is not is enough', () => {
    const sums = [sum('A', '10'), sum('B', '20')];
    const balanceOf = (...stated: readonly [string, string][]) =>
      judgeBalance(
        reconcileInvoices(
          sums,
          stated.map(([invoice, text]) => ({ invoice, amount: amount(text) })),
        ).invoices,
      );
    expect(balanceOf()).toBe('not-stated');
    expect(balanceOf(['A', '10'])).toBe('not-stated');
    expect(balanceOf(['A', '10'], ['B', '20'])).toBe('balanced');
    expect(balanceOf(['A', '10'], ['B', '20.01'])).toBe('unbalanced');
  });

  test('asks which invoice is meant where there are several, and names those there are', () => {
    const { problems } = reconcileInvoices([sum('A', '10'), sum('B', '20')], [{ invoice: null, amount: amount('30') }]);
    expect(problems).toMatchObject([{ code: 'ambiguous-payable', pointer: '/payable', suggestions: ['A', 'B'] }]);
    const unknown = reconcileInvoices([sum('A', '10')], [{ invoice: 'C', amount: amount('10') }]);
    expect(unknown.problems).toMatchObject([{ code: 'unknown-invoice', suggestions: ['A'] }]);
  });
});

test('the smallest unit is that of the currency', () => {
  expect(roundToMinor(amount('1.005'), 'USD').toFixed()).toBe('1.01');
  expect(roundToMinor(amount('-1.005'), 'USD').toFixed()).toBe('-1.01');
  expect(roundToMinor(amount('1.5'), 'JPY').toFixed()).toBe('2');
  expect(roundToMinor(amount('1.005'), 'credits').toFixed()).toBe('1.01');
});
