import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { pointerTo } from '../../../src/core/problem.ts';
import { amounts, readBill, readBillText, sumOf } from '../../helpers/bill-fixtures.ts';

describe('OpenAI costs', () => {
  test('the published sample of the API is one day of six cents', () => {
    const { format, lines, problems } = readBill('openai-costs-sample.json');
    expect([format.id, problems]).toEqual(['openai-costs', []]);
    expect(lines).toMatchObject([
      {
        BillingCurrency: 'USD',
        ChargePeriodStart: '2024-11-01T00:00:00Z',
        ChargePeriodEnd: '2024-11-02T00:00:00Z',
        ServiceProviderName: 'OpenAI',
        x_Provider: 'openai',
        x_Model: null,
        x_FirstLine: 1,
      },
    ]);
    expect(lines[0]?.BilledCost?.toFixed()).toBe('0.06');
  });

  test('a day without amounts in the dashboard export is a day that cost nothing, and no gap', () => {
    const { lines, problems } = readBill('openai-costs-dashboard.tsv');
    expect(problems).toEqual([]);
    expect(amounts(lines, 'BilledCost')).toEqual(['– 0.895874', '– 0.56177125', '– 0']);
    expect(sumOf(lines, 'BilledCost')).toBe(new Decimal('0.895874').plus('0.56177125').toFixed());
    expect(lines[2]).toMatchObject({ ChargePeriodStart: '2025-10-09T00:00:00Z', BillingCurrency: 'USD' });
    expect(lines[0]).toMatchObject({ BillingAccountId: 'org-example', x_Other: { organization_name: 'Personal' } });
  });

  test('an amount that an answer of the API leaves out is unknown, not zero', () => {
    const day = (result: string): string =>
      `{"object":"page","data":[{"start_time":1790812800,"end_time":1790899200,"results":[{"object":"organization.costs.result","line_item":null${result}}]}]}`;
    const { lines, problems } = readBillText(day(',"amount":{"currency":"usd"}'), 'costs.json');
    expect(problems).toEqual([]);
    expect(lines).toMatchObject([{ BilledCost: null, x_CostReason: 'not-in-this-export' }]);
  });

  test('a month by line item adds up to its invoice of 24.23 dollars', () => {
    const { lines, warnings } = readBill('openai-costs-2026-10.json');
    const charged = [
      ['input', new Decimal(12).times('0.75')],
      ['cached_input', new Decimal(4).times('0.075')],
      ['output', new Decimal(3).times('4.5')],
      ['web search tool calls', new Decimal(7).times(10).div(1000)],
      ['input', new Decimal(100).times('0.75').div(1_000_000)],
      ['priority_cache_write_5m', new Decimal('0.000123')],
      ['output_image', new Decimal('1.11125')],
      ['Vector storage', new Decimal('0.25')],
    ] as const;
    expect(amounts(lines, 'BilledCost')).toEqual(charged.map(([meter, amount]) => `${meter} ${amount.toFixed()}`));
    const total = charged.reduce((sum, [, amount]) => sum.plus(amount), new Decimal(0));
    expect(sumOf(lines, 'BilledCost')).toBe(total.toFixed());
    expect(total.toFixed(2)).toBe('24.23');
    expect(warnings).toEqual([]);
  });

  test('a line item tells model, class of service and tokens by its grammar, and nothing where it has none', () => {
    const { lines } = readBill('openai-costs-2026-10.json');
    expect(lines.map(({ x_Model, x_ServiceTier, ConsumedUnit }) => [x_Model, x_ServiceTier, ConsumedUnit])).toEqual([
      ['gpt-5.4-mini-2026-03-17', null, 'Tokens'],
      ['gpt-5.4-mini-2026-03-17', null, 'Tokens'],
      ['gpt-5.4-mini-2026-03-17', null, 'Tokens'],
      [null, null, null],
      ['gpt-5.4-mini-2026-03-17', null, 'Tokens'],
      ['gpt-5.6-sol', 'priority', 'Tokens'],
      ['gpt-image-2.5-flare', null, 'Tokens'],
      [null, null, null],
    ]);
    expect(amounts(lines, 'ConsumedQuantity').slice(0, 3)).toEqual([
      'input 12000000',
      'cached_input 4000000',
      'output 3000000',
    ]);
    expect(lines[3]).toMatchObject({ ConsumedQuantity: null, PricingUnit: null });
    expect(lines[3]?.PricingQuantity?.toFixed()).toBe('7');
  });
});

