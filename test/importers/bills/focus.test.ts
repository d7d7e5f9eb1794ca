import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { bareContext } from '../../../src/importers/bills/bill-context.ts';
import { focusVersionOf } from '../../../src/importers/bills/focus-version.ts';
import { parseSkuPriceDetails } from '../../../src/importers/bills/sku-price-details.ts';
import { amounts, plain, readBill, readBillText, sumOf } from '../../helpers/bill-fixtures.ts';

describe('FOCUS', () => {
  test("the specification's own sample is read: byte-order mark, 5/1/25, a space behind a number, no service category", () => {
    const { format, lines, problems } = readBill(
      'focus-specification-sample.csv',
      bareContext({ 'date-order': 'month-first' }),
    );
    expect([format.id, problems]).toEqual(['focus', []]);
    expect(plain(lines)).toMatchObject([
      {
        BilledCost: '100000',
        EffectiveCost: '0',
        ListCost: '200000',
        ContractedCost: '100000',
        BillingCurrency: 'USD',
        ChargeCategory: 'Purchase',
        ChargePeriodStart: '2025-04-01T00:00:00Z',
        ChargePeriodEnd: '2026-04-01T00:00:00Z',
        BillingPeriodStart: '2025-04-01T00:00:00Z',
        BillingPeriodEnd: '2025-05-01T00:00:00Z',
        PricingQuantity: '100000',
        PricingUnit: 'Token',
        ServiceProviderName: 'ACMECORP',
        x_Provider: null,
        x_FirstLine: 2,
      },
    ]);
    expect(lines[0]?.x_Other).toMatchObject({ BillingAccountName: 'AwesomeCorpDemo', SkuPriceId: '45678-1' });
  });

  test('whether 5/1/25 is in May or in January is asked about, and answered', () => {
    const asked: string[] = [];
    readBill('focus-specification-sample.csv', {
      answers: {},
      hear: (question, says, line, column, text) => asked.push(`${question} ${says} ${line} ${column} ${text}`),
    });
    expect(asked).toContain('date-order null 2 BillingPeriodEnd 5/1/25');
    const { lines } = readBill('focus-specification-sample.csv', bareContext({ 'date-order': 'day-first' }));
    expect(lines[0]?.BillingPeriodEnd).toBe('2025-01-05T00:00:00Z');
  });

  test('a month adds up to its invoice of 524.62 dollars in cash, and to 24.62 by what was used', () => {
    const { lines, problems } = readBill('focus-1.2-2026-10.csv');
    expect(problems).toEqual([]);
    const use = new Decimal('9.00').plus('0.30').plus('13.50').minus('2.00').minus('0.45').plus('4.27');
    expect(sumOf(lines, 'EffectiveCost')).toBe(use.toFixed());
    expect(use.toFixed(2)).toBe('24.62');
    expect(sumOf(lines, 'BilledCost')).toBe(use.plus('500.00').toFixed());
    expect(lines.map(({ ChargeCategory, ChargeClass }) => `${ChargeCategory} ${ChargeClass ?? '–'}`)).toEqual([
      'Usage –',
      'Usage –',
      'Usage –',
      'Credit –',
      'Usage Correction',
      'Purchase –',
      'Tax –',
    ]);
  });

  test('tokens are told by SkuPriceDetails, which is kept where it tells more', () => {
    const { lines } = readBill('focus-1.2-2026-10.csv');
    expect(amounts(lines, 'ConsumedQuantity')).toEqual([
      'input 12000000',
      'cached_input 4000000',
      'output 3000000',
      'output -100000',
    ]);
    expect(lines.slice(0, 3).map(({ x_TokenDirection, x_CacheAction }) => [x_TokenDirection, x_CacheAction])).toEqual([
      ['input', null],
      ['input', 'read'],
      ['output', null],
    ]);
    expect(lines.map(({ x_Other }) => x_Other.SkuPriceDetails ?? null)).toEqual([
      null,
      null,
      '{"TokenDirection":"Output","Region":"us"}',
      null,
      null,
      null,
      null,
    ]);
    expect(lines[0]?.x_Other).toEqual({
      BillingAccountName: 'Example',
      ChargeFrequency: 'Usage-Based',
      ServiceSubcategory: 'Generative AI',
      Tags: '{"team":"search"}',
    });
  });

  test('1.4 without ProviderName: the service provider sells, the host runs; all digits are kept', () => {
    const { format, columns, lines, problems } = readBill('focus-1.4.csv');
    expect([format.labelOf?.(columns), problems]).toEqual(['FOCUS 1.4', []]);
    expect(plain(lines)).toMatchObject([
      {
        BilledCost: '1.234567890123456789',
        ServiceProviderName: 'Example Router',
        HostProviderName: 'Example Host',
        x_Other: { InvoiceDetailId: 'detail-9' },
      },
    ]);
  });

  test('a file of quantities without costs has no costs, and says why', () => {
    const { lines } = readBill('focus-quantities-only.csv');
    expect(lines).toMatchObject([{ BilledCost: null, EffectiveCost: null, x_CostReason: 'not-in-this-export' }]);
    expect(amounts(lines, 'ConsumedQuantity')).toEqual(['– 8']);
  });

  test('columns of our own export come back as they were; the place is that in this file', () => {
    const { lines, problems } = readBill('focus-own-columns.csv');
    expect(problems).toEqual([]);
    expect(plain(lines)).toMatchObject([
      {
        x_Provider: 'anthropic',
        x_Model: 'claude-haiku-4-5',
        x_Meter: 'batch_cached_input',
        x_TokenDirection: 'input',
        x_CacheAction: 'read',
        x_ServiceTier: 'batch',
        x_Requests: '9',
        x_ReasoningTokens: '5',
        x_CostReason: 'priced-from-price-book',
        x_FirstLine: 2,
        x_LastLine: 2,
        x_Other: {},
      },
    ]);
  });

  test('the apostrophe that our export puts before a formula is taken off again', () => {
    const header =
      'BilledCost,BillingCurrency,ChargeCategory,ChargePeriodEnd,ChargePeriodStart,ChargeDescription,x_Provider,x_CostReason,Team';
    const { lines } = readBillText(
      `${header}\n-1,USD,Usage,2026-10-02T00:00:00Z,2026-10-01T00:00:00Z,"'=SUM(A1)",,,"'-x"\n`,
    );
    expect(lines).toMatchObject([{ ChargeDescription: '=SUM(A1)', x_Other: { Team: '-x' }, x_Provider: null }]);
    const foreign = readBillText(
      `${header.replace(',x_Provider,x_CostReason', '')}\n-1,USD,Usage,2026-10-02T00:00:00Z,2026-10-01T00:00:00Z,'=1,'-x\n`,
    );
    expect(foreign.lines).toMatchObject([{ ChargeDescription: "'=1" }]);
  });

  test('a category, a meter and a cache action that do not exist are all said at once, with the nearest', () => {
    const header = 'BilledCost,BillingCurrency,ChargeCategory,ChargePeriodEnd,ChargePeriodStart,x_CacheAction,x_Meter';
    const { lines, problems } = readBillText(
      `${header}\n1,USD,Usages,2026-10-02T00:00:00Z,2026-10-01T00:00:00Z,forget,inputs\n`,
    );
    expect(lines).toEqual([]);
    expect(problems.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'unknown-category /lines/2/ChargeCategory',
      'unknown-word /lines/2/x_CacheAction',
      'unknown-meter /lines/2/x_Meter',
    ]);
    expect(problems[0]?.message).toContain('Did you mean "Usage"?');
  });

  test('a file without a currency is asked for it', () => {
    const text =
      'BilledCost,ChargeCategory,ChargePeriodEnd,ChargePeriodStart\n1,Usage,2026-10-02T00:00:00Z,2026-10-01T00:00:00Z\n';
    const asked: string[] = [];
    readBillText(text, 'bill.csv', { answers: {}, hear: (question) => asked.push(question) });
    expect(asked).toContain('currency');
    expect(readBillText(text, 'bill.csv', bareContext({ currency: 'EUR' })).lines).toMatchObject([
      { BillingCurrency: 'EUR' },
    ]);
  });

  test.each([
    ['1.0', ['BilledCost', 'ProviderName']],
    ['1.1', ['BilledCost', 'ProviderName', 'SkuMeter']],
    ['1.2', ['BilledCost', 'ProviderName', 'SkuMeter', 'InvoiceId']],
    ['1.3', ['BilledCost', 'ProviderName', 'ServiceProviderName', 'InvoiceId']],
    ['1.4', ['BilledCost', 'ServiceProviderName', 'InvoiceDetailId']],
  ])('version %s is known by the columns it brought', (version, columns) => {
    expect(focusVersionOf(new Set(columns))).toBe(version);
  });

  test.each([
    ['{"TokenDirection":"Input","TokenCacheAction":"Write"}', 'input', 'write_5m', true],
    ['{"TokenDirection":"Output","CoreCount":4}', 'output', null, false],
    ['{"TokenDirection":"Sideways"}', null, null, false],
    ['[1]', null, null, false],
    ['{"TokenDirection":', null, null, false],
  ])('SkuPriceDetails %s', (text, direction, cacheAction, isWhole) => {
    expect(parseSkuPriceDetails(text)).toEqual({ direction, cacheAction, isWhole });
  });
});
