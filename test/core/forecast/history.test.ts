import { describe, expect, test } from '@jest/globals';
import type { BillScore } from '../../../src/core/forecast/bill-scores.ts';
import { computeForecast } from '../../../src/core/forecast/compute.ts';
import { findUnitJumps } from '../../../src/core/forecast/learned-history.ts';
import type { Forecast } from '../../../src/core/forecast/result.ts';
import { countSpikes } from '../../../src/core/forecast/spike-record.ts';
import type { HistoryModel } from '../../../src/core/sampling/history-forecast.ts';
import { fitHistory, forecastQuantile } from '../../../src/core/sampling/history-forecast.ts';
import { medianPath } from '../../../src/core/sampling/history-paths.ts';
import { normalQuantile } from '../../../src/core/sampling/normal.ts';
import { fillUniforms, hashName } from '../../../src/core/sampling/philox.ts';
import type { ScenarioObject } from '../../helpers/forecasting.ts';
import {
  baseOfScenario,
  catalogue,
  cellOf,
  forecastOf,
  parsed,
  problemsOf,
  sample,
  tierOf,
} from '../../helpers/forecasting.ts';

const noise = new Float64Array(48);
fillUniforms(noise, { seed: 8, variable: hashName('history'), month: 1, firstDraw: 0, count: 48 });
const calm = [...noise].map((u) => Math.round(300_000 * Math.exp(0.02 * normalQuantile(u))));

/** The sample with measured requests instead of stated ones; `over` states what else differs. */
function withHistory(values: readonly unknown[], unit = 'month', over: ScenarioObject = {}): ScenarioObject {
  const support = sample('support-assistant');
  const [chat] = support.workloads as readonly ScenarioObject[];
  const { growth_per_month: _, volatility: __, spikes: ___, ...rest } = chat as ScenarioObject;
  const workload = { ...rest, ...over, requests_per_month: { history: { unit, values } } };
  return { ...support, months: 6, workloads: [workload], sampling: { draws: 1000, seed: 42 } };
}

function warningsOf(forecast: Forecast, code: string): readonly string[] {
  return forecast.warnings.filter((warning) => warning.code === code).map(({ message }) => message);
}

const at = '/workloads/0/requests_per_month/history/values';

describe('a history', () => {
  const forecast = forecastOf(withHistory(calm));

  test('has "the same as last month" beside its forecast, and says how far it carries', () => {
    const [chat] = forecast.workloads;
    expect(chat?.history).toMatchObject({
      unit: 'month',
      observations: 48,
      gaps: 0,
      one_offs: 0,
      same_as_last_month: String(calm.at(-1)),
    });
    expect(chat?.history?.says).toContain('4 % of what sets the width of the band is a stated prior (15 %');
    expect(warningsOf(forecast, 'short-history')).toEqual([]);
  });

  test('gives every month the demand that all tiers are billed for', () => {
    const model = fitHistory(calm, 'month') as HistoryModel;
    const [first] = forecast.workloads[0]?.requests ?? [];
    expect(Number(first?.base)).toBeCloseTo(forecastQuantile(model, 1, 0.5), -1);
    expect(Number(first?.p10)).toBeLessThan(Number(first?.p50));
  });

  test('counts its back-tested months as bills: the promise holds by its record, where the prior alone could not tell', () => {
    const { bill } = tierOf(forecast, 'openai').predictability;
    expect(bill.record).toMatchObject({ bills: 0, backtested_months: 24 });
    expect(bill.record?.says).toBe('24 of 24 months of demand, each forecast from the history before it, within ±10 %');
    expect(Number(bill.record?.spread)).toBeLessThan(1);
    expect(bill.verdict).toBe('holds');
  });

  test('says nothing of operator hours: the full cost of a box learns nothing from it', () => {
    expect(tierOf(forecast, 'local').predictability.full.record).toBeUndefined();
  });

  test('teaches how often spikes come: 1 + k in 33 + n', () => {
    const spiky = calm.map((value, i) => (i === 20 || i === 40 ? 3 * value : value));
    const spikes = forecastOf(withHistory(spiky)).workloads[0]?.history?.spikes;
    expect(spikes).toMatchObject({ onsets: 2, months: 45, chance_per_month: String(Number((3 / 78).toFixed(6))) });
    const key = 'workloads.chat.spikes.chance_per_month';
    expect(cellOf(baseOfScenario(withHistory(spiky)), key).toNumber()).toBeCloseTo(3 / 78, 10);
    const stated = { spikes: { chance_per_month: '2%', multiplier: 3, carry_over: '60%' } };
    expect(cellOf(baseOfScenario(withHistory(spiky, 'month', stated)), key).toNumber()).toBe(0.02);
  });

  test('of days is summed to months, however long they are', () => {
    const days = Array.from({ length: 120 }, () => 10_000);
    const model = fitHistory(days, 'day') as HistoryModel;
    const [january, february] = medianPath(model, [31, 28]);
    const requests = forecastOf(withHistory(days, 'day')).workloads[0]?.requests;
    expect(requests?.slice(0, 2).map(({ base }) => Number(base))).toEqual([
      Math.round(january as number),
      Math.round(february as number),
    ]);
  });
});

