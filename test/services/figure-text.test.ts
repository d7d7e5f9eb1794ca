import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayText, figureTextFor, monthText, percentText, toleranceText } from '../../src/services/figure-text.ts';

const dollars = figureTextFor('USD');

describe('money on the page', () => {
  test.each([
    ['1055.98', '$1,055.98'],
    ['0.00', '$0.00'],
    ['-12.50', '−$12.50'],
    ['123456789012345678.91', '$123,456,789,012,345,678.91'],
  ])('is written to the cent: %s as %s', (amount, text) => {
    expect(dollars.money(amount)).toBe(text);
  });

  test('keeps every digit the forecast has', () => {
    const amounts = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.integer({ min: 0, max: 99 }));
    fc.assert(
      fc.property(amounts, ([whole, cents]) => {
        const amount = `${whole}.${String(cents).padStart(2, '0')}`;
        expect(dollars.money(amount).replace(/[$,]/g, '')).toBe(amount);
      }),
    );
  });

  test('follows the currency: no decimals in yen, three in Kuwaiti dinars', () => {
    expect(figureTextFor('JPY').money('1056')).toBe('¥1,056');
    expect(figureTextFor('EUR').money('1055.98')).toBe('€1,055.98');
    expect(figureTextFor('KWD').money('1055.982')).toContain('1,055.982');
  });

  test.each([
    ['1055.98', '$1,060'],
    ['40752.76', '$40,800'],
    ['976.51', '$977'],
    ['54.25', '$54'],
    ['9.995', '$10.00'],
    ['3.957', '$3.96'],
    ['0', '$0.00'],
  ])('is rounded for a sentence: %s to about %s', (amount, text) => {
    expect(dollars.aboutMoney(amount)).toBe(text);
  });

  test.each([
    ['1.16887', '$1.169'],
    ['0.023211', '$0.023'],
    ['0.00214159', '$0.00214'],
    ['0', '$0.000'],
  ])('for a million tokens has three decimals, or three digits below a cent: %s as %s', (amount, text) => {
    expect(dollars.unitPrice(amount)).toBe(text);
  });
});

describe('shares on the page', () => {
  test.each([
    ['0.8943', '89\u00a0%'],
    ['0.895', '90\u00a0%'],
    ['1', '100\u00a0%'],
    ['0', '0\u00a0%'],
    ['0.9999', 'over 99\u00a0%'],
    ['0.0004', 'under 1\u00a0%'],
  ])('are whole per cent, and all or nothing only where they are: %s as %s', (share, text) => {
    expect(percentText(share)).toBe(text);
  });

  test('a tolerance has a decimal only where there is one', () => {
    expect(toleranceText('0.10')).toBe('±10\u00a0%');
    expect(toleranceText('0.077808')).toBe('±7.8\u00a0%');
  });
});

test('months and days are written out, whatever zone the service runs in', () => {
  expect(monthText('2027-01')).toBe('January 2027');
  expect(dayText('2026-11-22')).toBe('22 November 2026');
});
