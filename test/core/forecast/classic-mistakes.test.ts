import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { calculateForecast } from '../../../src/compute/calculate.ts';
import { withLearnedPrices } from '../../../src/core/prices/merge-prices.ts';
import type { PriceRow } from '../../../src/core/prices/price.ts';
import type { ScenarioObject } from '../../helpers/forecasting.ts';
import { catalogue, forecastOf, tierOf, today } from '../../helpers/forecasting.ts';

/** One month of one workload at stated prices: nothing is uncertain, so a line is the sum it should be. */
function oneMonth(workload: ScenarioObject, prices: ScenarioObject = {}, more: ScenarioObject = {}): ScenarioObject {
  const model = 'gpt-5.5';
  return {
    name: 'One month',
    start: '2027-01',
    months: 1,
    as_of: today,
    sampling: { draws: 100 },
    workloads: [{ id: 'chat', volatility: '0%', spikes: 'none', model: { openai: model }, ...workload }],
    tiers: ['openai'],
    prices: Object.keys(prices).length === 0 ? [] : [{ provider: 'openai', model, ...prices }],
    ...more,
  };
}

function linesOf(scenario: ScenarioObject, tier = 'openai'): Readonly<Record<string, number>> {
  return Object.fromEntries(tierOf(forecastOf(scenario), tier).lines.map(({ id, total }) => [id, Number(total)]));
}

function billOf(scenario: ScenarioObject, tier = 'openai'): number {
  return Number(tierOf(forecastOf(scenario), tier).total.bill.base);
}

const million = { requests_per_month: 1000, input_tokens: 1000, output_tokens: 1000 };

describe('the five classic mistakes', () => {
  test('cached tokens are not counted twice: once as cached, never as plain input again', () => {
    const lines = linesOf(
      oneMonth(
        { ...million, cached_input_share: '40%', cache_write_share: '10%' },
        { input: 10, cached_input: 1, cache_write_5m: 12, output: 20 },
      ),
    );
    expect(lines).toEqual({
      'input.chat': (1 - 0.4 - 0.1) * 10,
      'cached_input.chat': 0.4 * 1,
      'cache_write.chat': Number((0.1 * 12).toFixed(2)),
      'output.chat': 1 * 20,
    });
  });

  test('the batch discount is not taken on cached tokens that are billed at their standard price', () => {
    const lines = linesOf(
      oneMonth(
        { ...million, cached_input_share: '50%', batch_share: '100%' },
        { input: 10, cached_input: 1, output: 20 },
      ),
    );
    // OpenAI publishes half price for input and output of a batch, and nothing for cached input.
    expect(lines).toMatchObject({
      'batch_input.chat': 0.5 * 10 * 0.5,
      'batch_cached_input.chat': 0.5 * 1,
      'batch_output.chat': 1 * 20 * 0.5,
    });
  });

  test.each([
    { input: 271_998, price: 5, output: 30 },
    { input: 271_999, price: 5, output: 30 },
    { input: 272_000, price: 10, output: 45 },
  ])('a request of $input tokens, with the long-context price from 272,000 on, pays $price and $output', (size) => {
    const requests = 1_000_000;
    const lines = linesOf(oneMonth({ requests_per_month: requests, input_tokens: size.input, output_tokens: 1 }));
    expect(lines['input.chat']).toBe((requests * size.input * size.price) / 1e6);
    expect(lines['output.chat']).toBe((requests * 1 * size.output) / 1e6);
  });

  test('a batch of long contexts pays half of the long-context price, not half of the base price', () => {
    const scenario = oneMonth({
      requests_per_month: 1000,
      input_tokens: 300_000,
      output_tokens: 1000,
      batch_share: '100%',
    });
    expect(linesOf(scenario)).toMatchObject({
      'batch_input.chat': 300 * 10 * 0.5,
      'batch_output.chat': 1 * 45 * 0.5,
    });
  });

  test('reasoning tokens are output: more of them within the same output cost nothing more, and never as input', () => {
    const without = linesOf(oneMonth(million, { input: 10, output: 20 }));
    const with_ = linesOf(oneMonth({ ...million, reasoning_tokens: 800 }, { input: 10, output: 20 }));
    expect(with_).toEqual(without);
    expect(with_).toMatchObject({ 'input.chat': 1 * 10, 'output.chat': 1 * 20 });
  });

  test('reasoning tokens with a price of their own are taken out of the output they are part of', () => {
    const lines = linesOf(
      oneMonth({ ...million, reasoning_tokens: 800 }, { input: 10, output: 20, reasoning_output: 30 }),
    );
    expect(lines).toMatchObject({ 'output.chat': 0.2 * 20, 'reasoning.chat': 0.8 * 30 });
  });
});

