import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { calculateForecast, nowcastStored } from '../../src/compute/calculate.ts';
import { loadCatalogue } from '../../src/compute/catalogue.ts';
import type { NowcastOutcome, NowcastTask, SpendText } from '../../src/compute/tasks.ts';
import type { Forecast, TierForecast } from '../../src/core/forecast/result.ts';
import type { ScenarioObject } from '../helpers/forecasting.ts';
import { sample } from '../helpers/forecasting.ts';
import { localScenario } from '../helpers/local-scenario.ts';

const catalogue = await loadCatalogue();

function frozen(scenario: unknown): { readonly inputs: string; readonly body: string; readonly forecast: Forecast } {
  const outcome = calculateForecast({ scenario, today: '2026-12-31' }, catalogue);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return { inputs: outcome.inputs, body: outcome.body, forecast: JSON.parse(outcome.body) as Forecast };
}

function billed(...amounts: readonly (readonly [provider: string, usd: string, currency?: string])[]): SpendText {
  const groups = amounts.map(([provider, cost, currency = 'USD']) => ({
    provider,
    model: null,
    meter: null,
    unit: null,
    workload: null,
    currency,
    quantity: null,
    cost,
    listCost: null,
    contractedCost: null,
  }));
  return { groups, items: [], leftOut: [] };
}

type Known = Extract<NowcastOutcome, { ok: true }>;

function nowcast(
  { inputs, body }: Pick<NowcastTask, 'inputs' | 'body'>,
  given: Pick<NowcastTask, 'days' | 'spends'> & { readonly over?: string },
): Known {
  const task = { inputs, body, period: '2027-01', over: '0.10', today: '2027-01-12', learned: [], ...given };
  const outcome = nowcastStored(task, catalogue);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome;
}

/** What of a tier's bill in January is forecast for lines of its own, such as depreciation, in the base case. */
function ownLines(
  { forecast }: { readonly forecast: Forecast },
  tier: string,
  isOwn: (id: string) => boolean,
): Decimal {
  const found = forecast.tiers.find(({ id }) => id === tier) as Extract<TierForecast, { lines: object }>;
  return found.lines
    .filter(({ id, perimeter }) => perimeter === 'bill' && isOwn(id))
    .reduce((sum, { months }) => sum.plus(months[0] ?? 0), new Decimal(0));
}

const support: ScenarioObject = {
  ...sample('support-assistant'),
  months: 2,
  tiers: ['openai', 'hybrid', 'anthropic'],
  sampling: { draws: 500, seed: 42 },
};

describe('what was billed of a month under way', () => {
  const forecast = frozen(support);

  test('is held against the very forecast that was frozen: its F and its futures', () => {
    const { tiers, unknown, currency } = nowcast(forecast, {
      days: { openai: '2027-01-10' },
      spends: { '2027-01-10': billed(['openai', '186.39']) },
    });
    expect(currency).toBe('USD');
    const [openai] = tiers;
    expect(openai).toMatchObject({ tier: 'openai', through: '2027-01-10', so_far: '186.39', warns: false });
    expect(openai?.forecast).toBe(forecast.forecast.tiers[0]?.months?.[0]?.bill.p50);
    expect(openai?.run_rate).toBe(((186.39 * 31) / 10).toFixed(2));
    expect(unknown.map(({ tier, code }) => [tier, code])).toEqual([
      ['hybrid', 'no-bills'],
      ['anthropic', 'no-bills'],
    ]);
  });

  test('says the same as a scenario that states its month to date', () => {
    const entry = { tier: 'openai', through: '2027-01-10', so_far: '250.00' };
    const stated = frozen({ ...support, month_to_date: [entry] }).forecast.under_way?.[0];
    const [openai] = nowcast(forecast, {
      days: { openai: '2027-01-10' },
      spends: { '2027-01-10': billed(['openai', '250']) },
    }).tiers;
    expect({ ...openai, label: undefined, month: '2027-01' }).toEqual({ ...stated, label: undefined });
  });

  test('counts what no bill says by the days that are over', () => {
    const { tiers } = nowcast(forecast, {
      days: { anthropic: '2027-01-10' },
      spends: { '2027-01-10': billed(['anthropic', '100']) },
    });
    const own = ownLines(forecast, 'hybrid', (id) => !id.includes('chat'));
    expect(own.gt(100)).toBe(true);
    expect(tiers.find(({ tier }) => tier === 'hybrid')?.so_far).toBe(own.times(10).div(31).plus(100).toFixed(2));
  });

  test('is asked about as far above the forecast as the schedule says', () => {
    const given = { days: { openai: '2027-01-10' }, spends: { '2027-01-10': billed(['openai', '230']) } };
    const chances = ['0', '0.05', '0.10', '0.5'].map((over) =>
      Number(nowcast(forecast, { ...given, over }).tiers[0]?.probability_over),
    );
    expect(chances).toEqual(chances.toSorted((a, b) => b - a));
    expect(new Set(chances).size).toBe(4);
  });

  test('in a currency that the forecast cannot convert is said not to be known', () => {
    const { tiers, unknown } = nowcast(forecast, {
      days: { openai: '2027-01-10', anthropic: '2027-01-10' },
      spends: { '2027-01-10': billed(['openai', '100'], ['anthropic', '200', 'EUR']) },
    });
    expect(tiers.map(({ tier }) => tier)).toEqual(['openai']);
    expect(unknown.map(({ tier, code }) => [tier, code])).toEqual([
      ['hybrid', 'no-exchange-rate'],
      ['anthropic', 'no-exchange-rate'],
    ]);
  });

  test('in sums that tell no day, or of nothing, is said not to be known', () => {
    const { tiers, unknown } = nowcast(forecast, {
      days: { openai: '2027-01-10', anthropic: null },
      spends: { '2027-01-10': billed(['openai', '0'], ['anthropic', '100']) },
    });
    expect(tiers).toEqual([]);
    expect(unknown.map(({ tier, code }) => [tier, code])).toEqual([
      ['hybrid', 'no-days'],
      ['anthropic', 'no-days'],
      ['openai', 'nothing-billed'],
    ]);
  });

  test('of two who bill a tier is known through the earlier of their days', () => {
    const box = frozen(localScenario());
    const { tiers } = nowcast(box, {
      days: { together: '2027-01-10', local: '2027-01-05' },
      spends: {
        '2027-01-05': billed(['together', '4']),
        '2027-01-10': billed(['together', '9']),
      },
    });
    const own = ownLines(box, 'local', (id) => !id.startsWith('overflow'));
    expect(tiers).toMatchObject([{ tier: 'local', through: '2027-01-05' }]);
    expect(tiers[0]?.so_far).toBe(own.times(5).div(31).plus(4).toFixed(2));
  });
});
