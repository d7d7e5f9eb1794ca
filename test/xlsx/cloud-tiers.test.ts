import { describe, expect, test } from '@jest/globals';
import type { ScenarioObject } from '../helpers/forecasting.ts';
import { wrongMoney } from './money.ts';
import { writeScenario } from './samples.ts';
import { recalculate } from './spreadsheet-engine.ts';

const model = {
  openrouter: 'anthropic/claude-sonnet-4.5',
  together: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
  openai: 'gpt-5.4',
  anthropic: 'claude-opus-4-6',
  google: 'gemini-3.8-flash',
  deepseek: 'deepseek-v4-pro',
};

/** Four months in euros, in which every cloud bills something of its own. */
const fourMonths: ScenarioObject = {
  name: 'Four months of cloud',
  currency: 'EUR',
  exchange_rates: { USD: 0.92 },
  start: '2027-01',
  months: 4,
  sampling: { draws: 200 },
  workloads: [
    {
      id: 'assistant',
      requests_per_month: '3M',
      growth_per_month: '2%',
      input_tokens: { mean: 6000, p95: 18_000 },
      output_tokens: 600,
      cached_input_share: '45%',
      cache_write_share: '5%',
      cache_ttl: '1h',
      batch_share: '20%',
      flex_share: '10%',
      priority_share: '5%',
      web_searches_per_request: 0.01,
      busy_hours: { utc_hours: '07:00-17:00 mon-fri', share: '85%' },
      cache_storage: { tokens: '3M', hours_per_day: 10 },
      volatility: '12%',
      peak_hour_ratio: 2.5,
      model,
    },
    { id: 'nightly', requests_per_month: '40k', input_tokens: '20k', output_tokens: 3000, batch_share: '100%', model },
  ],
  tiers: [
    {
      id: 'openrouter',
      own_key_share: '60%',
      credit_purchase: 500,
      routing: {
        over_list: '2%',
        fallbacks: [{ model: 'anthropic/claude-sonnet-4.5', to: 'openai/gpt-5.5', share: '4%' }],
      },
    },
    {
      id: 'together',
      dedicated: {
        gpu: 'h100',
        count: 4,
        replicas: 3,
        autoscale: { at_least: 1 },
        throughput: { input_tokens_per_s: 12_000, output_tokens_per_s: 2500 },
      },
    },
    {
      id: 'openai',
      commitment: { per_month: 60_000, until: '2027-03' },
      credits: { amount: 20_000, until: '2027-02' },
      rate_limits: { requests_per_minute: 500, tokens_per_minute: '2M' },
    },
    { id: 'anthropic', data_residency: 'us' },
    {
      id: 'google',
      provisioned: { units: 4, price_per_hour: 20, tokens_per_minute: 120_000 },
      free_per_month: { output: '10M' },
    },
    'deepseek',
  ],
  prices: [
    { provider: 'openrouter', model: 'anthropic/claude-sonnet-4.5', web_searches: 10 },
    { provider: 'together', model: 'meta-llama/Llama-3.3-70B-Instruct-Turbo', web_searches: 0 },
    { provider: 'deepseek', model: 'deepseek-v4-pro', web_searches: 0, requests: 0.1 },
  ],
  price_changes: { chance_per_month: '0.3%', multiplier: 0.77, rises: { chance_per_month: '0.1%', multiplier: 1.35 } },
  migrations: [{ provider: 'openai', model: 'gpt-5.4', at: '2027-04', to: 'gpt-5.5', token_ratio: 1.1 }],
  comparison: { baseline: 'openai' },
};

describe('the cloud tiers in the workbook, calculated by a spreadsheet with no cached value left', () => {
  test('come to what the service computed, to the cent, with terms of every kind', async () => {
    const workbook = await writeScenario('cloud', fourMonths);
    expect(workbook.forecast.tiers.map(({ total }) => total !== null)).toEqual(Array(6).fill(true));
    const { compared, wrong } = wrongMoney(workbook, await recalculate(workbook.bytes));
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(400);
  }, 120_000);
});
