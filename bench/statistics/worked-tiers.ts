import { loadCatalogue } from '../../src/compute/catalogue.ts';
import { isHit } from '../../src/core/forecast/accuracy.ts';
import { meanOf } from '../../src/core/forecast/bands.ts';
import { computeBase } from '../../src/core/forecast/compute.ts';
import {
  bestForecast,
  expectedBill,
  largestSigma,
  probabilityOfHitting,
  spikyMean,
  spikyMedian,
  spikyProbability,
} from '../../src/core/forecast/lognormal-bill.ts';
import { sampleTiers } from '../../src/core/forecast/sample.ts';
import { judgePredictability } from '../../src/core/forecast/verdict.ts';
import { parseScenario } from '../../src/core/scenario/parse.ts';
import type { Finding } from './findings.ts';
import { chanceOfShare } from './findings.ts';

const draws = 50_000;
const catalogue = await loadCatalogue();

/** 1,500 Mtok a month through the whole engine, with the tiers of the worked example; spikes do not carry over. */
function worked(sigma: number, chance: number): ReadonlyMap<string, { bill: Float64Array; full: Float64Array }> {
  const model = {
    local: 'llama-3.1-8b',
    openrouter: 'meta-llama/llama-3.1-8b-instruct',
    together: 'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo',
    openai: 'gpt-5.4-mini',
  };
  const price = (provider: 'openrouter' | 'together' | 'openai', perMillion: number) => ({
    provider,
    model: model[provider],
    input: perMillion,
    output: perMillion,
  });
  const spikes = chance === 0 ? 'none' : { chance_per_month: chance, multiplier: '2 to 10', carry_over: 0 };
  const volume = { requests_per_month: 1_500_000, input_tokens: 1000, output_tokens: 0, peak_hour_ratio: 1 };
  const box = {
    id: 'box',
    count: 1,
    gpu: 'custom',
    gpus: 1,
    gpu_price: 12_000,
    host_price: 0,
    idle_watts: 150,
    load_watts: 1200,
    // 6,000 Mtok a month at full load.
    throughput: { input_tokens_per_s: 6e9 / (730 * 3600), output_tokens_per_s: 1e5 },
    utilization_cap: '100%',
    life_months: 36,
    residual_value: 0,
    failure_rate_per_year: 0,
  };
  const reading = parseScenario(
    {
      name: 'Worked tiers',
      currency: 'USD',
      start: '2027-01',
      months: 1,
      workloads: [{ id: 'use', ...volume, volatility: sigma, spikes, model }],
      local: { machines: [box] },
      operations: { hours_per_month: '5 to 15', hourly_rate: 75 },
      energy: { price_per_kwh: 0.22, pue: 1 },
      finance: { cost_of_capital: 0, depreciation: 'straight-line' },
      tiers: ['local', 'openrouter', 'together', 'openai'],
      prices: [price('openrouter', 0.6), price('together', 0.7), price('openai', 4)],
      as_of: '2026-11-22',
    },
    { hardware: { gpus: catalogue.gpus }, tiers: [...catalogue.tiers.values()], today: '2026-11-22' },
  );
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  const { program } = computeBase(reading.scenario, catalogue);
  return new Map(
    [...sampleTiers(program, { draws, seed: 1 })].map(([id, { bill, full }]) => [
      id,
      { bill: bill[0] as Float64Array, full: full[0] as Float64Array },
    ]),
  );
}

/** Monthly bills of three per-token tiers and a box, σ and λ as stated: P(hit) within ±10 % and the tightest tolerance at 80 %. */
export function workedTiers(): readonly Finding[] {
  const stated = [
    { sigma: 0.05, chance: 0, full: [0.38, 0.26], bill: [1, 0.007], cloud: [0.95, 0.064] },
    { sigma: 0.05, chance: 0.03, full: [0.38, null], bill: [0.97, null], cloud: [0.92, 0.068] },
    { sigma: 0.15, chance: 0.03, full: [0.38, null], bill: [0.97, 0.021], cloud: [0.48, 0.2] },
    { sigma: 0.25, chance: 0.03, full: [0.38, null], bill: [0.97, 0.036], cloud: [0.31, 0.33] },
  ] as const;
  return stated.flatMap(({ sigma, chance, full, bill, cloud }) => {
    const tiers = worked(sigma, chance);
    const rows = [
      { what: 'local, full cost', draws: tiers.get('local')?.full, expected: full },
      { what: 'local, bill', draws: tiers.get('local')?.bill, expected: bill },
      ...['openrouter', 'together', 'openai'].map((id) => ({
        what: id === 'openai' ? 'frontier' : id,
        draws: tiers.get(id)?.bill,
        expected: cloud,
      })),
    ];
    return rows.flatMap(({ what, draws: column, expected: [hit, tightest] }): readonly Finding[] => {
      const answer = judgePredictability({ draws: column as Float64Array, tolerance: 0.1, confidence: 0.8 });
      const name = `σ ${sigma}, λ ${chance}, ${what}`;
      const p = answer.probability ?? Number.NaN;
      const t = answer.tightestTolerance ?? Number.NaN;
      return [
        // The stated figures come from 10,000 draws and are rounded to whole per cent.
        { what: `${name}: P(hit)`, stated: hit, found: p, chance: 0.005 + chanceOfShare(p, 10_000) },
        {
          what: `${name}: tightest tolerance`,
          stated: tightest,
          found: t,
          chance: (t < 0.1 ? 0.0005 : 0.005) + 0.03 * t,
        },
      ];
    });
  });
}

