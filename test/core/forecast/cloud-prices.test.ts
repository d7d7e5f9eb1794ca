import { describe, expect, test } from '@jest/globals';
import { calculateForecast, explainNumber } from '../../../src/compute/calculate.ts';
import { computeForecast } from '../../../src/core/forecast/compute.ts';
import type { PriceBook } from '../../../src/core/prices/price.ts';
import type { ScenarioObject } from '../../helpers/forecasting.ts';
import {
  baseOfScenario,
  catalogue,
  cellOf,
  forecastOf,
  parsed,
  problemsOf,
  tierOf,
  today,
} from '../../helpers/forecasting.ts';

/** A thousand requests of 1,000 and 1,000 tokens: a million of each a month. */
function scenarioWith(
  tier: ScenarioObject & { id: string },
  workload: ScenarioObject,
  more: ScenarioObject = {},
): ScenarioObject {
  return {
    name: 'Cloud prices',
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
        ...workload,
      },
    ],
    tiers: [tier],
    comparison: { baseline: tier.id },
    ...more,
  };
}

function lines(scenario: ScenarioObject, tier: string): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(tierOf(forecastOf(scenario), tier).lines.map(({ id, months }) => [id, months.map(Number)]));
}

const warned = (scenario: ScenarioObject): readonly string[] => forecastOf(scenario).warnings.map(({ code }) => code);

function explained(scenario: ScenarioObject, path: string) {
  const outcome = calculateForecast({ scenario, today }, catalogue);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  const answer = explainNumber({ inputs: outcome.inputs, path }, catalogue);
  if (!answer.ok) throw new Error(JSON.stringify(answer.problems));
  return answer.explanation as {
    value: string;
    mean_of?: readonly { share: string; value: string; details: object }[];
  };
}

