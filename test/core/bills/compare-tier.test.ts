import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { BillDecimal } from '../../../src/core/bills/bill-decimal.ts';
import { compareTier } from '../../../src/core/bills/compare-tier.ts';
import type { TierComparison } from '../../../src/core/bills/comparison.ts';
import { amountLine, bandAt, billed, metered, spendOf, tierQuestion } from './tier-question.ts';

function steps({ bridge }: TierComparison): Record<string, string> {
  return Object.fromEntries(bridge.map(({ effect, amount }) => [effect, amount]));
}

function sumOf(amounts: readonly string[]): string {
  return amounts.reduce((sum, amount) => sum.plus(amount), new Decimal(0)).toFixed(2);
}

describe('a month of one provider, worked by hand', () => {
  // Forecast: 100 × 3 + 50 × 0.30 + 20 × 15 = 615.00, median 610.00. P̄ = 615 ÷ 170.
  const lines = [metered('input', 100, 3), metered('cached_input', 50, '0.3'), metered('output', 20, 15)];
  // Billed: 120 Mtok of input for 363 (3 more than 120 × 3), 40 cached for 12, 20 of output at the new 12, 4 written at 3.75.
  const spend = spendOf([
    billed('input', 120, 363),
    billed('cached_input', 40, 12),
    billed('output', 20, 240),
    billed('cache_write_5m', 4, 15),
  ]);
  const prices = { input: 3, cached_input: '0.3', cache_write_5m: '3.75' };
  const compared = compareTier(
    tierQuestion({
      lines,
      spend,
      bill: bandAt('610.00', '615.00'),
      before: { ...prices, output: 15 },
      now: { ...prices, output: 12 },
    }),
  );

  test('the bridge leads from the median over the base case to the bill', () => {
    const mean = 615 / 170;
    expect(steps(compared)).toEqual({
      range: (615 - 610).toFixed(2),
      volume: ((184 - 170) * mean).toFixed(2),
      mix: (120 * 3 + 40 * 0.3 + 20 * 15 + 4 * 3.75 - 184 * mean).toFixed(2),
      list_price: (20 * (12 - 15)).toFixed(2),
      rate: '0.00',
      fees: '0.00',
      exchange_rate: '0.00',
      fixed: '0.00',
      residual: (363 - 120 * 3).toFixed(2),
    });
    expect(compared.actual).toBe((363 + 12 + 240 + 15).toFixed(2));
    expect(sumOf([compared.forecast.p50, ...Object.values(steps(compared))])).toBe(compared.actual);
  });

  test('it is a hit, 3.28 % above the forecast, in the lower half of the futures', () => {
    expect(compared).toMatchObject({
      variance: '20.00',
      variance_share: (20 / 610).toFixed(6),
      accuracy: (1 - 20 / 610).toFixed(6),
      hit: true,
      place: {
        percentile: ((629 + 0.5) / 1999).toFixed(6),
        says: expect.stringContaining('between P10 and the median'),
      },
      unit_cost: {
        forecast: { per_million_tokens: (615 / 170).toFixed(5), million_tokens: '170' },
        actual: { per_million_tokens: (630 / 184).toFixed(5), million_tokens: '184' },
      },
    });
  });

  test('it says where figures come from that the bill does not have', () => {
    expect(compared.notes.map(({ code }) => code)).toEqual(['price-from-catalogue', 'forecast-price-from-catalogue']);
  });

  test('an unexplained three of 630 raises no flag, seven do', () => {
    expect(compared.flags).toEqual([]);
    const more = compareTier(
      tierQuestion({
        lines,
        spend: spendOf([billed('input', 100, 307), billed('cached_input', 50, 15), billed('output', 20, 300)]),
        bill: bandAt('615.00'),
        now: { ...prices, output: 15 },
      }),
    );
    expect(more.flags.map(({ code }) => code)).toEqual(['residual', 'price-differs']);
    expect(steps(more).residual).toBe('7.00');
  });
});