describe('OpenAI usage', () => {
  test('the dashboard export: counts written as floats, input split from what was cached, empty days give nothing', () => {
    const { format, lines, problems } = readBill('openai-usage-dashboard.tsv');
    expect([format.id, problems]).toEqual(['openai-usage', []]);
    expect(amounts(lines, 'ConsumedQuantity')).toEqual([
      `input ${59_200 - 5_760}`,
      'cached_input 5760',
      'output 10646',
      `batch_input ${46_264 - 8_192}`,
      'batch_cached_input 8192',
      'batch_output 60000',
      'input 1000',
      'output 200',
    ]);
    expect(lines.map(({ BilledCost, x_CostReason }) => [BilledCost, x_CostReason])).toEqual(
      lines.map(() => [null, 'billed-elsewhere']),
    );
  });

  test('requests stand on one line of a record, so that they may be added', () => {
    const { lines } = readBill('openai-usage-dashboard.tsv');
    expect(lines.map(({ x_Requests }) => x_Requests?.toFixed() ?? null)).toEqual([
      '10',
      null,
      null,
      '8',
      null,
      null,
      '3',
      null,
    ]);
  });

  test('a class of service that no list names is kept, and said', () => {
    const { lines, warnings } = readBill('openai-usage-dashboard.tsv');
    expect(lines.at(-1)).toMatchObject({ x_ServiceTier: 'incentivized-tier', x_Meter: 'output' });
    expect(warnings).toMatchObject([
      { code: 'unknown-service-tier', pointer: pointerTo(['lines', 4, 'service_tier']) },
    ]);
  });

  test('the API: text, audio, images and cache writes are parts of the input, each counted once', () => {
    const { lines, problems, warnings } = readBill('openai-usage.json');
    expect([problems, warnings]).toEqual([[], []]);
    expect(amounts(lines, 'ConsumedQuantity')).toEqual([
      `priority_input ${27_544 - 8_448 - 100 - 500 - 96}`,
      `priority_cached_input ${8_448 - 48}`,
      'priority_cache_write_5m 100',
      `priority_output ${1_200 - 200}`,
      'input_audio 500',
      'cached_input_audio 48',
      'output_audio 200',
      'input_image 96',
    ]);
    expect(sumOf(lines, 'ConsumedQuantity')).toBe(String(27_544 + 1_200));
  });

  test('parts that are more than their total are a problem with line and column', () => {
    const header = 'start_time,end_time,num_model_requests,model,input_tokens,output_tokens,input_cached_tokens';
    const { lines, problems } = readBillText(`${header}\n1790812800,1790899200,1,gpt-5,100,5,101\n`);
    expect(lines).toEqual([]);
    expect(problems).toMatchObject([{ code: 'parts-exceed-total', pointer: '/lines/2/input_tokens' }]);
  });

  test('a count below zero, a batch that is neither true nor false and a missing time are all said at once', () => {
    const header = 'start_time,end_time,num_model_requests,model,batch,input_tokens,output_tokens';
    const { problems } = readBillText(`${header}\n1790812800,,1,gpt-5,perhaps,-3,x\n`);
    expect(problems.map(({ code, pointer }) => `${code} ${pointer}`).sort()).toEqual([
      'missing-value /lines/2/end_time',
      'negative-count /lines/2/input_tokens',
      'no-number /lines/2/output_tokens',
      'no-truth-value /lines/2/batch',
      'parts-exceed-total /lines/2/input_tokens',
    ]);
  });

  test('a stated uncached count that does not fit is warned of', () => {
    const header =
      'start_time,end_time,num_model_requests,model,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens';
    const { lines, warnings } = readBillText(`${header}\n1790812800,1790899200,1,gpt-5,100,5,40,61\n`);
    expect(amounts(lines, 'ConsumedQuantity')).toEqual([`input ${100 - 40}`, 'cached_input 40', 'output 5']);
    expect(warnings).toMatchObject([{ code: 'does-not-add-up', pointer: '/lines/2/input_uncached_tokens' }]);
  });
});
