import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import type { ScenarioObject } from '../../helpers/forecasting.ts';
import { baseOfScenario, cellOf, forecastOf, sample, tierOf } from '../../helpers/forecasting.ts';
import { localBox, localChat, localScenario, localWith, threeLots } from '../../helpers/local-scenario.ts';

function lineOf(scenario: ScenarioObject, id: string): readonly number[] | undefined {
  return tierOf(forecastOf(scenario), 'local')
    .lines.find((line) => line.id === id)
    ?.months.map(Number);
}

function linesOf(scenario: ScenarioObject): readonly string[] {
  return tierOf(forecastOf(scenario), 'local').lines.map(({ id }) => id);
}

function sumOf(amounts: readonly number[] | undefined): number {
  return Number((amounts ?? []).reduce((sum, amount) => sum + amount, 0).toFixed(2));
}

/** Every month of a row of the local sheet in the base case. */
function rowOf(scenario: ScenarioObject, key: string, months: number): readonly number[] {
  const base = baseOfScenario(scenario);
  return Array.from({ length: months }, (_, m) => cellOf(base, `local.${key}`, m + 1).toNumber());
}

describe('the same tokens at another pace', () => {
  /** Share above capacity: 1 − c + c(1 − 1/r)(c/r)^(1/(r − 1)), at r = 1 max(0, 1 − c). */
  const law = (r: number, c: number): number =>
    c >= r ? 0 : r === 1 ? 1 - c : 1 - c + c * (1 - 1 / r) * (c / r) ** (1 / (r - 1));

  // 1,500 tokens at 1,000 tokens/s are 1.5 s a request: a million requests take 1.5 million of 2.628 million seconds, of
  // which 70 % may be used.
  const c = (0.7 * 730 * 3600) / 1_500_000;

  test.each([1, 1.9, 3])('overflow by the law at a busiest hour of %d times the mean', (r) => {
    const workloads = [{ ...localChat, requests_per_month: '1M', peak_hour_ratio: r }];
    const tier = tierOf(forecastOf(localScenario({ workloads })), 'local');
    const overflow = Number(tier.capacity?.[0]?.overflow_tokens);
    expect(overflow / 1.5e9).toBeCloseTo(law(r, c), 8);
    expect(Number(tier.capacity?.[0]?.peak_utilization)).toBeCloseTo((r * 1_500_000) / 2_628_000, 6);
  });

  test('overflow more the more uneven they are', () => {
    const shares = [1, 1.9, 3].map((r) => law(r, c));
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares[0]).toBe(0);
  });
});

describe('demand', () => {
  const at = (requests: number): ScenarioObject =>
    localScenario({ workloads: [{ ...localChat, requests_per_month: requests }] });

  test('halved or doubled moves power and overflow, never amortisation', () => {
    const [half, whole, twice] = [500_000, 1_000_000, 2_000_000].map(at) as [
      ScenarioObject,
      ScenarioObject,
      ScenarioObject,
    ];
    const amortisation = [half, whole, twice].map((scenario) => lineOf(scenario, 'amortisation'));
    // 5,500 less a tenth over 36 months
    expect(amortisation).toEqual(Array(3).fill([137.5, 137.5, 137.5]));
    const power = [half, whole, twice].map((scenario) => sumOf(lineOf(scenario, 'electricity')));
    expect(power).toEqual(power.toSorted((a, b) => a - b));
    expect(new Set(power).size).toBe(3);
    const overflow = [half, whole, twice].map((scenario) => sumOf(lineOf(scenario, 'overflow')));
    expect(overflow).toEqual(overflow.toSorted((a, b) => a - b));
    expect(overflow[0]).toBe(0);
  });

  test('of nothing still pays for idle watts', () => {
    // 60 W for 730 hours at 0.20
    expect(lineOf(at(0), 'electricity')).toEqual(Array(3).fill(Number((0.06 * 730 * 0.2).toFixed(2))));
  });
});

