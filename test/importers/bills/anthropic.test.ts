import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { amounts, readBill, readBillText, sumOf } from '../../helpers/bill-fixtures.ts';

describe('Anthropic cost report', () => {
  test('amounts are cents: 123.78912 is 1.2378912 dollars', () => {
    const { format, lines, problems, warnings } = readBill('anthropic-cost-report-sample.json');
    expect([format.id, problems, warnings]).toEqual(['anthropic-cost-report', [], []]);
    expect(sumOf(lines, 'BilledCost')).toBe(new Decimal('123.78912').div(100).toFixed());
    expect(lines).toMatchObject([
      {
        BillingCurrency: 'USD',
        ChargePeriodStart: '2025-08-01T00:00:00Z',
        ChargePeriodEnd: '2025-08-02T00:00:00Z',
        ChargeDescription: 'Claude Sonnet 4.5 Usage - Input Tokens',
        SubAccountId: 'wrkspc_example',
        x_Model: 'claude-sonnet-4-5',
        x_Meter: 'input',
        x_TokenDirection: 'input',
        x_CacheAction: 'none',
        ConsumedQuantity: null,
        ConsumedUnit: null,
        x_Other: { context_window: '0-200k', cost_type: 'tokens', inference_geo: 'global' },
      },
    ]);
  });

  test('a month adds up to its invoice of 32.20 dollars', () => {
    const { lines } = readBill('anthropic-cost-report-2026-10.json');
    const charged = [
      ['input', new Decimal(10).times(1)],
      ['cached_input', new Decimal('2.05').times('0.1')],
      ['cache_write_5m', new Decimal(1).times('1.25')],
      ['cache_write_1h', new Decimal('0.3').times(2)],
      ['output', new Decimal(3).times(5)],
      ['batch_output', new Decimal('2.000492').times('2.5')],
      ['web_searches', new Decimal(10).times(10).div(1000)],
      ['code_execution', new Decimal('0.03377')],
      ['session_usage', new Decimal('0.005')],
    ] as const;
    expect(amounts(lines, 'BilledCost')).toEqual(charged.map(([meter, amount]) => `${meter} ${amount.toFixed()}`));
    const total = charged.reduce((sum, [, amount]) => sum.plus(amount), new Decimal(0));
    expect(sumOf(lines, 'BilledCost')).toBe(total.toFixed());
    expect(total.toFixed(2)).toBe('32.20');
  });

  test('kinds of tokens and classes of service that are not known are kept, and said', () => {
    const { warnings } = readBill('anthropic-cost-report-2026-10.json');
    expect(warnings.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'unknown-service-tier /lines/9/service_tier',
      'unknown-token-type /lines/9/token_type',
    ]);
  });

  test('the report says that Priority Tier is not in it', () => {
    expect(readBill('anthropic-cost-report-sample.json').format.notes?.join()).toContain('Priority Tier');
  });

  test('its successor adds the amount at list price and the requests, in cents too', () => {
    const { lines } = readBill('anthropic-analytics-cost.json');
    expect(sumOf(lines, 'BilledCost')).toBe('9.505');
    expect(amounts(lines, 'ListCost')).toEqual(['output 10.0025']);
    expect(lines[0]?.x_Requests?.toFixed()).toBe('12');
  });
});

describe('Anthropic usage report', () => {
  test('input comes split and is not added up; searches are a meter of their own', () => {
    const { format, lines, problems } = readBill('anthropic-usage-report.json');
    expect([format.id, problems]).toEqual(['anthropic-usage-report', []]);
    expect(amounts(lines, 'ConsumedQuantity')).toEqual([
      'input 1500',
      'cached_input 200',
      'cache_write_5m 500',
      'cache_write_1h 1000',
      'output 500',
      'web_searches 10',
    ]);
    expect(lines.map(({ x_CacheAction, ConsumedUnit }) => [x_CacheAction, ConsumedUnit])).toEqual([
      ['none', 'Tokens'],
      ['read', 'Tokens'],
      ['write_5m', 'Tokens'],
      ['write_1h', 'Tokens'],
      [null, 'Tokens'],
      [null, 'Searches'],
    ]);
    expect(
      lines.every(({ BilledCost, x_CostReason }) => BilledCost === null && x_CostReason === 'billed-elsewhere'),
    ).toBe(true);
  });
});