describe('what a history leaves out', () => {
  test('a step tagged as one-off counts as missing and is counted', () => {
    const tagged = calm.map((value, i) => (i === 30 ? { one_off: 9 * value } : value));
    const missing = calm.map((value, i) => (i === 30 ? null : value));
    const [one, other] = [forecastOf(withHistory(tagged)), forecastOf(withHistory(missing))];
    expect(one.tiers).toEqual(other.tiers);
    expect(one.workloads[0]?.history).toMatchObject({ observations: 47, one_offs: 1, gaps: 0 });
    expect(other.workloads[0]?.history).toMatchObject({ observations: 47, one_offs: 0, gaps: 1 });
    expect(one.workloads[0]?.history?.says).toContain('1 tagged as one-off and left out');
  });

  test('gaps are missing, never 0, and nothing is removed that was not tagged', () => {
    const gap = forecastOf(withHistory(calm.map((value, i) => (i === 30 ? null : value))));
    const zero = forecastOf(withHistory(calm.map((value, i) => (i === 30 ? 0 : value))));
    expect(zero.tiers).toEqual(gap.tiers);
    const outlier = forecastOf(withHistory(calm.map((value, i) => (i === 30 ? 2 * value : value))));
    const width = (of: Forecast) =>
      Number(of.workloads[0]?.requests[0]?.p90) / Number(of.workloads[0]?.requests[0]?.p10);
    expect(width(outlier)).toBeGreaterThan(width(gap));
  });

  test('months between the last one known and the first one forecast widen the band', () => {
    const walk = calm.map((_, i) => Math.round(300_000 * Math.exp(0.3 * Math.sin(i * 2.3) + 0.02 * i)));
    const width = (values: readonly unknown[]) => {
      const [first] = forecastOf(withHistory(values)).workloads[0]?.requests ?? [];
      return Number(first?.p90) / Number(first?.p10);
    };
    expect(width([...walk, null, null, null])).toBeGreaterThan(width(walk));
    expect(width([...walk, 0, 0, 0])).toBe(width([...walk, null, null, null]));
  });
});

describe('a short history', () => {
  test('is used from one month on, with a warning of how weak the prior is', () => {
    const one = forecastOf(withHistory([300_000]));
    expect(warningsOf(one, 'short-history')).toEqual([
      '"chat": 1 month of history; 67 % of what sets the width of the band is a stated prior (15 % from month to month); a season needs two years to show, so it is hardly counted on; the history is short: "the same as last month" may do as well.',
    ]);
    expect(tierOf(one, 'openai').predictability.bill.record).toBeUndefined();
  });
});

describe('a bad history is refused with its place and its rule', () => {
  test.each<[string, readonly unknown[], string, string | RegExp]>([
    ['empty', [], `${at}`, 'too-short'],
    ['all zero', [0, 0, 0], at, 'empty-history'],
    ['nothing but one-offs', [{ one_off: 5 }], at, 'empty-history'],
    ['negative', [5, -1], `${at}/1`, 'out-of-range'],
    ['a negative one-off', [5, { one_off: -1 }], `${at}/1/one_off`, 'out-of-range'],
    ['in words', [5, 'many'], `${at}/1`, 'not-a-number'],
    ['a range', [5, '1 to 2'], `${at}/1`, 'not-a-number'],
    ['of an unknown tag', [5, { outlier: 1 }], `${at}/1`, /unknown-key|wrong-type/],
  ])('%s', (_, values, pointer, code) => {
    const problems = problemsOf(withHistory(values));
    expect(problems.map((problem) => problem.pointer)).toContainEqual(expect.stringContaining(pointer));
    expect(problems[0]?.code).toMatch(code);
  });

  test('a value in another unit is pointed out, not removed', () => {
    const jump = forecastOf(withHistory(calm.map((value, i) => (i === 12 ? value / 1000 : value))));
    expect(jump.warnings).toContainEqual(
      expect.objectContaining({
        code: 'history-jump',
        pointer: `${at}/12`,
        message: expect.stringContaining('Value 13'),
      }),
    );
    expect(findUnitJumps([1, 2, 3, 150, 2, null, 1])).toEqual([]);
    expect(findUnitJumps([1, 2, 3, 450, 2, null, 1])).toEqual([3]);
  });
});

