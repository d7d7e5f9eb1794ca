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

  test('keys, users and what was said are not kept', () => {
    const kept = new Set(readBill('litellm-spend-logs.jsonl').lines.flatMap(({ x_Other }) => Object.keys(x_Other)));
    expect([...kept].sort()).toEqual(['cache_hit', 'call_type', 'endTime', 'model_group', 'request_id']);
  });

  test('in CSV the metadata is a JSON text, and tells the cached tokens all the same', () => {
    const metadata = '"{""usage_object"":{""cache_read_input_tokens"":8},""user_api_key_alias"":""demo""}"';
    const { lines, problems } = readBillText(
      `startTime,model,spend,prompt_tokens,completion_tokens,metadata\n2026-10-01 10:00:00,m,0.5,10,1,${metadata}\n2026-10-01 10:00:00,m,0.5,10,1,"{"\n`,
    );
    expect(problems).toEqual([]);
    expect(amounts(lines, 'ConsumedQuantity')).toEqual([
      `input ${10 - 8}`,
      'cached_input 8',
      'output 1',
      'input 10',
      'output 1',
    ]);
    expect(lines[0]?.x_Other).toEqual({});
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
