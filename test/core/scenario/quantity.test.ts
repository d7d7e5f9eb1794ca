import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { central, quantileOf } from '../../../src/core/sampling/distributions.ts';
import { describeQuantity } from '../../../src/core/scenario/describe-quantity.ts';
import { workloadFields as fields, machineFields, scenarioFields } from '../../../src/core/scenario/fields.ts';
import { parseQuantity } from '../../../src/core/scenario/quantity.ts';
import { baseOf } from '../../../src/core/scenario/quantity-base.ts';
import type { QuantityField } from '../../../src/core/scenario/quantity-field.ts';
import type { Quantity } from '../../../src/core/scenario/scenario.ts';

const any: QuantityField = {
  sort: 'any',
  min: '-1000000000000000',
  max: '1000000000000000',
  varies: 'once',
  byMonth: true,
};
const requests = fields.requests_per_month;
const share = fields.cached_input_share;

describe('numbers', () => {
  test.each([
    [1200, '1200'],
    [0.1, '0.1'],
    [1e-7, '0.0000001'],
    [-0, '0'],
    ['1200', '1200'],
    ['-5', '-5'],
    ['-0', '0'],
    ['00012', '12'],
    ['0.123456789012', '0.123456789012'],
    ['250k', '250000'],
    ['250K', '250000'],
    ['1.2M', '1200000'],
    ['1.5B', '1500000000'],
    ['1.5G', '1500000000'],
    ['1000T', '1000000000000000'],
    [1_000_000_000_000_000, '1000000000000000'],
    ['12%', '0.12'],
    ['12 %', '0.12'],
    ['-2.5%', '-0.025'],
    ['999999999999.123456789012', '999999999999.123456789012'],
  ])('%p is exactly %s', (input, expected) => {
    expect(constant(input, any)).toBe(expected);
  });

  test.each([
    ...[
      1e308,
      -1e308,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1 / 3,
      '1e5',
      '1e-400',
      'NaN',
      'Infinity',
      '-Infinity',
      '0x10',
      '0b11',
      '1_000',
      '+5',
      '٣',
    ],
    ...[
      ' 12',
      '12 ',
      '1,5',
      '1,000',
      '1.000,50',
      '٫',
      '=1+1',
      '−5',
      '1.',
      '.5',
      '',
      ' ',
      '1 k',
      '1.2m',
      '5%%',
      '1k%',
      '1kk',
      '--1',
      '1 000',
    ],
    ...[
      '9'.repeat(17),
      '9'.repeat(200),
      `0.${'1'.repeat(13)}`,
      '9'.repeat(100_000),
      '1\u0000',
      '1\n2',
      '\u202e5',
      '\ud800',
      'to',
      ' to ',
      '..',
      '±',
      '5 to',
      'to 5',
      '5 to 6 to 7',
    ],
    ...[null, true, [], {}, [5], { value: 5 }, { __proto__: null }, undefined],
  ])('%p is no number, and says so', (input) => {
    const faults = faultsOf(input, any);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults[0]?.message).toMatch(/not a number|too many digits|too long|expected a number|is a percentage/);
    expect(faults[0]?.message.length).toBeLessThan(400);
  });

  test.each([
    ['1_000', ['1000']],
    [' 12', ['12']],
    ['+5', ['5']],
    ['−5', ['-5']],
    ['1.2m', ['1.2M']],
    ['1e6', ['1000000']],
    ['$40', ['40']],
    ['250 k', ['250k']],
    ['1,000,000', ['1000000']],
    ['1,5', ['1.5', '15']],
    ['5-15', ['5 to 15']],
    ['5:15', ['5 to 15']],
    ['[25, 35]', ['25 to 35']],
    ['5 – 15', ['5 to 15']],
    ['0x10', []],
  ])('%p offers %p', (input, suggestions) => {
    expect(faultsOf(input, any)[0]?.suggestions).toEqual(suggestions);
  });

  test('a share of 40 is refused and 40% offered, because 40 may be 4000 %', () => {
    const [fault] = faultsOf(40, share);
    expect(fault).toMatchObject({ code: 'out-of-range', suggestions: ['40%'], limit: '1' });
    expect(fault?.message).toBe('40 is out of range: expected from 0% to 100%. Did you mean "40%"?');
  });

  test.each([
    [requests, '1000T', ['1000.1T', -1]],
    [fields.growth_per_month, '-100%', ['-101%', '100.1%', '1000000%']],
    [fields.growth_per_month, '100%', []],
    [machineFields.residual_value, '300%', ['301%', '-1%']],
    [machineFields.gpu_price, '9999999999999.99', ['10000000000000']],
    [scenarioFields.unit_price, 1_000_000, ['1000000.01', -0.01]],
    [machineFields.utilization_cap, '100%', [0, '101%']],
    [machineFields.life_months, 1, [0, 0.5, 601]],
    [scenarioFields.exchange_rate, '0.0001', [0]],
    [scenarioFields.tolerance, '99%', [0, 1]],
  ])('bounds hold at the limit and refuse beyond it', (field: QuantityField, atLimit, beyond) => {
    expect(parseQuantity(atLimit, field).ok).toBe(true);
    for (const input of beyond) expect(faultsOf(input, field)[0]?.code).toMatch(/out-of-range|not-whole/);
  });
});