test('a spike onset is a month above twice the median of the six before it', () => {
  const periods = [10, 12, 11, 25, 24, 23, 24, 10].map((total) => ({ from: 0, to: 1, days: 30, total }));
  expect(countSpikes(periods)).toMatchObject({ onsets: 2, months: 5, chance: 3 / 38 });
});

describe('locked bills', () => {
  const scenario = parsed({ ...sample('support-assistant'), months: 3, sampling: { draws: 2000, seed: 42 } });
  const withBills = (z: readonly number[]) =>
    computeForecast(scenario, catalogue, { engine: 'test', inputsDigest: '' }, [], z.map(billOf)).forecast;
  const billOf = (z: number, i: number): BillScore => ({
    tier: 'openai',
    perimeter: 'bill',
    month: `${2020 + Math.floor(i / 12)}-${String(1 + (i % 12)).padStart(2, '0')}`,
    forecast: '100',
    actual: String(100 + 10 * z),
    z,
  });

  test('move the verdict of their own tier and perimeter, and show what they taught', () => {
    const [none, near, far] = [withBills([]), withBills(Array(12).fill(0.2)), withBills([2, -2.5, 3])];
    const evidence = (forecast: Forecast) => Number(tierOf(forecast, 'openai').predictability.bill.evidence);
    expect(evidence(near)).toBeGreaterThan(evidence(none));
    expect(evidence(far)).toBeLessThan(evidence(none));
    expect(tierOf(near, 'google').predictability.bill).toEqual(tierOf(none, 'google').predictability.bill);
    const record = tierOf(near, 'openai').predictability.bill.record;
    expect(record).toMatchObject({ bills: 12, inside_80: 12, expected_inside_80: { least: 7, most: 12 } });
    expect(record?.says).toBe('12 of 12 bills within ±10 %');
    expect(record?.conformal.within_90).not.toBeNull();
    expect(tierOf(far, 'openai').predictability.bill.record?.conformal.within_80).toBeNull();
  });

  test('widen or narrow the band of next month', () => {
    const width = (forecast: Forecast) => {
      const band = tierOf(forecast, 'openai').predictability.bill.record?.recalibrated;
      return Number(band?.p90) - Number(band?.p10);
    };
    expect(width(withBills([2, -2, 2.5, -2, 2, -2.2]))).toBeGreaterThan(
      width(withBills([0.3, -0.2, 0.3, 0.1, 0, 0.2])),
    );
  });

  test('ask for smaller levers the better they were foreseen', () => {
    const cap = (forecast: Forecast) => {
      const [, amount = ''] =
        /hard cap of ([\d.,]+)/.exec(tierOf(forecast, 'openai').predictability.bill.would_hold_if.join()) ?? [];
      return Number(amount.replaceAll(',', ''));
    };
    expect(cap(withBills(Array(12).fill(1)))).toBeGreaterThan(cap(withBills([])));
  });
});

describe('the same as last month, in money', () => {
  const months = calm.slice(0, 30);
  const few = { tiers: ['local', 'openai', 'hybrid'] };
  const forecast = forecastOf({ ...withHistory(months), ...few });

  test('is the base case of month 1 at the requests of the last month', () => {
    const again = forecastOf({
      ...withHistory(months),
      ...few,
      workloads: [
        {
          ...(withHistory(months).workloads as readonly ScenarioObject[])[0],
          requests_per_month: months.at(-1),
          volatility: 0,
        },
      ],
    });
    for (const id of ['openai', 'local', 'hybrid']) {
      expect(tierOf(forecast, id).same_as_last_month).toEqual({
        bill: { amount: tierOf(again, id).months?.[0]?.bill.base, month: '2026-12', from: 'history' },
        full: { amount: tierOf(again, id).months?.[0]?.full.base, month: '2026-12', from: 'history' },
      });
    }
  });

  test('is not made up where there is no history, or its last month is missing', () => {
    expect(tierOf(forecastOf({ ...sample('support-assistant'), months: 2, ...few }), 'openai')).not.toHaveProperty(
      'same_as_last_month',
    );
    expect(tierOf(forecastOf({ ...withHistory([...months, null]), ...few }), 'openai')).not.toHaveProperty(
      'same_as_last_month',
    );
  });
});

