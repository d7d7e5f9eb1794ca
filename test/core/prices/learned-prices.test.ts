import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { comparePrices } from '../../../src/core/prices/compare-prices.ts';
import type { FoundPrices } from '../../../src/core/prices/find-prices.ts';
import { findPrices } from '../../../src/core/prices/find-prices.ts';
import { withLearnedPrices } from '../../../src/core/prices/merge-prices.ts';
import type { PriceBook, PriceRow } from '../../../src/core/prices/price.ts';
import { excerptPrices, readExcerpt } from '../../../src/core/prices/price-excerpt.ts';
import { parsePriceFile } from '../../../src/core/prices/price-file.ts';
import type { ProposedPrice } from '../../../src/core/prices/proposed-price.ts';
import { learnedRow } from '../../../src/core/prices/proposed-price.ts';
import { datedOn } from '../../../src/core/prices/undated-prices.ts';

const acme = parsePriceFile(
  {
    provider: 'acme',
    name: 'Acme',
    source: 'https://acme.example/pricing',
    catalogue: { name: 'catalogue', version: '1.0.0', published: '2026-09-23' },
    models: [
      {
        id: 'small',
        aliases: ['vendor/small'],
        prices: [
          { valid_to: '2027-01-01', input: '1', output: '4' },
          { valid_from: '2027-01-01', input: '2', output: '4' },
        ],
      },
      { id: 'long', prices: [{ input: '2' }, { above_input_tokens: 200_000, input: '4' }] },
    ],
  },
  'acme.json',
);
const book: PriceBook = {
  providers: new Map([['acme', acme]]),
  multipliers: [],
  fees: [],
  surcharges: [],
  changes: [],
  rents: [],
  allowances: [],
};

function proposed(price: string, more: Partial<ProposedPrice> = {}): ProposedPrice {
  return {
    provider: 'acme',
    model: 'small',
    meter: 'input',
    price: new Decimal(price),
    above_input_tokens: null,
    utc_hours: null,
    valid_from: null,
    valid_to: null,
    source: 'https://acme.example/contract',
    catalogue: 'contract',
    ...more,
  };
}

function inputsOf(
  from: PriceBook,
  asOf: string,
  months: readonly string[],
  model = 'small',
): readonly (string | null)[] {
  const found = findPrices(from, { provider: 'acme', model, asOf, months, overrides: [] }) as FoundPrices;
  return (found.meters.get('input') ?? []).map(({ price }) => price?.toFixed() ?? null);
}

