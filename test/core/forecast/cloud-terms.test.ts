import { describe, expect, test } from '@jest/globals';
import { calculateForecast, explainNumber } from '../../../src/compute/calculate.ts';
import type { ScenarioObject } from '../../helpers/forecasting.ts';
import { catalogue, forecastOf, problemsOf, tierOf, today } from '../../helpers/forecasting.ts';

const model = 'gpt-5.4';

/** A thousand requests of 1,000 and 1,000 tokens: a million of each, at 10 and 20 unless said otherwise. */
function scenarioWith(more: ScenarioObject, workload: ScenarioObject = {}, tier: ScenarioObject = {}): ScenarioObject {
  return {
    name: 'Terms',
    start: '2027-01',
    months: 1,
    as_of: today,
    sampling: { draws: 200 },
    workloads: [
      {
        id: 'chat',
        requests_per_month: 1000,
        input_tokens: 1000,
        output_tokens: 1000,
        volatility: '0%',
        spikes: 'none',
        model: { openai: model },
        ...workload,
      },
    ],
    tiers: [{ id: 'openai', ...tier }],
    prices: [{ provider: 'openai', model, input: 10, cached_input: 1, output: 20 }],
    ...more,
  };
}

function lines(scenario: ScenarioObject, tier = 'openai'): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(tierOf(forecastOf(scenario), tier).lines.map(({ id, months }) => [id, months.map(Number)]));
}

const codes = (scenario: ScenarioObject): readonly string[] => forecastOf(scenario).warnings.map(({ code }) => code);

describe('classes of service', () => {
  test('flex and priority pay the published multiples, each on its part', () => {
    expect(lines(scenarioWith({}, { flex_share: '50%', priority_share: '25%' }))).toEqual({
      'input.chat': [0.25 * 10],
      'output.chat': [0.25 * 20],
      'flex_input.chat': [0.5 * 10 * 0.5],
      'flex_output.chat': [0.5 * 20 * 0.5],
      'priority_input.chat': [0.25 * 10 * 2],
      'priority_output.chat': [0.25 * 20 * 2],
    });
  });

  test('a class without a known price is billed at standard prices and says so', () => {
    const scenario = scenarioWith({ prices: [] }, { priority_share: '100%', model: { openai: 'gpt-5.4-mini' } });
    expect(lines(scenario)).toMatchObject({ 'priority_input.chat': [0.75] });
    expect(codes(scenario)).toContain('class-unpriced');
  });

  test('more than all requests cannot be sent', () => {
    const problems = problemsOf(scenarioWith({}, { batch_share: '60%', flex_share: '50%' }));
    expect(problems).toMatchObject([{ code: 'shares-over-100', pointer: '/workloads/0/priority_share' }]);
  });
});

describe('what is billed beside tokens', () => {
  test('searches are billed by the thousand, at the price of the book', () => {
    // 10 USD per 1,000 searches; 1,000 requests of two searches each.
    expect(lines(scenarioWith({}, { web_searches_per_request: 2 }))['web_searches.chat']).toEqual([2 * 10]);
  });

  test('searches at a provider that prices none leave no forecast, with the reason, and never 0', () => {
    const forecast = forecastOf(
      scenarioWith(
        { tiers: ['together'], prices: [], comparison: { baseline: 'together' } },
        { web_searches_per_request: 2, model: { together: 'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo' } },
      ),
    );
    expect(forecast.tiers).toMatchObject([{ id: 'together', total: null, reason: 'no-price' }]);
  });

  test('requests are billed by the thousand where they have a price', () => {
    const prices = [{ provider: 'openai', model, input: 10, output: 20, requests: 5 }];
    expect(lines(scenarioWith({ prices }))['request_charges.chat']).toEqual([1 * 5]);
  });

  test('keeping data in the US costs a tenth more on tokens of models that offer it', () => {
    const claude = (name: string, tier: ScenarioObject) =>
      scenarioWith(
        { prices: [], comparison: { baseline: 'anthropic' } },
        { model: { anthropic: name } },
        { id: 'anthropic', ...tier },
      );
    expect(lines(claude('claude-opus-4-6', { data_residency: 'us' }), 'anthropic')).toEqual({
      'input.chat': [5 * 1.1],
      'output.chat': [25 + 2.5],
    });
    expect(codes(claude('claude-haiku-4-5', { data_residency: 'us' }))).toContain('surcharge-unknown');
  });
});

