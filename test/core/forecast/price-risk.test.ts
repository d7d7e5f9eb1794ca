import { describe, expect, test } from '@jest/globals';
import { asUncertain, lowerProgram } from '../../../src/core/model/lower.ts';
import { recordTape, runTape } from '../../../src/core/sampling/tape.ts';
import type { ScenarioObject } from '../../helpers/forecasting.ts';
import { baseOfScenario, cellOf, forecastOf, problemsOf, tierOf, today } from '../../helpers/forecasting.ts';

const months = 24;
const model = { openai: 'gpt-5.4-mini', anthropic: 'claude-haiku-4-5' };

function scenarioWith(more: ScenarioObject = {}, workload: ScenarioObject = {}): ScenarioObject {
  return {
    name: 'Price risk',
    start: '2027-01',
    months,
    as_of: today,
    sampling: { draws: 10_000, seed: 7 },
    workloads: [
      {
        id: 'chat',
        requests_per_month: '1M',
        input_tokens: 1000,
        output_tokens: 200,
        volatility: '0%',
        spikes: 'none',
        model,
        ...workload,
      },
    ],
    tiers: ['openai'],
    ...more,
  };
}

function drawsOf(scenario: ScenarioObject, key: string, month: number, draws = 10_000): Float64Array {
  const { program } = baseOfScenario(scenario);
  const row = program.rows.find((candidate) => candidate.key === key);
  if (row === undefined) throw new Error(`no row ${key}`);
  const lowered = lowerProgram(program, asUncertain);
  const cell = lowered.cell(row.index, month);
  const [column] = runTape(recordTape(lowered.graph(), [cell]), { draws, seed: 7 });
  return column as Float64Array;
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('list prices that change unannounced', () => {
  const rare = { price_changes: { chance_per_month: '2%', multiplier: 0.77 } };

  test('happen as often as stated, each new price staying', () => {
    const share = (month: number): number => {
      const changes = drawsOf(scenarioWith(rare), 'openai.price_change.chat', month);
      return changes.filter((change) => change < -1e-9).length / changes.length;
    };
    // 1 − 0.98^n, within four standard errors of 10,000 draws (0.005 at most each).
    for (const month of [1, 6, 24]) expect(Math.abs(share(month) - (1 - 0.98 ** month))).toBeLessThan(0.02);
  });

  test('lower the mean by what they lower, and leave the base as it is', () => {
    const changed = drawsOf(scenarioWith(rare), 'openai.price_change.chat', 24);
    // E[0.77^N] with N binomial(24, 2 %) is (1 − 0.02 · 0.23)^24.
    expect(mean(changed) + 1).toBeCloseTo((1 - 0.02 * 0.23) ** 24, 2);
    expect(cellOf(baseOfScenario(scenarioWith(rare)), 'openai.price_change.chat', 24).toNumber()).toBe(0);
  });

  test('are the same event wherever the same model is billed', () => {
    const two = scenarioWith(
      {
        ...rare,
        tiers: ['openai', 'hybrid'],
        hybrid: { local_share: '50%', cloud: 'openai' },
        local,
        energy: { price_per_kwh: 0.2 },
      },
      { model: { ...model, local: 'llama-3.1-8b' } },
    );
    const alone = drawsOf(two, 'openai.price_change.chat', 24, 2_000);
    expect(drawsOf(two, 'hybrid.openai.price_change.chat', 24, 2_000)).toEqual(alone);
  });

  test('have a prior for each provider where nothing is said and something else is uncertain', () => {
    const uncertain = baseOfScenario(scenarioWith({}, { volatility: '10%' }));
    expect(cellOf(uncertain, 'prices.openai.chat.change_chance').toString()).toBe('0.0034');
    expect(cellOf(uncertain, 'prices.openai.chat.change_multiplier').toString()).toBe('0.77');
  });

  test('are switched off with a word, and then have no row', () => {
    const off = baseOfScenario(scenarioWith({ price_changes: 'none' }, { volatility: '10%' }));
    expect(off.program.rows.some(({ id }) => id === 'price_change')).toBe(false);
  });

  test('do not touch prices that were agreed', () => {
    const prices = [{ provider: 'openai', model: model.openai, input: 1, output: 2 }];
    const agreed = baseOfScenario(scenarioWith({ prices }, { volatility: '10%' }));
    expect(agreed.program.rows.some(({ id }) => id === 'price_change')).toBe(false);
  });

  test('a scenario in which nothing is uncertain keeps P5 = P95 without a word about prices', () => {
    const { months: found, total } = tierOf(forecastOf(scenarioWith()), 'openai');
    for (const { bill } of [...found, { bill: total.bill }]) expect(bill.p5).toBe(bill.p95);
    const risky = tierOf(forecastOf(scenarioWith(rare)), 'openai');
    expect(Number(risky.total.bill.p5)).toBeLessThan(Number(risky.total.bill.p95));
  });
});

const local = {
  machines: [
    {
      id: 'box',
      gpu: 'custom',
      gpu_price: 1000,
      idle_watts: 50,
      load_watts: 300,
      throughput: { total_tokens_per_s: 5000 },
    },
  ],
};

describe('the price paid at constant list prices', () => {
  test('moves every month by its volatility, with the list price as its median', () => {
    const scenario = scenarioWith({}, { effective_price_volatility: '8%' });
    const drift = drawsOf(scenario, 'openai.effective_price_change.chat', 3).map((change) => Math.log1p(change));
    const sd = Math.sqrt(mean(drift.map((value) => value * value)));
    expect(mean(drift)).toBeCloseTo(0, 2);
    expect(sd).toBeCloseTo(0.08, 2);
    expect(cellOf(baseOfScenario(scenario), 'openai.effective_price_change.chat', 3).toNumber()).toBe(0);
  });
});

describe('what is announced', () => {
  test('a price that ends with 2026 is left on its date', () => {
    const scenario = scenarioWith(
      { start: '2026-12', months: 2, tiers: ['google'], comparison: { baseline: 'google' } },
      { model: { google: 'gemini-3.8-flash' } },
    );
    const [input] = tierOf(forecastOf(scenario), 'google').lines;
    expect(input?.months).toEqual([String((1000 * 0.75).toFixed(2)), String((1000 * 1.5).toFixed(2))]);
  });

  test('a model that is withdrawn is billed as its successor from then on, at its tokens', () => {
    const migrations = [
      { provider: 'openai', model: 'gpt-5.4-mini', at: '2027-03', to: 'gpt-5.4-nano', token_ratio: 1.2 },
    ];
    const [input, output] = tierOf(forecastOf(scenarioWith({ months: 4, migrations })), 'openai').lines;
    const after = Number((1000 * 1.2 * 0.2).toFixed(2));
    expect(input?.months.map(Number)).toEqual([1000 * 0.75, 1000 * 0.75, after, after]);
    expect(output?.months.map(Number)).toEqual([200 * 4.5, 200 * 4.5, 200 * 1.2 * 1.25, 200 * 1.2 * 1.25]);
  });

  test('a successor that nobody knows yet may be a range of price ratios', () => {
    const migrations = [{ provider: 'openai', model: 'gpt-5.4-mini', at: '2027-02', price_ratio: '0.5 to 2' }];
    const { months: found } = tierOf(forecastOf(scenarioWith({ months: 2, migrations })), 'openai');
    expect(found[0]?.bill.p5).toBe(found[0]?.bill.p95);
    expect(Number(found[1]?.bill.p95)).toBeGreaterThan(1.9 * Number(found[1]?.bill.p50));
  });

  test('explain names the model of the month', () => {
    const { program } = baseOfScenario(
      scenarioWith({
        months: 2,
        migrations: [{ provider: 'openai', model: 'gpt-5.4-mini', at: '2027-02', to: 'gpt-5.4-nano' }],
      }),
    );
    const row = program.rows.find(({ key }) => key === 'prices.openai.chat.input');
    const monthly = row?.content.kind === 'input' ? row.content.input.monthly : undefined;
    expect(monthly?.map((month) => month?.details.model)).toEqual(['gpt-5.4-mini', 'gpt-5.4-nano']);
  });

  test('an unknown successor is a problem with its place', () => {
    const migrations = [{ provider: 'openai', model: 'gpt-5.4-mini', at: '2027-02', to: 'gpt-9' }];
    expect(problemsOf(scenarioWith({ migrations }))).toMatchObject([
      { code: 'unknown-model', pointer: '/migrations/0/to' },
    ]);
  });
});
