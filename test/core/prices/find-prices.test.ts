import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import type { FoundPrices, PriceQuestion } from '../../../src/core/prices/find-prices.ts';
import { billedBy, findPrices, priceForRequest } from '../../../src/core/prices/find-prices.ts';
import type { Meter } from '../../../src/core/prices/meters.ts';
import type { PriceBook, StatedPrice } from '../../../src/core/prices/price.ts';
import { parsePriceFile } from '../../../src/core/prices/price-file.ts';

const acme = {
  provider: 'acme',
  name: 'Acme',
  source: 'https://acme.example/pricing',
  catalogue: { name: 'catalogue', version: '1.0.0', published: '2026-09-23' },
  models: [
    { id: 'small', aliases: ['vendor/small'], prices: [{ input: '1', output: '4' }] },
    {
      id: 'dated',
      prices: [
        { valid_to: '2027-02-01', input: '2', cached_input: '0.2', output: '8' },
        { valid_from: '2027-02-01', input: '1', output: '4' },
      ],
    },
    {
      id: 'long',
      prices: [
        { input: '2', output: '10' },
        { above_input_tokens: 200_000, input: '4', output: '15' },
        { above_input_tokens: 500_000, input: '6' },
      ],
    },
    {
      id: 'mid-month',
      prices: [
        { valid_to: '2027-01-15', input: '2' },
        { valid_from: '2027-01-15', input: '1' },
      ],
    },
    { id: 'free', prices: [] },
    { id: 'old', deprecated: true, doubt: 'looks wrong', prices: [{ input: '1' }] },
  ],
};

const book: PriceBook = {
  providers: new Map([['acme', parsePriceFile(acme, 'acme.json')]]),
  multipliers: [
    {
      provider: 'acme',
      meter: 'batch_input',
      of: 'input',
      multiplier: new Decimal('0.5'),
      models: null,
      models_starting_with: null,
      valid_from: '2027-01-01',
      valid_to: null,
      source: 'https://acme.example/batch',
      source_date: null,
      known_at: '2026-11-22',
      checked_at: '2026-11-22',
      confidence: 'A',
      note: null,
    },
  ],
  fees: [],
  surcharges: [],
  changes: [],
  rents: [],
  allowances: [],
};

function ask(model: string, more: Partial<PriceQuestion> = {}) {
  return findPrices(book, {
    provider: 'acme',
    model,
    asOf: '2026-11-22',
    months: ['2026-12', '2027-01', '2027-02'],
    overrides: [],
    ...more,
  });
}

function found(model: string, more: Partial<PriceQuestion> = {}): FoundPrices {
  const answer = ask(model, more);
  if (!answer.ok) throw new Error(answer.problem.message);
  return answer;
}

function texts(answer: FoundPrices, meter: Meter): readonly (string | null)[] | undefined {
  return answer.meters.get(meter)?.map((point) => point.price?.toFixed() ?? null);
}

function stated(
  meters: Record<string, string>,
  from: string | null = null,
  to: string | null = null,
  model = 'dated',
): StatedPrice {
  const prices = Object.fromEntries(Object.entries(meters).map(([meter, price]) => [meter, new Decimal(price)]));
  return { provider: 'acme', model, from, to, utc_hours: null, meters: prices };
}

describe('finding a model', () => {
  test('an exact id and an exact alias are priced, and the matched id is told', () => {
    expect(found('small').model).toBe('small');
    expect(found('vendor/small')).toMatchObject({ asked: 'vendor/small', model: 'small' });
  });

  test.each(['small-2', 'smal', 'SMALL', 'vendor/small-20260101', ''])(
    '%j is no match but a problem, never a price',
    (name) => {
      expect(ask(name)).toMatchObject({ ok: false, problem: { code: 'unknown-model' } });
    },
  );

  test('a longer name of a known family is refused with the family as suggestion', () => {
    expect(ask('vendor/small-20260101')).toMatchObject({ ok: false, problem: { suggestions: ['small'] } });
  });

  test('an unknown provider is told with the nearest one', () => {
    expect(ask('small', { provider: 'acne' })).toMatchObject({
      ok: false,
      problem: { code: 'unknown-provider', suggestions: ['acme'] },
    });
  });

  test('a model the catalogue names without a price is no price, not zero', () => {
    expect(ask('free')).toMatchObject({ ok: false, problem: { code: 'no-price' } });
  });

  test('names like those of object members are ordinary unknown names', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) expect(ask(name).ok).toBe(false);
    expect(ask('small', { provider: '__proto__' }).ok).toBe(false);
  });
});

