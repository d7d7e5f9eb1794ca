import { describe, expect, test } from '@jest/globals';
import { speedInWords } from '../../../src/core/forecast/speed-words.ts';
import { isError } from '../../../src/core/formula/values.ts';
import type { ScenarioObject } from '../../helpers/forecasting.ts';
import { baseOfScenario, cellOf, forecastOf, tierOf } from '../../helpers/forecasting.ts';
import { localBox, localChat, localScenario, localWith } from '../../helpers/local-scenario.ts';

const { gpu_price: _price, host_price: _host, ...bare } = localBox;

function keysOf(scenario: ScenarioObject): readonly string[] {
  return baseOfScenario(scenario).program.rows.flatMap(({ key, sheet }) => (sheet === 'local' ? key : []));
}

function rowsAbout(scenario: ScenarioObject, words: RegExp): readonly string[] {
  return keysOf(scenario).filter((key) => words.test(key));
}

/** Rows of the local tier's own block that are 0 in every month. */
function zeroRows(scenario: ScenarioObject): readonly string[] {
  const { program, exact } = baseOfScenario(scenario);
  return program.rows.flatMap(({ key, block, index }) =>
    block === 'local' && (exact[index] ?? []).every((value) => !isError(value) && value.isZero()) ? key : [],
  );
}

describe('rows that cannot be anything but 0', () => {
  const full = { workloads: [{ ...localChat, requests_per_month: '1.5M' }], months: 36 };

  test('are not there: a box that is bought, stays for the whole forecast and overflows shows no 0 row', () => {
    expect(zeroRows(localScenario(full))).toEqual([]);
  });

  test('are those of leases, loans and rentals for a lot that is bought, and of purchases for one that is not', () => {
    expect(rowsAbout(localScenario(), /lease|loan|rent(?!_)|gpu_hours/)).toEqual([]);
    const leased = { ...bare, id: 'leased', lease: { per_month: 190 } };
    const mixed = localScenario({ local: { machines: [localBox, leased], overflow_to: 'together' } });
    expect(rowsAbout(mixed, /\.leased$/).filter((key) => /book|price|depreciation|life_ends|sale/.test(key))).toEqual(
      [],
    );
    expect(rowsAbout(mixed, /\.box$/).filter((key) => key.includes('lease'))).toEqual([]);
  });

  test('are the sale and the end of life of a lot that is kept, or outlives the forecast', () => {
    const ends = /life_ends|disposal|sale_at_end|resale/;
    expect(rowsAbout(localWith({ at_end_of_life: 'keep', life_months: 2 }), ends)).toEqual([]);
    expect(rowsAbout(localWith({ life_months: 3 }), ends)).toEqual([]);
    expect(rowsAbout(localWith({ life_months: 2 }), ends)).toHaveLength(4);
  });

  test('are the book value before month 1 of a lot that comes in it', () => {
    expect(rowsAbout(localScenario(), /before_start/)).toEqual([]);
    expect(rowsAbout(localWith({ bought: '2026-06' }), /before_start/)).toEqual(['local.book_before_start.box']);
  });

  test('are what overflows of an offline workload, and what is left unserved of all others', () => {
    const workloads = [
      localChat,
      { ...localChat, id: 'secret', needs: { offline: true }, model: { local: 'llama-3.1-8b' } },
    ];
    const both = localScenario({ workloads });
    expect(rowsAbout(both, /overflow\..*secret/)).toEqual([]);
    expect(rowsAbout(both, /^local\.overflow_(demand|volume)/)).toEqual([
      'local.overflow_demand.chat',
      'local.overflow_volume.chat',
    ]);
    expect(rowsAbout(both, /unserved_(demand|volume)/)).toEqual([
      'local.unserved_demand.secret',
      'local.unserved_volume.secret',
    ]);
    const nowhere = localScenario({ local: { machines: [localBox] } });
    expect(rowsAbout(nowhere, /overflow_(demand|volume|tokens)/)).toEqual([]);
    expect(rowsAbout(nowhere, /unserved_tokens/)).toEqual(['local.unserved_tokens']);
  });

  test('still count as 0 for who reads them: nothing unserved is 0 tokens in every month', () => {
    const { capacity } = tierOf(forecastOf(localScenario()), 'local');
    expect(capacity?.map(({ unserved_tokens }) => unserved_tokens)).toEqual(['0', '0', '0']);
  });

  test('come back with the choice, as energy does for a lot that leaves a colocation that holds its power', () => {
    const site = {
      energy: {
        time_of_use: [
          { id: 'night', price_per_kwh: 0.1, share_of_hours: '50%' },
          { id: 'day', price_per_kwh: 0.2, share_of_hours: '50%' },
        ],
      },
      colocation: { per_kw_month: 195, power: 'included' },
    };
    const billed = /resident_kilowatt_hours/;
    expect(rowsAbout(localWith({}, site), billed)).toEqual([]);
    expect(rowsAbout(localWith({ moved: { month: '2027-02', to: 'premises' } }, site), billed)).toHaveLength(1);
  });
});