describe('long contexts are a matter of each request', () => {
  test('a mean below the threshold with a tail above it pays the surcharge on that tail only', () => {
    const scenario = oneMonth({
      requests_per_month: 1000,
      sizes: [
        { share: '90%', input: 100_000, output: 500 },
        { share: '10%', input: 400_000, output: 2_000 },
      ],
    });
    // The mean of 130,000 is far below 272,000.
    expect(linesOf(scenario)).toEqual({
      'input.chat': 900 * 0.1 * 5 + 100 * 0.4 * 10,
      'output.chat': 900 * 0.0005 * 30 + 100 * 0.002 * 45,
    });
  });

  test('a billion input and a hundred million output tokens cost what their requests cost, however they are stated', () => {
    // gpt-5.6-sol from 2026-08-21: 4 and 20 up to 271,999 tokens. 1e6 requests of 1,000 and 100 tokens.
    const bySum = 1000 * 4 + 100 * 20;
    const model = { openai: 'gpt-5.6-sol' };
    const perRequest = oneMonth({ requests_per_month: '1M', input_tokens: 1000, output_tokens: 100, model });
    const perMonth = oneMonth({
      tokens_per_month: { input: '1000M', output: '100M' },
      requests_per_month: '1M',
      model,
    });
    const unknown = oneMonth({ tokens_per_month: { input: '1000M', output: '100M' }, model });
    expect([perRequest, perMonth, unknown].map((scenario) => billOf(scenario))).toEqual([bySum, bySum, bySum]);
    expect(forecastOf(unknown).warnings.map(({ code }) => code)).toContain('requests-unknown');
  });

  test('as one request they would cost 83 % more: the check can fail', () => {
    const asOne = oneMonth({
      requests_per_month: 1,
      input_tokens: '1000M',
      output_tokens: '100M',
      model: { openai: 'gpt-5.6-sol' },
    });
    expect(billOf(asOne)).toBe(1000 * 8 + 100 * 30);
  });

  test('several thresholds each price the requests they reach, whatever their meters', () => {
    const row = (meter: PriceRow['meter'], price: string, above: number | null): PriceRow => ({
      provider: 'openai',
      model: 'stepped',
      meter,
      unit: 'USD/Mtok',
      price: new Decimal(price),
      above_input_tokens: above,
      utc_hours: null,
      valid_from: null,
      valid_to: null,
      known_at: today,
      checked_at: today,
      source: 'https://example.com/prices',
      catalogue: 'test',
      derived_from: null,
    });
    const rows = [
      row('input', '1', null),
      row('input', '2', 128_000),
      row('input', '5', 200_000),
      row('output', '10', null),
      row('output', '30', 200_000),
    ];
    const stepped = { ...catalogue, book: withLearnedPrices(catalogue.book, rows) };
    const scenario = oneMonth({
      requests_per_month: 4000,
      model: { openai: 'stepped' },
      sizes: [
        { share: '25%', input: 100_000, output: 1000 },
        { share: '25%', input: 128_000, output: 1000 },
        { share: '25%', input: 200_000, output: 1000 },
        { share: '25%', input: 200_002, output: 1000 },
      ],
    });
    const outcome = calculateForecast({ scenario, today }, stepped);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
    const [tier] = JSON.parse(outcome.body).tiers;
    const amounts = tier.lines.map(({ id, total }: { id: string; total: string }) => [id, Number(total)]);
    expect(Object.fromEntries(amounts)).toEqual({
      'input.chat': 100 * 1 + 128 * 1 + 200 * 2 + 200.002 * 5,
      'output.chat': 3 * 10 + 1 * 30,
    });
    expect(JSON.parse(outcome.body).warnings.map(({ code }: { code: string }) => code)).not.toContain('price-steps');
  });
});