test('list and agreed prices on the bill part the price step from the rate step', () => {
  // 100 Mtok: list went from 3 to 4, and 10 % were agreed off; the invoice charges what was agreed.
  const spend = spendOf([billed('input', 100, 360, { listCost: new Decimal(400), contractedCost: new Decimal(360) })]);
  const compared = compareTier(
    tierQuestion({ lines: [metered('input', 100, 3)], spend, bill: bandAt('300.00'), now: { input: 4 } }),
  );
  expect(steps(compared)).toMatchObject({
    list_price: (100 * (4 - 3)).toFixed(2),
    rate: (100 * 4 * (0.9 - 1)).toFixed(2),
    residual: '0.00',
  });
});

test('a router takes its fee on top: on the bill where it is there, else from the price book', () => {
  const lines = [
    metered('input', 100, 1, { provider: 'openrouter' }),
    amountLine('router_fee', '5.50', { kind: 'fee', provider: 'openrouter' }),
  ];
  const groups = [billed('input', 200, 200, { provider: 'openrouter' })];
  const asked = {
    kind: 'fee',
    provider: 'openrouter',
    label: 'Credit fee',
    unit: null,
    quantity: null,
    currency: 'USD',
  } as const;
  const question = { lines, bill: bandAt('105.50'), now: { input: 1 } };
  const fromBook = compareTier(tierQuestion({ ...question, spend: spendOf(groups) }));
  expect(fromBook.actual).toBe((200 * 1.055).toFixed(2));
  expect(steps(fromBook)).toMatchObject({ volume: (100 * 1.055).toFixed(2), fees: '0.00' });
  expect(fromBook.notes.map(({ code }) => code)).toContain('fee-from-price-book');
  const onBill = compareTier(
    tierQuestion({ ...question, spend: spendOf(groups, { items: [{ ...asked, amount: new Decimal(16) }] }) }),
  );
  expect(onBill.actual).toBe((200 + 16).toFixed(2));
  expect(steps(onBill)).toMatchObject({ volume: (100 * 1.055).toFixed(2), fees: (200 * (0.08 - 0.055)).toFixed(2) });
});

test('volume and mix are reckoned by unit and added, for tokens and searches have no common mean', () => {
  const lines = [metered('input', 100, 3), metered('web_searches', 2, 10, { unit: 'ksearches' })];
  const spend = spendOf([billed('input', 110, 330), billed('web_searches', 3, 30, { unit: 'ksearches' })]);
  const compared = compareTier(
    tierQuestion({ lines, spend, bill: bandAt('320.00'), now: { input: 3, web_searches: 10 } }),
  );
  expect(steps(compared)).toMatchObject({ volume: (10 * 3 + 1 * 10).toFixed(2), mix: '0.00', residual: '0.00' });
});

test('what no scenario foresaw is a row of its own, and all of it is mix', () => {
  const spend = spendOf([billed('input', 100, 300), billed('input', 10, 50, { model: 'another' })]);
  const compared = compareTier(
    tierQuestion({ lines: [metered('input', 100, 3)], spend, bill: bandAt('300.00'), now: { input: 3 } }),
  );
  // The catalogue of this test has one price for every model: 10 × 3 is explained, 20 is not.
  expect(compared.rows.map(({ id, base, actual }) => [id, base, actual])).toEqual([
    ['chat', '300.00', '300.00'],
    ['unforeseen', '0.00', '50.00'],
  ]);
  expect(compared.rows[1]?.effects).toMatchObject({ volume: '0.00', mix: '30.00', residual: '20.00' });
});