describe('ranges', () => {
  test('5 to 15 of a positive quantity is lognormal: its ends are the 5 % and 95 % points, its median √(5·15)', () => {
    const { distribution, varies, text } = range('5 to 15', scenarioFields.operator_hours);
    expect(distribution.kind).toBe('lognormal');
    expect(quantileOf(distribution, 0.05)).toBeCloseTo(5, 10);
    expect(quantileOf(distribution, 0.95)).toBeCloseTo(15, 10);
    expect(central(distribution)).toBeCloseTo(Math.sqrt(5 * 15), 12);
    expect({ varies, text }).toEqual({ varies: 'monthly', text: '5 to 15' });
  });

  test.each([
    ['800k..1.2M', requests, 'lognormal', 800_000, 1_200_000],
    ['250k to 400k', requests, 'lognormal', 250_000, 400_000],
    ['250k  to   400k', requests, 'lognormal', 250_000, 400_000],
    ['800 to 1.2k', requests, 'lognormal', 800, 1200],
    ['1M ±15%', requests, 'lognormal', 850_000, 1_150_000],
    ['1M +-15%', requests, 'lognormal', 850_000, 1_150_000],
    ['1M +/- 15 %', requests, 'lognormal', 850_000, 1_150_000],
    ['20% to 40%', share, 'logit-normal', 0.2, 0.4],
    ['40% ±10%', share, 'logit-normal', 0.36, 0.44],
    ['1% to 4%', fields.growth_per_month, 'normal', 0.01, 0.04],
    ['-2% to 2%', fields.growth_per_month, 'normal', -0.02, 0.02],
    ['-2% ±50%', fields.growth_per_month, 'normal', -0.03, -0.01],
  ])('%s', (text, field: QuantityField, kind, low, high) => {
    const { distribution } = range(text, field);
    expect(distribution.kind).toBe(kind);
    expect(quantileOf(distribution, 0.05)).toBeCloseTo(low, low > 1000 ? 3 : 10);
    expect(quantileOf(distribution, 0.95)).toBeCloseTo(high, low > 1000 ? 3 : 10);
  });

  test('a range that touches 0 keeps its ends and never goes below', () => {
    const { distribution } = range('0 to 10', scenarioFields.operator_hours);
    expect(quantileOf(distribution, 0.95)).toBeCloseTo(10, 10);
    expect(quantileOf(distribution, 1e-9)).toBe(0);
  });

  test('{min, mode, max} is PERT with its mode as base, {p10, p50, p90} goes through its three points', () => {
    expect(range({ min: 7000, mode: '8.5k', max: 11_000 }, requests).distribution).toEqual({
      kind: 'pert',
      min: 7000,
      mode: 8500,
      max: 11_000,
    });
    const { distribution } = range({ p10: 5, p50: 8, p90: 15 }, requests);
    expect([0.1, 0.5, 0.9].map((u) => quantileOf(distribution, u))).toEqual(
      [5, 8, 15].map((v) => expect.closeTo(v, 9)),
    );
  });

  test('the long form overrules how the field varies', () => {
    expect(range({ range: '5 to 15', varies: 'once' }, scenarioFields.operator_hours).varies).toBe('once');
    expect(range({ range: '5 to 15', varies: 'monthly' }, requests).varies).toBe('monthly');
    expect(range({ range: '5 to 15' }, scenarioFields.operator_hours).varies).toBe('monthly');
    expect(range({ min: 1, mode: 2, max: 3, varies: 'monthly' }, requests).varies).toBe('monthly');
  });

  test('only operator hours and the price of electricity vary monthly by themselves', () => {
    const monthly = Object.entries({ ...fields, ...machineFields, ...scenarioFields }).filter(
      ([, field]) => field.varies === 'monthly',
    );
    expect(monthly.map(([name]) => name)).toEqual(['operator_hours', 'price_per_kwh']);
  });

  test.each(['5 to 5', '5 ±0%', { min: 5, mode: 5, max: 5 }, { p10: 5, p50: 5, p90: 5 }, { range: '5 to 5' }])(
    '%p has no width and is the constant 5',
    (input) => {
      expect(constant(input, requests)).toBe('5');
    },
  );

  test.each([
    ['15 to 5', requests, 'reversed-range', '15 to 5" runs backwards. Did you mean "5 to 15"?'],
    ['4%..1%', share, 'reversed-range', 'Did you mean "1% to 4%"?'],
    ['250 to 400k', requests, 'ambiguous-range', 'Did you mean "250k to 400k"?'],
    ['5 to 15%', share, 'ambiguous-range', 'Did you mean "5% to 15%"?'],
    ['10% to 140%', share, 'out-of-range', '140% is out of range'],
    ['-5 to 15', requests, 'out-of-range', '-5 is out of range'],
    ['80% ±50%', share, 'out-of-range', '1.2 is out of range'],
    ['5 ±2', requests, 'range-malformed', 'a percentage'],
    ['5 ±150%', requests, 'range-malformed', 'up to 100%'],
    ['x to 5', requests, 'not-a-number', '"x" is not a number'],
    [{ min: 5, mode: 2, max: 9 }, requests, 'range-malformed', 'must not fall'],
    [{ p10: 5, p50: 4, p90: 9 }, requests, 'range-malformed', 'must rise'],
    [{ p10: 1, p50: 1.01, p90: 90 }, requests, 'range-malformed', 'too near'],
    [{ p10: 0, p50: 4, p90: 9 }, requests, 'range-malformed', 'above 0'],
  ])('%p is refused', (input, field: QuantityField, code, message) => {
    const [fault] = faultsOf(input, field);
    expect(fault?.code).toBe(code);
    expect(fault?.message).toContain(message);
  });

  test('every fault of a form has its place', () => {
    const places = (input: unknown, field: QuantityField = requests) =>
      faultsOf(input, field).map(({ path, code }) => [...path, code].join(' '));
    expect(places({ min: 1, mode: 'x' })).toEqual(['mode not-a-number', 'max missing']);
    expect(places({ range: '5 to 4', vary: 'once' })).toEqual(['vary unknown-key', 'range reversed-range']);
    expect(places({ range: '5 to 9', varies: 'weekly' })).toEqual(['varies wrong-value']);
    expect(places({ range: '5 to 9', varies: 'monthly' }, machineFields.life_months)).toEqual(['varies not-by-month']);
    expect(places({ series: [1, 'x', -1] })).toEqual(['series 1 not-a-number', 'series 2 out-of-range']);
    expect(places({ series: [] })).toEqual(['series wrong-type']);
    expect(places({ series: [1, 2], mode: 4 })).toEqual(['mode unknown-key']);
    expect(places({ series: [1, 2] }, machineFields.life_months)).toEqual(['not-by-month']);
  });
});

