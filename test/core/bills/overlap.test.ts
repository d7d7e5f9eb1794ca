import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BillDecimal } from '../../../src/core/bills/bill-decimal.ts';
import type { BillLine } from '../../../src/core/bills/bill-line.ts';
import { chargeForSame, chargeKindOf, tallyOverlap } from '../../../src/core/bills/overlap.ts';
import { billLine } from '../../helpers/bill-lines.ts';

function compare(stored: readonly BillLine[], sent: readonly BillLine[], byInvoice = false) {
  const tally = tallyOverlap({ byInvoice });
  for (const line of stored) tally.stored(line);
  for (const line of sent) tally.sent(line);
  return { ...tally.finish(), isNew: tally.isNew };
}

const on = (day: number, cost: string, over: Partial<BillLine> = {}): BillLine =>
  billLine({
    BilledCost: new BillDecimal(cost),
    ChargePeriodStart: `2026-10-${String(day).padStart(2, '0')}T00:00:00Z`,
    ChargePeriodEnd: `2026-10-${String(day + 1).padStart(2, '0')}T00:00:00Z`,
    ...over,
  });

describe('a file beside what is stored of its month', () => {
  test('shows what it adds, what it lacks and which days it restates', () => {
    const overlap = compare([on(1, '1'), on(2, '2'), on(3, '3')], [on(2, '2'), on(3, '3.5'), on(4, '4')]);
    expect(overlap).toMatchObject({ same: 1, added: 1, removed: 1, changed: 1, restated_days: ['2026-10-03'] });
    expect(
      overlap.lines.map(({ verdict, day, stored, sent }) => [
        day,
        verdict,
        stored?.billed?.toFixed(),
        sent?.billed?.toFixed(),
      ]),
    ).toEqual([
      ['2026-10-01', 'removed', '1', undefined],
      ['2026-10-03', 'changed', '3', '3.5'],
      ['2026-10-04', 'added', undefined, '4'],
    ]);
    expect([on(3, '3.5'), on(4, '4')].map(overlap.isNew)).toEqual([false, true]);
  });

  test('tells tokens apart by direction, model and class, and a changed count of tokens at the same cost', () => {
    const stored = [on(1, '1'), on(1, '1', { x_Meter: 'input', x_TokenDirection: 'input' })];
    expect(compare(stored, stored)).toMatchObject({ same: 2, lines: [] });
    const recounted = [on(1, '1', { ConsumedQuantity: new BillDecimal(2) }), stored[1] as BillLine];
    expect(compare(stored, recounted)).toMatchObject({ same: 1, changed: 1 });
  });

  test('takes equal lines of two invoices for two charges where every line names its invoice', () => {
    const [first, second] = ['A', 'B'].map((InvoiceId) => on(1, '1', { InvoiceId }));
    expect(compare([first as BillLine], [second as BillLine], true)).toMatchObject({ same: 0, added: 1, removed: 1 });
    expect(compare([first as BillLine], [second as BillLine])).toMatchObject({ same: 1 });
  });

  test('reads the same instant however it is written', () => {
    const spelled = on(1, '1', { ChargePeriodStart: '2026-10-01T00:00:00.000Z' });
    expect(compare([on(1, '1')], [spelled])).toMatchObject({ same: 1, lines: [] });
  });

  test('is the same as itself in any order, and in lines that are cut in two', () => {
    const lines = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: -999, max: 999 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(lines, (drawn) => {
        const whole = drawn.map(([day, cents]) => on(day, String(cents / 100)));
        const halves = drawn.toReversed().flatMap(([day, cents]) => {
          const half = new BillDecimal(cents).div(200);
          const cut = { BilledCost: half, ConsumedQuantity: new BillDecimal(500_000) };
          return [on(day, '0', cut), on(day, '0', cut)];
        });
        expect(compare(whole, halves).lines).toEqual([]);
      }),
    );
  });
});

describe('bills of one month', () => {
  const kinds = (...lines: readonly Partial<BillLine>[]) => lines.map((over) => chargeKindOf(billLine(over)));
  const tokens = kinds({}, { ChargeCategory: 'Tax', ConsumedUnit: null });

  test.each([
    ['tokens and tokens', tokens, kinds({ ConsumedUnit: null, PricingUnit: '1000000 Tokens' }), true],
    ['tokens and an unknown unit', tokens, kinds({ ConsumedUnit: null }), true],
    ['tokens and power, both with tax', tokens, kinds({ ConsumedUnit: 'kWh' }, { ChargeCategory: 'Tax' }), false],
    ['tokens and credits bought', tokens, kinds({ ChargeCategory: 'Purchase', ConsumedUnit: null }), false],
    [
      'power with a standing charge and hours',
      kinds({ ConsumedUnit: 'kWh' }, { ConsumedUnit: null }),
      kinds({ ConsumedUnit: 'Hours' }),
      false,
    ],
    ['tax alone and tax alone', kinds({ ChargeCategory: 'Tax' }), kinds({ ChargeCategory: 'Tax' }), true],
  ])('of %s', (_name, a, b, expected) => {
    expect([chargeForSame(a, b), chargeForSame(b, a)]).toEqual([expected, expected]);
  });
});
