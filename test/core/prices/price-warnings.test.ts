import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { findPrices } from '../../../src/core/prices/find-prices.ts';
import type { PriceBook } from '../../../src/core/prices/price.ts';
import { parsePriceFile } from '../../../src/core/prices/price-file.ts';
import { findUnusedPrices, priceAgeWarnings } from '../../../src/core/prices/price-warnings.ts';

const acme = {
  provider: 'acme',
  name: 'Acme',
  source: 'https://acme.example/pricing',
  catalogue: { name: 'catalogue', version: '1.0.0', published: '2026-09-23' },
  models: [{ id: 'small', aliases: ['vendor/small'], prices: [{ input: '1' }] }],
};
const book: PriceBook = {
  providers: new Map([['acme', parsePriceFile(acme, 'acme.json')]]),
  multipliers: [],
  fees: [],
  surcharges: [],
  changes: [],
  rents: [],
  allowances: [],
};

function agesOn(asOf: string, meters: Record<string, Decimal> = {}) {
  const overrides = [{ provider: 'acme', model: 'small', from: null, to: null, utc_hours: null, meters }];
  const answer = findPrices(book, { provider: 'acme', model: 'small', asOf, months: ['2027-01'], overrides });
  return answer.ok ? priceAgeWarnings([answer], asOf).map((warning) => warning.message) : null;
}

describe('the age of prices', () => {
  test('30 days are fresh, 31 are not', () => {
    expect(agesOn('2026-10-23')).toEqual([]);
    expect(agesOn('2026-10-24')?.[0]).toContain('31 days before 2026-10-24: it may have changed');
  });

  test('beyond 90 days the advice is plainer', () => {
    expect(agesOn('2026-12-22')?.[0]).toContain('90 days before 2026-12-22: it may have changed');
    expect(agesOn('2026-12-23')?.[0]).toContain('91 days before 2026-12-23: check it against the provider');
  });

  test('a stated price does not age, nor does an as-of date before the check', () => {
    expect(agesOn('2027-06-01', { input: new Decimal(1) })).toEqual([]);
    expect(agesOn('2026-01-01')).toEqual([]);
  });
});

test('a stated price that prices no model in use is found by its position', () => {
  const state = (model: string) => ({ provider: 'acme', model, from: null, to: null, utc_hours: null, meters: {} });
  const stated = [state('vendor/small'), state('smal'), state('small')];
  expect(findUnusedPrices(book, stated, [{ provider: 'acme', model: 'small' }])).toEqual([1]);
});