test('a model that two workloads use is shared out by their forecast shares, unless a rule says whose it is', () => {
  const lines = [metered('input', 30, 1), metered('input', 10, 1, { workload: 'search' })];
  const shared = compareTier(
    tierQuestion({ lines, spend: spendOf([billed('input', 80, 80)]), bill: bandAt('40.00'), now: { input: 1 } }),
  );
  expect(shared.rows.map(({ id, actual }) => [id, actual])).toEqual([
    ['chat', (80 * 0.75).toFixed(2)],
    ['search', (80 * 0.25).toFixed(2)],
  ]);
  expect(shared.notes.map(({ code }) => code)).toContain('shared-by-forecast');
  const ruled = spendOf([billed('input', 50, 50), billed('input', 30, 30, { workload: 'search' })]);
  const told = compareTier(
    tierQuestion({
      lines: [metered('input', 30, 1), metered('output', 10, 1, { workload: 'search', model: 'b' })],
      spend: ruled,
      bill: bandAt('40.00'),
      now: { input: 1 },
    }),
  );
  expect(told.rows.map(({ id, actual }) => [id, actual])).toEqual([
    ['chat', '50.00'],
    ['search', '30.00'],
  ]);
});

test('amounts without quantities show as volume, and that is said', () => {
  const lines = [metered('input', 100, 3), metered('output', 20, 15)];
  const compared = compareTier(
    tierQuestion({
      lines,
      spend: spendOf([billed(null, null, 900, { model: null })]),
      bill: bandAt('600.00'),
      now: { input: 3, output: 15 },
    }),
  );
  expect(steps(compared)).toMatchObject({ volume: '300.00', mix: '0.00', residual: '0.00' });
  expect(compared.notes.map(({ code }) => code)).toContain('quantity-from-amount');
});

test('quantities on lines of their own explain a total that names no model', () => {
  const lines = [metered('input', 100, 3), metered('output', 20, 15)];
  const spend = spendOf([
    billed('input', 120, null),
    billed('output', 20, null),
    billed(null, null, 660, { model: null }),
  ]);
  const compared = compareTier(tierQuestion({ lines, spend, bill: bandAt('600.00'), now: { input: 3, output: 15 } }));
  const mean = 600 / 120;
  expect(steps(compared)).toMatchObject({
    volume: (20 * mean).toFixed(2),
    mix: (120 * 3 + 300 - 140 * mean).toFixed(2),
    residual: '0.00',
  });
});

test('another exchange rate is a step of its own', () => {
  const lines = [metered('input', 100, 3, { exchangeRate: '0.9' })];
  const compared = compareTier(
    tierQuestion({
      lines,
      spend: spendOf([billed('input', 100, 300)]),
      bill: bandAt('270.00'),
      currency: 'EUR',
      now: { input: 3 },
      exchangeRate: (currency) => new Decimal(currency === 'EUR' ? 1 : '0.95'),
    }),
  );
  expect(steps(compared)).toMatchObject({ exchange_rate: (300 * (0.95 - 0.9)).toFixed(2), residual: '0.00' });
  expect(compared.actual).toBe((300 * 0.95).toFixed(2));
});

describe("machines of one's own", () => {
  const power = {
    unit: 'kWh',
    quantity: new Decimal(80),
    price: new Decimal('0.2'),
    rate: new Decimal(1),
    exchangeRate: new Decimal(1),
    currency: null,
  };
  const hours = { ...power, unit: 'h', quantity: new Decimal(10), price: new Decimal(75) };
  const lines = [
    amountLine('amortisation', '137.50', { label: 'Depreciation' }),
    amountLine('electricity', '16.00', { label: 'Electricity', measured: power }),
    amountLine('operator_time', '750.00', { label: 'Operator time', perimeter: 'full', measured: hours }),
  ];
  const item = { kind: 'local', provider: 'local', unit: 'kWh', currency: 'USD' } as const;
  const bill = spendOf([], {
    items: [{ ...item, label: 'Electricity', quantity: new Decimal(100), amount: new Decimal('21.37') }],
  });

  test('power is what its bill says, depreciation what was forecast, and that is said', () => {
    const compared = compareTier(tierQuestion({ lines, spend: bill, bill: bandAt('153.50'), full: bandAt('903.50') }));
    expect(compared.actual).toBe((137.5 + 21.37).toFixed(2));
    expect(steps(compared)).toMatchObject({ fixed: (21.37 - 16).toFixed(2), volume: '0.00' });
    expect(compared.fixed.map(({ id, from, actual_quantity }) => [id, from, actual_quantity])).toEqual([
      ['amortisation', 'forecast', null],
      ['electricity', 'bill', '100'],
    ]);
    expect(compared.notes.map(({ message }) => message)).toEqual([
      'No bill says Depreciation: the forecast amounts are taken.',
    ]);
    expect(compared.full).toEqual({ forecast: '903.50', actual: null, reason: 'no-timesheet' });
  });

  test('with a timesheet the full cost is compared as well', () => {
    const spend = spendOf([], {
      items: [
        ...bill.items,
        { ...item, unit: 'h', label: 'Operator hours', quantity: new Decimal(12), amount: new Decimal(900) },
      ],
    });
    const compared = compareTier(tierQuestion({ lines, spend, bill: bandAt('153.50'), full: bandAt('903.50') }));
    expect(compared.actual).toBe((137.5 + 21.37).toFixed(2));
    expect(compared.full).toMatchObject({ actual: (137.5 + 21.37 + 900).toFixed(2), hit: false });
  });
});

