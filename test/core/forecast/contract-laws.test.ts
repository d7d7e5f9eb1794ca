import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { breakEvenMonth } from '../../../src/core/forecast/comparison.ts';
import { sampleTiers } from '../../../src/core/forecast/sample.ts';
import { composeModels } from '../../../src/core/model/compose.ts';
import type { CostModel } from '../../../src/core/model/definition.ts';
import type { ScenarioObject } from '../../helpers/forecasting.ts';
import { baseOfScenario, catalogue, cellOf, forecastOf, sample, tierOf } from '../../helpers/forecasting.ts';
import { runExample } from '../../helpers/run-example.ts';

const ownedHardware = catalogue.models.get('owned-hardware') as CostModel;

type Given = Readonly<Record<string, string>>;

/** Exact values of rows of owned hardware: one machine, one workload, capacity 1 token/s unless given otherwise. */
function local(
  given: Given,
  month: number,
  rows: readonly string[],
  model: CostModel = ownedHardware,
): readonly Decimal[] {
  const box = { count: '1', gpus: '1', gpu_price: '1', host_price: '0', bought_month: '1', life_months: '36' };
  const kinds = { is_bought: '1', is_straight: '1', input_is_stated: '1', output_is_stated: '1' };
  const speeds = { stated_input_speed: '1', stated_output_speed: '1', utilization_cap: '1', residual_share: '0' };
  const example = {
    name: '',
    month,
    given: { ...box, ...kinds, ...speeds, ...given },
    expect: Object.fromEntries(rows.map((row) => [row, ''])),
  };
  return [...runExample(model, example, catalogue.models).values()].map((value) => new Decimal(value));
}

describe('the overflow law', () => {
  const secondsInMonth = 730 * 3600;

  /** Share of the work above capacity when load follows r·(1 − x)^(r − 1), x in 0…1, by the midpoint rule. */
  function integrated(r: number, c: number): number {
    const steps = 100_000;
    let over = 0;
    for (let i = 0; i < steps; i++) over += Math.max(0, r * (1 - (i + 0.5) / steps) ** (r - 1) - c);
    return over / steps;
  }

  function overflowAt(r: number, c: number): number {
    const work = new Decimal(secondsInMonth).div(c).toDecimalPlaces(12).toString();
    const [share] = local(
      { output_volume: work, all_tokens: work, peak_hour_ratio: String(r), overflow_allowed: '1' },
      1,
      ['overflow_share'],
    );
    return (share as Decimal).toNumber();
  }

  for (const r of [1, 1.0001, 1.5, 1.9, 2, 3]) {
    test(`is the area above capacity for a busiest hour of ${r} times the mean`, () => {
      for (const c of [0.05, 0.3, 0.7, 0.95, 1, 1.2, 1.5, 1.85, 1.9, 2.4, 3, 10]) {
        const found = overflowAt(r, c);
        expect([r, c, Math.abs(found - integrated(r, c)) < 1e-5]).toEqual([r, c, true]);
        expect(found === 0).toBe(c >= r);
      }
    });
  }

  test('gives 23.2 % at r = 1.9 and c = 1', () => {
    expect(overflowAt(1.9, 1).toFixed(3)).toBe('0.232');
  });

  test('never leaves more over than there is, nor less than none', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 20, noNaN: true }),
        fc.double({ min: 0.001, max: 25, noNaN: true }),
        (r, c) => {
          const share = overflowAt(Number(r.toFixed(6)), Number(c.toFixed(6)));
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 60 },
    );
  });
});

const methods = ['is_straight', 'is_declining', 'is_digits', 'is_resale'] as const;

/** A method of depreciation as the rows know it: by its flag. */
function by(method: (typeof methods)[number]): Given {
  return Object.fromEntries(methods.map((flag) => [flag, flag === method ? '1' : '0']));
}

/** The models of a purchase alone, which is what the laws of depreciation are about. */
const owning = composeModels(
  new Map<string, CostModel>([
    ...['machine-lots', 'machine-purchase', 'machine-loan', 'own-capital'].map(
      (id) => [id, catalogue.models.get(id) as CostModel] as const,
    ),
    [
      'owning',
      {
        ...ownedHardware,
        id: 'owning',
        inputs: [],
        rows: [],
        includes: ['machine-lots', 'machine-purchase', 'machine-loan', 'own-capital'],
      },
    ],
  ]),
).get('owning') as CostModel;

