import { describe, expect, test } from '@jest/globals';
import type { DriverGroup } from '../../../src/core/forecast/drivers.ts';
import {
  computeDriverShares,
  computeTornado,
  findDriverGroups,
  sampleWithFixed,
} from '../../../src/core/forecast/drivers.ts';
import { asUncertain, lowerProgram } from '../../../src/core/model/lower.ts';
import type { Graph, GraphBuilder, NodeId } from '../../../src/core/sampling/graph.ts';
import { buildGraph } from '../../../src/core/sampling/graph.ts';
import { quantilesOf } from '../../../src/core/sampling/quantiles.ts';
import { recordTape, runTape } from '../../../src/core/sampling/tape.ts';
import { baseOfScenario, forecastOf, sample, tierOf } from '../../helpers/forecasting.ts';

const size = { draws: 4096, seed: 42 };

function normal(builder: GraphBuilder, key: string, month = 1): NodeId {
  return builder.variable({ key, month, distribution: { kind: 'standard-normal' } });
}

function groupOf(graph: Graph, input: string, keys: readonly string[]): DriverGroup {
  const variables = new Set(keys);
  const reached = new Uint8Array(graph.nodes.length);
  for (const [id, node] of graph.nodes.entries()) {
    if (node.kind === 'variable' && variables.has(node.variable.key)) reached[id] = 1;
    if (node.kind === 'operation' && node.operands.some((operand) => reached[operand] === 1)) reached[id] = 1;
  }
  return { input, label: input, variables, reached };
}

function sharesOf(graph: Graph, node: NodeId, groups: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const [draws] = runTape(recordTape(graph, [node]), size) as [Float64Array];
  const drivers = groups.map((keys) => groupOf(graph, keys.join('+'), keys));
  const [shares] = computeDriverShares(graph, [{ node, draws }], drivers, size);
  return new Map(shares?.map(({ group, share }) => [group.input, share]));
}

describe('shares of the variance of log cost', () => {
  test('of exp(0.3·x + 0.1·y + 0.1·z) are 9 in 11, and one in 11 each', () => {
    const builder = buildGraph();
    const term = (key: string, weight: number) =>
      builder.apply('multiply', builder.constant(weight), normal(builder, key));
    const sum = builder.apply('add', builder.apply('add', term('x', 0.3), term('y', 0.1)), term('z', 0.1));
    const shares = sharesOf(builder.graph(), builder.apply('exponential', sum), [['x'], ['y'], ['z'], ['unread']]);
    expect(shares.get('x')).toBeCloseTo(9 / 11, 1);
    expect(shares.get('y')).toBeCloseTo(1 / 11, 1);
    expect([...shares.keys()]).toEqual(['x', expect.stringMatching(/[yz]/), expect.stringMatching(/[yz]/)]);
    expect(shares.has('unread')).toBe(false);
  });

  test('of inputs taken together are those of the group', () => {
    const builder = buildGraph();
    const sum = builder.apply(
      'add',
      normal(builder, 'x'),
      builder.apply('add', normal(builder, 'y'), normal(builder, 'z')),
    );
    const cost = builder.apply('exponential', sum);
    const shares = sharesOf(builder.graph(), cost, [['x', 'y'], ['z']]);
    expect(shares.get('x+y')).toBeCloseTo(2 / 3, 1);
    expect(shares.get('z')).toBeCloseTo(1 / 3, 1);
  });

  test('see a rare spike, which ranks would miss', () => {
    const builder = buildGraph();
    const draw = builder.variable({ key: 'spike', month: 1, distribution: { kind: 'standard-uniform' } });
    const spike = builder.apply(
      'choose',
      builder.apply('less', draw, builder.constant(0.03)),
      builder.constant(Math.log(4)),
      builder.constant(0),
    );
    const usual = builder.apply('multiply', builder.constant(0.1), normal(builder, 'usual'));
    const cost = builder.apply('exponential', builder.apply('add', spike, usual));
    const shares = sharesOf(builder.graph(), cost, [['spike'], ['usual']]);
    const [rare, small] = [0.03 * 0.97 * Math.log(4) ** 2, 0.1 ** 2];
    expect(shares.get('spike')).toBeCloseTo(rare / (rare + small), 1);
    expect(shares.get('usual')).toBeCloseTo(small / (rare + small), 1);
  });

  test('add up to more than 1 where inputs act together, and to nothing where nothing varies', () => {
    const builder = buildGraph();
    const product = builder.apply('multiply', normal(builder, 'x'), normal(builder, 'y'));
    const cost = builder.apply('exponential', product);
    const shares = sharesOf(builder.graph(), cost, [['x'], ['y']]);
    expect(shares.get('x')).toBeCloseTo(1, 0);
    expect(shares.get('y')).toBeCloseTo(1, 0);
    expect(sharesOf(builder.graph(), builder.constant(5), [['x']]).size).toBe(0);
  });

  test('are of the cost itself where some draw has no logarithm', () => {
    const builder = buildGraph();
    const credit = builder.apply(
      'add',
      normal(builder, 'x'),
      builder.apply('multiply', builder.constant(3), normal(builder, 'y')),
    );
    const shares = sharesOf(builder.graph(), credit, [['x'], ['y']]);
    expect(shares.get('y')).toBeCloseTo(0.9, 1);
  });

  test('carry an error that holds the truth', () => {
    const builder = buildGraph();
    const cost = builder.apply('exponential', builder.apply('add', normal(builder, 'x'), normal(builder, 'y')));
    const graph = builder.graph();
    const [draws] = runTape(recordTape(graph, [cost]), size) as [Float64Array];
    const [shares] = computeDriverShares(graph, [{ node: cost, draws }], [groupOf(graph, 'x', ['x'])], size);
    const [x] = shares ?? [];
    expect(Math.abs((x?.share ?? 0) - 0.5)).toBeLessThan(4 * (x?.error ?? 0));
    expect(x?.error).toBeLessThan(0.02);
  });
});