/** Point forecasts of a month with rare spikes: median, mean and best, exactly and through the engine. */
export function pointForecasts(): readonly Finding[] {
  const stated = [
    { sigma: 0.05, chance: 0.03, ratio: 1.12, median: 0.926, mean: 0.406 },
    { sigma: 0.15, chance: 0.03, ratio: 1.127, median: 0.482, mean: 0.365 },
    { sigma: 0.05, chance: 0.1, ratio: 1.396, median: 0.86, mean: 0.001 },
  ] as const;
  return stated.flatMap(({ sigma, chance, ...expected }) => {
    const spread = { mu: Math.log(20) / 2, sigma: Math.log(5) / (2 * 1.6448536269514722) };
    const exact = { mu: 0, sigma, chance, spike: spread };
    const column = worked(sigma, chance).get('openai')?.bill as Float64Array;
    const answer = judgePredictability({ draws: column, tolerance: 0.1, confidence: 0.8 });
    const mean = meanOf(column);
    const atMean = column.filter((bill) => isHit(bill, mean, 0.1)).length / column.length;
    const deviation = Math.sqrt(meanOf(column.map((bill) => (bill / answer.forecast - mean / answer.forecast) ** 2)));
    const name = `σ ${sigma}, λ ${chance}`;
    const byMedian = spikyProbability(exact, spikyMedian(exact), 0.1);
    return [
      { what: `${name}: P(hit) of the median, exact`, stated: expected.median, found: byMedian, chance: 0.0005 },
      {
        what: `${name}: P(hit) of the median, engine`,
        stated: expected.median,
        found: answer.probability ?? Number.NaN,
        chance: 0.0005 + chanceOfShare(byMedian, draws),
      },
      {
        what: `${name}: P(hit) of the mean, exact`,
        stated: expected.mean,
        found: spikyProbability(exact, spikyMean(exact), 0.1),
        chance: 0.0005,
      },
      {
        what: `${name}: P(hit) of the mean, engine`,
        stated: expected.mean,
        found: atMean,
        // The mean itself is a draw: a per cent of it moves what lies within ±10 % of it.
        chance: 0.0005 + chanceOfShare(expected.mean, draws) + (1.96 * deviation * 5) / Math.sqrt(draws),
      },
      {
        what: `${name}: mean ÷ median, engine`,
        stated: expected.ratio,
        found: mean / answer.forecast,
        chance: 0.0005 + (1.96 * deviation) / Math.sqrt(draws),
      },
    ];
  });
}

/** How steady usage has to be: the largest σ for a required P(hit), closed form. */
export function neededStability(): readonly Finding[] {
  const stated: readonly (readonly [tolerance: number, byConfidence: readonly number[]])[] = [
    [0.1, [0.149, 0.087, 0.078, 0.061, 0.051]],
    [0.12, [0.179, 0.105, 0.094, 0.073, 0.062]],
    [0.2, [0.301, 0.176, 0.158, 0.123, 0.103]],
  ];
  const confidences = [0.5, 0.75, 0.8, 0.9, 0.95];
  const rows = stated.flatMap(([tolerance, sigmas]) =>
    sigmas.map((sigma, i): Finding => {
      const q = confidences[i] as number;
      return {
        what: `largest σ for P(hit) ${q} at ±${Math.round(100 * tolerance)} %`,
        stated: sigma,
        found: largestSigma(tolerance, q),
        chance: 0.00051,
      };
    }),
  );
  const unit = { mu: 0, sigma: 0.058 };
  const loss = probabilityOfHitting(unit, bestForecast(unit, 0.1), 0.1) - probabilityOfHitting(unit, 1, 0.1);
  return [
    ...rows,
    { what: 'P(hit) lost by the median at σ 0.058', stated: 0.0012, found: loss, chance: 0.00005 },
    { what: 'mean ÷ median at σ 0.3', stated: null, found: expectedBill({ mu: 0, sigma: 0.3 }), chance: 0 },
  ];
}