const purchased = (given: Given, month: number, rows: readonly string[]): readonly Decimal[] =>
  local(given, month, rows, { ...owning, uses: [] });

describe('I9: depreciation', () => {
  test.each(methods)('%s adds up to cost less residual, to the cent, for every life from 1 to 120 months', (method) => {
    for (let life = 1; life <= 120; life++) {
      const given = { gpu_price: '1999.99', residual_share: '0.07', life_months: String(life), ...by(method) };
      const [charged, book] = purchased(given, life, ['amortised_to_date', 'closing_book']);
      // 1,999.99 less 7 % is 1,859.9907.
      expect([life, charged?.toFixed(), book?.toFixed(8)]).toEqual([life, '1859.99', '139.99930000']);
    }
  });

  test('does so by every method for any price and residual, also one above the price', () => {
    const cents = fc.integer({ min: 1, max: 5_000_000 });
    const method = fc.constantFrom(...methods);
    fc.assert(
      fc.property(
        cents,
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 60 }),
        method,
        (price, percent, life, how) => {
          // A value that falls by the same share every month never reaches 0; such scenarios are refused.
          fc.pre(how !== 'is_resale' || percent > 0);
          const cost = new Decimal(price).div(100);
          const residual = new Decimal(percent).div(100);
          const given = {
            gpu_price: cost.toString(),
            residual_share: residual.toString(),
            life_months: String(life),
            ...by(how),
          };
          const [charged] = purchased(given, life, ['amortised_to_date']);
          const expected = cost.minus(cost.times(residual)).toDecimalPlaces(2, Decimal.ROUND_HALF_UP);
          expect(charged?.minus(expected).toFixed()).toBe('0');
        },
      ),
      { numRuns: 60 },
    );
  });

  test('by the double declining balance is never slower than the straight line at the end of a year', () => {
    for (const life of [24, 36, 60]) {
      const given = { gpu_price: '1000', life_months: String(life) };
      const [straight, declining, digits] = [methods[0], methods[1], methods[2]].map(
        (method) => purchased({ ...given, ...by(method) }, 12, ['closing_book'])[0] as Decimal,
      );
      expect(declining?.lt(straight as Decimal)).toBe(true);
      expect(digits?.lt(straight as Decimal)).toBe(true);
      // Price × (1 − 2/n)^t
      expect(declining?.toFixed(10)).toBe(
        new Decimal(1000).times(new Decimal(1).minus(new Decimal(2).div(life)).pow(12)).toFixed(10),
      );
    }
  });

  test('with the cost of capital has the present value C − S/(1 + r)ⁿ by every method', () => {
    const choices = fc.record({
      price: fc.integer({ min: 1, max: 100_000 }),
      residual: fc.integer({ min: 1, max: 150 }).map((percent) => percent / 100),
      rate: fc.integer({ min: 0, max: 40 }).map((percent) => percent / 100),
      life: fc.integer({ min: 1, max: 30 }),
      method: fc.constantFrom(...methods),
    });
    fc.assert(
      fc.property(choices, ({ price, residual, rate, life, method }) => {
        const growth = new Decimal(1).plus(rate).pow(new Decimal(1).div(12));
        const given = {
          gpu_price: String(price),
          residual_share: String(residual),
          life_months: String(life),
          capital_rate: String(rate),
          ...by(method),
        };
        const values = Array.from({ length: life }, (_, m) =>
          purchased(given, m + 1, ['depreciation', 'opening_book']),
        );
        const present = values.reduce(
          (sum, [depreciation, book], m) =>
            sum.plus((depreciation as Decimal).plus((book as Decimal).times(growth.minus(1))).div(growth.pow(m + 1))),
          new Decimal(0),
        );
        const expected = new Decimal(price).minus(new Decimal(price).times(residual).div(growth.pow(life)));
        expect(present.minus(expected).abs().div(price).toNumber()).toBeLessThan(1e-12);
        if (rate === 0) return;
        // The level equivalent spreads that present value evenly.
        const [level] = purchased(given, 1, ['level_equivalent']);
        const annuity = new Decimal(1).minus(growth.pow(-life)).div(growth.minus(1));
        expect((level as Decimal).times(annuity).minus(expected).abs().div(price).toNumber()).toBeLessThan(1e-12);
      }),
      { numRuns: 24 },
    );
  });

  test('keeps the book: opening − depreciation is closing, brought forward + purchases − disposals is opening', () => {
    for (const how of methods) {
      const given = { gpu_price: '1000', residual_share: '0.3', life_months: '5', bought_again: '1', ...by(how) };
      const rows = [
        'book_brought_forward',
        'purchase',
        'disposal',
        'opening_book',
        'depreciation',
        'closing_book',
        'value_after',
      ];
      const months = Array.from({ length: 12 }, (_, m) => purchased(given, m + 1, rows));
      for (const [m, [forward, bought, gone, opening, written, closing, value]] of months.entries()) {
        expect(forward?.toFixed()).toBe(m === 0 ? '0' : months[m - 1]?.[5]?.toFixed());
        expect(opening?.toFixed(12)).toBe(
          forward
            ?.plus(bought as Decimal)
            .minus(gone as Decimal)
            .toFixed(12),
        );
        expect(closing?.toFixed(12)).toBe(opening?.minus(written as Decimal).toFixed(12));
        expect(closing?.toFixed(12)).toBe(value?.toFixed(12));
      }
      // Bought again in months 1, 6 and 11.
      expect(months.flatMap(([, bought], m) => (bought?.gt(0) ? m + 1 : []))).toEqual([1, 6, 11]);
    }
  });

  test('of machines bought before month 1 begins at their book value', () => {
    for (const how of methods) {
      const given = { gpu_price: '1000', residual_share: '0.3', life_months: '10', ...by(how) };
      const [, before] = purchased({ ...given, bought_month: '1' }, 5, ['value_before', 'opening_book']);
      const [later] = purchased({ ...given, bought_month: '-3' }, 1, ['opening_book']);
      expect(later?.toFixed(12)).toBe(before?.toFixed(12));
    }
  });
});

