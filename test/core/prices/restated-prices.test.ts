import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { comparePrices } from '../../../src/core/prices/compare-prices.ts';
import { withLearnedPrices } from '../../../src/core/prices/merge-prices.ts';
import type { PriceBook } from '../../../src/core/prices/price.ts';
import { parsePriceFile } from '../../../src/core/prices/price-file.ts';
import type { ProposedPrice } from '../../../src/core/prices/proposed-price.ts';
import { learnedRow } from '../../../src/core/prices/proposed-price.ts';
import { findRestated } from '../../../src/core/prices/restated-prices.ts';

const shipped: PriceBook = {
  providers: new Map([
    [
      'acme',
      parsePriceFile(
        {
          provider: 'acme',
          name: 'Acme',
          source: 'https://acme.example/pricing',
          catalogue: { name: 'catalogue', version: '1.0.0', published: '2026-09-23' },
          models: [{ id: 'small', aliases: ['small-latest'], prices: [{ input: '1' }] }],
        },
        'acme.json',
      ),
    ],
  ]),
  multipliers: [],
  fees: [],
  surcharges: [],
  changes: [],
  rents: [],
  allowances: [],
};

const price = (amount: string, over: Partial<ProposedPrice> = {}): ProposedPrice => ({
  provider: 'acme',
  model: 'small',
  meter: 'input',
  price: new Decimal(amount),
  above_input_tokens: null,
  utc_hours: null,
  valid_from: null,
  valid_to: null,
  source: 'https://list.example',
  catalogue: 'list',
  ...over,
});

/** How many of the prices are only said again, on a day, after others were learned on theirs. */
function restatedOn(
  day: string,
  prices: readonly ProposedPrice[],
  learned: readonly (readonly [day: string, ...prices: readonly ProposedPrice[]])[],
): number {
  const rows = learned.flatMap(([on, ...said]) => said.map((one) => learnedRow(one, on)));
  const book = withLearnedPrices(shipped, rows);
  return findRestated(book, comparePrices(book, prices, day), rows, day).prices.size;
}

describe('a list that says the same again', () => {
  test('says nothing new, however long ago it was learned', () => {
    const learned = [['2026-12-01', price('1')]] as const;
    expect(restatedOn('2026-12-02', [price('1.0')], learned)).toBe(1);
    expect(restatedOn('2027-12-02', [price('1.0')], learned)).toBe(1);
  });

  test('is learned from where only another catalogue said so before, or where it says anything else', () => {
    expect(restatedOn('2026-12-02', [price('1')], [])).toBe(0);
    expect(restatedOn('2026-12-02', [price('1.001')], [['2026-12-01', price('1')]])).toBe(0);
  });

  test('is taken with all thresholds of a meter, or not at all', () => {
    const both = [price('1'), price('2', { above_input_tokens: 200_000 })];
    const output = price('3', { meter: 'output' });
    const learned = [['2026-12-01', ...both, output]] as const;
    expect(restatedOn('2026-12-02', [...both, output], learned)).toBe(3);
    // The input without its threshold is new; the output is not.
    expect(restatedOn('2026-12-02', [price('1'), output], learned)).toBe(1);
  });

  test('may have a model twice, under its id and an alias', () => {
    const twice = [price('1'), price('1', { model: 'small-latest' })];
    expect(restatedOn('2026-12-02', twice, [['2026-12-01', ...twice]])).toBe(2);
  });

  test('does not take turns with another list, unless nobody vouched for the other price for more than 30 days', () => {
    const other = price('3', { catalogue: 'another list' });
    const learned = [
      ['2026-12-01', price('1')],
      ['2026-12-02', other],
    ] as const;
    expect(restatedOn('2026-12-20', [price('1')], learned)).toBe(1);
    expect(restatedOn('2027-01-01', [price('1')], learned)).toBe(1);
    expect(restatedOn('2027-01-02', [price('1')], learned)).toBe(0);
  });
});