describe('the drivers of the sample', () => {
  const { program } = baseOfScenario(sample('support-assistant'));
  const lowered = lowerProgram(program, asUncertain);
  const local = program.tiers.find(({ id }) => id === 'local');
  const total = lowered.cumulative(local?.fullTotal as number, program.months);
  const graph = lowered.graph();
  const groups = findDriverGroups(program, graph);

  test('are its uncertain inputs, with what belongs together as one', () => {
    expect(groups.map(({ input, label }) => [input, label])).toEqual([
      ['workloads.chat.growth_per_month', 'Growth per month: chat'],
      ['workloads.chat.spikes', 'Spikes: chat'],
      ['workloads.chat.volatility', 'Demand from month to month: chat'],
      ['operations.hours_per_month', 'Operator hours'],
      ['local.machines.box.failures', 'Failures: box'],
      ['workloads.chat.price_changes', 'List price changes: chat'],
    ]);
    expect([...(groups[2]?.variables ?? [])].toSorted()).toEqual(['market_shock', 'workloads.chat.own_shock']);
  });

  test('leave what all workloads share apart where there are several', () => {
    const [chat] = sample('support-assistant').workloads as readonly object[];
    const two = { ...sample('support-assistant'), workloads: [chat, { ...chat, id: 'second' }] };
    const base = baseOfScenario(two);
    const names = findDriverGroups(base.program, lowerProgram(base.program, asUncertain).graph()).map(
      ({ input }) => input,
    );
    expect(names).toEqual(
      expect.arrayContaining(['volatility', 'workloads.chat.volatility', 'workloads.second.volatility']),
    );
  });

  test('in the tornado reach as far as that input alone spreads the total', () => {
    const [bars] = computeTornado(program, graph, [total], groups, { draws: 400, seed: 1 });
    const base = lowerProgram(program, (row, value, month) =>
      row.key === 'operations.hours_per_month'
        ? asUncertain(row, value, month)
        : asUncertain({ ...row, key: 'base' }, { kind: 'constant', value: baseDecimal(value, month) }, month),
    );
    const node = base.cumulative(local?.fullTotal as number, program.months);
    const [draws] = runTape(recordTape(base.graph(), [node]), { draws: 4000, seed: 9 }) as [Float64Array];
    const [low, high] = quantilesOf(draws, [0.05, 0.95]) as [number, number];
    const bar = bars?.find(({ group }) => group.input === 'operations.hours_per_month');
    expect(Math.abs((bar?.low ?? 0) - low)).toBeLessThan(0.2 * (high - low));
    expect(Math.abs((bar?.high ?? 0) - high)).toBeLessThan(0.2 * (high - low));
  });

  test('held at their base all leave nothing to vary', () => {
    const whole = {
      ...(groups[0] as DriverGroup),
      variables: new Set(groups.flatMap(({ variables }) => [...variables])),
    };
    const [draws] = sampleWithFixed(program, graph, [total], whole, { draws: 50, seed: 1 });
    expect(new Set(draws).size).toBe(1);
  });
});