describe('prices by the hour', () => {
  const pro = (workload: ScenarioObject = {}, more: ScenarioObject = {}) =>
    scenarioWith({ id: 'deepseek' }, { model: { deepseek: 'deepseek-v4-pro' }, ...workload }, more);
  // Peaks of 01:00-04:00 and 06:00-10:00, Monday to Friday: 7 × 5 of 168 hours at 1.32, the others at 0.66.
  const peak = (7 * 5) / 168;

  test('are the mean over the hours of the requests, evenly over the week where nothing is said', () => {
    const mean = 0.66 * (1 - peak) + 1.32 * peak;
    expect(Number(explained(pro(), 'prices.deepseek.chat.input').value)).toBeCloseTo(mean, 12);
    expect(lines(pro(), 'deepseek')).toEqual({
      'input.chat': [Number(mean.toFixed(2))],
      'output.chat': [Number((1.98 * (1 - peak) + 3.96 * peak).toFixed(2))],
    });
  });

  test('follow the busy hours: an office in Asia pays the peak for most, one in America for nothing', () => {
    const input = (utc_hours: string) =>
      Number(explained(pro({ busy_hours: { utc_hours, share: '100%' } }), 'prices.deepseek.chat.input').value);
    // 01:00-10:00 on weekdays: seven of nine hours are dear.
    expect(input('01:00-10:00 mon-fri')).toBeCloseTo(0.66 * (2 / 9) + 1.32 * (7 / 9), 12);
    expect(input('14:00-23:00 mon-fri')).toBe(0.66);
  });

  test('are explained with every row, its hours, its share and its dates', () => {
    const { mean_of } = explained(pro(), 'prices.deepseek.chat.input');
    expect(mean_of).toMatchObject([
      {
        share: '0.791667',
        value: '0.66',
        details: { model: 'deepseek-v4-pro', meter: 'input', known_at: '2026-09-23' },
      },
      { share: '0.0892857', value: '1.32', details: { utc_hours: '01:00-04:00 mon-fri', valid_from: '2026-08-23' } },
      { share: '0.119048', value: '1.32', details: { utc_hours: '06:00-10:00 mon-fri', checked_at: '2026-09-23' } },
    ]);
    expect(
      explained(pro({ busy_hours: { utc_hours: 'sat,sun', share: '100%' } }), 'prices.deepseek.chat.input').mean_of,
    ).toBeUndefined();
  });

  test('may be stated, on top of a list price that stays in the other hours', () => {
    const prices = [
      { provider: 'openrouter', model: 'deepseek/deepseek-v4-pro', input: 0.5, output: 1 },
      { provider: 'openrouter', model: 'deepseek/deepseek-v4-pro', input: 2, utc_hours: '00:00-06:00' },
      { provider: 'openrouter', model: 'deepseek/deepseek-v4-pro', input: 3, utc_hours: '06:00-12:00' },
    ];
    const routed = scenarioWith(
      { id: 'openrouter' },
      { model: { openrouter: 'deepseek/deepseek-v4-pro' } },
      { prices },
    );
    expect(lines(routed, 'openrouter')).toMatchObject({
      'input.chat': [Number((0.5 / 2 + 2 / 4 + 3 / 4).toFixed(2))],
      'output.chat': [1],
    });
  });

  test('hours that are all dear need no price for the others, and hours without a price are not guessed', () => {
    const stated = (utc_hours: readonly string[]) =>
      scenarioWith(
        { id: 'openai' },
        { model: { openai: 'mine' } },
        {
          prices: utc_hours.map((hours) => ({
            provider: 'openai',
            model: 'mine',
            input: 2,
            output: 2,
            utc_hours: hours,
          })),
        },
      );
    expect(lines(stated(['00:00-12:00', '12:00-24:00']), 'openai')).toMatchObject({ 'input.chat': [2] });
    expect(forecastOf(stated(['00:00-12:00'])).tiers).toMatchObject([{ total: null, reason: 'no-price' }]);
  });

  test('meet long contexts and batch prices: a factor applies to every hour', () => {
    const prices = [
      { provider: 'openai', model: 'gpt-5.4', input: 10, output: 20 },
      { provider: 'openai', model: 'gpt-5.4', input: 30, utc_hours: '00:00-12:00' },
    ];
    const batch = scenarioWith({ id: 'openai' }, { model: { openai: 'gpt-5.4' }, batch_share: '100%' }, { prices });
    expect(lines(batch, 'openai')).toMatchObject({ 'batch_input.chat': [(10 + 30) / 2 / 2] });
  });

  test('that cannot be read are told with their place', () => {
    const wrong = pro(
      { busy_hours: { utc_hours: 'at night', share: '80%' } },
      {
        prices: [{ provider: 'deepseek', model: 'deepseek-v4-pro', input: 1, utc_hours: '25:00-26:00' }],
      },
    );
    expect(problemsOf(wrong)).toMatchObject([
      { code: 'not-hours', pointer: '/workloads/0/busy_hours/utc_hours' },
      { code: 'not-hours', pointer: '/prices/0/utc_hours' },
    ]);
    expect(problemsOf(pro({ busy_hours: { utc_hours: 'mon-sun', share: '80%' } }))).toMatchObject([
      { code: 'conflict', pointer: '/workloads/0/busy_hours/share' },
    ]);
  });
});

