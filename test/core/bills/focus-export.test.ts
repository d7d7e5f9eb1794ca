import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import type { BillLine } from '../../../src/core/bills/bill-line.ts';
import { focusHeader, focusLine, otherColumnsOf } from '../../../src/core/bills/focus-export.ts';
import { forecastAsFocus } from '../../../src/core/bills/forecast-focus.ts';
import { bareContext } from '../../../src/importers/bills/bill-context.ts';
import { plain, readBill, readBillText } from '../../helpers/bill-fixtures.ts';
import { billLine } from '../../helpers/bill-lines.ts';

function exported(lines: readonly BillLine[]): string {
  const others = otherColumnsOf(lines);
  return focusHeader(others) + lines.map((line) => focusLine(line, others)).join('');
}

/** Where a line stood in its file says nothing of another. */
function placeless(lines: readonly BillLine[]): unknown {
  return plain(lines).map(({ x_FirstLine, x_LastLine, ...line }) => line);
}

function imported(text: string): readonly BillLine[] {
  const { format, lines, problems } = readBillText(text);
  expect([format.id, problems]).toEqual(['focus', []]);
  return lines;
}

const fixtures = readdirSync('test/importers/bills/fixtures').filter((name) => /\.(csv|tsv|jsonl?)$/.test(name));

describe('what is exported as FOCUS and imported again', () => {
  test.each(fixtures)('%s is the same lines', (name) => {
    const { lines } = readBill(name, bareContext({ 'date-order': 'month-first' }));
    expect(lines.length).toBeGreaterThan(0);
    expect(placeless(imported(exported(lines)))).toEqual(placeless(lines));
  });

  test('keeps every digit, every text, and what a spreadsheet would take for a formula', () => {
    const decimal = fc
      .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 18 }))
      .map(([digits, places]) => new Decimal(`${digits}e-${places}`));
    const text = fc.option(
      fc
        .oneof(
          fc.constantFrom('=1+1', "'=x", '-5', '@a', '+', "''-", 'a,"b"\nc', "'plain"),
          fc.string({ minLength: 1, maxLength: 12 }),
        )
        .map((given) => given.replaceAll(/\p{C}/gu, '').trim())
        .filter((given) => given !== ''),
      { nil: null },
    );
    fc.assert(
      fc.property(decimal, text, text, fc.option(decimal, { nil: null }), (cost, description, model, quantity) => {
        const line = billLine({
          BilledCost: cost,
          ChargeDescription: description,
          x_Model: model,
          ConsumedQuantity: quantity,
          ConsumedUnit: quantity === null ? null : 'Tokens',
          x_Other: model === null ? {} : { Tags: model },
        });
        expect(placeless(imported(exported([line])))).toEqual(placeless([line]));
      }),
      { numRuns: 500 },
    );
  });
});

test('a forecast is read as FOCUS: tokens as quantities, prices in the currency of the forecast', () => {
  const line = forecastAsFocus(
    {
      id: 'output.chat',
      label: 'Output: chat',
      kind: 'metered',
      perimeter: 'bill',
      workload: 'chat',
      provider: 'openai',
      model: 'gpt-5.4-mini',
      meter: 'output',
      amount: '405.00',
      measured: { unit: 'Mtok', quantity: '90', price: '5', rate: '1', exchangeRate: '0.9', currency: 'USD' },
    },
    { forecast: 'fc_1', tier: 'openai', month: '2027-12', currency: 'EUR' },
  );
  const [read] = imported(exported([line]));
  expect(read).toMatchObject({
    BillingCurrency: 'EUR',
    BillingPeriodStart: '2027-12-01T00:00:00Z',
    BillingPeriodEnd: '2028-01-01T00:00:00Z',
    ConsumedUnit: 'Tokens',
    PricingUnit: '1000000 Tokens',
    x_Meter: 'output',
    x_TokenDirection: 'output',
    x_Other: { x_Forecast: 'fc_1', x_Tier: 'openai', x_Workload: 'chat', x_Perimeter: 'bill' },
  });
  expect([read?.BilledCost, read?.ConsumedQuantity, read?.ListUnitPrice].map(String)).toEqual([
    '405',
    '90000000',
    String(5 * 0.9),
  ]);
});