describe('three lots at their own dates', () => {
  const forecast = forecastOf(threeLots);
  const tier = tierOf(forecast, 'local');

  test('overflow first in month 30, which is named', () => {
    const first = tier.capacity?.findIndex(({ overflow_tokens }) => overflow_tokens !== '0');
    expect(first).toBe(30 - 1);
    const told = forecast.warnings.filter(
      ({ code }) => code.startsWith('capacity') || code === 'another-machine-needed',
    );
    expect(told.map(({ code, message }) => [code, message.includes('2029-06')])).toEqual([
      ['capacity-overflow', true],
      ['another-machine-needed', true],
    ]);
  });

  test('are bought, and the first bought again after two years', () => {
    const purchases = rowOf(threeLots, 'purchases', 36);
    expect(purchases.flatMap((amount, m) => (amount > 0 ? [[m + 1, amount]] : []))).toEqual([
      [1, 2 * 5500],
      [10, 5500],
      [20, 5500],
      [25, 2 * 5500],
    ]);
    // The old ones bring a tenth.
    expect(rowOf(threeLots, 'resale', 36)[24]).toBe(-2 * 550);
  });

  test('pay by time of use for what they draw at rest and under work, and for the highest draw', () => {
    const base = baseOfScenario(threeLots);
    const at = (key: string): Decimal => cellOf(base, `local.${key}`, 1);
    const hours = new Decimal(730).times('1.2').div(1000).times(2);
    const utilization = at('mean_utilization');
    const [rest, work] = [hours.times(60), hours.times(740).times(utilization)];
    const off = rest.times('0.6').plus(work.times('0.4')).times('0.12');
    const peak = rest.times('0.4').plus(work.times('0.6')).times('0.31');
    expect(at('electricity').toFixed(2)).toBe(off.plus(peak).toFixed(2));
    const draw = new Decimal(60).plus(at('peak_utilization').times(740)).times(2).times('1.2').div(1000);
    expect(at('demand_charge').toFixed(2)).toBe(draw.times(11).toFixed(2));
  });

  test('are the base case in every percentile, as nothing is uncertain', () => {
    const { bill, full } = tier.total;
    expect([bill.p5, bill.p95, full.p5, full.p95]).toEqual([bill.base, bill.base, full.base, full.base]);
  });
});

describe('ways to come by machines', () => {
  test('a loan adds its interest to the bill and takes its part from the cost of own capital', () => {
    const finance = { cost_of_capital: '12%' };
    const cash = localWith({}, { months: 24, finance });
    const loan = localWith({ loan: { share: '80%', rate: '6%', months: 24 } }, { months: 24, finance });
    // 4,400 at half a percent a month
    expect(lineOf(loan, 'loan_interest')?.[0]).toBe(22);
    expect(lineOf(loan, 'amortisation')).toEqual(lineOf(cash, 'amortisation'));
    const rate = 1.12 ** (1 / 12) - 1;
    expect(lineOf(loan, 'cost_of_capital')?.[0]).toBe(Number((1100 * rate).toFixed(2)));
    // Drawn 4,400, paid back 4,400, and the level payment is interest plus what is paid back.
    expect(sumOf(rowOf(loan, 'loans_drawn', 24))).toBe(-4400);
    expect(sumOf(rowOf(loan, 'loans_repaid', 24))).toBeCloseTo(4400, 1);
    const payments = rowOf(loan, 'loan_payment.box', 24);
    expect(new Set(payments.map((payment) => payment.toFixed(8))).size).toBe(1);
  });

  test('a lease is a rate, and nothing of a purchase', () => {
    const { gpu_price: _price, host_price: _host, ...bare } = localBox;
    const leased = localScenario({
      local: { machines: [{ ...bare, lease: { per_month: 190 } }], overflow_to: 'together' },
      finance: { cost_of_capital: '8%' },
    });
    expect(linesOf(leased)).toEqual(['lease', 'electricity', 'overflow']);
    expect(lineOf(leased, 'lease')).toEqual([190, 190, 190]);
  });

  test('GPUs rented by the hour run through, or serve what the own machines cannot', () => {
    const { gpu_price: _price, host_price: _host, idle_watts: _idle, load_watts: _load, ...bare } = localBox;
    const rented = (hours: string): ScenarioObject => ({ ...bare, id: 'cloud', rent: { per_gpu_hour: 2, hours } });
    const only = (hours: string): ScenarioObject =>
      localScenario({ local: { machines: [rented(hours)] }, energy: undefined });
    expect(linesOf(only('run_through'))).toEqual(['gpu_rental']);
    expect(lineOf(only('run_through'), 'gpu_rental')?.[0]).toBe(2 * 730 * 2);
    const needed = lineOf(only('follow_demand'), 'gpu_rental')?.[0] as number;
    expect(needed).toBeLessThan(2 * 730 * 2);
    // Beside a machine of one's own, only what that cannot take is rented: 12.7 % of the work at r = 1.9.
    const both = localScenario({
      workloads: [{ ...localChat, requests_per_month: '1M' }],
      local: { machines: [localBox, rented('follow_demand')] },
    });
    const c = (0.7 * 2_628_000) / 1_500_000;
    const above = 1 - c + c * (1 - 1 / 1.9) * (c / 1.9) ** (1 / 0.9);
    const seconds = (above * 1_500_000) / 0.7;
    expect(lineOf(both, 'gpu_rental')?.[0]).toBeCloseTo((seconds / 3600) * 2 * 2, 2);
  });

  test('sold on a date, they bring what the market pays, and the difference to the book is a loss', () => {
    const sold = localWith(
      { sold: { month: '2027-07' }, value_change_per_year: '-36%', life_months: 24 },
      { months: 12, energy: { price_per_kwh: 0.2 } },
    );
    expect(rowOf(sold, 'owned.box', 12)).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
    // Six months old: 5,500 × 0.64^½ = 4,400; on the books 5,500 less a quarter of 5,500 − 2,252.80.
    const book = 5500 - (5500 - 5500 * 0.64 ** 2) / 4;
    expect(rowOf(sold, 'resale', 12)[6]).toBeCloseTo(-4400, 2);
    expect(lineOf(sold, 'disposal_loss')?.[6]).toBeCloseTo(book - 4400, 1);
    expect(sumOf(lineOf(sold, 'amortisation')) + sumOf(lineOf(sold, 'disposal_loss'))).toBeCloseTo(5500 - 4400, 1);
  });

  test('moved into a data centre, they pay for space from then on, and no longer for energy the rate holds', () => {
    const moved = localWith(
      { housed: 'premises', moved: { month: '2027-03', to: 'colocation', cost: 900 } },
      { months: 4, colocation: { per_kw_month: 200, power: 'included' } },
    );
    expect(lineOf(moved, 'colocation')).toEqual([0, 0, 160, 160]);
    expect(lineOf(moved, 'moving')).toEqual([0, 0, 900, 0]);
    expect(lineOf(moved, 'electricity')?.map((amount) => amount > 0)).toEqual([true, true, false, false]);
  });
});