describe('free volume', () => {
  const gemini = (workload: ScenarioObject = {}, tier: ScenarioObject = {}) =>
    scenarioWith(
      { id: 'google', ...tier },
      { model: { google: 'gemini-3.8-flash' }, requests_per_month: 8000, web_searches_per_request: 1, ...workload },
    );

  test('of the price book comes off the meter it is for: 5,000 searches a month on Gemini 3', () => {
    expect(lines(gemini(), 'google')['web_searches.chat']).toEqual([3 * 14]);
    expect(lines(gemini({ requests_per_month: 4000 }), 'google')['web_searches.chat']).toEqual([0]);
  });

  test('is one for all workloads together, and for no other LLM', () => {
    const two = gemini();
    const [chat] = two.workloads as readonly ScenarioObject[];
    const both = { ...two, workloads: [chat, { ...chat, id: 'other' }] };
    // 16,000 searches, 5,000 of which are free: 8,000 × 11/16 on each.
    expect(lines(both, 'google')).toMatchObject({
      'web_searches.chat': [(8 * 14 * 11) / 16],
      'web_searches.other': [(8 * 14 * 11) / 16],
    });
    const older = gemini({ model: { google: 'gemini-2.5-flash' } });
    const prices = [{ provider: 'google', model: 'gemini-2.5-flash', web_searches: 35 }];
    expect(lines({ ...older, prices }, 'google')['web_searches.chat']).toEqual([8 * 35]);
  });

  test('that a scenario states goes before the book, meter by meter', () => {
    const free_per_month = { input: '2M', web_searches: 0 };
    const found = lines(gemini({}, { free_per_month }), 'google');
    expect(found['input.chat']).toEqual([(8 - 2) * 1.5]);
    expect(found['web_searches.chat']).toEqual([8 * 14]);
    expect(found['output.chat']).toEqual([8 * 7.5]);
  });

  test('has no row where there is none', () => {
    const ids = baseOfScenario(scenarioWith({ id: 'openai' }, { model: { openai: 'gpt-5.4' } })).program.rows.map(
      ({ id }) => id,
    );
    expect(ids.filter((id) => id.includes('free_') && id !== 'free_allowance')).toEqual([]);
  });
});

describe('a fallback behind a router', () => {
  const main = 'deepseek/deepseek-v4-pro';
  const prices = [
    { provider: 'openrouter', model: main, input: 1, output: 2 },
    { provider: 'openrouter', model: 'openai/gpt-oss-120b', input: 5, cached_input: 1, output: 10 },
    { provider: 'openai', model: 'gpt-5.4', input: 3, output: 30 },
  ];
  const routed = (fallback: ScenarioObject, workload: ScenarioObject = {}) =>
    scenarioWith(
      { id: 'openrouter', routing: { fallbacks: [{ model: main, ...fallback }] } },
      { model: { openrouter: main }, ...workload },
      { prices },
    );

  test('bills its share of the requests at the prices of the other model', () => {
    expect(lines(routed({ to: 'openai/gpt-oss-120b', share: '10%' }), 'openrouter')).toMatchObject({
      'input.chat': [0.9 * 1 + 0.1 * 5],
      'output.chat': [0.9 * 2 + 0.1 * 10],
    });
  });

  test('may be another provider, and is explained with both prices', () => {
    const scenario = routed({ to: 'gpt-5.4', provider: 'openai', share: '25%' });
    expect(lines(scenario, 'openrouter')).toMatchObject({ 'output.chat': [0.75 * 2 + 0.25 * 30] });
    expect(explained(scenario, 'prices.openrouter.chat.output').mean_of).toMatchObject([
      { share: '0.75', value: '2', details: { provider: 'openrouter', model: main } },
      { share: '0.25', value: '30', details: { provider: 'openai', model: 'gpt-5.4' } },
    ]);
  });

  test('that prices cached input apart does so for its share, the first model for the rest', () => {
    const found = lines(
      routed({ to: 'openai/gpt-oss-120b', share: '50%' }, { cached_input_share: '100%' }),
      'openrouter',
    );
    const own = explained(routed({ to: 'openai/gpt-oss-120b', share: '50%' }), 'prices.openrouter.chat.cached_input');
    expect(own.mean_of?.map(({ value }) => value)).toHaveLength(2);
    expect(found['cached_input.chat']).toEqual([Number(Number(own.value).toFixed(2))]);
  });

  test('that nobody knows is a problem with its place, and one for each model is enough', () => {
    expect(problemsOf(routed({ to: 'no/such-model', share: '5%' }))).toMatchObject([
      { code: 'unknown-model', pointer: '/tiers/0/routing/fallbacks/0/to' },
    ]);
    const twice = [
      { model: main, to: 'a', share: '5%' },
      { model: main, to: 'b', share: '5%' },
    ];
    expect(
      problemsOf(scenarioWith({ id: 'openrouter', routing: { fallbacks: twice } }, { model: { openrouter: main } })),
    ).toMatchObject([{ code: 'duplicate-id', pointer: '/tiers/0/routing/fallbacks/1/model' }]);
  });

  test('is stored with the forecast, so that it is the same when computed again', () => {
    const outcome = calculateForecast({ scenario: routed({ to: 'openai/gpt-5.5', share: '5%' }), today }, catalogue);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
    expect(explainNumber({ inputs: outcome.inputs, path: 'openrouter.input.chat.2027-01' }, catalogue)).toMatchObject({
      ok: true,
    });
  });
});