test('a month that no forecast foresaw is shown and never scored', () => {
  const compared = compareTier(
    tierQuestion({
      lines: [metered('input', 100, 3)],
      spend: spendOf([billed('input', 100, 300)]),
      bill: bandAt('300.00'),
      frozen: false,
    }),
  );
  expect(compared).toMatchObject({
    actual: '300.00',
    hit: null,
    place: null,
    reason: 'not-frozen',
    record: null,
    full: { actual: null },
  });
});

test('the record is of the last six closed months, this one included', () => {
  const earlier = Array.from({ length: 7 }, (_, i) => ({
    period: `2026-0${i + 3}`,
    tier: 'anthropic',
    perimeter: 'bill' as const,
    forecast: '100.00',
    actual: i === 6 ? '120.00' : '105.00',
    hit: i !== 6,
    z: 0.1,
  }));
  const compared = compareTier(
    tierQuestion({
      lines: [metered('input', 100, 3)],
      spend: spendOf([billed('input', 100, 270)]),
      bill: bandAt('300.00'),
      earlier,
      now: { input: 3 },
    }),
  );
  expect(compared.record).toMatchObject({
    months: ['2026-05', '2026-06', '2026-07', '2026-08', '2026-09', '2026-10'],
    hits: 5,
    bias: new Decimal(4 * 0.05 + 0.2 - 0.1).div(6).toDecimalPlaces(6).toFixed(),
    mape: new Decimal(4 * 0.05 + 0.2 + 0.1).div(6).toDecimalPlaces(6).toFixed(),
  });
});