describe('rounding', () => {
  const short = { ...sample('support-assistant'), months: 1, sampling: { draws: 100, seed: 1 } };
  const lineOf = (formula: string): { base?: string | undefined; everyDraw: boolean } => {
    const forecast = forecastOf({
      ...short,
      rows: [{ tier: 'openai', id: 'tie', unit: 'USD', perimeter: 'bill', formula }],
    });
    const without = forecastOf(short);
    const [with_, bare] = [forecast, without].map((one) => tierOf(one, 'openai').months[0]?.bill.p50);
    const line = tierOf(forecast, 'openai').lines.find(({ id }) => id === 'tie')?.months[0];
    return { base: line, everyDraw: new Decimal(with_ as string).minus(bare as string).toFixed(2) === line };
  };

  test('goes half away from zero in both readings', () => {
    for (const [formula, cents] of [
      ['2.675', '2.68'],
      ['-2.675', '-2.68'],
      ['1.005', '1.01'],
      ['0.005', '0.01'],
      ['-0.005', '-0.01'],
      ['0.0049', '0.00'],
      ['8.345', '8.35'],
      ['1000 / 3', '333.33'],
      ['107 * 0.025', '2.68'],
    ] as const)
      expect([formula, lineOf(formula)]).toEqual([formula, { base: cents, everyDraw: true }]);
  });

  test('happens once to a line of the user, whether written or not', () => {
    expect(lineOf('ROUND(1000 / 3, 2)')).toEqual(lineOf('1000 / 3'));
    // A tie only if it were rounded to a tenth of a cent before.
    expect(lineOf('2.6749')).toEqual({ base: '2.67', everyDraw: true });
    expect(lineOf('ROUND(2.6749, 3)')).toEqual({ base: '2.68', everyDraw: true });
  });

  test('goes to whole yen in yen', () => {
    const yen = { ...short, currency: 'JPY', exchange_rates: { USD: 150 } };
    const [line] = tierOf(forecastOf(yen), 'openai').lines;
    // 198 million tokens at 0.75 USD and 150 yen.
    expect(line?.months).toEqual(['22275']);
    expect(tierOf(forecastOf(yen), 'openai').months[0]?.bill.base).toMatch(/^\d+$/);
  });
});

