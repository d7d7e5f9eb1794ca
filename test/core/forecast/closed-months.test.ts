import { expect, test } from '@jest/globals';
import { forecastOf, problemsOf, tierOf } from '../../helpers/forecasting.ts';

const scenario = {
  name: 'Anchored',
  start: '2027-01',
  months: 6,
  workloads: [
    {
      id: 'chat',
      requests_per_month: 100_000,
      growth_per_month: '2%',
      volatility: '10%',
      spikes: { chance_per_month: '5%', multiplier: 3, carry_over: '60%' },
      input_tokens: 1000,
      output_tokens: 200,
      model: { openai: 'gpt-5.4-mini', local: 'llama-3.1-8b' },
    },
  ],
  local: {
    machines: [
      {
        id: 'box',
        gpu: 'custom',
        count: 1,
        gpus: 1,
        gpu_price: 3600,
        host_price: 0,
        idle_watts: 60,
        load_watts: 300,
        life_months: 3,
        throughput: { input_tokens_per_s: 5000, output_tokens_per_s: 900 },
      },
    ],
  },
  energy: { price_per_kwh: 0.2 },
  tiers: ['openai', 'local'],
  price_changes: 'none',
  sampling: { draws: 500, seed: 3 },
};

const measured = { history: { unit: 'month', values: [100_000, 110_000, 90_000] } };
const workload = scenario.workloads[0];
const closed = {
  ...scenario,
  from: '2027-04',
  workloads: [{ ...workload, requests_per_month: measured, growth_per_month: 0 }],
};

test('the month after the closed ones is the next month, and calendar and machines stay anchored at the start', () => {
  const forecast = forecastOf(closed);
  expect(forecast.from).toBe('2027-04');
  const openai = tierOf(forecast, 'openai');
  expect(openai.months.map(({ month }) => month)).toEqual([
    '2027-01',
    '2027-02',
    '2027-03',
    '2027-04',
    '2027-05',
    '2027-06',
  ]);
  expect(openai.predictability.bill.by_horizon.map(({ months_ahead }) => months_ahead)).toEqual([1, 2, 3]);
  expect(openai.predictability.bill.probability).toBe(openai.predictability.bill.by_horizon[0]?.probability);
  const amortised = tierOf(forecast, 'local').lines.find(({ id }) => id === 'amortisation')?.months;
  expect(amortised).toEqual(
    tierOf(forecastOf(scenario), 'local').lines.find(({ id }) => id === 'amortisation')?.months,
  );
});

test('closed months are what was measured, in every draw, spikes included', () => {
  const { workloads, tiers } = forecastOf(closed);
  const requests = workloads[0]?.requests ?? [];
  expect(requests.slice(0, 3).map(({ base, p10, p90 }) => [base, p10, p90])).toEqual(
    ['100000', '110000', '90000'].map((volume) => [volume, volume, volume]),
  );
  expect(Number(requests[3]?.p90)).toBeGreaterThan(Number(requests[3]?.p10));
  const [openai] = tiers;
  const band = openai?.months?.[0]?.bill;
  expect([band?.p5, band?.p95]).toEqual([band?.base, band?.base]);
});

test('a closed month that nobody measured is taken to be like the first one to come', () => {
  const gap = { history: { unit: 'month', values: [null, 110_000, null] } };
  const forecast = forecastOf({ ...closed, workloads: [{ ...closed.workloads[0], requests_per_month: gap }] });
  const [first, second, third, next] = forecast.workloads[0]?.requests.map(({ base }) => base) ?? [];
  expect([first, second, third]).toEqual([next, '110000', next]);
});

test('a forecast from month 1 is the same with and without saying so', () => {
  expect(forecastOf({ ...scenario, from: '2027-01' }).inputs_digest).toBe(forecastOf(scenario).inputs_digest);
  expect(forecastOf({ ...scenario, from: '2027-02' }).inputs_digest).not.toBe(forecastOf(scenario).inputs_digest);
});

test('a month outside of the horizon is refused', () => {
  for (const from of ['2026-12', '2027-07'])
    expect(problemsOf({ ...scenario, from }).map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      '/from out-of-range',
    ]);
});