describe('whatever was forecast and billed', () => {
  const cents = fc.integer({ min: 0, max: 5_000_000 }).map((n) => new Decimal(n).div(100));
  const fine = fc.integer({ min: 0, max: 2_000_000_000 }).map((n) => new Decimal(n).div(1_000_000));
  const meter = fc.constantFrom('input', 'cached_input', 'output', 'web_searches');
  const unitOf = (name: string): string => (name === 'web_searches' ? 'ksearches' : 'Mtok');
  const model = fc.constantFrom('claude-x', 'claude-y');
  const line = fc
    .record({ meter, quantity: fine, price: fine, rate: fine, workload: fc.constantFrom('chat', 'search'), model })
    .map(({ meter: name, quantity, price, rate, ...rest }) => {
      const made = metered(name, quantity.div(100), price.div(100), {
        rate: rate.div(1000),
        exchangeRate: '0.91',
        unit: unitOf(name),
      });
      return { ...made, ...rest };
    });
  const group = fc
    .record({
      meter: fc.option(meter),
      model: fc.constantFrom('claude-x', 'claude-y', 'unknown', null),
      quantity: fc.option(fine),
      cost: fc.option(fine),
      list: fc.option(fine),
      currency: fc.constantFrom('USD', 'EUR'),
      workload: fc.constantFrom(null, null, null, 'search'),
    })
    .map(({ meter: name, quantity, cost, list, ...rest }) =>
      billed(name, quantity, cost, {
        ...rest,
        unit: quantity === null || name === null ? null : unitOf(name),
        listCost: cost === null ? null : list,
      }),
    );
  const fee = fc.option(
    cents.map((amount) => amountLine('router_fee', amount, { kind: 'fee', provider: 'anthropic' })),
    { nil: undefined },
  );
  const item = fc
    .record({ kind: fc.constantFrom('fee' as const, 'credit' as const, 'commitment' as const), amount: fine })
    .map(({ kind, amount }) => ({
      kind,
      provider: 'anthropic',
      label: kind,
      unit: null,
      quantity: null,
      currency: 'USD',
      amount,
    }));

  test('F and the bridge are the bill to the cent, and rows and columns add up', () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.array(group, { maxLength: 7 }),
        fc.array(
          cents.map((amount) => amountLine('rent', amount)),
          { maxLength: 1 },
        ),
        fee,
        fc.array(item, { maxLength: 2 }),
        cents,
        fc.constantFrom(0, 2, 3),
        (lines, groups, fixed, feeLine, items, median, minorUnits) => {
          const all = [...lines, ...fixed, ...(feeLine === undefined ? [] : [feeLine])].map((one) => ({
            ...one,
            amount: one.amount.toDecimalPlaces(minorUnits),
          }));
          const compared = compareTier(
            tierQuestion({
              lines: all,
              spend: spendOf(groups, { items }),
              bill: bandAt(median.toFixed(minorUnits)),
              currency: 'EUR',
              minorUnits,
              exchangeRate: (currency) => new Decimal(currency === 'EUR' ? 1 : '0.93'),
              now: { input: 3, output: 15 },
              before: { input: 4 },
            }),
          );
          const add = (amounts: readonly string[]): Decimal =>
            amounts.reduce((total, one) => total.plus(one), new BillDecimal(0));
          const actual = new BillDecimal(compared.actual);
          const adds = (what: string, parts: readonly string[], total: Decimal.Value): string[] =>
            add(parts).equals(total) ? [] : [what];
          const wrong = [
            ...adds('bridge', [compared.forecast.p50, ...compared.bridge.map(({ amount }) => amount)], actual),
            ...adds(
              'rows',
              compared.rows.map((row) => row.actual),
              actual,
            ),
            ...adds(
              'base',
              compared.rows.map((row) => row.base),
              compared.forecast.base,
            ),
            ...adds(
              'lines',
              all.map(({ amount }) => amount.toFixed()),
              compared.forecast.base,
            ),
            ...compared.rows.flatMap((row) => adds(row.id, [row.base, ...Object.values(row.effects)], row.actual)),
            ...compared.bridge.flatMap(({ effect, amount }) =>
              effect === 'range'
                ? []
                : adds(
                    effect,
                    compared.rows.map(({ effects }) => effects[effect]),
                    amount,
                  ),
            ),
          ];
          if (wrong.length > 0) throw new Error(`do not add up: ${wrong.join(', ')}`);
          // What was billed is all there: nothing is lost on the way to a row.
          const costs = groups.reduce(
            (total, { cost, currency }) => total.plus((cost ?? new Decimal(0)).times(currency === 'EUR' ? 1 : '0.93')),
            new Decimal(0),
          );
          const asked = items.reduce(
            (total, { kind, amount }) =>
              kind === 'fee' || kind === 'commitment' ? total.plus(amount.times('0.93')) : total,
            new Decimal(0),
          );
          const fees = items.some(({ kind }) => kind === 'fee') || feeLine === undefined;
          const kept = fixed.reduce(
            (total, { amount }) => total.plus(amount.toDecimalPlaces(minorUnits)),
            new Decimal(0),
          );
          const rest = actual.minus(costs).minus(asked).minus(kept).abs();
          if (fees && rest.gt(new Decimal(10).pow(-minorUnits).times(6))) throw new Error(`${rest.toFixed()} lost`);
        },
      ),
      { numRuns: 10_000 },
    );
  });
});