describe('a router', () => {
  const routed = (tier: ScenarioObject, more: ScenarioObject = {}) =>
    scenarioWith(
      {
        prices: [{ provider: 'openrouter', model: 'openai/gpt-oss-120b', input: 4, output: 6 }],
        comparison: { baseline: 'openrouter' },
        ...more,
      },
      { model: { openrouter: 'openai/gpt-oss-120b' } },
      { id: 'openrouter', ...tier },
    );

  test('takes 5.5 % of the credits bought, and at least 0.80 of each purchase', () => {
    expect(lines(routed({}), 'openrouter').router_fee).toEqual([(4 + 6) * 0.055]);
    // One purchase of 10 for the 10 used: 0.80 is more than 0.55.
    expect(lines(routed({ credit_purchase: 10 }), 'openrouter').router_fee).toEqual([0.8]);
    expect(lines(routed({ credit_purchase: 100 }), 'openrouter').router_fee).toEqual([(4 + 6) * 0.055]);
  });

  test('with a key of your own takes 5 % above a million requests, and no fee on credits', () => {
    const many = scenarioWith(
      {
        prices: [{ provider: 'openrouter', model: 'openai/gpt-oss-120b', input: 4, output: 6 }],
        comparison: { baseline: 'openrouter' },
      },
      {
        requests_per_month: '4M',
        input_tokens: 1000,
        output_tokens: 1000,
        model: { openrouter: 'openai/gpt-oss-120b' },
      },
      { id: 'openrouter', own_key_share: '100%' },
    );
    expect(lines(many, 'openrouter')).toMatchObject({
      'input.chat': [4000 * 4],
      'output.chat': [4000 * 6],
      own_key_charge: [40_000 * 0.05 * (3 / 4)],
      router_fee: [0],
    });
    expect(lines(routed({ own_key_share: '100%' }), 'openrouter').own_key_charge).toEqual([0]);
  });

  const endpoints = [
    { name: 'slow', share: '75%', tokens_per_s: 50, input: 2, output: 4 },
    { name: 'fast', share: '25%', tokens_per_s: 300, input: 6, output: 12 },
  ];
  const mix = (choose?: string) => ({
    routing: { mixes: [{ model: 'openai/gpt-oss-120b', ...(choose && { choose }), endpoints }] },
  });

  test.each([
    { choose: undefined, input: 0.75 * 2 + 0.25 * 6, output: 0.75 * 4 + 0.25 * 12 },
    { choose: 'cheapest', input: 2, output: 4 },
    { choose: 'fastest', input: 6, output: 12 },
  ])('with a mix of endpoints ($choose) pays $input and $output', ({ choose, input, output }) => {
    const found = lines(routed(mix(choose), { prices: [] }), 'openrouter');
    expect(found).toMatchObject({ 'input.chat': [input], 'output.chat': [output] });
  });

  test('that pays above the list widens the band', () => {
    const { total } = tierOf(forecastOf(routed({ routing: { over_list: '0% to 40%' } })), 'openrouter');
    expect(Number(total.bill.p95)).toBeGreaterThan(Number(total.bill.p5));
    expect(lines(routed({ routing: { over_list: '20%' } }), 'openrouter')['input.chat']).toEqual([4 * 1.2]);
  });
});

describe('what was agreed', () => {
  test('credits pay until they are used up, or expire', () => {
    const credits = { credits: { amount: 70, until: '2027-03' } };
    expect(lines(scenarioWith({ months: 4 }, {}, credits)).credits).toEqual([-30, -30, -10, 0]);
    const early = { credits: { amount: 70, until: '2027-02' } };
    expect(lines(scenarioWith({ months: 4 }, {}, early)).credits).toEqual([-30, -30, 0, 0]);
  });

  test('a free allowance is new every month', () => {
    expect(lines(scenarioWith({ months: 2 }, {}, { free_allowance: 12 })).allowance).toEqual([-12, -12]);
  });

  test('a commitment is paid whether used or not, until it ends', () => {
    const tier = { commitment: { per_month: 50, until: '2027-02' } };
    expect(lines(scenarioWith({ months: 3 }, {}, tier)).commitment_shortfall).toEqual([50 - 30, 50 - 30, 0]);
  });

  test('rows that cannot be other than 0 are not there', () => {
    expect(Object.keys(lines(scenarioWith({})))).toEqual(['input.chat', 'output.chat']);
  });
});

