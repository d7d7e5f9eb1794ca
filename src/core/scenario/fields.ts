import type { QuantityField } from './quantity-field.ts';

const volume = { sort: 'positive', min: '0', max: '1000000000000000', varies: 'once', byMonth: true } as const;
const money = {
  sort: 'positive',
  min: '0',
  max: '10000000000000',
  belowMax: true,
  varies: 'once',
  byMonth: true,
} as const;
const share = { sort: 'share', min: '0', max: '1', percent: true, varies: 'once', byMonth: true } as const;
const watts = { sort: 'positive', min: '0', max: '1000000', varies: 'once', byMonth: true } as const;
const speed = { sort: 'positive', min: '0', aboveMin: true, max: '1000000000', varies: 'once', byMonth: true } as const;
const settled = { varies: 'once', byMonth: false } as const;

/** What each number of a workload takes. Bounds are refusals, not opinions: they keep every result within 10^13. */
export const workloadFields = {
  requests_per_month: volume,
  input_tokens: volume,
  output_tokens: volume,
  reasoning_tokens: volume,
  mean_tokens: { ...volume, ...settled, aboveMin: true },
  tokens_of_size: { ...volume, ...settled },
  share_of_requests: { ...share, ...settled },
  cached_input_share: share,
  cache_write_share: share,
  batch_share: share,
  flex_share: share,
  priority_share: share,
  web_searches_per_request: { sort: 'positive', min: '0', max: '1000', varies: 'once', byMonth: true },
  effective_price_volatility: { sort: 'positive', min: '0', max: '3', percent: true, ...settled },
  growth_per_month: { sort: 'any', min: '-1', max: '1', percent: true, varies: 'once', byMonth: true },
  volatility: { sort: 'positive', min: '0', max: '3', percent: true, ...settled },
  chance_per_month: { ...share, ...settled },
  multiplier: { sort: 'positive', min: '1', max: '1000', ...settled },
  carry_over: { ...share, ...settled },
  peak_hour_ratio: { sort: 'positive', min: '1', max: '744', varies: 'once', byMonth: true },
  hardest_tasks_share: { ...share, ...settled },
  max_first_token_ms: { sort: 'positive', min: '0', aboveMin: true, max: '3600000', ...settled },
} as const satisfies Record<string, QuantityField>;

/** What each number of a lot of machines takes. */
export const machineFields = {
  count: { sort: 'positive', min: '1', max: '100000', whole: true, ...settled },
  gpus: { sort: 'positive', min: '1', max: '1024', whole: true, ...settled },
  gpu_price: { ...money, byMonth: false },
  host_price: { ...money, byMonth: false },
  idle_watts: watts,
  load_watts: watts,
  input_tokens_per_s: speed,
  output_tokens_per_s: speed,
  total_tokens_per_s: speed,
  utilization: share,
  utilization_cap: { ...share, aboveMin: true },
  life_months: { sort: 'positive', min: '1', max: '600', whole: true, ...settled },
  residual_value: { sort: 'positive', min: '0', max: '3', percent: true, ...settled },
  failure_rate_per_year: share,
} as const satisfies Record<string, QuantityField>;

/** What each number of the terms agreed with a provider takes. */
export const termFields = {
  share,
  amount: { ...money, max: '1000000000' },
  credit_purchase: { ...money, aboveMin: true, max: '1000000000', byMonth: false },
  over_list: { sort: 'any', min: '-0.99', max: '100', percent: true, varies: 'monthly', byMonth: true },
  ratio: { sort: 'positive', min: '0.01', max: '100', ...settled },
  tokens_per_s: speed,
  price_per_hour: { ...money, max: '1000000' },
  replicas: { sort: 'positive', min: '0', max: '100000', whole: true, ...settled },
  requests_per_minute: { ...speed, max: '1000000000000' },
  tokens_per_minute: { ...speed, max: '1000000000000' },
} as const satisfies Record<string, QuantityField>;

/** What the other numbers of a scenario take. */
export const scenarioFields = {
  hours_per_month: { sort: 'positive', min: '1', max: '744', ...settled },
  operator_hours: { sort: 'positive', min: '0', max: '100000', varies: 'monthly', byMonth: true },
  hourly_rate: { sort: 'positive', min: '0', max: '1000000', varies: 'once', byMonth: true },
  price_per_kwh: { sort: 'positive', min: '0', max: '1000000', varies: 'monthly', byMonth: true },
  pue: { sort: 'positive', min: '1', max: '10', varies: 'once', byMonth: true },
  per_kw_month: { ...money, max: '1000000000' },
  cost_of_capital: { sort: 'positive', min: '0', max: '1', percent: true, varies: 'once', byMonth: true },
  local_share: {
    ...share,
    refusedWords: { best: 'The best share is not searched for yet: give a share, such as 80%, or a range.' },
  },
  unit_price: { sort: 'positive', min: '0', max: '1000000', ...settled },
  exchange_rate: { sort: 'positive', min: '0', aboveMin: true, max: '1000000000', varies: 'once', byMonth: true },
  tolerance: { ...share, ...settled, aboveMin: true, belowMax: true },
  confidence: { ...share, ...settled, aboveMin: true, belowMax: true },
} as const satisfies Record<string, QuantityField>;
