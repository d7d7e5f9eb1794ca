import { describe, expect, test } from '@jest/globals';
import { parsePriceFile } from '../../../src/core/prices/price-file.ts';
import { parseFees, parseMultipliers } from '../../../src/core/prices/term-files.ts';
import { InvalidInput } from '../../../src/core/problem.ts';

const head = {
  provider: 'acme',
  name: 'Acme',
  source: 'https://acme.example/pricing',
  catalogue: { name: 'catalogue', version: '1.0.0', published: '2026-09-23' },
};

function problemsOf(models: unknown): readonly string[] {
  try {
    parsePriceFile({ ...head, models }, 'acme.json');
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems.map((problem) => `${problem.code} ${problem.pointer}`);
    throw error;
  }
}

describe('a price file', () => {
  test('becomes rows with everything a price needs to be explained', () => {
    const file = parsePriceFile(
      { ...head, models: [{ id: 'm', prices: [{ valid_from: '2026-01-01', input: '0.15' }] }] },
      'acme.json',
    );
    expect(file.models.get('m')?.rows).toMatchObject([
      {
        provider: 'acme',
        model: 'm',
        meter: 'input',
        unit: 'USD/Mtok',
        above_input_tokens: null,
        valid_from: '2026-01-01',
        valid_to: null,
        known_at: '2026-09-23',
        checked_at: '2026-09-23',
        source: 'https://acme.example/pricing',
        catalogue: 'catalogue 1.0.0',
      },
    ]);
    expect(file.models.get('m')?.rows[0]?.price.toFixed()).toBe('0.15');
  });

  test.each(['0x10', '1_000', 'NaN', 'Infinity', '-1', '1e-7', '', ' 1', '1.', '9999999999'])(
    'refuses %j as a price',
    (price) => {
      expect(problemsOf([{ id: 'm', prices: [{ input: price }] }])).toEqual(['invalid-data /models/0/prices/0/input']);
    },
  );

  test('tells every problem at once, an unknown meter and a day that does not exist included', () => {
    const models = [{ id: 'm', prices: [{ inputs: '1' }, { valid_from: '2026-02-30', input: '1' }] }, { prices: [] }];
    expect(problemsOf(models)).toEqual([
      'invalid-data /models/0/prices/0',
      'invalid-data /models/0/prices/1/valid_from',
      'invalid-data /models/1/id',
    ]);
  });

  test.each([
    ['no dates at all', [{ input: '1' }, { input: '2' }]],
    [
      'one shared day',
      [
        { valid_to: '2026-01-02', input: '1' },
        { valid_from: '2026-01-01', input: '2' },
      ],
    ],
    ['a later start without an end before it', [{ input: '1' }, { valid_from: '2026-01-01', input: '2' }]],
  ])('refuses two prices of one meter for the same day: %s', (_, prices) => {
    expect(problemsOf([{ id: 'm', prices }])).toEqual(['overlapping-prices /models/0']);
  });

  test('takes two prices whose days touch, and two of different thresholds or meters', () => {
    const touching = [
      { valid_to: '2026-01-01', input: '1' },
      { valid_from: '2026-01-01', input: '2' },
    ];
    expect(problemsOf([{ id: 'm', prices: touching }])).toEqual([]);
    expect(
      problemsOf([{ id: 'm', prices: [{ input: '1' }, { above_input_tokens: 5, input: '2' }, { output: '3' }] }]),
    ).toEqual([]);
  });

  test('refuses a model listed twice', () => {
    expect(
      problemsOf([
        { id: 'm', prices: [] },
        { id: 'm', prices: [] },
      ]),
    ).toEqual(['duplicate-model /models/1']);
  });

  test('an alias never hides a model of that id, and belongs to the first model that claims it', () => {
    const models = [
      { id: 'a', aliases: ['b', 'x'], prices: [] },
      { id: 'b', aliases: ['x'], prices: [] },
    ];
    expect([...parsePriceFile({ ...head, models }, 'acme.json').aliases]).toEqual([['x', 'a']]);
  });
});

test('a multiplier or fee without source, check date or confidence is refused', () => {
  const row = { provider: 'acme', meter: 'batch_input', of: 'input', multiplier: '0.5' };
  expect(() => parseMultipliers({ multipliers: [row] }, 'multipliers.yaml')).toThrow(
    /source[\s\S]*checked_at[\s\S]*confidence/,
  );
  const fee = { id: 'fee', provider: 'acme', label: 'Fee', basis: 'credit-purchase', rate: '0.055', minimum_usd: null };
  expect(() => parseFees({ fees: [fee] }, 'fees.yaml')).toThrow(/source[\s\S]*checked_at[\s\S]*confidence/);
});