describe('keeping a cache', () => {
  const stored = (model: ScenarioObject, more: ScenarioObject = {}, id = 'google') =>
    scenarioWith({ id }, { model, cache_storage: { tokens: '2M', ...more } });

  test('is billed by million tokens and hour where a provider has a price for it', () => {
    const model = { google: 'gemini-3.8-flash' };
    expect(lines(stored(model), 'google')['cache_storage.chat']).toEqual([2 * 730 * 0.5]);
    expect(lines(stored(model, { hours_per_day: 8 }), 'google')['cache_storage.chat']).toEqual([
      Number(((2 * 730 * 0.5) / 3).toFixed(2)),
    ]);
  });

  test('has no row and a warning where it has none', () => {
    const scenario = stored({ openai: 'gpt-5.4' }, {}, 'openai');
    expect(Object.keys(lines(scenario, 'openai'))).toEqual(['input.chat', 'output.chat']);
    expect(warned(scenario)).toContain('cache-storage-unpriced');
    expect(warned(stored({ google: 'gemini-3.8-flash' }))).not.toContain('cache-storage-unpriced');
  });
});

describe('provisioned throughput serves neither batch nor flex', () => {
  const provisioned = (terms: ScenarioObject, workload: ScenarioObject = {}) =>
    scenarioWith(
      { id: 'openai', provisioned: { units: 1, price_per_hour: 10, ...terms } },
      { model: { openai: 'gpt-5.4' }, batch_share: '40%', flex_share: '10%', ...workload },
      { prices: [{ provider: 'openai', model: 'gpt-5.4', input: 10, output: 20 }] },
    );

  test('which are billed by the token at their own prices, although everything else fits', () => {
    // A million of each: 0.4 at half price as batch, 0.1 at half price as flex.
    expect(lines(provisioned({}), 'openai')).toEqual({
      rented_capacity: [730 * 10],
      overflow: [0.4 * 5 + 0.1 * 5 + 0.4 * 10 + 0.1 * 10],
    });
    const { program } = baseOfScenario(provisioned({}));
    expect(program.rows.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['openai.overflow.batch_output.chat', 'openai.overflow.flex_output.chat']),
    );
  });

  test('and take no room from what it serves', () => {
    // One unit does 730 × 3600 × 1/60 × 60 = 2,628,000 tokens at 60 a minute; half of 2 million are its own.
    const base = baseOfScenario(
      provisioned({ tokens_per_minute: 60, utilization_cap: '100%' }, { peak_hour_ratio: 1 }),
    );
    expect(cellOf(base, 'openai.outside_share.chat').toNumber()).toBe(0.5);
    expect(cellOf(base, 'openai.replicas_needed').toNumber()).toBeCloseTo((2_000_000 * 0.5) / (730 * 3600), 12);
  });

  test('while GPUs of one’s own serve whatever is sent', () => {
    const own = scenarioWith(
      { id: 'together', dedicated: { gpu: 'h100' } },
      { model: { together: 'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo' }, batch_share: '40%' },
    );
    expect(Object.keys(lines(own, 'together'))).toEqual(['rented_capacity']);
  });

  test('nothing more is billed by the token where nothing is sent as batch or flex', () => {
    expect(Object.keys(lines(provisioned({}, { batch_share: 0, flex_share: 0 }), 'openai'))).toEqual([
      'rented_capacity',
    ]);
  });
});