describe('people, failures and support', () => {
  test('setting up is paid once, being on call every month, both in the full cost only', () => {
    const operations = { hours_per_month: 10, hourly_rate: 75, set_up_hours: 40, on_call_per_month: 300 };
    const { lines } = tierOf(forecastOf(localScenario({ operations })), 'local');
    const found = lines.flatMap(({ id, perimeter, months }) =>
      ['operator_time', 'set_up', 'on_call'].includes(id) ? [[id, perimeter, ...months]] : [],
    );
    expect(found).toEqual([
      ['operator_time', 'full', '750.00', '750.00', '750.00'],
      ['set_up', 'full', '3000.00', '0.00', '0.00'],
      ['on_call', 'full', '300.00', '300.00', '300.00'],
    ]);
  });

  test('hours that machines stand still are served by the cloud, in the full cost', () => {
    const scenario = localWith({ failure_rate_per_year: '60%', downtime_hours: 73 });
    const { lines } = tierOf(forecastOf(scenario), 'local');
    const fallback = lines.find(({ id }) => id === 'failure_fallback');
    expect(fallback?.perimeter).toBe('full');
    // 2 GPUs × 5 % a month × 73 of 730 hours = 1 % of the tokens, at 0.18 per million
    const tokens = 843_700 * 1500;
    const [overflow] = rowOf(scenario, 'overflow_share', 1);
    const input = Math.round(843_700 * 1200 * 0.01 * (1 - (overflow as number)) * 0.18) / 1e6;
    expect(Number(fallback?.months[0])).toBeCloseTo(
      input + (tokens / 1e6 - 843_700 * 0.0012) * 0.01 * (1 - (overflow as number)) * 0.18,
      1,
    );
  });

  test('a maintenance contract that replaces what breaks leaves no reserve, and licences are billed by GPU', () => {
    const scenario = localWith({
      failure_rate_per_year: '4%',
      maintenance: { share_per_year: '6%', covers_repairs: true },
      licences: { per_gpu_year: 4500 },
    });
    expect(linesOf(scenario)).toEqual(['amortisation', 'electricity', 'maintenance', 'licences', 'overflow']);
    // 5,500 × 6 % ÷ 12, and 2 × 4,500 ÷ 12
    expect([lineOf(scenario, 'maintenance')?.[0], lineOf(scenario, 'licences')?.[0]]).toEqual([27.5, 750]);
  });

  test('spares are depreciated in the full cost and serve nothing', () => {
    const [without, with_] = [localWith({}), localWith({ spares: 1 })].map((scenario) =>
      tierOf(forecastOf(scenario), 'local'),
    );
    expect(with_?.capacity).toEqual(without?.capacity);
    expect(with_?.months[0]?.bill.base).toBe(without?.months[0]?.bill.base);
    expect(with_?.lines.find(({ id }) => id === 'spare_hardware')?.months[0]).toBe('137.50');
  });
});

