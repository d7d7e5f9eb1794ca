import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { BillDecimal } from '../../../src/core/bills/bill-decimal.ts';
import { isPriceable, makeLinePricer, withoutPricing } from '../../../src/core/bills/price-lines.ts';
import { loadPriceBook } from '../../../src/files/price-book.ts';
import { billLine } from '../../helpers/bill-lines.ts';

const book = await loadPriceBook(join(import.meta.dirname, '../../../models/prices'));
const price = makeLinePricer(book, '2026-11-22');
const bare = { BilledCost: null, EffectiveCost: null, x_CostReason: 'not-in-this-export' };

describe('quantities without dollars', () => {
  test('cost quantity × the list price of their month, and say so', () => {
    const line = billLine({ ...bare, ConsumedQuantity: new BillDecimal(109) });
    const priced = price(line, 'gpt-5.4-mini', '2026-10');
    // gpt-5.4-mini: 4.50 USD per million output tokens.
    expect(priced.ok && priced.line.BilledCost?.toFixed()).toBe(new BillDecimal(109).times('4.50').div(1e6).toFixed());
    expect(priced).toMatchObject({ ok: true, line: { x_CostReason: 'priced-from-price-book' } });
  });

  test('are priced as of their month: o3 was cut from 40 to 8 USD per million on 10 June 2025', () => {
    const cost = (period: string) => {
      const priced = price(billLine(bare), 'o3', period);
      return priced.ok ? priced.line.BilledCost?.toFixed() : null;
    };
    expect([cost('2025-06'), cost('2025-07')]).toEqual(['40', '8']);
  });

  test('count by the unit of their price: searches by the thousand, a stated size of a unit by that', () => {
    const search = billLine({ ...bare, x_Meter: 'web_searches', ConsumedQuantity: new BillDecimal(250) });
    const searched = price(search, 'gpt-5.4-mini', '2026-10');
    expect(searched.ok && searched.line.BilledCost?.toFixed()).toBe('2.5');
    const sized = billLine({
      ...bare,
      ConsumedQuantity: null,
      PricingQuantity: new BillDecimal('2.5'),
      PricingUnit: '1000000 Tokens',
    });
    const million = price(sized, 'gpt-5.4-mini', '2026-10');
    expect(million.ok && million.line.BilledCost?.toFixed()).toBe('11.25');
  });

  test.each([
    ['no-meter', { x_Meter: null }, 'gpt-5.4-mini'],
    ['no-quantity', { ConsumedQuantity: null }, 'gpt-5.4-mini'],
    ['no-model', {}, null],
    ['no-price', {}, 'gpt-99'],
    ['no-price', { x_Meter: 'audio_hours' as const }, 'gpt-5.4-mini'],
    ['no-exchange-rate', { BillingCurrency: 'EUR' }, 'gpt-5.4-mini'],
  ])('stay unknown with the reason %s, never 0', (reason, over, model) => {
    expect(price(billLine({ ...bare, ...over }), model, '2026-10')).toEqual({ ok: false, reason });
  });

  test('are left alone where somebody else bills them or they have an amount', () => {
    expect(isPriceable(billLine({ ...bare, x_CostReason: 'billed-by-host' }))).toBe(false);
    expect(isPriceable(billLine())).toBe(false);
    expect(isPriceable(billLine(bare))).toBe(true);
  });

  test('are again what their file has, once the price is taken off', () => {
    const priced = price(billLine(bare), 'gpt-5.4-mini', '2026-10');
    expect(priced.ok && withoutPricing(priced.line)).toMatchObject({ BilledCost: null, EffectiveCost: null });
    expect(withoutPricing(billLine())).toEqual(billLine());
  });
});
