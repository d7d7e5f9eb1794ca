import { expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { blendPrices } from '../../../src/core/prices/blend-prices.ts';
import type { FoundPrices } from '../../../src/core/prices/find-prices.ts';
import { findPrices } from '../../../src/core/prices/find-prices.ts';
import type { PriceBook, StatedPrice } from '../../../src/core/prices/price.ts';
import { parsePriceFile } from '../../../src/core/prices/price-file.ts';
import { listPricesInUse } from '../../../src/core/prices/prices-in-use.ts';

const file = (published: string, id: string) => ({
  provider: id,
  name: id,
  source: `https://${id}.example/pricing`,
  catalogue: { name: 'catalogue', version: '1.0.0', published },
  models: [{ id: 'small', prices: [{ input: '1', output: '2' }] }],
});
const book: PriceBook = {
  providers: new Map([
    ['acme', parsePriceFile(file('2026-09-23', 'acme'), 'acme.json')],
    ['other', parsePriceFile(file('2026-11-20', 'other'), 'other.json')],
  ]),
  multipliers: [],
  fees: [],
  surcharges: [],
  changes: [],
  rents: [],
  allowances: [],
};
const asOf = '2026-11-22';

function find(provider: string, overrides: readonly StatedPrice[] = []): FoundPrices {
  const found = findPrices(book, { provider, model: 'small', asOf, months: ['2027-01'], overrides });
  if (!found.ok) throw new Error(found.problem.message);
  return found;
}

test('a model is as old as the oldest of its prices, and stale after 30 days', () => {
  // 23 September to 22 November: 7 + 31 + 22 days.
  expect(listPricesInUse([find('acme'), find('acme'), find('other')], asOf)).toMatchObject([
    { provider: 'acme', model: 'small', checked_at: '2026-09-23', days: 60, stale: true },
    { provider: 'other', model: 'small', checked_at: '2026-11-20', days: 2, stale: false },
  ]);
});

test('both models of a price that fails over to another are in use', () => {
  const blended = blendPrices(find('other'), find('acme'), new Decimal('0.1'), ['2027-01']);
  expect(listPricesInUse([blended], asOf).map(({ provider }) => provider)).toEqual(['other', 'acme']);
});

test('what a scenario states itself does not age', () => {
  const meters = { input: new Decimal(1), output: new Decimal(2) };
  const stated = { provider: 'acme', model: 'small', from: null, to: null, utc_hours: null, meters };
  expect(listPricesInUse([find('acme', [stated])], asOf)).toEqual([]);
});