test('four tolerances stand side by side for each of the first months, wider ones never less likely', () => {
  for (const tier of forecastOf({ ...withHistory(calm), tiers: ['local', 'openai'] }).tiers) {
    if (tier.months === null) continue;
    const { by_horizon } = tier.predictability.bill;
    expect(by_horizon.map(({ months_ahead }) => months_ahead)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { probability, by_tolerance } of by_horizon) {
      expect(by_tolerance.map(({ tolerance }) => tolerance)).toEqual(['0.05', '0.1', '0.15', '0.2']);
      expect(by_tolerance[1]?.probability).toBe(probability);
      const likely = by_tolerance.map((side) => Number(side.probability));
      expect(likely).toEqual(likely.toSorted((a, b) => a - b));
    }
  }
});

describe('tokens in a history', () => {
  const tokens = {
    input_tokens: calm.map((requests, i) => requests * (1000 + 5 * i)),
    output_tokens: calm.map((requests) => 300 * requests),
    cached_input_tokens: calm.map((requests, i) => Math.round(requests * (1000 + 5 * i) * 0.4)),
  };
  const counted = (over: ScenarioObject = {}, history: ScenarioObject = {}): ScenarioObject => {
    const scenario = withHistory(calm);
    const [chat] = scenario.workloads as readonly ScenarioObject[];
    const { input_tokens: _, output_tokens: __, cached_input_share: ___, ...rest } = chat as ScenarioObject;
    const requests_per_month = { history: { unit: 'month', values: calm, ...tokens, ...history } };
    return { ...scenario, tiers: ['openai'], workloads: [{ ...rest, ...over, requests_per_month }] };
  };

  test('teach what a request takes, and how much of it comes from cache', () => {
    const base = baseOfScenario(counted());
    expect(cellOf(base, 'workloads.chat.input_tokens').toNumber()).toBeCloseTo(1000 + 5 * 48, -2);
    expect(cellOf(base, 'workloads.chat.output_tokens').toNumber()).toBeCloseTo(300, 6);
    expect(cellOf(base, 'workloads.chat.cached_input_share').toNumber()).toBeCloseTo(0.4, 3);
  });

  test('are an uncertain input of their own among the drivers', () => {
    const restless = calm.map((requests, i) =>
      Math.round(requests * 300 * Math.exp(0.2 * normalQuantile(noise[47 - i] ?? 0.5))),
    );
    const { drivers } = tierOf(forecastOf(counted({}, { output_tokens: restless })), 'openai').predictability.bill;
    expect(drivers[0]?.input).toBe('workloads.chat.output_tokens');
    expect(Number(drivers[0]?.share)).toBeGreaterThan(0.4);
  });

  test.each([
    ['what is stated as well', { output_tokens: 300 }, {}, '/workloads/0/output_tokens conflict'],
    [
      'another number of steps',
      {},
      { output_tokens: [1, 2] },
      '/workloads/0/requests_per_month/history/output_tokens series-length',
    ],
    [
      'more from cache than there is',
      {},
      { cached_input_tokens: tokens.input_tokens.map((n, i) => (i === 3 ? n + 1 : 0)) },
      '/workloads/0/requests_per_month/history/cached_input_tokens/3 out-of-range',
    ],
  ])('refuse %s', (_, over, history, expected) => {
    expect(problemsOf(counted(over, history)).map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([expected]);
  });
});

test('a spike of which only the chance is stated has its size and decay learned', () => {
  const spiky = calm.map((value, i) => (i === 20 ? 4 * value : i === 21 ? 1.3 * value : value));
  const base = baseOfScenario(withHistory(spiky, 'month', { spikes: { chance_per_month: '2%' } }));
  expect(cellOf(base, 'workloads.chat.spikes.chance_per_month').toNumber()).toBe(0.02);
  expect(cellOf(base, 'workloads.chat.spikes.carry_over').toNumber()).toBeCloseTo((4 * 0.6 + 0.1) / 5, 1);
  expect(cellOf(base, 'workloads.chat.spikes.multiplier').toNumber()).toBeGreaterThan(3.2);
});
