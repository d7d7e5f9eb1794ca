import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { amounts, readBill, sumOf } from '../../helpers/bill-fixtures.ts';

describe('Together usage report', () => {
  test('a month adds up to its invoice of 108.72 dollars', () => {
    const { format, lines, problems } = readBill('together-usage-2026-10.json');
    expect([format.id, problems]).toEqual(['together-usage', []]);
    const charged = [
      ['input', new Decimal('52.5').times('0.18')],
      ['output', new Decimal('12.345678').times('0.18')],
      ['batch_input', new Decimal(1).times('0.09')],
      ['Dedicated Endpoints - H100 GPU Hours', new Decimal(24).times('3.99')],
      ['Fine-tuning', new Decimal('1.2')],
    ] as const;
    expect(amounts(lines, 'BilledCost')).toEqual(charged.map(([name, amount]) => `${name} ${amount.toFixed()}`));
    const total = charged.reduce((sum, [, amount]) => sum.plus(amount), new Decimal(0));
    expect(sumOf(lines, 'BilledCost')).toBe(total.toFixed());
    expect(total.toFixed(2)).toBe('108.72');
  });

  test('quantities have the unit that the name of the product tells, and none where it tells none', () => {
    const { lines } = readBill('together-usage-2026-10.json');
    expect(
      lines.map(({ ConsumedQuantity, ConsumedUnit }) => [ConsumedQuantity?.toFixed() ?? null, ConsumedUnit]),
    ).toEqual([
      ['52500000', 'Tokens'],
      ['12345678', 'Tokens'],
      ['1000000', 'Tokens'],
      ['24', 'Hours'],
      [null, null],
    ]);
    expect(lines[0]).toMatchObject({
      BillingAccountId: 'org_example',
      BillingPeriodStart: '2026-10-01T00:00:00Z',
      BillingPeriodEnd: '2026-11-01T00:00:00Z',
      ChargePeriodStart: '2026-10-01T00:00:00Z',
      ChargePeriodEnd: '2026-10-02T00:00:00Z',
      SubAccountId: 'proj_example',
      x_Model: 'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo',
      x_Other: { 'attributes.api_key_id': 'key_example' },
    });
    expect(lines[0]?.ListUnitPrice?.toFixed()).toBe('0.00000018');
  });
});