describe('a forecast', () => {
  const forecast = forecastOf({ ...sample('support-assistant'), sampling: { draws: 2000, seed: 42 } });

  test('names demand and spikes as what makes a cloud bill vary, and operator hours for the full cost of a box', () => {
    const first = (id: string, perimeter: 'bill' | 'full') => {
      const tier = tierOf(forecast, id);
      return tier.predictability[perimeter].drivers[0]?.input;
    };
    expect(['workloads.chat.spikes', 'workloads.chat.volatility']).toContain(first('openai', 'bill'));
    expect(first('local', 'full')).toBe('operations.hours_per_month');
  });

  test('says what would make a promise hold, with prices, and nothing where it holds', () => {
    const cloud = tierOf(forecast, 'openai').predictability.bill.would_hold_if;
    expect(cloud).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^a hard cap of [\d,.]+ USD a month refused what goes beyond it: [\d,.]+ USD/),
        expect.stringMatching(
          /^a commitment of [\d,.]+ USD a month was paid whatever the use: [\d,.]+ USD a month on average instead of/,
        ),
        expect.stringMatching(/^\d+ % of it were a fixed cost, about [\d,.]+ USD a month/),
      ]),
    );
    const { bill, full } = tierOf(forecast, 'local').predictability;
    expect(bill).toMatchObject({ verdict: 'holds', would_hold_if: [] });
    expect(full.would_hold_if[0]).toMatch(/^this were fixed: Operator hours/);
    expect(full.would_hold_if.join()).not.toContain('hard cap');
  });

  test('says so where a percentile lies between months with and without a spike', () => {
    const [chat] = sample('support-assistant').workloads as readonly object[];
    const spikes = { chance_per_month: '5%', multiplier: '4 to 10', carry_over: 0 };
    const spiky = forecastOf({ ...sample('support-assistant'), months: 1, workloads: [{ ...chat, spikes }] });
    expect(tierOf(spiky, 'openai').months[0]?.bill.in_gap).toEqual(['p95']);
    const warnings = spiky.warnings.filter(({ code }) => code === 'quantile-in-gap');
    expect(warnings.map(({ pointer }) => pointer)).toContain('/tiers/4');
    expect(warnings.find(({ pointer }) => pointer === '/tiers/4')?.message).toMatch(
      /^OpenAI: P95 of 2027-01 and the total lies between two regimes/,
    );
    expect(forecast.warnings.map(({ code }) => code)).not.toContain('quantile-in-gap');
  });

  test('echoes its ranges in words', () => {
    expect(forecast.ranges.find(({ input }) => input === 'operations.hours_per_month')).toEqual({
      input: 'operations.hours_per_month',
      label: 'Operator hours',
      varies: 'monthly',
      words: '5 to 15: nine times in ten between 5 and 15, median 8.66',
    });
  });
});

function baseDecimal(value: Parameters<typeof asUncertain>[1], month: number) {
  switch (value.kind) {
    case 'constant':
      return value.value;
    case 'series':
      return value.values[month - 1] as never;
    case 'paths':
      return value.base[month - 1] as never;
    default:
      return value.base;
  }
}
