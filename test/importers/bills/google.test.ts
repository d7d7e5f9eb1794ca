import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { googleSkuColumns } from '../../../src/importers/bills/google-sku.ts';
import { amounts, readBill, readBillText, sumOf } from '../../helpers/bill-fixtures.ts';

describe('Google Cloud billing export', () => {
  test('the flattened sample without times is of the whole month of its invoice', () => {
    const { format, lines, problems } = readBill('google-cloud-billing-sample.csv');
    expect([format.id, problems]).toEqual(['google-cloud-billing', []]);
    expect(sumOf(lines, 'BilledCost')).toBe('0.0475');
    expect(lines).toMatchObject([
      {
        BillingPeriodStart: '2025-08-01T00:00:00Z',
        BillingPeriodEnd: '2025-09-01T00:00:00Z',
        ChargePeriodStart: '2025-08-01T00:00:00Z',
        ChargePeriodEnd: '2025-09-01T00:00:00Z',
        BillingAccountId: '012345-ABCDEF-678901',
        SubAccountId: 'my-project-123',
        ServiceName: 'Compute Engine',
        SkuId: '0E5C-6C43-2E11',
        ChargeDescription: 'N1 Predefined Instance Core running in Americas',
        PricingUnit: 'hour',
        x_Model: null,
        x_Meter: null,
        x_Provider: 'google',
      },
    ]);
  });

  test('a month adds up to its invoice of 15.71 dollars: cost plus credits, tax and rounding', () => {
    const { lines, problems } = readBill('google-cloud-billing-2026-10.csv');
    expect(problems).toEqual([]);
    const charged = [
      ['input', new Decimal(12).times('0.75')],
      ['cached_input', new Decimal(4).times('0.075')],
      ['batch_output', new Decimal(3).times('1.875')],
      ['Welcome credit', new Decimal('-1.5')],
      ['CUD', new Decimal('-0.5625')],
      ['Gemini 3.8 Flash Text Input Caching Storage', new Decimal('0.12')],
      ['Tax', new Decimal('2.73')],
      ['Rounding error', new Decimal('-0.0025')],
    ] as const;
    expect(amounts(lines, 'BilledCost')).toEqual(charged.map(([name, amount]) => `${name} ${amount.toFixed()}`));
    const total = charged.reduce((sum, [, amount]) => sum.plus(amount), new Decimal(0));
    expect(sumOf(lines, 'BilledCost')).toBe(total.toFixed());
    expect(total.toFixed(2)).toBe('15.71');
  });

  test('a promotion is a credit; a discount by contract lowers the use it is for', () => {
    const { lines } = readBill('google-cloud-billing-2026-10.csv');
    expect(lines.map(({ ChargeCategory, x_Model }) => [ChargeCategory, x_Model])).toEqual([
      ['Usage', 'gemini 3.8 flash'],
      ['Usage', 'gemini 3.8 flash'],
      ['Usage', 'gemini 3.8 flash'],
      ['Credit', 'gemini 3.8 flash'],
      ['Usage', 'gemini 3.8 flash'],
      ['Usage', 'Gemini 3.8 Flash'],
      ['Tax', null],
      ['Adjustment', null],
    ]);
  });

  test('rows of BigQuery as JSON: the month is that of the invoice, whatever the time of use', () => {
    const { format, lines, problems } = readBill('google-cloud-billing-rows.jsonl');
    expect([format.id, problems]).toEqual(['google-cloud-billing', []]);
    expect(lines.map(({ ChargePeriodStart, BillingPeriodStart }) => [ChargePeriodStart, BillingPeriodStart])).toEqual([
      ['2026-10-31T22:00:00Z', '2026-11-01T00:00:00Z'],
      ['2026-10-31T22:00:00Z', '2026-11-01T00:00:00Z'],
      ['2026-11-01T09:00:00Z', '2026-11-01T00:00:00Z'],
    ]);
    expect(amounts(lines, 'BilledCost')).toEqual(['input 0.000075', 'Free tier -0.000075', 'output 0.00375']);
    expect(amounts(lines, 'ConsumedQuantity')).toEqual(['input 100', 'output 1000']);
    expect(lines[0]).toMatchObject({ ConsumedUnit: 'Tokens', x_Model: 'Gemini 3.7 Flash' });
  });

  test('an unknown kind of cost, a month that is none and credits that are no list are problems', () => {
    const header =
      'billing_account_id,service.description,sku.description,cost,currency,invoice.month,cost_type,credits';
    const { lines, problems } = readBillText(`${header}\nA,Gemini API,x,1,USD,202613,gift,"[{""amount"":""much""}]"\n`);
    expect(lines).toEqual([]);
    expect(problems.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'no-month /lines/2/invoice.month',
      'unknown-cost-type /lines/2/cost_type',
      'no-credits /lines/2/credits',
    ]);
  });

  test.each([
    ['a total in the place of the list', 'credits', '-0.25'],
    ['one flattened credit', 'credits.amount', '-0.25'],
  ])('credits may be %s', (_words, column, amount) => {
    const header = `billing_account_id,service.description,sku.description,cost,currency,invoice.month,${column}`;
    const { lines } = readBillText(`${header}\nA,Gemini API,x,1,USD,202610,${amount}\n`);
    expect(sumOf(lines, 'BilledCost')).toBe(new Decimal(1).minus('0.25').toFixed());
  });
});

