import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { amounts, readBill, readBillText, sumOf } from '../../helpers/bill-fixtures.ts';

describe('LiteLLM', () => {
  test('single calls: its own calculation, of the provider behind it, cache told apart', () => {
    const { format, lines, problems, warnings } = readBill('litellm-spend-logs.jsonl');
    expect([format.id, problems, warnings]).toEqual(['litellm-spend', [], []]);
    expect(sumOf(lines, 'BilledCost')).toBe(new Decimal('0.00125').plus('0.000001').toFixed());
    expect(amounts(lines, 'ConsumedQuantity')).toEqual([
      `input ${1_200 - 1_000 - 50}`,
      'cached_input 1000',
      'cache_write_5m 50',
      'output 300',
      'input 10',
      'output 2',
    ]);
    expect(lines.filter(({ BilledCost }) => BilledCost !== null)).toMatchObject([
      { x_Provider: 'anthropic', x_CostReason: 'computed-by-litellm', ChargePeriodStart: '2026-10-05T00:00:00Z' },
      { x_Provider: 'fireworks', x_CostReason: 'computed-by-litellm', ChargePeriodStart: '2026-10-06T00:00:00Z' },
    ]);
  });

  test('keys and users of the log are not kept', () => {
    const kept = readBill('litellm-spend-logs.jsonl').lines.flatMap(({ x_Other }) => Object.keys(x_Other));
    expect(kept).not.toEqual(expect.arrayContaining(['api_key']));
    expect(kept).not.toEqual(expect.arrayContaining(['user']));
  });

  test('days: requests come from their own column', () => {
    const { format, lines } = readBill('litellm-daily-spend.csv');
    expect(format.id).toBe('litellm-spend');
    expect(lines[0]?.x_Requests?.toFixed()).toBe('4');
    expect(amounts(lines, 'ConsumedQuantity')).toEqual([
      `input ${1_200 - 1_000 - 50}`,
      'cached_input 1000',
      'cache_write_5m 50',
      'output 300',
    ]);
  });

  test('more cache than prompt is warned of, and splits nothing', () => {
    const { lines, warnings } = readBillText(
      'date,model,spend,prompt_tokens,completion_tokens,cache_read_input_tokens\n2026-10-01,m,0.5,10,1,11\n',
    );
    expect(amounts(lines, 'ConsumedQuantity')).toEqual(['input 10', 'output 1']);
    expect(warnings).toMatchObject([{ code: 'does-not-add-up', pointer: '/lines/2/prompt_tokens' }]);
  });

  test('its FOCUS export: one request a day is no quantity, a day is no billing period, the model is the description', () => {
    const { format, lines, problems } = readBill('focus-litellm.csv');
    expect([format.id, problems]).toEqual(['focus', []]);
    expect(sumOf(lines, 'BilledCost')).toBe('12.345678');
    expect(lines).toMatchObject([
      {
        BillingPeriodStart: '2026-10-01T00:00:00Z',
        BillingPeriodEnd: '2026-11-01T00:00:00Z',
        ChargePeriodStart: '2026-10-31T00:00:00Z',
        ConsumedQuantity: null,
        PricingQuantity: null,
        x_Model: 'gpt-5.4-mini',
        x_Provider: 'together',
        x_CostReason: 'computed-by-litellm',
      },
    ]);
  });
});
