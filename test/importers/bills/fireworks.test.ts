import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { makeLinePricer } from '../../../src/core/bills/price-lines.ts';
import { loadPriceBook } from '../../../src/files/price-book.ts';
import { amounts, readBill, readBillText, sumOf } from '../../helpers/bill-fixtures.ts';

describe('Fireworks metrics', () => {
  test('the published sample: 803 tokens of the prompt are 603 plain and 200 cached', () => {
    const { format, lines, problems } = readBill('fireworks-metrics.csv');
    expect([format.id, problems]).toEqual(['fireworks-metrics', []]);
    expect(amounts(lines, 'ConsumedQuantity')).toEqual([`input ${803 - 200}`, 'cached_input 200', 'output 109']);
    expect(lines[0]).toMatchObject({
      BilledCost: null,
      x_CostReason: 'not-in-this-export',
      x_Model: 'accounts/fireworks/models/llama4-maverick-instruct-basic',
      ChargePeriodStart: '2025-10-20T00:00:00Z',
      ChargePeriodEnd: '2025-10-21T00:00:00Z',
    });
  });

  test('the older header tells no cached tokens: all are plain input', () => {
    expect(amounts(readBill('fireworks-metrics-older.csv').lines, 'ConsumedQuantity')).toEqual([
      'input 803',
      'output 109',
    ]);
  });

  test('a month of tokens and GPU time: at 0.20 dollars a million, half for cached ones, 12.72 by the price book', async () => {
    const { lines } = readBill('fireworks-metrics-2026-10.csv');
    expect(amounts(lines, 'ConsumedQuantity')).toEqual([
      'input 50000000',
      'cached_input 2500000',
      'output 12345678',
      `GPU time ${24 * 3600}`,
    ]);
    expect(lines.at(-1)).toMatchObject({ ConsumedUnit: 'GPU-Seconds', SkuId: 'NVIDIA_H100_80GB' });
    const price = makeLinePricer(await loadPriceBook('models/prices'), '2026-11-22');
    const priced = lines.map((line) => price(line, 'llama-v3p1-8b-instruct', '2026-10'));
    expect(priced.map(({ ok }) => ok)).toEqual([true, true, true, false]);
    const total = sumOf(
      priced.flatMap((each) => (each.ok ? [each.line] : [])),
      'BilledCost',
    );
    expect(total).toBe(new Decimal(50).plus(new Decimal('2.5').times('0.5')).plus('12.345678').times('0.2').toFixed());
    expect(new Decimal(total).toFixed(2)).toBe('12.72');
  });

  test('parts that do not add up to the prompt are a problem', () => {
    const header =
      'start_time,end_time,usage_type,base_model_name,prompt_tokens,completion_tokens,cached_prompt_tokens,uncached_prompt_tokens';
    const { lines, problems } = readBillText(
      `${header}\n2025-10-20 17:16:48 UTC,2025-10-20 17:16:49 UTC,X,m,803,109,200,604\n`,
    );
    expect(lines).toEqual([]);
    expect(problems).toMatchObject([{ code: 'does-not-add-up', pointer: '/lines/2/prompt_tokens' }]);
  });
});