test('hours follow the calendar where asked: electricity is measured in the hours of each month', () => {
  const local = sample('solo-developer').local as { machines: readonly ScenarioObject[] };
  const machines = local.machines.map((machine) => ({ ...machine, utilization: 0.3 }));
  const base = baseOfScenario({
    ...sample('solo-developer'),
    local: { ...local, machines },
    hours_per_month: 'calendar',
    months: 14,
  });
  const perHour = (month: number, days: number): string =>
    cellOf(base, 'local.kilowatt_hours.desktop', month)
      .div(24 * days)
      .toSignificantDigits(20)
      .toString();
  // January, February, April 2027, and February 2028, a leap year.
  expect(new Set([perHour(1, 31), perHour(2, 28), perHour(4, 30), perHour(14, 29)]).size).toBe(1);
});

describe('I12: break-even', () => {
  test('is the first month in which the cumulative costs meet, as a plain loop finds it', () => {
    const costs = fc.array(fc.integer({ min: -50, max: 200 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(costs, costs, (a, b) => {
        const total = (months: readonly number[], upTo: number): number =>
          months.slice(0, upTo).reduce((sum, cost) => sum + cost, 0);
        const expected = a.map((_, m) => m + 1).find((month) => total(a, month) <= total(b, month)) ?? null;
        const decimals = (months: readonly number[]): readonly Decimal[] =>
          months.map((cost) => new Decimal(cost).div(100));
        expect(breakEvenMonth(decimals(a), decimals(b))).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  const scenario: ScenarioObject = {
    ...sample('support-assistant'),
    months: 24,
    tiers: ['local', 'openai', 'together'],
    sampling: { draws: 500, seed: 3 },
  };
  const forecast = forecastOf(scenario);
  const base = baseOfScenario(scenario);
  const drawn = sampleTiers(base.program, { draws: 500, seed: 3 });
  const months = base.plan.months;

  for (const { a, b, break_even: found, probability_a_cheaper } of forecast.comparison.pairs) {
    test(`of ${a} and ${b} is what every draw says by itself`, () => {
      const [cashOfA, cashOfB] = [a, b].map((id) => drawn.get(id)?.cash as readonly Float64Array[]) as [
        readonly Float64Array[],
        readonly Float64Array[],
      ];
      const reached = Array.from({ length: 500 }, (_, draw) => {
        let lead = 0;
        for (const [m, cash] of cashOfA.entries()) {
          lead +=
            Math.round(100 * (cash[draw] as number)) - Math.round(100 * ((cashOfB[m] as Float64Array)[draw] as number));
          if (lead <= 0) return m + 1;
        }
        return Number.POSITIVE_INFINITY;
      }).sort((x, y) => x - y);
      // The k-th smallest with k = ⌈share · draws⌉: never is the latest value.
      const at = (share: number): string | null => months[(reached[Math.ceil(share * 500) - 1] as number) - 1] ?? null;
      expect({ p10: found.p10, p90: found.p90 }).toEqual({ p10: at(0.1), p90: at(0.9) });
      expect(Number(found.never_probability)).toBe(
        reached.filter((month) => month === Number.POSITIVE_INFINITY).length / 500,
      );
      const [totalOfA, totalOfB] = [a, b].map((id) => drawn.get(id)?.fullTotal as Float64Array) as [
        Float64Array,
        Float64Array,
      ];
      expect(Number(probability_a_cheaper)).toBe(
        totalOfA.filter((cost, i) => cost < (totalOfB[i] as number)).length / 500,
      );
    });
  }

  test('demand at which two tiers cost the same makes them cost the same', () => {
    const found = forecast.comparison.pairs.find(({ a, b }) => a === 'local' && b === 'openai')?.break_even
      .monthly_tokens;
    const tokens = base.program.rows.filter(({ block, id }) => block === 'volume' && id === 'all_tokens');
    const now = tokens
      .flatMap(({ index }) => (base.exact[index] ?? []) as readonly Decimal[])
      .reduce((sum, one) => sum.plus(one), new Decimal(0))
      .div(24);
    const [chat] = scenario.workloads as readonly ScenarioObject[];
    const requests = new Decimal(300_000)
      .times(found as string)
      .div(now)
      .toFixed(3);
    const there = forecastOf({ ...scenario, workloads: [{ ...chat, requests_per_month: requests }] });
    const [local, openai] = ['local', 'openai'].map((id) => Number(tierOf(there, id).total.full.base)) as [
      number,
      number,
    ];
    expect(Math.abs(local / openai - 1)).toBeLessThan(1e-4);
  });
});
