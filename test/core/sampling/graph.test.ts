import { describe, expect, test } from '@jest/globals';
import type { NodeId } from '../../../src/core/sampling/graph.ts';
import { buildGraph } from '../../../src/core/sampling/graph.ts';
import { recordTape, runTape } from '../../../src/core/sampling/tape.ts';

function graphWith(): ReturnType<typeof buildGraph> & { readonly draw: (key: string, month?: number) => NodeId } {
  const builder = buildGraph();
  return {
    ...builder,
    draw: (key, month = 0) => builder.variable({ key, month, distribution: { kind: 'standard-uniform' } }),
  };
}

describe('a graph', () => {
  test('holds an operation once, however often it is written', () => {
    const { apply, draw, graph } = graphWith();
    const sum = apply('add', draw('a'), draw('b'));
    expect(apply('add', draw('a'), draw('b'))).toBe(sum);
    expect(apply('subtract', draw('a'), draw('b'))).not.toBe(sum);
    expect(graph().nodes).toHaveLength(4);
  });

  test('tells a draw of the horizon from that of a month', () => {
    const { draw } = graphWith();
    expect(new Set([draw('a'), draw('a', 1), draw('a', 2), draw('b')]).size).toBe(4);
    expect(draw('a', 1)).toBe(draw('a', 1));
  });

  test('works constants out at once', () => {
    const { apply, constant, constantOf } = graphWith();
    expect(constantOf(apply('round', apply('multiply', constant(1.07), constant(2.5)), constant(2)))).toBe(2.68);
    expect(constantOf(apply('divide', constant(1), constant(0)))).toBeNaN();
  });

  test('keeps 0 and -0 apart', () => {
    const { constant, constantOf } = graphWith();
    expect(Object.is(constantOf(constant(-0)), -0)).toBe(true);
    expect(constant(0)).not.toBe(constant(-0));
  });

  test('leaves out what changes nothing', () => {
    const { apply, constant, constantOf, draw } = graphWith();
    const [x, zero, one] = [draw('x'), constant(0), constant(1)];
    const same = [
      apply('add', x, zero),
      apply('add', zero, x),
      apply('subtract', x, zero),
      apply('multiply', one, x),
      apply('multiply', x, one),
      apply('divide', x, one),
    ];
    expect(new Set(same)).toEqual(new Set([x]));
    expect(constantOf(apply('multiply', x, zero))).toBe(0);
    expect(apply('subtract', zero, x)).not.toBe(x);
    expect(apply('divide', one, x)).not.toBe(x);
  });

  test('takes the branch of a choice that is known, and none of one that is an error', () => {
    const { apply, constant, constantOf, draw } = graphWith();
    const [yes, no] = [draw('yes'), draw('no')];
    expect([apply('choose', constant(1), yes, no), apply('choose', constant(0), yes, no)]).toEqual([yes, no]);
    expect(constantOf(apply('choose', constant(Number.NaN), yes, no))).toBeNaN();
  });
});

test('folding does not change a bit: constants worked out beforehand are what the draws would give', () => {
  const values = [2.675, -1.5, 0.1, 3, 1e-7, 12_345.678];
  for (const kernel of [
    'add',
    'subtract',
    'multiply',
    'divide',
    'power',
    'minimum',
    'maximum',
    'round',
    'less',
    'equal',
  ]) {
    for (const a of values) {
      for (const b of values) {
        const { apply, constant, constantOf, draw, graph } = graphWith();
        const folded = constantOf(apply(kernel, constant(a), constant(b)));
        const run = apply(kernel, draw('a'), draw('b'));
        const [column] = runTape(recordTape(graph(), [run]), {
          draws: 3,
          seed: 1,
          replace: ({ key }, _first, into) => {
            into.fill(key === 'a' ? a : b);
            return true;
          },
        });
        expect([kernel, a, b, column?.[2]]).toEqual([kernel, a, b, folded]);
      }
    }
  }
});