describe('dates', () => {
  test('a price begins on its first day and ends the day before its last', () => {
    expect(texts(found('dated'), 'input')).toEqual(['2', '2', '1']);
  });

  test('a meter that ends is unknown afterwards, and is then billed by the meter it falls back to', () => {
    expect(texts(found('dated'), 'cached_input')).toEqual(['0.2', '0.2', null]);
    const billed = billedBy(found('dated'), 'cached_input', ['2027-01', '2027-02']);
    expect(billed.map((point) => [point.meter, point.price?.toFixed()])).toEqual([
      ['cached_input', '0.2'],
      ['input', '1'],
    ]);
  });

  test('a change inside a month leaves that month at the price of its first day, with a warning', () => {
    const answer = found('mid-month');
    expect(texts(answer, 'input')).toEqual(['2', '2', '1']);
    expect(answer.warnings.map((warning) => warning.code)).toEqual(['price-changes-mid-month']);
  });

  test('an as-of date before the catalogue was published still has prices, with a warning', () => {
    expect(found('small', { asOf: '2026-09-23' }).warnings).toEqual([]);
    const early = found('small', { asOf: '2026-09-22' });
    expect(texts(early, 'input')).toEqual(['1', '1', '1']);
    expect(early.warnings.map((warning) => warning.code)).toEqual(['price-known-later']);
  });

  test('of two beliefs about the same days, the last one held on the as-of date counts', () => {
    const later = structuredClone(acme);
    later.catalogue.published = '2026-11-01';
    later.models[0] = { id: 'small', prices: [{ input: '3', output: '4' }] };
    const first = parsePriceFile(acme, 'first').models.get('small');
    const second = parsePriceFile(later, 'second').models.get('small');
    if (first === undefined || second === undefined) throw new Error('small is missing');
    const provider = parsePriceFile(acme, 'both');
    const both = new Map([
      ['acme', { ...provider, models: new Map([['small', { ...first, rows: [...first.rows, ...second.rows] }]]) }],
    ]);
    const on = (asOf: string) =>
      findPrices(
        { ...book, providers: both },
        { provider: 'acme', model: 'small', asOf, months: ['2027-01'], overrides: [] },
      );
    const price = (asOf: string) => {
      const answer = on(asOf);
      return answer.ok ? texts(answer, 'input') : answer.problem;
    };
    expect([price('2026-10-31'), price('2026-11-01')]).toEqual([['1'], ['3']]);
  });

  test('doubtful and deprecated models say so', () => {
    expect(found('old').warnings.map((warning) => warning.code)).toEqual(['price-doubtful', 'model-deprecated']);
  });
});

describe('long-context prices', () => {
  const january = found('long').meters.get('input')?.[1];
  if (january === undefined) throw new Error('long has no input price');

  test.each([
    [200_000, '2'],
    [200_001, '4'],
    [500_000, '4'],
    [500_001, '6'],
  ])('a request of %d input tokens pays %s: the threshold itself is still below', (tokens, price) => {
    expect(priceForRequest(january, tokens)?.toFixed()).toBe(price);
  });

  test('a multiplier applies to every threshold', () => {
    const batch = found('long').meters.get('batch_input')?.[1];
    expect(batch?.above.map((row) => [row.above_input_tokens, row.price.toFixed()])).toEqual([
      [200_000, new Decimal(4).times('0.5').toFixed()],
      [500_000, new Decimal(6).times('0.5').toFixed()],
    ]);
  });

  test('a stated price replaces the thresholds of its meter and leaves other meters alone', () => {
    const answer = found('long', { overrides: [stated({ input: '3' }, null, null, 'long')] });
    expect(answer.meters.get('input')?.[0]).toMatchObject({ above: [] });
    expect(answer.meters.get('output')?.[0]?.above).toHaveLength(1);
  });
});