describe('what stands beside the money', () => {
  const cluster = forecastOf({ ...sample('owned-cluster'), sampling: { draws: 200, seed: 1 } });
  const tier = tierOf(cluster, 'local');

  test('says of every lot and workload where its speed comes from, and how wide it is', () => {
    const from = tier.serving?.map(({ machine, workload, output_from }) => [machine, workload, output_from].join(' '));
    expect(from).toContain('workstations assistant points');
    expect(from).toContain('workstations summaries stated');
    expect(from).toContain('servers assistant roofline');
    const reckoned = tier.serving?.find(({ machine }) => machine === 'servers')?.all_users.output_tokens_per_s;
    expect(Number(reckoned?.p95) / Number(reckoned?.p5)).toBeGreaterThan(1.4);
    const stated = tier.serving?.find(({ machine }) => machine === 'leased')?.all_users.output_tokens_per_s;
    expect([stated?.p5, stated?.p95]).toEqual([stated?.base, stated?.base]);
  });

  test('tells one user apart from all users, and the time to the first token apart from both', () => {
    const box = tier.serving?.find(({ machine }) => machine === 'workstations');
    // t0 and t1 through 8 → 820 and 64 → 3,400 tokens/s, less 4.6 % under the power cap
    const t1 = (64 / 3400 - 8 / 820) / 56;
    const t0 = 8 / 820 - 8 * t1;
    expect(Number(box?.single_user.output_tokens_per_s)).toBeCloseTo(0.954 / (t0 + t1), 1);
    expect(Number(box?.all_users.output_tokens_per_s.base)).toBeCloseTo((0.954 * 48) / (t0 + 48 * t1), 0);
    expect(Number(box?.single_user.first_token_ms)).toBeCloseTo((1500 * 0.55 * 1000) / (17_000 * 0.954), 1);
    const leased = tier.serving?.find(({ machine }) => machine === 'leased');
    expect(leased?.single_user).toMatchObject({ output_tokens_per_s: null, reason: 'not-measured' });
  });

  test('is carbon, which counts every kilowatt-hour whoever bills it', () => {
    const carbon = tier.measures?.find(({ id }) => id === 'carbon');
    const base = baseOfScenario(sample('owned-cluster'));
    const energy = ['workstations', 'servers', 'leased']
      .map((lot) => cellOf(base, `local.kilowatt_hours.${lot}`, 30))
      .reduce((sum, one) => sum.plus(one));
    expect(carbon?.unit).toBe('kg');
    expect(Number(carbon?.months[29])).toBeCloseTo(energy.times(0.38).toNumber(), 2);
  });

  test('is the present value of cash and the levelised cost: full cost over tokens, both discounted', () => {
    const scenario = localWith({}, { finance: { cost_of_capital: '12%' } });
    const found = tierOf(forecastOf(scenario), 'local');
    const rate = 1.12 ** (1 / 12) - 1;
    const full = found.months.map(({ full: { base } }) => Number(base));
    const mtok = (843_700 * 1500) / 1e6;
    const discounted = (amounts: readonly number[]): number =>
      amounts.reduce((sum, amount, m) => sum + amount / (1 + rate) ** (m + 1), 0);
    expect(found.present_value?.rate).toBe('0.12');
    expect(Number(found.present_value?.levelised_per_million_tokens)).toBeCloseTo(
      discounted(full) / discounted([mtok, mtok, mtok]),
      5,
    );
    expect(Number(found.present_value?.cash)).toBeCloseTo(discounted(rowOf(scenario, 'total.cash_total', 3)), 2);
  });

  test('is left out where there is nothing to say', () => {
    expect(tierOf(forecastOf(localScenario()), 'local').present_value).toBeUndefined();
    expect(tierOf(forecastOf(localScenario()), 'local').measures?.map(({ id }) => id)).toEqual([
      'mean_utilization',
      'machines_needed',
    ]);
  });
});

describe('a measured utilisation', () => {
  test('drives power only, and is warned of when it is more than 10 points away from demand', () => {
    const codes = (utilization: string): readonly (readonly string[])[] =>
      forecastOf(localWith({ utilization })).warnings.flatMap(({ code, pointer }) =>
        code === 'utilization-gap' ? [[code, pointer]] : [],
      );
    // Demand makes 1,265,550 of 2,628,000 s = 48 %.
    expect(codes('45%')).toEqual([]);
    expect(codes('20%')).toEqual([['utilization-gap', '/local/machines/0/utilization']]);
    expect(lineOf(localWith({ utilization: '20%' }), 'overflow')).toEqual(lineOf(localScenario(), 'overflow'));
  });
});