describe('machines that stand still', () => {
  const down = { failure_rate_per_year: '12%', downtime_hours: 73 };
  const fallback = (count: number, requests: string): number =>
    cellOf(
      baseOfScenario(localWith({ ...down, count }, { workloads: [{ ...localChat, requests_per_month: requests }] })),
      'local.fallback_demand.chat',
    ).toNumber();

  test('leave all of their work to the cloud where there is no other machine', () => {
    // two GPUs at 1 % a month, 73 of 730 hours each
    expect(fallback(1, '500k')).toBeCloseTo((0.02 * 73) / 730, 12);
  });

  test('leave nothing where the others have room', () => {
    expect(fallback(8, '500k')).toBe(0);
  });

  test('leave what the others cannot take, beyond what overflows anyway', () => {
    const base = baseOfScenario(
      localWith({ ...down, count: 2 }, { workloads: [{ ...localChat, requests_per_month: '2M' }] }),
    );
    const at = (row: string): number => cellOf(base, `local.${row}`).toNumber();
    expect(at('fallback_demand.chat')).toBeCloseTo(
      at('outage_share') * (at('overflow_in_outage') - at('overflow_share')),
      12,
    );
    expect(at('overflow_share')).toBeGreaterThan(0);
    expect(at('fallback_demand.chat')).toBeLessThan(at('outage_share') * (1 - at('overflow_share')));
  });
});

describe('what would make a bill hold', () => {
  test('is no cap for machines of one’s own, because nobody sells one', () => {
    const scenario = localWith(
      { value_change_per_year: '-50% to 10%' },
      { tiers: ['local', 'together'], workloads: [{ ...localChat, volatility: 0.4 }] },
    );
    const forecast = forecastOf(scenario);
    const levers = (tier: string): string => tierOf(forecast, tier).predictability.bill.would_hold_if.join(' ');
    expect(levers('local')).toMatch(/fixed/);
    expect(levers('local')).not.toMatch(/hard cap|commitment/);
    expect(levers('together')).toMatch(/hard cap .* commitment/);
  });
});

describe('a speed in words', () => {
  const mistral = { ...localChat, model: { ...localChat.model, local: 'mistral-7b' } };
  const wordsOf = (machine: ScenarioObject) => {
    const scenario = localScenario({
      workloads: [mistral],
      local: { machines: [{ ...localBox, gpus: 1, ...machine }], overflow_to: 'together' },
    });
    const [report] = tierOf(forecastOf(scenario), 'local').serving ?? [];
    if (report === undefined) throw new Error('no speed');
    return { report, words: speedInWords(report) };
  };

  test('is stated, as one figure or as a range with its width', () => {
    expect(wordsOf({}).words).toMatchObject({
      kind: 'stated',
      width: null,
      from: 'stated as one figure over all users',
    });
    const range = wordsOf({ throughput: { input_tokens_per_s: 5000, output_tokens_per_s: '800 to 1200' } });
    expect(range.words.from).toBe('stated as a range over all users');
    // the 5 and 95 % points of 800 to 1200, as 2,048 draws have them
    expect(range.words.width).toMatch(/^(7[89]|8[01])\d to 1,(1[789]|2[012])\d$/);
  });

  test('is the law through measured points, with the error at the worst of them', () => {
    const points = [
      { batch: 4, output_tokens_per_s: 210 },
      { batch: 48, output_tokens_per_s: 1190 },
    ];
    expect(wordsOf({ throughput: { input_tokens_per_s: 5000, points } }).words.kind).toBe('law of 2 points');
  });

  test('follows the batches that the catalogue has of the same GPU, model and precision, and says whose they are', () => {
    const { report, words } = wordsOf({ gpu: 'rtx-4090', throughput: { input_tokens_per_s: 5000 } });
    expect(report.output_from).toBe('points');
    // t0 = 17.2 ms and t1 = 0.484 ms lie within 0.7 % of all five
    expect(words.kind).toBe('catalogue: law of 5 points, ≤ 0.7 % off');
    expect(words.from).toContain('from the catalogue (mushfiqrahman.dev, 2026, 256/128 tokens)');
    expect(Number(report.all_users.output_tokens_per_s.base)).toBeCloseTo(1190, -1);
    const other = wordsOf({ gpu: 'rtx-4090', gpus: 2, throughput: { input_tokens_per_s: 5000 } });
    expect(other.words.kind).toBe('reckoned, not measured');
  });

  test('is reckoned, with the width of what it rests on', () => {
    const { words } = wordsOf({ gpu: 'l40s', throughput: { input_tokens_per_s: 5000 } });
    expect(words).toMatchObject({ kind: 'reckoned, not measured', from: expect.stringContaining('not measured') });
    expect(words.width).toMatch(/ to /);
  });
});
