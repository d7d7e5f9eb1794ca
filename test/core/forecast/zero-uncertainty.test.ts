import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { computeForecast } from '../../../src/core/forecast/compute.ts';
import { planForecast } from '../../../src/core/forecast/plan.ts';
import type { Band, Forecast } from '../../../src/core/forecast/result.ts';
import { sampleTiers } from '../../../src/core/forecast/sample.ts';
import { linkProgram } from '../../../src/core/model/link.ts';
import type { Program } from '../../../src/core/model/program.ts';
import { fitRange } from '../../../src/core/sampling/distributions.ts';
import type { Quantity, Scenario } from '../../../src/core/scenario/scenario.ts';
import { atZeroUncertainty, catalogue, parsed, sample, samples } from '../../helpers/forecasting.ts';

const identity = { engine: 'test', inputsDigest: 'none' };
const few = { draws: 64, seed: 7 };

function forecast(scenario: Scenario): Forecast {
  return computeForecast({ ...scenario, sampling: few }, catalogue, identity).forecast;
}

function bandsOf({ tiers }: Forecast): readonly (readonly [string, Band])[] {
  return tiers.flatMap((tier) =>
    tier.months === null
      ? []
      : [
          ...tier.months.flatMap(({ month, bill, full }): [string, Band][] => [
            [`${tier.id}.bill.${month}`, bill],
            [`${tier.id}.full.${month}`, full],
          ]),
          [`${tier.id}.bill`, tier.total.bill] as const,
          [`${tier.id}.full`, tier.total.full] as const,
        ],
  );
}

function spread([place, band]: readonly [string, Band]): string[] {
  const { base, p5, p10, p50, p90, p95, mean } = band;
  return [p5, p10, p50, p90, p95, mean].every((point) => point === base) ? [] : [place];
}

describe('without uncertainty every percentile is the base case, to the cent', () => {
  for (const [name, sent] of samples) {
    test(name, () => {
      const bands = bandsOf(forecast(atZeroUncertainty(parsed(sent))));
      expect(bands.length).toBeGreaterThan(2 * 12);
      expect(bands.flatMap(spread)).toEqual([]);
    });
  }

  test('nothing is left to doubt: the promise holds, because nothing varies', () => {
    const { tiers } = forecast(atZeroUncertainty(parsed(sample('support-assistant'))));
    expect(tiers.map((tier) => tier.months !== null && tier.predictability.full)).toEqual(
      tiers.map(() => expect.objectContaining({ verdict: 'holds', safety_factor: null, reason: 'does-not-vary' })),
    );
  });

  test('a single volatile workload is noticed', () => {
    const still = atZeroUncertainty(parsed(sample('internal-batch')));
    const [workload] = still.workloads;
    if (workload === undefined) throw new Error('the sample has a workload');
    const shaken = { ...still, workloads: [{ ...workload, volatility: constant('0.01') }] };
    expect(bandsOf(forecast(shaken)).flatMap(spread)).not.toEqual([]);
  });
});

/** 90 % range of ±20 % around a base. */
function widened(base: number, kind: 'positive' | 'share' = 'positive', varies: 'monthly' | 'once' = 'once'): Quantity {
  const distribution = fitRange(base * 0.8, base * 1.2, kind);
  if (typeof distribution === 'string') throw new Error(distribution);
  return { kind: 'range', distribution, varies, text: `${base} ±20%` };
}

function constant(value: string): Quantity {
  return { kind: 'constant', value: new Decimal(value) };
}

const clouds = ['openrouter', 'together', 'fireworks', 'openai', 'anthropic', 'google'];
const still = atZeroUncertainty(parsed(sample('support-assistant')));

function withWorkload(parts: Partial<Scenario['workloads'][number]>): Scenario {
  return { ...still, workloads: still.workloads.map((workload) => ({ ...workload, ...parts })) };
}

function withMachine(parts: Partial<NonNullable<Scenario['local']>['machines'][number]>): Scenario {
  const { local } = still;
  if (local === null) throw new Error('the sample has machines');
  return { ...still, local: { ...local, machines: local.machines.map((machine) => ({ ...machine, ...parts })) } };
}