describe('unannounced rises', () => {
  const uncertain = { volatility: '10%', model: { openrouter: 'openai/gpt-oss-120b', openai: 'gpt-5.4' } };

  test('are rows of the book beside the cuts, where a provider was seen to have both', () => {
    const base = baseOfScenario({ ...scenarioWith({ id: 'openrouter' }, uncertain), tiers: ['openrouter', 'openai'] });
    expect(cellOf(base, 'prices.openrouter.chat.change_chance').toString()).toBe('0.0033');
    expect(cellOf(base, 'prices.openrouter.chat.rise_chance').toString()).toBe('0.0009');
    expect(cellOf(base, 'prices.openrouter.chat.rise_multiplier').toString()).toBe('1.15');
    expect(base.program.rows.some(({ key }) => key === 'prices.openai.chat.rise_chance')).toBe(false);
  });

  const changing = (price_changes: ScenarioObject) =>
    scenarioWith(
      { id: 'openai' },
      { volatility: '0%', model: { openai: 'gpt-5.4' }, requests_per_month: '1M' },
      { price_changes, months: 24, sampling: { draws: 10_000, seed: 7 } },
    );
  const meanOfLastMonth = (scenario: ScenarioObject): number => {
    const { months } = tierOf(forecastOf(scenario), 'openai');
    return Number(months.at(-1)?.bill.mean) / Number(months.at(-1)?.bill.base);
  };

  test('raise the mean by what they raise: E of both is (1 − p·0.23 + q·0.5) a month', () => {
    const both = { chance_per_month: '2%', multiplier: 0.77, rises: { chance_per_month: '1%', multiplier: 1.5 } };
    expect(meanOfLastMonth(changing(both))).toBeCloseTo((1 - 0.02 * 0.23 + 0.01 * 0.5) ** 24, 1);
  });

  test('alone are the changes', () => {
    const rises = { chance_per_month: '1%', multiplier: 1.5 };
    expect(meanOfLastMonth(changing({ chance_per_month: 0, multiplier: 1, rises }))).toBe(
      meanOfLastMonth(changing(rises)),
    );
  });

  test('and cuts cannot happen more than always', () => {
    const both = { chance_per_month: '60%', multiplier: 0.77, rises: { chance_per_month: '50%', multiplier: 1.5 } };
    expect(problemsOf(changing(both))).toMatchObject([
      { code: 'shares-over-100', pointer: '/price_changes/rises/chance_per_month' },
    ]);
  });
});