describe('two clocks', () => {
  const months = ['2026-10', '2026-12', '2027-02'];
  const learned = withLearnedPrices(book, [learnedRow(proposed('7', { valid_from: '2026-10-01' }), '2026-11-22')]);

  test('a price learned today with a past first day holds today for those days, and was not known yesterday', () => {
    expect(inputsOf(learned, '2026-11-22', months)).toEqual(['7', '7', '7']);
    expect(inputsOf(learned, '2026-11-21', months)).toEqual(['1', '1', '2']);
    expect(inputsOf(learned, '2026-11-21', months)).toEqual(inputsOf(book, '2026-11-21', months));
  });

  test('a meter learned today is unknown yesterday, even though nothing was known of it before', () => {
    const withBatch = withLearnedPrices(book, [learnedRow(proposed('0.1', { meter: 'batch_input' }), '2026-11-22')]);
    const question = { provider: 'acme', model: 'small', months, overrides: [] };
    const before = findPrices(withBatch, { ...question, asOf: '2026-11-21' }) as FoundPrices;
    expect(before.meters.has('batch_input')).toBe(false);
    const after = findPrices(withBatch, { ...question, asOf: '2026-11-22' }) as FoundPrices;
    expect(after.meters.get('batch_input')?.[0]?.price?.toFixed()).toBe('0.1');
  });

  test('a correction is a later row, and each as-of date sees what was believed then', () => {
    const corrected = withLearnedPrices(learned, [
      learnedRow(proposed('6', { valid_from: '2026-10-01' }), '2026-12-01'),
    ]);
    expect(['2026-11-01', '2026-11-30', '2026-12-01'].map((asOf) => inputsOf(corrected, asOf, ['2026-12'])[0])).toEqual(
      ['1', '7', '6'],
    );
  });

  test('a later belief without a long-context price has dropped it', () => {
    const flat = withLearnedPrices(book, [learnedRow(proposed('3', { model: 'long' }), '2026-11-22')]);
    const found = findPrices(flat, { provider: 'acme', model: 'long', asOf: '2026-11-22', months, overrides: [] });
    expect(found).toMatchObject({ ok: true });
    expect((found as FoundPrices).meters.get('input')?.[0]?.above).toEqual([]);
  });

  test('an alias is the model itself, and a model that was unknown becomes known', () => {
    const rows = [
      learnedRow(proposed('9', { model: 'vendor/small' }), '2026-11-22'),
      learnedRow(proposed('5', { model: 'brand-new' }), '2026-11-22'),
    ];
    const joined = withLearnedPrices(book, rows);
    expect(inputsOf(joined, '2026-11-22', months)).toEqual(['9', '9', '9']);
    expect(inputsOf(joined, '2026-11-22', months, 'brand-new')).toEqual(['5', '5', '5']);
  });

  test('what is kept with a forecast is the same text whatever is learned later, and prices alike', () => {
    const wanted = [{ provider: 'acme', model: 'small' }];
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            price: fc.integer({ min: 1, max: 999 }),
            meter: fc.constantFrom<PriceRow['meter']>('input', 'output', 'batch_input', 'cached_input'),
            day: fc.integer({ min: 1, max: 28 }),
            from: fc.option(fc.integer({ min: 1, max: 12 }), { nil: null }),
          }),
          { maxLength: 8 },
        ),
        (later) => {
          const rows = later.map(({ price, meter, day, from }) =>
            learnedRow(
              proposed(String(price), {
                meter,
                valid_from: from === null ? null : `2026-${String(from).padStart(2, '0')}-01`,
              }),
              `2026-12-${String(day).padStart(2, '0')}`,
            ),
          );
          const grown = withLearnedPrices(book, rows);
          const excerpt = excerptPrices(grown, wanted, '2026-11-30');
          expect(excerpt).toEqual(excerptPrices(book, wanted, '2026-11-30'));
          expect(inputsOf(readExcerpt(excerpt), '2026-11-30', months)).toEqual(inputsOf(grown, '2026-11-30', months));
        },
      ),
    );
  });
});

describe('a list held against the book', () => {
  test.each([
    ['1', 'same'],
    ['1.01', 'same'],
    ['1.0101', 'differs'],
    ['0.98', 'differs'],
    ['10', 'differs'],
    ['10.01', 'outlier'],
    ['0.1', 'differs'],
    ['0.0999', 'outlier'],
    ['0', 'outlier'],
  ])('%s instead of 1 is %s', (price, verdict) => {
    expect(comparePrices(book, [proposed(price)], '2026-11-22')).toMatchObject([{ verdict }]);
  });

  test('a future price is held against the one announced for its first day', () => {
    const [finding] = comparePrices(book, [proposed('2', { valid_from: '2027-03-01' })], '2026-11-22');
    expect(finding?.verdict).toBe('same');
  });

  test('a meter or model without a price has nothing to be held against', () => {
    expect(
      comparePrices(book, [proposed('1', { meter: 'batch_input' }), proposed('1', { model: 'other' })], '2026-11-22'),
    ).toMatchObject([
      { verdict: 'new', believed: null },
      { verdict: 'new', believed: null },
    ]);
  });

  test('a list without dates does not undo an announced change', () => {
    const [dated] = datedOn([proposed('1.2')], book, '2026-11-22');
    expect(dated).toMatchObject({ valid_from: '2026-11-22', valid_to: '2027-01-01' });
    const joined = withLearnedPrices(book, [learnedRow(dated as ProposedPrice, '2026-11-22')]);
    expect(inputsOf(joined, '2026-11-22', ['2026-12', '2027-01'])).toEqual(['1.2', '2']);
  });
});
