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
  token_total: { ...volume, ...settled },
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
  share_in_hours: { ...share, ...settled },
  hours_per_day: { sort: 'positive', min: '0', max: '24', varies: 'once', byMonth: true },
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
  network_price: { ...money, byMonth: false },
  rack_price: { ...money, byMonth: false },
  spares: { sort: 'positive', min: '0', max: '10000', whole: true, ...settled },
  value_change_per_year: { sort: 'any', min: '-0.99', max: '3', percent: true, ...settled },
  sale_value: { sort: 'positive', min: '0', max: '3', percent: true, ...settled },
  context_watts: watts,
  capped_watts: { ...watts, aboveMin: true },
  speed_lost: { ...share, ...settled, belowMax: true },
  psu_loss: { ...share, ...settled, max: '0.9' },
  loan_share: { ...share, ...settled, aboveMin: true },
  loan_rate: { ...share, ...settled },
  loan_months: { sort: 'positive', min: '1', max: '600', whole: true, ...settled },
  lease_per_month: { ...money, byMonth: true },
  lease_upfront: { ...money, byMonth: false },
  lease_buyout: { ...money, byMonth: false },
  rent_per_gpu_hour: { sort: 'positive', min: '0', max: '1000000', varies: 'once', byMonth: true },
  downtime_hours: { sort: 'positive', min: '0', max: '8784', ...settled },
  repair_cost: { ...money, byMonth: false },
  maintenance_share: { ...share, ...settled },
  maintenance_fee: { ...money, byMonth: false },
  licence_per_gpu_year: { ...money, byMonth: false },
  move_cost: { ...money, byMonth: false },
  memory_gb: { sort: 'positive', min: '0', max: '100000', aboveMin: true, ...settled },
  bandwidth_gb_per_s: { sort: 'positive', min: '0', max: '1000000', aboveMin: true, ...settled },
  tflops: { sort: 'positive', min: '0', max: '1000000', aboveMin: true, ...settled },
  mbu: { ...share, ...settled, aboveMin: true },
  mfu: { ...share, ...settled, aboveMin: true },
  batch: { sort: 'positive', min: '1', max: '100000', ...settled },
} as const satisfies Record<string, QuantityField>;

/** What each figure of an open-weight model takes; parameters are in billions. */
export const llmFields = {
  parameters_b: { sort: 'positive', min: '0', max: '100000', aboveMin: true, ...settled },
  layers: { sort: 'positive', min: '1', max: '10000', whole: true, ...settled },
  kv_heads: { sort: 'positive', min: '1', max: '10000', whole: true, ...settled },
  head_dim: { sort: 'positive', min: '1', max: '100000', whole: true, ...settled },
  bytes_per_parameter: { sort: 'positive', min: '0', max: '8', aboveMin: true, ...settled },
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
  free_volume: volume,
  fallback_share: { ...share, ...settled },
} as const satisfies Record<string, QuantityField>;

/** What the other numbers of a scenario take. */
export const scenarioFields = {
  hours_per_month: { sort: 'positive', min: '1', max: '744', ...settled },
  operator_hours: { sort: 'positive', min: '0', max: '100000', varies: 'monthly', byMonth: true },
  hourly_rate: { sort: 'positive', min: '0', max: '1000000', varies: 'once', byMonth: true },
  price_per_kwh: { sort: 'positive', min: '0', max: '1000000', varies: 'monthly', byMonth: true },
  pue: { sort: 'positive', min: '1', max: '10', varies: 'once', byMonth: true },
  per_kw_month: { ...money, max: '1000000000' },
  contracted_kw: { sort: 'positive', min: '0', max: '1000000', varies: 'once', byMonth: true },
  demand_charge_per_kw: { ...money, max: '1000000' },
  grid_intensity: { sort: 'positive', min: '0', max: '10000', varies: 'once', byMonth: true },
  share_of_period: { ...share, ...settled },
  set_up_hours: { sort: 'positive', min: '0', max: '100000', ...settled },
  on_call_per_month: { ...money, max: '1000000000' },
  spare_share: { ...share, ...settled },
  cost_of_capital: { sort: 'positive', min: '0', max: '1', percent: true, varies: 'once', byMonth: true },
  local_share: {
    ...share,
    refusedWords: { best: 'The best share is not searched for yet: give a share, such as 80%, or a range.' },
  },
  unit_price: { sort: 'positive', min: '0', max: '1000000', ...settled },
  exchange_rate: { sort: 'positive', min: '0', aboveMin: true, max: '1000000000', varies: 'once', byMonth: true },
  so_far: { ...volume, ...settled },
  tolerance: { ...share, ...settled, aboveMin: true, belowMax: true },
  confidence: { ...share, ...settled, aboveMin: true, belowMax: true },
} as const satisfies Record<string, QuantityField>;