describe('terms as they were known', () => {
  const { book } = catalogue;
  const later = { known_at: '2026-12-15', checked_at: '2026-12-15', valid_from: '2026-10-01' } as const;
  const [h100] = book.rents.filter(({ provider, gpu }) => provider === 'together' && gpu === 'h100');
  const [credits] = book.fees.filter(({ id }) => id === 'openrouter-credits');
  const [residency] = book.surcharges;
  const [batch] = book.multipliers.filter(({ provider, meter }) => provider === 'openai' && meter === 'batch_output');
  const [searches] = book.allowances;
  if (!h100 || !credits || !residency || !batch || !searches) throw new Error('the price book lacks a row');
  const double = book.multipliers.flatMap((row) =>
    row === batch ? { ...row, ...later, multiplier: row.multiplier.times(2) } : [],
  );
  /** The same day valid, learned three weeks later: everything twice as much. */
  const then: PriceBook = {
    ...book,
    rents: [...book.rents, { ...h100, ...later, usd_per_hour: h100.usd_per_hour.times(2) }],
    fees: [...book.fees, { ...credits, ...later, rate: credits.rate.times(2) }],
    surcharges: [...book.surcharges, { ...residency, ...later, rate: residency.rate.times(2) }],
    multipliers: [...book.multipliers, ...double],
    allowances: [...book.allowances, { ...searches, ...later, per_month: searches.per_month.times(2) }],
    changes: book.changes.flatMap((row) =>
      row.provider === 'openai' ? [row, { ...row, ...later, chance_per_month: row.chance_per_month.times(2) }] : row,
    ),
  };
  const billWith = (prices: PriceBook, as_of: string, scenario: ScenarioObject): string => {
    const reading = parsed({ ...scenario, as_of });
    const { forecast } = computeForecast(reading, { ...catalogue, book: prices }, { engine: 'x', inputsDigest: 'x' });
    const [tier] = forecast.tiers;
    if (tier === undefined || tier.months === null) throw new Error('no tier');
    return JSON.stringify([tier.total.bill, tier.lines]);
  };
  const cases: readonly (readonly [string, ScenarioObject])[] = [
    [
      'rents',
      scenarioWith(
        { id: 'together', dedicated: { gpu: 'h100' } },
        { model: { together: 'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo' } },
      ),
    ],
    ['fees', scenarioWith({ id: 'openrouter' }, { model: { openrouter: 'openai/gpt-oss-120b' } })],
    [
      'surcharges',
      scenarioWith({ id: 'anthropic', data_residency: 'us' }, { model: { anthropic: 'claude-opus-4-6' } }),
    ],
    ['factors between prices', scenarioWith({ id: 'openai' }, { batch_share: '50%', model: { openai: 'gpt-5.4' } })],
    [
      'free volume',
      scenarioWith(
        { id: 'google' },
        { requests_per_month: 12_000, web_searches_per_request: 1, model: { google: 'gemini-3.8-flash' } },
      ),
    ],
    [
      'chances of a price change',
      scenarioWith(
        { id: 'openai' },
        { volatility: '1%', requests_per_month: '9M', model: { openai: 'gpt-5.4' } },
        { months: 24, sampling: { draws: 5000 } },
      ),
    ],
  ];

  test.each(cases)('%s learned later change a later forecast, and leave an earlier one identical', (_, scenario) => {
    expect(billWith(then, '2026-12-14', scenario)).toBe(billWith(book, '2026-12-14', scenario));
    expect(billWith(then, '2026-12-15', scenario)).not.toBe(billWith(book, '2026-12-15', scenario));
  });

  test('those learned after the as-of date are used where nothing else is at hand, and told in one warning', () => {
    const early = {
      ...scenarioWith({ id: 'openrouter' }, { model: { openrouter: 'openai/gpt-oss-120b' } }),
      as_of: '2026-10-15',
    };
    expect(lines(early, 'openrouter').router_fee?.[0]).toBeGreaterThan(0);
    expect(forecastOf(early).warnings.filter(({ code }) => code === 'terms-known-later')).toMatchObject([
      { pointer: '/as_of', message: expect.stringContaining('openrouter') },
    ]);
    expect(warned(scenarioWith({ id: 'openrouter' }, { model: { openrouter: 'openai/gpt-oss-120b' } }))).not.toContain(
      'terms-known-later',
    );
  });
});

test('what is wrong with the prices of one model is said once, however many workloads use it', () => {
  const one = scenarioWith({ id: 'openai' }, { model: { openai: 'gpt-5.4' } });
  const [chat] = one.workloads as readonly ScenarioObject[];
  const three = { ...one, workloads: ['a', 'b', 'c'].map((id) => ({ ...chat, id })) };
  expect(warned(three).filter((code) => code === 'price-stale')).toHaveLength(1);
});