describe('words', () => {
  test.each([
    ['5 to 15', requests, '5 to 15: nine times in ten between 5 and 15, median 8.66'],
    ['1% to 4%', fields.growth_per_month, '1% to 4%: nine times in ten between 1% and 4%, median 2.5%'],
    ['250k..400k', requests, '250k..400k: nine times in ten between 250000 and 400000, median 316000'],
    [{ min: 1, mode: 2, max: 4 }, requests, '{min: 1, mode: 2, max: 4}: between 1 and 4, most often about 2'],
    [
      { p10: 1, p50: 2, p90: 4 },
      requests,
      '{p10: 1, p50: 2, p90: 4}: one time in ten below 1, one in ten above 4, median 2',
    ],
    ['1.50', requests, '1.5'],
    [{ series: [3, 1, 2] }, requests, '3 monthly values, 1 to 3'],
  ])('%p reads back', (input, field: QuantityField, words) => {
    expect(describeQuantity(quantity(input, field))).toBe(words);
  });
});

describe('properties', () => {
  test('a number read back from its plain digits is the same number', () => {
    const digits = fc.tuple(fc.integer({ min: 0, max: 999_999_999 }), fc.integer({ min: 0, max: 999_999 }));
    fc.assert(
      fc.property(digits, ([whole, part]) => {
        const text = `${whole}.${String(part).padStart(6, '0')}`;
        const once = constant(text, any);
        expect(constant(once, any)).toBe(once);
        expect(Number(once)).toBe(Number(text));
      }),
    );
  });

  test('the base of a range lies between its ends', () => {
    const ends = fc.tuple(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 1_000_000 }));
    fc.assert(
      fc.property(ends, ([a, b]) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const base = baseOf(quantity(`${low} to ${high}`, requests), 1).toNumber();
        expect(base).toBeGreaterThanOrEqual(low * (1 - 1e-11));
        expect(base).toBeLessThanOrEqual(high * (1 + 1e-11));
      }),
    );
  });

  test('any text and any JSON is a quantity or a list of faults, quickly, never an exception', () => {
    const near = fc.stringMatching(/^[-+0-9.,kKM% ±toe_[\]:]{0,30}$/);
    fc.assert(
      fc.property(fc.oneof(near, fc.string(), fc.jsonValue()), (input) => {
        for (const field of [any, share, requests, machineFields.life_months]) {
          const reading = parseQuantity(input, field);
          if (!reading.ok) expect(reading.faults.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function quantity(input: unknown, field: QuantityField): Quantity {
  const reading = parseQuantity(input, field);
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return reading.value;
}

function constant(input: unknown, field: QuantityField): string {
  const read = quantity(input, field);
  if (read.kind !== 'constant') throw new Error(`${read.kind} instead of a constant`);
  return read.value.toFixed();
}

function range(input: unknown, field: QuantityField): Extract<Quantity, { kind: 'range' }> {
  const read = quantity(input, field);
  if (read.kind !== 'range') throw new Error(`${read.kind} instead of a range`);
  return read;
}

function faultsOf(input: unknown, field: QuantityField) {
  const reading = parseQuantity(input, field);
  return reading.ok ? [] : reading.faults;
}
