import { describe, expect, test } from '@jest/globals';
import type { ActualSpend, StoredLine } from '../../../src/core/bills/actual-spend.ts';
import { gatherSpend } from '../../../src/core/bills/actual-spend.ts';
import { BillDecimal } from '../../../src/core/bills/bill-decimal.ts';
import { readBill } from '../../helpers/bill-fixtures.ts';
import { billLine } from '../../helpers/bill-lines.ts';

const d = (amount: string | number) => new BillDecimal(amount);

/** `model meter quantity unit cost` of each group. */
function groupsOf({ groups }: ActualSpend): readonly string[] {
  return groups.map(({ model, meter, quantity, unit, cost }) =>
    [model, meter, quantity?.toFixed() ?? '–', unit ?? '–', cost?.toFixed() ?? '–'].join(' '),
  );
}

describe('what of a bill is compared', () => {
  test('usage by its billed cost; tax, credits and prepayments are left out and shown', () => {
    const spend = gatherSpend([
      billLine(),
      billLine({ ChargeCategory: 'Tax', BilledCost: d('0.30') }),
      billLine({ ChargeCategory: 'Credit', BilledCost: d('-1') }),
      billLine({ ChargeCategory: 'Purchase', BilledCost: d(500), EffectiveCost: d(0) }),
    ]);
    expect(groupsOf(spend)).toEqual(['gpt-5.4-mini output 1 Mtok 1.6']);
    expect(spend.leftOut.map(({ tax, credits, prepayments }) => [tax, credits, prepayments].map(String))).toEqual([
      ['0.3', '-1', '500'],
    ]);
    expect(spend.items.map(({ kind, amount }) => [kind, amount.toFixed()])).toEqual([['credit', '-1']]);
  });

  test('what a commitment covers by its effective cost, and what is paid for it apart', () => {
    const covered = { CommitmentDiscountId: 'c-1', BilledCost: d(0), EffectiveCost: d('1.2') };
    const spend = gatherSpend([
      billLine(covered),
      billLine({ ChargeCategory: 'Purchase', CommitmentDiscountId: 'c-1', BilledCost: d(100), EffectiveCost: d(0) }),
      billLine({ ...covered, EffectiveCost: d(3), x_Model: null, x_Meter: null, ConsumedQuantity: null }),
    ]);
    expect(groupsOf(spend)).toEqual(['gpt-5.4-mini output 1 Mtok 1.2']);
    expect(spend.items.map(({ kind, amount }) => [kind, amount.toFixed()])).toEqual([['commitment', '3']]);
    // 100 were billed, 1.20 and 3 are compared.
    expect(spend.leftOut[0]?.prepayments.toFixed()).toBe(String(100 - 1.2 - 3));
  });

  test('a fee on credits is an item of its own, the credits are not', () => {
    const spend = gatherSpend(readBill('credit-purchases-2026-10.csv').lines);
    expect(spend.groups).toEqual([]);
    expect(new Set(spend.items.map(({ kind }) => kind))).toEqual(new Set(['fee']));
    expect(spend.leftOut.every(({ prepayments }) => prepayments.gt(0))).toBe(true);
  });
});

describe('quantities and money of one month in several files', () => {
  const apart: StoredLine = {
    ...billLine({ BilledCost: null, x_CostReason: 'billed-elsewhere' }),
    ofUsage: true,
    counts: false,
  };

  test('are never doubled: quantities on lines of their own count instead of those beside the money', () => {
    expect(groupsOf(gatherSpend([billLine(), apart]))).toEqual(['gpt-5.4-mini output 1 Mtok 1.6']);
  });

  test('a day with a cost file only keeps its quantities', () => {
    const next = billLine({ ChargePeriodStart: '2026-10-04T00:00:00Z', ConsumedQuantity: d(500_000) });
    expect(groupsOf(gatherSpend([billLine(), apart, next]))).toEqual(['gpt-5.4-mini output 1.5 Mtok 3.2']);
  });

  test("a proxy's copy counts only where nobody else counted", () => {
    const copy = billLine({ BilledCost: null, x_CostReason: 'computed-by-litellm', ConsumedQuantity: d(7_000_000) });
    expect(groupsOf(gatherSpend([copy, billLine()]))).toEqual(['gpt-5.4-mini output 1 Mtok 1.6']);
    expect(groupsOf(gatherSpend([copy]))).toEqual(['gpt-5.4-mini output 7 Mtok –']);
  });

  test('money of a bill that does not count is not there', () => {
    expect(groupsOf(gatherSpend([{ ...billLine(), counts: false }]))).toEqual(['gpt-5.4-mini output 1 Mtok –']);
  });
});

test('units of all kinds become those of the price book', () => {
  const units = [
    ['2000000', 'Tokens'],
    ['3', '1000000 Tokens'],
    ['2500', 'Requests'],
    ['500', 'Searches'],
    ['7200', 'GPU-Seconds'],
    ['12', 'Hours'],
    ['90.5', 'kWh'],
    ['1', 'Bananas'],
  ].map(([quantity, unit]) =>
    groupsOf(gatherSpend([billLine({ ConsumedQuantity: d(quantity ?? 0), ConsumedUnit: unit ?? null })]))[0]
      ?.split(' ')
      .slice(2, 4)
      .join(' '),
  );
  expect(units).toEqual(['2 Mtok', '3 Mtok', '2.5 krequests', '0.5 ksearches', '2 GPU-h', '12 h', '90.5 kWh', '– –']);
});

test('the first rule that fits says whose lines they are', () => {
  const rules = [
    { workload: 'search', account: 'acct-2' },
    { workload: 'chat', model: 'gpt-5.4-mini' },
  ];
  const spend = gatherSpend(
    [billLine(), billLine({ BillingAccountId: 'acct-2' }), billLine({ x_Model: 'other' })],
    rules,
  );
  expect(spend.groups.map(({ workload, model }) => [workload, model])).toEqual([
    ['chat', 'gpt-5.4-mini'],
    ['search', 'gpt-5.4-mini'],
    [null, 'other'],
  ]);
});