describe('Google SKU names', () => {
  const read = (sku: string, unit = 'count'): string => {
    const { x_Model, x_Meter, x_ServiceTier } = googleSkuColumns('Gemini API', sku, new Decimal(1), unit);
    return [x_Model, x_Meter, x_ServiceTier].map((word) => word ?? '–').join(' | ');
  };

  test.each([
    ['Generate content input token count gemini 3.8 flash text', 'gemini 3.8 flash | input | –'],
    ['Generate content cached input token count gemini 3.6 flash text', 'gemini 3.6 flash | cached_input | –'],
    ['Generate content output token count gemini 2.5 flash short input text', 'gemini 2.5 flash | output | –'],
    ['Generate content input token count gemini 2.5 flash lite long input text', 'gemini 2.5 flash lite | input | –'],
    ['Generate content input token count gemini 2.5 flash input audio', 'gemini 2.5 flash | input_audio | –'],
    [
      'Generate content output token count gemini 3.1 flash lite preview text',
      'gemini 3.1 flash lite preview | output | –',
    ],
    [
      'Generate content input token count gemini 3.7 flash image flex caching',
      'gemini 3.7 flash | cached_input_image | flex',
    ],
    ['Generate_content_cached_input_token_count_gemini_3_pro_short_text', 'gemini 3 pro | cached_input | –'],
    ['Gemini 3.7 Flash Global Text Input - Predictions', 'Gemini 3.7 Flash | input | –'],
    ['Gemini 2.5 Flash GA Thinking Text Output - Predictions', 'Gemini 2.5 Flash | output | –'],
    ['Gemini 3 Flash Text Input Caching', 'Gemini 3 Flash | cached_input | –'],
    ['Gemini 3 Flash Text Input Caching Storage', 'Gemini 3 Flash | – | –'],
    ['Gemini 3.1 Flash Image Text Output - Predictions', 'Gemini 3.1 Flash Image | output | –'],
    ['Gemini 3 Pro Video Input - Predictions', 'Gemini 3 Pro | – | –'],
    ['Gemini 2.5 Pro Batch Text Input - Predictions', 'Gemini 2.5 Pro | batch_input | batch'],
    ['Claude Sonnet 4.5 Output Tokens', 'Claude Sonnet 4.5 | output | –'],
    ['Grounding with Google Search', '– | – | –'],
    ['N1 Predefined Instance Core running in Americas', '– | – | –'],
  ])('%s', (sku, meaning) => {
    expect(read(sku)).toBe(meaning);
  });

  test('what is counted in characters or hours is no count of tokens', () => {
    expect(read('Gemini 3.7 Flash Global Text Input - Predictions', 'characters')).toBe('Gemini 3.7 Flash | – | –');
  });
});