describe('Anthropic console', () => {
  test.each([
    ['anthropic-console-cost-1.csv', '0', ['input 0'], ['Claude 3.5 Sonnet 2024-10-22']],
    ['anthropic-console-cost-2.csv', '2', ['input 1.5', 'output 0.5'], ['Claude Opus 4.6', 'Claude Opus 4.6']],
    [
      'anthropic-console-cost-3.csv',
      '0.18',
      ['input 0.05', 'batch_cached_input 0.1', 'web_searches 0.01', '– 0.02'],
      ['Claude Haiku 4.5', 'Claude Haiku 4.5', null, 'Claude Haiku 4.5'],
    ],
  ])('%s: every generation of the cost export adds up to %s dollars', (name, total, charged, models) => {
    const { format, lines, problems } = readBill(name);
    expect([format.id, problems]).toEqual(['anthropic-console-cost', []]);
    expect(sumOf(lines, 'BilledCost')).toBe(total);
    expect(amounts(lines, 'BilledCost')).toEqual(charged);
    expect(lines.map(({ x_Model }) => x_Model)).toEqual(models);
  });

  test('days are of UTC, keys keep their letters, and the list price stands beside the cost', () => {
    const [first] = readBill('anthropic-console-cost-1.csv').lines;
    expect(first).toMatchObject({
      ChargePeriodStart: '2024-12-07T00:00:00Z',
      ChargePeriodEnd: '2024-12-08T00:00:00Z',
      SubAccountName: null,
      x_Other: { api_key: 'Clé-1' },
    });
    const { lines } = readBill('anthropic-console-cost-3.csv');
    expect(amounts(lines, 'ListCost')[1]).toBe('batch_cached_input 1');
    expect(lines[0]?.x_Other).toMatchObject({ context_window: '≤ 200k', api_key_id: 'apikey_example' });
  });

  test('fast use and batches are told apart, and an unknown kind of tokens is said', () => {
    expect(readBill('anthropic-console-cost-2.csv').lines.map(({ x_ServiceTier }) => x_ServiceTier)).toEqual([
      'standard',
      'fast',
    ]);
    const { lines, warnings } = readBill('anthropic-console-cost-3.csv');
    expect(lines.map(({ x_ServiceTier }) => x_ServiceTier)).toEqual(['standard', 'batch', 'standard', 'standard']);
    expect(warnings).toMatchObject([{ code: 'unknown-token-type', pointer: '/lines/5/token_type' }]);
  });

  test('the export of tokens alone is another format, with counts and without money', () => {
    const { format, lines, problems } = readBill('anthropic-console-usage.csv');
    expect([format.id, problems]).toEqual(['anthropic-console-usage', []]);
    expect(amounts(lines, 'ConsumedQuantity')).toEqual([
      'input 46981',
      'cached_input 300',
      'cache_write_5m 15969',
      'output 16932',
      'web_searches 2',
      'batch_input 1000',
      'batch_output 50',
    ]);
    expect(lines.every(({ BilledCost }) => BilledCost === null)).toBe(true);
  });

  test('a cost that is missing or no number is a problem with line and column', () => {
    const header = 'usage_date_utc,model,workspace,api_key,usage_type,token_type,cost_usd';
    const { lines, problems } = readBillText(
      `${header}\n2026-10-01,Claude Haiku 4.5,,k,message,output,\n2026-10-32,Claude Haiku 4.5,,k,message,output,=1+1\n`,
    );
    expect(lines).toEqual([]);
    expect(problems.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'missing-value /lines/2/cost_usd',
      'no-number /lines/3/cost_usd',
      'no-date /lines/3/usage_date_utc',
    ]);
  });
});
