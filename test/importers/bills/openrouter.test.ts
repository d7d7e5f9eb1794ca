import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { amounts, readBill, readBillText, sumOf } from '../../helpers/bill-fixtures.ts';

describe('OpenRouter activity', () => {
  test('the published sample, in the names of the SDK: the charge, the own key beside it, and the tokens', () => {
    const { format, lines, problems } = readBill('openrouter-activity-sample.json');
    expect([format.id, problems]).toEqual(['openrouter-activity', []]);
    expect(sumOf(lines, 'BilledCost')).toBe('0.015');
    expect(lines).toMatchObject([
      { x_CostReason: null, SkuId: 'openai/gpt-4.1-2025-04-14', HostProviderName: 'OpenAI', x_Model: 'openai/gpt-4.1' },
      { BilledCost: null, x_CostReason: 'billed-by-host', x_Requests: null },
      { BilledCost: null, x_CostReason: 'billed-elsewhere', x_Meter: 'input' },
      { BilledCost: null, x_CostReason: 'billed-elsewhere', x_Meter: 'output' },
    ]);
    expect(lines[1]?.ListCost?.toFixed()).toBe('0.012');
    expect(lines[1]?.ChargeDescription).toContain('billed by OpenAI');
    expect(amounts(lines, 'ConsumedQuantity')).toEqual(['input 50', 'output 125']);
    expect(lines.map(({ x_Requests }) => x_Requests?.toFixed() ?? null)).toEqual(['5', null, null, null]);
    expect(lines[3]?.x_ReasoningTokens?.toFixed()).toBe('25');
    expect(lines[0]).toMatchObject({
      ChargePeriodStart: '2025-08-24T00:00:00Z',
      ChargePeriodEnd: '2025-08-25T00:00:00Z',
      x_Other: { endpointId: '550e8400-e29b-41d4-a716-446655440000' },
    });
  });

  test('a month in the names of the wire adds up to the 430.14 dollars of credits used', () => {
    const { lines, problems } = readBill('openrouter-activity-2026-10.json');
    expect(problems).toEqual([]);
    const llama = new Decimal(2).times('0.02').plus(new Decimal('1.05').times('0.03'));
    const total = new Decimal('430.07').plus(llama).plus('0.0000125');
    expect(sumOf(lines, 'BilledCost')).toBe(total.toFixed());
    expect(total.toFixed(2)).toBe('430.14');
    expect(sumOf(lines, 'ConsumedQuantity')).toBe(String(70_965_665 + 3_009_973 + 2_000_000 + 1_050_000 + 1_000 + 100));
  });

  test('the CSV of the activity page: 430.07 + 505.87 = 935.94', () => {
    const { format, lines, problems } = readBill('openrouter-activity-aggregate.csv');
    expect([format.id, problems]).toEqual(['openrouter-activity', []]);
    expect(sumOf(lines, 'BilledCost')).toBe(new Decimal('430.07').plus('505.87').toFixed());
    expect(sumOf(lines, 'BilledCost')).toBe('935.94');
    expect(sumOf(lines, 'ConsumedQuantity')).toBe(String(70_965_665 + 3_009_973 + 87_199_493 + 2_795_119));
    expect(lines[0]).toMatchObject({
      ChargePeriodStart: '2026-05-12T00:00:00Z',
      ChargePeriodEnd: '2026-05-13T00:00:00Z',
      x_Model: 'anthropic/claude-opus-4.7',
    });
  });

  test('it says that the fee on credits is not in it', () => {
    expect(readBill('openrouter-activity-sample.json').format.notes?.join()).toContain('fee on credit purchases');
  });
});

describe('OpenRouter single calls', () => {
  test('a subset of the columns is enough', () => {
    const { format, lines, problems } = readBill('openrouter-generations-subset.csv');
    expect([format.id, problems]).toEqual(['openrouter-generations', []]);
    expect(sumOf(lines, 'BilledCost')).toBe('0.0123');
    expect(amounts(lines, 'ConsumedQuantity')).toEqual(['input 10389', 'output 137']);
    expect(lines[0]).toMatchObject({
      ChargePeriodStart: '2026-06-28T00:00:00Z',
      ChargePeriodEnd: '2026-06-29T00:00:00Z',
      x_Model: 'openai/gpt-oss-120b',
      x_Other: { created_at: '2026-06-28 03:46:57.713', variant: 'free' },
    });
  });

  test('searches and files are told apart from the rest of a call, and add up to its total', () => {
    const { lines } = readBill('openrouter-generations.csv');
    const call = lines.filter(({ x_FirstLine }) => x_FirstLine === 2);
    expect(amounts(call, 'BilledCost')).toEqual([
      `– ${new Decimal('0.0325').minus('0.02').minus('0.0025').toFixed()}`,
      'web_searches 0.02',
      'File processing 0.0025',
    ]);
    expect(sumOf(call, 'BilledCost')).toBe('0.0325');
    expect(amounts(call, 'ConsumedQuantity')).toEqual([`input ${1_200 - 1_000}`, 'cached_input 1000', 'output 300']);
  });

  test('a call falls on its day in UTC', () => {
    const { lines } = readBill('openrouter-generations.csv');
    expect(new Set(lines.map((line) => `${line.x_FirstLine} ${line.ChargePeriodStart}`))).toEqual(
      new Set(['2 2026-10-05T00:00:00Z', '3 2026-10-06T00:00:00Z']),
    );
  });

  test('more cached tokens than the prompt has are warned of, and split nothing', () => {
    const { lines, warnings } = readBill('openrouter-generations.csv');
    expect(amounts(lines.slice(-2), 'ConsumedQuantity')).toEqual(['input 500', 'output 20']);
    expect(warnings).toMatchObject([{ code: 'does-not-add-up', pointer: '/lines/3/tokens_cached' }]);
  });

  test('a call with an own key costs nothing here, and what the provider charges is told', () => {
    const { lines } = readBill('openrouter-generations.csv');
    const call = lines.filter(({ x_FirstLine }) => x_FirstLine === 3);
    expect(sumOf(call, 'BilledCost')).toBe('0');
    expect(call[1]).toMatchObject({ BilledCost: null, x_CostReason: 'billed-by-host' });
  });

  test('a call without a cost is a problem, as an empty amount is not zero here', () => {
    const { problems } = readBillText(
      'generation_id,created_at,cost_total,tokens_prompt,tokens_completion,model_permaslug\ng,2026-10-01 00:00:00,,1,1,m\n',
    );
    expect(problems).toMatchObject([{ code: 'missing-value', pointer: '/lines/2/cost_total' }]);
  });
});
