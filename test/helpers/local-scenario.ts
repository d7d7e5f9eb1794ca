import type { ScenarioObject } from './forecasting.ts';

export const localChat = {
  id: 'chat',
  requests_per_month: 843_700,
  input_tokens: 1200,
  output_tokens: 300,
  volatility: 0,
  spikes: 'none',
  peak_hour_ratio: 1.9,
  model: {
    local: 'llama-3.1-8b',
    together: 'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo',
  },
};

export const localBox = {
  id: 'box',
  gpu: 'custom',
  gpus: 2,
  gpu_price: 2000,
  host_price: 1500,
  idle_watts: 60,
  load_watts: 800,
  throughput: { total_tokens_per_s: 1000 },
  failure_rate_per_year: 0,
};

/** One box without any uncertainty and without people; parts of its own take the place of the usual ones. */
export function localScenario(parts: ScenarioObject = {}): ScenarioObject {
  return {
    name: 'Local',
    start: '2027-01',
    months: 3,
    workloads: [localChat],
    local: { machines: [localBox], overflow_to: 'together' },
    energy: { price_per_kwh: 0.2 },
    tiers: ['local'],
    as_of: '2026-11-22',
    sampling: { draws: 100, seed: 1 },
    ...parts,
  };
}

/** The usual box with other terms. */
export function localWith(terms: ScenarioObject, parts: ScenarioObject = {}): ScenarioObject {
  return localScenario({ local: { machines: [{ ...localBox, ...terms }], overflow_to: 'together' }, ...parts });
}

/**
 * Three lots at their own dates, the first bought again after two years, demand that grows until it overflows in month 30,
 * and prices by time of use with a charge for the highest draw.
 */
export const threeLots = localScenario({
  months: 36,
  workloads: [{ ...localChat, growth_per_month: '4%' }],
  local: {
    machines: [
      { ...localBox, id: 'first', count: 2, life_months: 24 },
      { ...localBox, id: 'second', bought: '2027-10', life_months: 36, depreciation: 'declining-balance' },
      { ...localBox, id: 'third', bought: '2028-08', life_months: 48, depreciation: 'sum-of-years' },
    ],
    overflow_to: 'together',
  },
  energy: {
    time_of_use: [
      { id: 'off_peak', price_per_kwh: 0.12, share_of_hours: '60%', share_of_load: '40%' },
      { id: 'peak', price_per_kwh: 0.31, share_of_hours: '40%', share_of_load: '60%' },
    ],
    demand_charge_per_kw: 11,
    pue: 1.2,
  },
  finance: { cost_of_capital: '8%' },
});
