/** A scenario of three months across a year's end, small enough to be recalculated many times. */
export const smallScenario = {
  name: 'Small',
  start: '2027-11',
  months: 3,
  workloads: [
    {
      id: 'chat',
      requests_per_month: '50k',
      input_tokens: 800,
      output_tokens: 200,
      cached_input_share: '30%',
      growth_per_month: '3%',
      model: { local: 'llama-3.1-8b', openai: 'gpt-5.4-mini' },
    },
  ],
  local: {
    machines: [
      {
        id: 'box',
        gpu: 'rtx-4090',
        gpu_price: 1999,
        host_price: 1500,
        idle_watts: 60,
        load_watts: 500,
        throughput: { input_tokens_per_s: 3000, output_tokens_per_s: 500 },
        life_months: 36,
      },
    ],
  },
  operations: { hours_per_month: '5 to 15', hourly_rate: 75 },
  energy: { price_per_kwh: 0.1872 },
  finance: { cost_of_capital: '8%' },
  tiers: ['local', 'openai'],
  sampling: { draws: 200, seed: 1 },
  as_of: '2026-11-22',
};