describe('multipliers', () => {
  test('hold from their first day and name what they are derived from', () => {
    const answer = found('small');
    expect(texts(answer, 'batch_input')).toEqual([null, '0.5', '0.5']);
    expect(answer.meters.get('batch_input')?.[1]?.row?.derived_from).toMatchObject({
      meter: 'input',
      source: 'https://acme.example/batch',
    });
    expect(billedBy(answer, 'batch_input', ['2026-12'])[0]).toMatchObject({ meter: 'input' });
  });

  test('apply to a stated price, unless their own meter is stated', () => {
    expect(
      texts(found('small', { overrides: [stated({ input: '3' }, null, null, 'small')] }), 'batch_input')?.[1],
    ).toBe('1.5');
    const both = [stated({ input: '3', batch_input: '2' }, null, null, 'small')];
    expect(texts(found('small', { overrides: both }), 'batch_input')?.[1]).toBe('2');
  });
});

describe('stated prices', () => {
  test('hold from inclusive to exclusive, and meters left out keep the price of the book', () => {
    const answer = found('dated', { overrides: [stated({ input: '9' }, '2027-01-01', '2027-02-01')] });
    expect(texts(answer, 'input')).toEqual(['2', '9', '1']);
    expect(texts(answer, 'output')).toEqual(['8', '8', '4']);
    expect(answer.meters.get('input')?.[1]?.row).toMatchObject({ source: 'stated in the scenario', known_at: null });
  });

  test('of two that hold, the later start counts whatever their order', () => {
    const early = stated({ input: '9' });
    const late = stated({ input: '7' }, '2027-01-01');
    expect(texts(found('dated', { overrides: [early, late] }), 'input')).toEqual(['9', '7', '7']);
    expect(texts(found('dated', { overrides: [late, early] }), 'input')).toEqual(['9', '7', '7']);
  });

  test('of two that start together, the one listed later counts', () => {
    const answer = found('dated', { overrides: [stated({ input: '9' }), stated({ input: '7' })] });
    expect(texts(answer, 'input')).toEqual(['7', '7', '7']);
  });

  test('reach a model by its alias, and one the book lacks by its own name', () => {
    expect(
      texts(found('small', { overrides: [stated({ input: '9' }, null, null, 'vendor/small')] }), 'input')?.[0],
    ).toBe('9');
    const future = found('small-2', {
      overrides: [stated({ input: '9', output: '10' }, '2027-01-01', null, 'small-2')],
    });
    expect(future.model).toBe('small-2');
    expect(texts(future, 'input')).toEqual([null, '9', '9']);
  });

  test('of another model or provider change nothing', () => {
    const other = { ...stated({ input: '9' }), provider: 'else' };
    expect(texts(found('dated', { overrides: [other, stated({ input: '9' }, null, null, 'small')] }), 'input')).toEqual(
      ['2', '2', '1'],
    );
  });
});

test('every month has exactly one price, the last stated or listed one that holds, whatever the dates', () => {
  const month = fc
    .tuple(fc.integer({ min: 2025, max: 2028 }), fc.integer({ min: 1, max: 12 }))
    .map(([year, number]) => `${year}-${String(number).padStart(2, '0')}`);
  const cuts = fc.uniqueArray(month, { minLength: 0, maxLength: 6 }).map((months) => months.toSorted());
  fc.assert(
    fc.property(cuts, fc.uniqueArray(month, { minLength: 1, maxLength: 12 }), (starts, months) => {
      const days = starts.map((start) => `${start}-01`);
      const prices = [undefined, ...days].map((from, i) => ({
        ...(from === undefined ? {} : { valid_from: from }),
        ...(days[i] === undefined ? {} : { valid_to: days[i] }),
        input: String(i + 1),
      }));
      const file = { ...acme, models: [{ id: 'm', prices }] };
      const one: PriceBook = {
        providers: new Map([['acme', parsePriceFile(file, 'm.json')]]),
        multipliers: [],
        fees: [],
        surcharges: [],
        changes: [],
        rents: [],
        allowances: [],
      };
      const answer = findPrices(one, { provider: 'acme', model: 'm', asOf: '2026-11-22', months, overrides: [] });
      if (!answer.ok) throw new Error(answer.problem.message);
      const expected = months.map((asked) => String(1 + starts.filter((start) => start <= asked).length));
      expect(texts(answer, 'input')).toEqual(expected);
    }),
  );
});
