import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import type { Base, ScenarioObject } from './helpers/forecasting.ts';
import { baseOfScenario, cellOf, forecastOf } from './helpers/forecasting.ts';
import { rationalOf, textOf } from './helpers/rational.ts';

// Base cases need no draws; forecasts are computed with the fewest allowed.
const fewestDraws = 100;

const share = (most: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: most }).map((percent) => percent / 100);
const price = fc.integer({ min: 0, max: 400_000 }).map((units) => units / 10_000);

const workload = fc.record({
  requests_per_month: fc.integer({ min: 1, max: 3_000_000 }),
  input_tokens: fc.integer({ min: 1, max: 20_000 }),
  output_tokens: fc.integer({ min: 1, max: 4000 }),
  cached_input_share: share(60),
  cache_write_share: share(40),
  batch_share: share(100),
  growth_per_month: fc.integer({ min: -5, max: 10 }).map((percent) => percent / 100),
  peak_hour_ratio: fc.integer({ min: 10, max: 40 }).map((tenths) => tenths / 10),
});

const machine = fc.record({
  count: fc.integer({ min: 1, max: 3 }),
  gpus: fc.integer({ min: 1, max: 8 }),
  gpu_price: fc.integer({ min: 1, max: 3_000_000 }).map((cents) => cents / 100),
  host_price: fc.integer({ min: 0, max: 1_000_000 }).map((cents) => cents / 100),
  idle_watts: fc.integer({ min: 5, max: 400 }),
  load_watts: fc.integer({ min: 401, max: 6000 }),
  throughput: fc.record({
    input_tokens_per_s: fc.integer({ min: 100, max: 50_000 }),
    output_tokens_per_s: fc.integer({ min: 10, max: 9000 }),
  }),
  utilization_cap: fc.integer({ min: 30, max: 100 }).map((percent) => percent / 100),
  life_months: fc.integer({ min: 1, max: 60 }),
  residual_value: share(100),
  failure_rate_per_year: share(30),
  at_end_of_life: fc.constantFrom('keep', 'retire', 'rebuy'),
});

type Meters = {
  readonly input: number;
  readonly cached_input: number;
  readonly cache_write_5m: number;
  readonly output: number;
};
const meters: fc.Arbitrary<Meters> = fc.record({
  input: price,
  cached_input: price,
  cache_write_5m: price,
  output: price,
});

type Parts = {
  readonly months: number;
  readonly workloads: readonly Record<string, unknown>[];
  readonly machines: readonly Record<string, unknown>[];
  readonly operations: { readonly hours_per_month: number; readonly hourly_rate: number };
  readonly energy: { readonly price_per_kwh: number; readonly pue: number };
  readonly finance: { readonly cost_of_capital: number };
  readonly hybrid: { readonly local_share: number; readonly cloud: string };
  readonly router: Meters;
  readonly api: Meters;
};

const parts: fc.Arbitrary<Parts> = fc.record({
  months: fc.integer({ min: 1, max: 5 }),
  workloads: fc.array(workload, { minLength: 1, maxLength: 2 }),
  machines: fc.array(machine, { minLength: 1, maxLength: 2 }),
  operations: fc.record({
    hours_per_month: fc.integer({ min: 0, max: 40 }),
    hourly_rate: fc.integer({ min: 0, max: 150 }),
  }),
  energy: fc.record({ price_per_kwh: share(60), pue: fc.integer({ min: 10, max: 20 }).map((tenths) => tenths / 10) }),
  finance: fc.record({ cost_of_capital: share(20) }),
  hybrid: fc.record({ local_share: share(100), cloud: fc.constant('openai') }),
  router: meters,
  api: meters,
});

const model = { local: 'llama-3.1-8b', openrouter: 'mine/router-model', openai: 'my-model' };

function scenarioOf({ months, workloads, machines, router, api, ...rest }: Parts): ScenarioObject {
  return {
    name: 'Invariant',
    start: '2027-01',
    months,
    workloads: workloads.map((own, i) => ({ id: `work_${i + 1}_load`, volatility: 0, spikes: 'none', model, ...own })),
    local: {
      machines: machines.map((own, i) => ({ id: `lot_${i + 1}_box`, gpu: 'custom', ...own })),
      overflow_to: 'openrouter',
    },
    tiers: ['local', 'openrouter', 'openai', 'hybrid'],
    comparison: { baseline: 'openai' },
    sampling: { draws: fewestDraws, seed: 1 },
    as_of: '2026-11-22',
    prices: [
      { provider: 'openrouter', model: model.openrouter, ...router },
      { provider: 'openai', model: model.openai, ...api },
    ],
    ...rest,
  };
}

/** Exact base of each line, by `tier line` and month. */
function linesOf({ program, exact }: Base): ReadonlyMap<string, readonly Decimal[]> {
  return new Map(
    program.tiers.flatMap(({ id, lines }) =>
      lines.map((line) => [`${id} ${line.id}`, (exact[line.row] ?? []) as readonly Decimal[]]),
    ),
  );
}

