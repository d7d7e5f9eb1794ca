import { describe, expect, test } from '@jest/globals';
import type { PriceBook } from '../../../src/core/prices/price.ts';
import { parsePriceFile } from '../../../src/core/prices/price-file.ts';
import { listPricedModels, listPrices, priceHistory } from '../../../src/core/prices/price-list.ts';

const acme = {
  provider: 'acme',
  name: 'Acme',
  source: 'https://acme.example/pricing',
  catalogue: { name: 'catalogue', version: '1.0.0', published: '2026-09-23' },
  models: [
    {
      id: 'dated',
      aliases: ['Vendor/Dated'],
      prices: [
        { valid_from: '2027-01-01', input: '0.0000001', output: '4' },
        { valid_to: '2027-01-01', input: '2', output: '8' },
      ],
    },
    { id: 'free', prices: [] },
  ],
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

describe('listing prices', () => {
  test('money is plain decimal text, however small', () => {
    expect(listPrices(book, { meter: 'input' }).map((row) => row.price)).toEqual(['2', '0.0000001']);
    expect(JSON.parse(JSON.stringify(listPrices(book)))).toEqual(listPrices(book));
  });

  test('filters by provider, part of an id or alias, meter and day', () => {
    expect(listPrices(book, { provider: 'else' })).toEqual([]);
    expect(listPrices(book, { model: 'vendor/' })).toHaveLength(4);
    expect(listPrices(book, { on: '2026-12-31' }).map((row) => row.price)).toEqual(['2', '8']);
    expect(listPrices(book, { on: '2027-01-01', meter: 'output' }).map((row) => row.price)).toEqual(['4']);
  });
});

test('a history is in order of meter and date, and an unknown model is a problem', () => {
  const history = priceHistory(book, 'acme', 'Vendor/Dated');
  expect(history).toMatchObject({ ok: true, model: 'dated' });
  expect(history.ok && history.rows.map((row) => [row.meter, row.valid_from, row.price])).toEqual([
    ['input', null, '2'],
    ['input', '2027-01-01', '0.0000001'],
    ['output', null, '8'],
    ['output', '2027-01-01', '4'],
  ]);
  expect(priceHistory(book, 'acme', 'date')).toMatchObject({ ok: false, problem: { suggestions: ['dated'] } });
});

test('every model is listed, priced or not', () => {
  expect(listPricedModels(book).map((model) => [model.id, model.priced])).toEqual([
    ['dated', true],
    ['free', false],
  ]);
});