describe('capacity by the hour', () => {
  const dedicated = (id: string, terms: ScenarioObject, workload: ScenarioObject = {}) =>
    scenarioWith(
      { prices: [], comparison: { baseline: id } },
      {
        model: {
          together: 'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo',
          fireworks: 'accounts/fireworks/models/llama-v3p1-8b-instruct',
        },
        ...workload,
      },
      { id, ...terms },
    );

  test.each([
    ['together', 730 * 3.99],
    ['fireworks', 730 * 8],
  ])('the same H100 at %s costs %d a month', (id, month) => {
    expect(lines(dedicated(id, { dedicated: { gpu: 'h100', count: 1 } }), id)).toEqual({
      rented_capacity: [Number(month.toFixed(2))],
    });
  });

  test('a GPU without a known price leaves no forecast, with the reason', () => {
    const forecast = forecastOf(dedicated('together', { dedicated: { gpu: 'b300' } }));
    expect(forecast.tiers).toMatchObject([{ total: null, reason: 'no-rent' }]);
  });

  test('what does not fit is billed by the token at normal rates', () => {
    // A replica does 730 × 3600 × 100 tokens a month; the workload has twice that, evenly spread.
    const scenario = dedicated(
      'together',
      { dedicated: { gpu: 'h100', throughput: { total_tokens_per_s: 100 }, utilization_cap: '100%' } },
      { requests_per_month: 525_600, input_tokens: 0, output_tokens: 1000, peak_hour_ratio: 1 },
    );
    expect(lines(scenario, 'together')).toEqual({
      rented_capacity: [Number((730 * 3.99).toFixed(2))],
      overflow: [Number((262.8 * 0.18).toFixed(2))],
    });
    expect(codes(scenario)).toContain('capacity-overflow');
  });

  test('replicas that scale cost the hours the demand needs, and half a replica more', () => {
    const scenario = dedicated(
      'together',
      {
        dedicated: {
          gpu: 'h100',
          replicas: 4,
          autoscale: {},
          throughput: { total_tokens_per_s: 100 },
          utilization_cap: '100%',
        },
      },
      { requests_per_month: 262_800, input_tokens: 0, output_tokens: 1000, peak_hour_ratio: 1 },
    );
    expect(lines(scenario, 'together').rented_capacity).toEqual([Number((1.5 * 730 * 3.99).toFixed(2))]);
  });

  test('reserved throughput is paid in full, and what is above it at normal rates', () => {
    const provisioned = { units: 2, price_per_hour: 1.5, tokens_per_minute: 3000, utilization_cap: '100%' };
    const scenario = scenarioWith(
      {},
      { requests_per_month: 438_000, input_tokens: 0, output_tokens: 1000, peak_hour_ratio: 1 },
      { provisioned },
    );
    // Two units of 50 tokens/s do 262.8M tokens a month of 438M: 0.6 of them.
    expect(lines(scenario)).toEqual({
      rented_capacity: [2 * 1.5 * 730],
      overflow: [Number(((438 - 262.8) * 20).toFixed(2))],
    });
  });

  test('reserved throughput without a price is asked for, since nobody publishes one', () => {
    const problems = problemsOf(scenarioWith({}, {}, { provisioned: { units: 1 } }));
    expect(problems).toMatchObject([{ code: 'missing', pointer: '/tiers/0/provisioned/price_per_hour' }]);
  });
});

describe('rate limits', () => {
  test('name the month in which the busiest hour passes them', () => {
    // 43,800 requests in 730 h are 1 a minute, 2 in the busiest hour; doubling each month.
    const scenario = scenarioWith(
      { months: 4 },
      {
        requests_per_month: 43_800,
        input_tokens: 900,
        output_tokens: 100,
        growth_per_month: '100%',
        peak_hour_ratio: 2,
      },
      { rate_limits: { requests_per_minute: 8, tokens_per_minute: 4_000 } },
    );
    const { rate_limits } = tierOf(forecastOf(scenario), 'openai');
    expect(rate_limits).toEqual([
      { month: '2027-01', requests: String(2 / 8), tokens: String(2000 / 4000) },
      { month: '2027-02', requests: String(4 / 8), tokens: String(4000 / 4000) },
      { month: '2027-03', requests: String(8 / 8), tokens: String(8000 / 4000) },
      { month: '2027-04', requests: String(16 / 8), tokens: String(16_000 / 4000) },
    ]);
    const messages = forecastOf(scenario).warnings.filter(({ code }) => code === 'rate-limit-binds');
    expect(messages.map(({ message }) => message.slice(0, 50))).toEqual([
      'OpenAI: from 2027-04 the busiest hour asks for mor',
      'OpenAI: from 2027-03 the busiest hour asks for mor',
    ]);
  });

  test('are not spoken of where none is stated', () => {
    expect(tierOf(forecastOf(scenarioWith({})), 'openai').rate_limits).toBeUndefined();
  });
});