function fullCosts({ program, exact }: Base): ReadonlyMap<string, readonly Decimal[]> {
  return new Map(program.tiers.map(({ id, fullTotal }) => [id, (exact[fullTotal] ?? []) as readonly Decimal[]]));
}

function sumOf(amounts: readonly string[]): string {
  return textOf(rationalOf(amounts.join(' + ') || '0'), 2);
}

/** `times(0.05, 3)` is 0.15, where 0.05 * 3 has more digits than a scenario may. */
function times(value: unknown, by: number): number {
  return new Decimal(Number(value)).times(by).toNumber();
}

const runs = { numRuns: 40 };

describe('I1, I2: what is printed adds up', () => {
  test('lines to the months, months to the totals, to the cent', () => {
    fc.assert(
      fc.property(parts, (some) => {
        for (const tier of forecastOf(scenarioOf(some)).tiers) {
          if (tier.months === null) throw new Error(`${tier.id}: ${tier.reason}`);
          const billed = tier.lines.filter(({ perimeter }) => perimeter === 'bill');
          tier.months.forEach(({ bill, full }, m) => {
            expect(sumOf(billed.map(({ months }) => months[m] as string))).toBe(bill.base);
            expect(sumOf(tier.lines.map(({ months }) => months[m] as string))).toBe(full.base);
          });
          for (const { months, total } of tier.lines) expect(sumOf(months)).toBe(total);
          expect(sumOf(tier.months.map(({ bill }) => bill.base))).toBe(tier.total.bill.base);
          expect(sumOf(tier.months.map(({ full }) => full.base))).toBe(tier.total.full.base);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('every line is whole cents before it is printed', () => {
    fc.assert(
      fc.property(parts, (some) => {
        for (const [, months] of linesOf(baseOfScenario(scenarioOf(some))))
          for (const amount of months) expect(amount.decimalPlaces()).toBeLessThanOrEqual(2);
      }),
      runs,
    );
  });
});

describe('I3: more of anything never costs less', () => {
  const more: Readonly<Record<string, (some: Parts, by: number) => Parts>> = {
    requests: (some, by) =>
      withWorkloads(some, ({ requests_per_month }) => ({ requests_per_month: times(requests_per_month, by) })),
    'output tokens': (some, by) =>
      withWorkloads(some, ({ output_tokens }) => ({ output_tokens: times(output_tokens, by) })),
    'the price of input': (some, by) => ({
      ...some,
      router: { ...some.router, input: times(some.router.input, by) },
      api: { ...some.api, input: times(some.api.input, by) },
    }),
    'the price of output': (some, by) => ({
      ...some,
      router: { ...some.router, output: times(some.router.output, by) },
      api: { ...some.api, output: times(some.api.output, by) },
    }),
    'the price of a GPU': (some, by) => withMachines(some, ({ gpu_price }) => ({ gpu_price: times(gpu_price, by) })),
    'power under load': (some, by) => withMachines(some, ({ load_watts }) => ({ load_watts: times(load_watts, by) })),
    electricity: (some, by) => ({
      ...some,
      energy: { ...some.energy, price_per_kwh: times(some.energy.price_per_kwh, by) },
    }),
    'operator hours': (some, by) => ({
      ...some,
      operations: { ...some.operations, hours_per_month: times(some.operations.hours_per_month, by) },
    }),
    'the cost of capital': (some, by) => ({
      ...some,
      finance: { cost_of_capital: times(some.finance.cost_of_capital, by) },
    }),
  };
  for (const [what, raise] of Object.entries(more)) {
    test(what, () => {
      fc.assert(
        fc.property(parts, fc.integer({ min: 2, max: 4 }), (some, by) => {
          const before = fullCosts(baseOfScenario(scenarioOf(some)));
          const after = fullCosts(baseOfScenario(scenarioOf(raise(some, by))));
          for (const [tier, months] of before)
            for (const [m, cost] of months.entries())
              expect(`${tier} ${cost.lte(after.get(tier)?.[m] ?? 0)}`).toBe(`${tier} true`);
        }),
        { numRuns: 12 },
      );
    });
  }
});

function withWorkloads(some: Parts, change: (own: Record<string, unknown>) => Record<string, unknown>): Parts {
  return { ...some, workloads: some.workloads.map((own) => ({ ...own, ...change(own) })) };
}

function withMachines(some: Parts, change: (own: Record<string, unknown>) => Record<string, unknown>): Parts {
  return { ...some, machines: some.machines.map((own) => ({ ...own, ...change(own) })) };
}

function scaled(prices: Meters, by: number): Meters {
  return Object.fromEntries(Object.entries(prices).map(([meter, value]) => [meter, times(value, by)])) as Meters;
}

test('I4: k times the prices are k times each usage line, but for the rounding', () => {
  fc.assert(
    fc.property(parts, fc.integer({ min: 2, max: 5 }), (some, by) => {
      const before = linesOf(baseOfScenario(scenarioOf(some)));
      const dearer = linesOf(baseOfScenario(scenarioOf({ ...some, api: scaled(some.api, by) })));
      for (const [id, months] of dearer) {
        if (!id.startsWith('openai')) continue;
        months.forEach((amount, m) => {
          // Half a cent of its own rounding and by halves of a cent of what was rounded before.
          const difference = amount.minus((before.get(id)?.[m] ?? new Decimal(0)).times(by)).abs();
          expect(difference.toNumber()).toBeLessThanOrEqual(0.005 * (1 + by));
        });
      }
    }),
    runs,
  );
});

test('I5: a workload split in two equal halves changes only the rounding, and rules per request not at all', () => {
  fc.assert(
    fc.property(parts, (some) => {
      const [one] = some.workloads as [Record<string, unknown>];
      const even = { ...one, requests_per_month: 2 * Math.ceil(Number(one.requests_per_month) / 2) };
      const half = { ...one, requests_per_month: even.requests_per_month / 2 };
      const whole = baseOfScenario(scenarioOf({ ...some, workloads: [even] }));
      const halves = linesOf(baseOfScenario(scenarioOf({ ...some, workloads: [half, half] })));
      for (const [id, months] of linesOf(whole)) {
        months.forEach((amount, m) => {
          const [first, second] = [id, id.replace('work_1_load', 'work_2_load')].map(
            (key) => halves.get(key)?.[m] ?? new Decimal(0),
          ) as [Decimal, Decimal];
          // What is not billed by workload is the same to the cent, except what is a sum or a share of rounded lines.
          const together = id.includes('work_1_load') ? first.plus(second) : first;
          const cents = id.endsWith('router_fee') ? 2 : id.endsWith('overflow') ? 10 : 1;
          expect(together.minus(amount).abs().toNumber()).toBeLessThanOrEqual(cents / 100);
        });
      }
    }),
    runs,
  );
});

test('I6: cached, written and plain input are all of the input, exactly, and none of it twice', () => {
  fc.assert(
    fc.property(parts, (some) => {
      const base = baseOfScenario(scenarioOf(some));
      for (const [i] of some.workloads.entries()) {
        const at = (id: string): Decimal => cellOf(base, `volume.${id}.work_${i + 1}_load`, some.months);
        expect(
          at('cached_tokens')
            .plus(at('written_tokens'))
            .plus(at('uncached_tokens'))
            .minus(at('input_volume'))
            .abs()
            .lte('1e-15'),
        ).toBe(true);
        expect(at('cached_tokens').lte(at('input_volume'))).toBe(true);
        expect(at('input_volume').plus(at('output_volume')).equals(at('all_tokens'))).toBe(true);
      }
    }),
    runs,
  );
});

describe('the hybrid', () => {
  test('is its members at their share of the requests: every line is the line of a member that serves so many', () => {
    fc.assert(
      fc.property(parts, share(100), (some, local) => {
        const requests = (own: Record<string, unknown>, of: number): Record<string, unknown> => ({
          requests_per_month: new Decimal(Number(own.requests_per_month)).times(of).toString(),
        });
        const hybrid = linesOf(
          baseOfScenario(scenarioOf({ ...some, hybrid: { local_share: local, cloud: 'openai' } })),
        );
        const rest = new Decimal(1).minus(local).toNumber();
        for (const [member, of] of [
          ['local', local],
          ['openai', rest],
        ] as const) {
          if (of === 0) continue;
          const alone = linesOf(baseOfScenario(scenarioOf(withWorkloads(some, (own) => requests(own, of)))));
          for (const [id, months] of alone) {
            if (!id.startsWith(`${member} `)) continue;
            expect([id, hybrid.get(`hybrid ${member}.${id.slice(member.length + 1)}`)?.map(String)]).toEqual([
              id,
              months.map(String),
            ]);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  test('keeps machines and operator whole, and draws idle power whatever its share', () => {
    fc.assert(
      fc.property(parts, (some) => {
        const lines = linesOf(baseOfScenario(scenarioOf(some)));
        for (const whole of ['amortisation', 'operator_time', 'cost_of_capital', 'repairs'])
          expect(lines.get(`hybrid local.${whole}`)?.map(String)).toEqual(lines.get(`local ${whole}`)?.map(String));
        const [together, alone] = [lines.get('hybrid local.electricity'), lines.get('local electricity')];
        alone?.forEach((amount, m) => {
          const of = together?.[m] ?? new Decimal(-1);
          expect(of.lte(amount) && of.gte(amount.times(some.hybrid.local_share).minus('0.01'))).toBe(true);
        });
      }),
      runs,
    );
  });
});
