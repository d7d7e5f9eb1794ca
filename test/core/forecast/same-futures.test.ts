import { describe, expect, test } from '@jest/globals';
import type { TierSamples } from '../../../src/core/forecast/sample.ts';
import { sampleTiers } from '../../../src/core/forecast/sample.ts';
import { asUncertain, lowerProgram } from '../../../src/core/model/lower.ts';
import type { Program } from '../../../src/core/model/program.ts';
import { recordTape, runTape } from '../../../src/core/sampling/tape.ts';
import type { ScenarioObject } from '../../helpers/forecasting.ts';
import { baseOfScenario, forecastOf, sample, tierOf } from '../../helpers/forecasting.ts';

const short: ScenarioObject = { ...sample('support-assistant'), months: 6 };
const { program } = baseOfScenario(short);

/** Draws of every month and of the totals, laid out one after the other, of each tier. */
function drawsOf(scenario: ScenarioObject, draws = 40): ReadonlyMap<string, readonly number[]> {
  return flat(sampleTiers(baseOfScenario(scenario).program, { draws, seed: 42 }));
}

function flat(tiers: ReadonlyMap<string, TierSamples>): ReadonlyMap<string, readonly number[]> {
  return new Map(
    [...tiers].map(([id, { bill, full, cash, billTotal, fullTotal }]) => [
      id,
      [...bill, ...full, ...cash, billTotal, fullTotal].flatMap((column) => [...column]),
    ]),
  );
}

function columnsOf(linked: Program, keys: readonly string[], draws: number): readonly (readonly number[])[] {
  const lowered = lowerProgram(linked, asUncertain);
  const outputs = keys.flatMap((key) => {
    const row = linked.rows.find((candidate) => candidate.key === key);
    if (row === undefined) throw new Error(`no row ${key}`);
    return Array.from({ length: linked.months }, (_, m) => lowered.cell(row.index, m + 1));
  });
  return runTape(recordTape(lowered.graph(), outputs), { draws, seed: 42 }).map((column) => [...column]);
}

describe('I15: a draw has an address of its own', () => {
  test('the same seed gives the same bytes, another seed others', () => {
    const sent = { ...short, sampling: { draws: 200, seed: 42 } };
    const forecast = forecastOf(sent);
    expect(forecastOf(sent)).toEqual(forecast);
    expect(forecastOf({ ...sent, sampling: { draws: 200, seed: 43 } }).tiers).not.toEqual(forecast.tiers);
  });

  test('more draws leave the first ones as they are, across the borders of blocks', () => {
    const many = sampleTiers(program, { draws: 2500, seed: 42 });
    for (const draws of [1, 1023, 1024, 1025, 2048]) {
      const fewer = sampleTiers(program, { draws, seed: 42 });
      for (const [id, { full, fullTotal }] of fewer) {
        expect(many.get(id)?.fullTotal.slice(0, draws)).toEqual(fullTotal);
        expect(many.get(id)?.full[5]?.slice(0, draws)).toEqual(full[5]);
      }
    }
  });

  test('the order of the tiers changes no number of any', () => {
    const tiers = short.tiers as readonly string[];
    const turned = drawsOf({ ...short, tiers: tiers.toReversed() });
    expect([...turned.keys()]).toEqual(tiers.toReversed());
    for (const [id, draws] of drawsOf(short)) expect(turned.get(id)).toEqual(draws);
  });

  test('a tier more or less changes no number of the others', () => {
    const all = drawsOf(short);
    for (const tiers of [['anthropic'], ['hybrid', 'openai'], ['google', 'local']]) {
      for (const [id, draws] of drawsOf({ ...short, tiers, comparison: { baseline: tiers[0] } }))
        expect(all.get(id)).toEqual(draws);
    }
  });

  test('a workload more leaves the futures of the others as they were', () => {
    const [chat] = short.workloads as readonly ScenarioObject[];
    const two = baseOfScenario({ ...short, workloads: [{ ...chat, id: 'drafts', requests_per_month: 90_000 }, chat] });
    const keys = ['volume.requests.chat', 'openai.output.chat', 'anthropic.input.chat'];
    expect(columnsOf(two.program, keys, 100)).toEqual(columnsOf(program, keys, 100));
  });

  test('a line of the user moves no line that does not read it', () => {
    const audited = {
      ...short,
      rows: [{ tier: 'local', id: 'audit', unit: 'USD', perimeter: 'bill', formula: 'ROUND(100 * month_number, 2)' }],
    };
    const keys = ['local.electricity', 'local.operator_time', 'local.repairs', 'hybrid.local.electricity'];
    expect(columnsOf(baseOfScenario(audited).program, keys, 100)).toEqual(columnsOf(program, keys, 100));
  });
});

describe('every tier meets the same futures', () => {
  /** Both at one price, the router one part in ten dearer by its fee. */
  const prices = [
    { provider: 'openrouter', model: 'meta-llama/llama-3.1-8b-instruct', input: 0.1, output: 0.1 },
    { provider: 'together', model: 'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo', input: 0.11, output: 0.11 },
  ];
  const compared = {
    ...short,
    tiers: ['openrouter', 'together'],
    comparison: { baseline: 'together' },
    sampling: { draws: 3000 },
  };

  test('what is cheaper at every price is cheaper in every one of them', () => {
    // 0.10 and the fee of 5.5 % on it are 0.1055, still below 0.11.
    const [pair] = forecastOf({ ...compared, prices }).comparison.pairs;
    expect(pair).toMatchObject({ a: 'openrouter', b: 'together', probability_a_cheaper: '1' });
  });

  test('and dearer in every one where the fee makes it so', () => {
    // 0.105 and 5.5 % are 0.110775, above 0.11.
    const dearer = prices.map((price) =>
      price.provider === 'openrouter' ? { ...price, input: 0.105, output: 0.105 } : price,
    );
    const forecast = forecastOf({ ...compared, prices: dearer });
    expect(forecast.comparison.pairs[0]?.probability_a_cheaper).toBe('0');
    expect(forecast.comparison.ranking).toEqual(['together', 'openrouter']);
  });

  test('although the bills of both vary by far more than the price differs', () => {
    const [band] = tierOf(forecastOf({ ...compared, prices }), 'openrouter').months;
    expect(Number(band?.bill.p95) / Number(band?.bill.p5)).toBeGreaterThan(1.3);
  });
});