describe('explain', () => {
  test('shows provider, model matched, meter, price, valid-from, known-at, source and checked date of every unit price', () => {
    const scenario = scenarioWith(
      { prices: [], months: 2, start: '2026-12', comparison: { baseline: 'google' } },
      { cached_input_share: '40%', batch_share: '50%', model: { google: 'gemini-3.8-flash' } },
      { id: 'google' },
    );
    const outcome = calculateForecast({ scenario, today }, catalogue);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
    for (const month of ['2026-12', '2027-01']) {
      const explained = explainNumber({ inputs: outcome.inputs, path: `google.bill.${month}` }, catalogue);
      if (!explained.ok) throw new Error(JSON.stringify(explained.problems));
      const { rests_on } = explained.explanation as {
        rests_on: { path: string; unit: string; value: string; source?: string; details?: Record<string, string> }[];
      };
      const prices = rests_on.filter(({ unit, path }) => unit === 'USD/Mtok' && path.startsWith('prices.'));
      expect(prices.map(({ path }) => path).toSorted()).toEqual(
        ['batch_cached_input', 'batch_input', 'batch_output', 'cached_input', 'input', 'output'].map(
          (name) => `prices.google.chat.${name}`,
        ),
      );
      for (const { value, source, details } of prices) {
        expect(source).toBe('https://ai.google.dev/gemini-api/docs/pricing');
        expect(details).toMatchObject({
          provider: 'google',
          model: 'gemini-3.8-flash',
          meter: expect.stringMatching(/input|output/),
          price: `${value} USD/Mtok`,
          // Announced: introductory prices end with 2026.
          valid_from: month === '2026-12' ? 'the beginning' : '2027-01-01',
          known_at: '2026-09-23',
          checked_at: '2026-09-23',
        });
      }
    }
  });

  test('says of a stated price that it is stated', () => {
    const outcome = calculateForecast({ scenario: scenarioWith({}), today }, catalogue);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
    const explained = explainNumber({ inputs: outcome.inputs, path: 'prices.openai.chat.input' }, catalogue);
    expect(explained).toMatchObject({
      explanation: { source: 'stated in the scenario', details: { known_at: 'stated in the scenario' } },
    });
  });
});

test('Bedrock is a price file and a tier in data, and bills like any other', () => {
  const scenario = scenarioWith(
    { prices: [], comparison: { baseline: 'bedrock' } },
    { cached_input_share: '50%', model: { bedrock: 'global.anthropic.claude-opus-4-8-v1:0' } },
    { id: 'bedrock' },
  );
  // 5 and 25 USD per million, cached input a tenth of 5: half a million of each class of input.
  expect(lines(scenario, 'bedrock')).toEqual({
    'input.chat': [0.5 * 5],
    'cached_input.chat': [0.5 * 0.5],
    'output.chat': [25],
  });
});

test('terms that contradict each other, or belong to nobody, are told with their places', () => {
  const endpoints = [{ name: 'a', share: '60%', input: 1, output: 1 }];
  const wrong = scenarioWith({
    tiers: [
      {
        id: 'openai',
        dedicated: { gpu: 'h100', throughput: { input_tokens_per_s: 5 } },
        provisioned: { units: 1, price_per_hour: 1, tokens_per_minute: 5, throughput: { total_tokens_per_s: 5 } },
        routing: {
          mixes: [
            { model, endpoints },
            { model, choose: 'fastest', endpoints },
          ],
        },
      },
    ],
    migrations: [
      { provider: 'openai', model, at: '2027-01' },
      { provider: 'openai', model, at: '2027-02', price_ratio: 1 },
    ],
  });
  expect(problemsOf(wrong).map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
    'conflict /tiers/0/provisioned',
    'shares-not-whole /tiers/0/routing/mixes/0/endpoints',
    'missing /tiers/0/routing/mixes/1/endpoints',
    'missing /tiers/0/dedicated/throughput/output_tokens_per_s',
    'missing /migrations/0/to',
    'duplicate-id /migrations/1/model',
  ]);
  const machines = {
    local: {
      machines: [
        { id: 'box', gpu: 'custom', gpu_price: 1, idle_watts: 1, load_watts: 1, throughput: { total_tokens_per_s: 1 } },
      ],
    },
    energy: { price_per_kwh: 0.1 },
  };
  const local = scenarioWith({
    ...machines,
    tiers: [{ id: 'local', free_allowance: 5 }],
    comparison: { baseline: 'local' },
  });
  expect(problemsOf(local)).toMatchObject([{ code: 'wrong-tier', pointer: '/tiers/0' }]);
});