const machinesOnly = { bill: ['local', 'hybrid'], full: ['local', 'hybrid'] };
const everyone = { bill: ['local', ...clouds, 'hybrid'], full: ['local', ...clouds, 'hybrid'] };
const cases: readonly { what: string; scenario: Scenario; varies: { bill: string[]; full: string[] } }[] = [
  {
    what: 'operator hours',
    scenario: { ...still, operations: { ...still.operations, hours_per_month: widened(9, 'positive', 'monthly') } },
    varies: { bill: [], full: ['local', 'hybrid'] },
  },
  {
    what: 'the operator rate',
    scenario: { ...still, operations: { ...still.operations, hourly_rate: widened(75) } },
    varies: { bill: [], full: ['local', 'hybrid'] },
  },
  {
    what: 'the cost of capital',
    scenario: { ...still, finance: { ...still.finance, cost_of_capital: widened(0.08) } },
    varies: { bill: [], full: ['local', 'hybrid'] },
  },
  {
    what: 'the electricity price',
    scenario: { ...still, energy: { ...still.energy, price_per_kwh: widened(0.19) } },
    varies: machinesOnly,
  },
  { what: 'PUE', scenario: { ...still, energy: { ...still.energy, pue: widened(1.4) } }, varies: machinesOnly },
  { what: 'the GPU price', scenario: withMachine({ gpu_price: widened(2000) }), varies: machinesOnly },
  { what: 'the residual value', scenario: withMachine({ residual_value: widened(0.1) }), varies: machinesOnly },
  { what: 'idle power', scenario: withMachine({ idle_watts: widened(60) }), varies: machinesOnly },
  {
    what: 'the failure rate',
    scenario: withMachine({ failure_rate_per_year: widened(0.9) }),
    varies: { bill: [], full: ['local', 'hybrid'] },
  },
  { what: 'requests', scenario: withWorkload({ requests_per_month: widened(300_000) }), varies: everyone },
  { what: 'output tokens', scenario: withWorkload({ output_tokens: widened(300) }), varies: everyone },
  { what: 'growth', scenario: withWorkload({ growth_per_month: widened(0.02) }), varies: everyone },
  { what: 'volatility', scenario: withWorkload({ volatility: widened(0.1) }), varies: everyone },
  {
    what: 'the hybrid share',
    scenario: {
      ...still,
      hybrid: {
        members: [
          { tier: 'local', shares: { chat: widened(0.7, 'share') } },
          { tier: 'anthropic', shares: null },
        ],
      },
    },
    varies: { bill: ['hybrid'], full: ['hybrid'] },
  },
];

describe('one range more widens exactly the tiers that read it', () => {
  for (const { what, scenario, varies } of cases) {
    test(what, () => {
      const program = linkProgram(planForecast(scenario, catalogue).program);
      const drawn = sampleTiers(program, few);
      const varying = (perimeter: 'bill' | 'full'): string[] =>
        program.tiers.flatMap(({ id }) => (drawn.get(id)?.[perimeter].some(isSpread) ? [id] : []));
      expect({ bill: varying('bill'), full: varying('full') }).toEqual(varies);
    });
  }

  test('the cached share reaches every tier that bills it apart, and the box, which need not read it again', () => {
    const program = linkProgram(
      planForecast(withWorkload({ cached_input_share: widened(0.4, 'share') }), catalogue).program,
    );
    const drawn = sampleTiers(program, few);
    const range = (id: string): number => spanOf(drawn.get(id)?.bill[0] ?? new Float64Array(1));
    expect(range('anthropic')).toBeGreaterThan(10);
    expect(range('local')).toBeGreaterThan(0.1);
    // No price of its own for cached tokens: what moves from one line to the other only moves the rounding.
    expect(range('together')).toBeLessThanOrEqual(0.02);
    expect(linesReading(program, 'together', 'workloads.chat.cached_input_share')).toBeGreaterThan(0);
  });
});

function isSpread(draws: Float64Array): boolean {
  return spanOf(draws) > 0.005;
}

function spanOf(draws: Float64Array): number {
  return Math.max(...draws) - Math.min(...draws);
}

function linesReading({ rows }: Program, tier: string, key: string): number {
  const input = rows.find((row) => row.key === key)?.index ?? -1;
  const reads = (index: number): boolean => {
    if (index === input) return true;
    const content = rows[index]?.content;
    return (
      content?.kind === 'formula' &&
      [...content.references.values()].some(({ one, each }) =>
        [one ?? -2, ...each].some((read) => read >= 0 && read !== index && reads(read)),
      )
    );
  };
  return rows.filter(({ block, index }) => block === tier && reads(index)).length;
}
