import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import type { ForecastLine } from '../../../src/core/bills/forecast-lines.ts';
import { readForecastLines } from '../../../src/core/bills/forecast-lines.ts';
import { isError } from '../../../src/core/formula/values.ts';
import { baseOfScenario, catalogue, parsed, sample, samples } from '../../helpers/forecasting.ts';

function reader(scenario: unknown) {
  const base = baseOfScenario(scenario);
  const { migrations } = parsed(scenario);
  return {
    base,
    lines: (tier: string, month: number) =>
      readForecastLines({ ...base, tiers: catalogue.tiers, migrations }, tier, month),
  };
}

const sumOf = (lines: readonly ForecastLine[]): string =>
  lines.reduce((sum, { amount }) => sum.plus(amount), new Decimal(0)).toFixed(2);

describe.each([...samples.keys()])('every tier of %s', (name) => {
  const { base, lines } = reader({ ...sample(name), sampling: { draws: 100, seed: 1 } });
  const months = [0, base.plan.months.length - 1];

  test('has lines that add up to its bill and its full cost', () => {
    for (const tier of base.program.tiers)
      for (const month of months) {
        const total = (row: number): string => {
          const value = base.exact[row]?.[month];
          return value === undefined || isError(value) ? 'none' : value.toFixed(2);
        };
        const all = lines(tier.id, month);
        expect([tier.id, sumOf(all.filter(({ perimeter }) => perimeter === 'bill'))]).toEqual([
          tier.id,
          total(tier.billTotal),
        ]);
        expect([tier.id, sumOf(all)]).toEqual([tier.id, total(tier.fullTotal)]);
      }
  });

  test('meters whatever the price book prices, with provider, model and meter', () => {
    for (const tier of base.program.tiers)
      for (const { kind, provider, model, meter, measured, id } of lines(tier.id, months[0] ?? 0)) {
        if (kind !== 'metered') continue;
        expect([id, provider !== null, measured !== null]).toEqual([id, true, true]);
        if (measured?.unit === 'Mtok') expect([id, model !== null, meter !== null]).toEqual([id, true, true]);
      }
  });
});

const terms = {
  name: 'Terms',
  currency: 'EUR',
  exchange_rates: { USD: '0.9' },
  start: '2027-01',
  months: 3,
  workloads: [
    {
      id: 'chat',
      requests_per_month: 1_000_000,
      volatility: '10%',
      spikes: 'none',
      input_tokens: 1000,
      output_tokens: 200,
      batch_share: '25%',
      web_searches_per_request: 0.1,
      model: {
        openai: 'gpt-5.4-mini',
        openrouter: 'meta-llama/llama-3.1-8b-instruct',
        together: 'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo',
      },
    },
  ],
  price_changes: 'none',
  migrations: [{ provider: 'openai', model: 'gpt-5.4-mini', at: '2027-02', to: 'gpt-5.4-nano' }],
  tiers: [
    { id: 'openai', credits: { amount: 100 } },
    'openrouter',
    { id: 'together', dedicated: { gpu: 'h100', count: 2 } },
  ],
};

test('classes of service, searches, credits, fees and rented hours are told apart', () => {
  const { lines } = reader(terms);
  const openai = lines('openai', 0);
  expect(openai.map(({ kind, meter, measured }) => [kind, meter, measured?.unit ?? null])).toEqual([
    ['metered', 'input', 'Mtok'],
    ['metered', 'output', 'Mtok'],
    ['metered', 'batch_input', 'Mtok'],
    ['metered', 'batch_output', 'Mtok'],
    ['metered', 'web_searches', 'ksearches'],
    ['fixed', null, null],
  ]);
  expect(openai.at(-1)?.amount.toFixed(2)).toBe('-100.00');
  const [input] = openai;
  expect(input?.measured).toMatchObject({ currency: 'USD' });
  expect([input?.measured?.quantity, input?.measured?.exchangeRate].map(String)).toEqual([String(1000 * 0.75), '0.9']);
  const plain = reader({ ...terms, workloads: [{ ...terms.workloads[0], web_searches_per_request: 0 }] });
  expect(plain.lines('openrouter', 0).map(({ kind }) => kind)).toContain('fee');
  expect(
    plain
      .lines('together', 0)
      .filter(({ kind }) => kind === 'metered')
      .map(({ provider, measured }) => [provider, measured?.unit, measured?.quantity.toFixed()]),
  ).toEqual([['together', 'GPU-h', String(2 * 730)]]);
});

test('from the month of a migration on its successor is what is billed', () => {
  const { lines } = reader(terms);
  const models = [0, 1].map((month) => lines('openai', month)[0]?.model);
  expect(models).toEqual(['gpt-5.4-mini', 'gpt-5.4-nano']);
});
