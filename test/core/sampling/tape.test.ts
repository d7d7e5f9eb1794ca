import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GraphBuilder, NodeId } from '../../../src/core/sampling/graph.ts';
import { buildGraph } from '../../../src/core/sampling/graph.ts';
import { fillUniforms, hashName } from '../../../src/core/sampling/philox.ts';
import { recordTape, runTape } from '../../../src/core/sampling/tape.ts';

function drawOf(builder: GraphBuilder, key: string, month = 0): NodeId {
  return builder.variable({ key, month, distribution: { kind: 'standard-uniform' } });
}

/** Sums and products of `count` steps, each over nodes before it, in an order that `picks` decides. */
function tangled(picks: readonly number[]): { readonly builder: GraphBuilder; readonly nodes: readonly NodeId[] } {
  const builder = buildGraph();
  const nodes = ['a', 'b', 'c'].map((key) => drawOf(builder, key));
  nodes.push(builder.constant(0.5));
  picks.forEach((pick, i) => {
    const [left, right] = [nodes[pick % nodes.length] as NodeId, nodes[(pick * 7 + i) % nodes.length] as NodeId];
    nodes.push(builder.apply((['add', 'multiply', 'subtract', 'maximum'] as const)[pick % 4] as string, left, right));
  });
  return { builder, nodes };
}

/** One draw of every node, computed plainly from the graph. */
function plainly({ builder }: ReturnType<typeof tangled>, draw: number, seed: number): readonly number[] {
  const values: number[] = [];
  for (const node of builder.graph().nodes) {
    if (node.kind === 'constant') values.push(node.value);
    else if (node.kind === 'variable') {
      const into = new Float64Array(1);
      fillUniforms(into, {
        seed,
        variable: hashName(node.variable.key),
        month: node.variable.month,
        firstDraw: draw,
        count: 1,
      });
      values.push(into[0] as number);
    } else {
      const into = new Float64Array(1);
      node.kernel.run(
        into,
        node.operands.map((operand) => Float64Array.of(values[operand] as number)),
        1,
      );
      values.push(into[0] as number);
    }
  }
  return values;
}

const picks = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 60 });

describe('a tape', () => {
  test('gives what each draw gives by itself, although columns are used again', () => {
    fc.assert(
      fc.property(picks, fc.integer({ min: 0, max: 1500 }), (order, draw) => {
        const graph = tangled(order);
        const outputs = graph.nodes.filter((_, i) => i % 3 === 0);
        const columns = runTape(recordTape(graph.builder.graph(), outputs), { draws: draw + 1, seed: 9 });
        const expected = plainly(graph, draw, 9);
        expect(columns.map((column) => column[draw])).toEqual(outputs.map((node) => expected[node]));
      }),
      { numRuns: 150 },
    );
  });

  test('gives a draw the same bits whatever the number of draws and wherever a block ends', () => {
    const graph = tangled([3, 8, 1, 5, 2, 9, 4, 7]);
    const tape = recordTape(graph.builder.graph(), graph.nodes);
    const all = runTape(tape, { draws: 3000, seed: 9 });
    for (const draws of [1, 2, 1023, 1024, 1025, 2047, 2048, 2049]) {
      const some = runTape(tape, { draws, seed: 9 });
      expect(some.map((column) => [...column])).toEqual(all.map((column) => [...column.subarray(0, draws)]));
    }
  });

  test('computes only what its outputs need', () => {
    const builder = buildGraph();
    const [a, b] = [drawOf(builder, 'a'), drawOf(builder, 'b')];
    const needed = builder.apply('add', a, builder.constant(1));
    builder.apply('multiply', b, b);
    const tape = recordTape(builder.graph(), [needed]);
    expect(tape.steps).toHaveLength(2);
    expect(tape.constants).toHaveLength(1);
  });

  test('needs two columns beside its output for a chain of any length', () => {
    const builder = buildGraph();
    let last = drawOf(builder, 'a');
    for (let i = 0; i < 100; i++)
      last = builder.apply('add', builder.apply('multiply', last, last), drawOf(builder, `step ${i}`));
    expect(recordTape(builder.graph(), [last]).columns).toBeLessThanOrEqual(3);
  });

  test('keeps a node once that is asked for twice', () => {
    const builder = buildGraph();
    const a = drawOf(builder, 'a');
    const [first, second, other] = runTape(recordTape(builder.graph(), [a, a, builder.apply('negate', a)]), {
      draws: 5,
      seed: 1,
    });
    expect(first).toBe(second);
    expect(other).not.toBe(first);
    expect([...(other as Float64Array)]).toEqual([...(first as Float64Array)].map((value) => -value));
  });

  test('gives a constant in every draw, also one that other nodes read', () => {
    const builder = buildGraph();
    const [half, a] = [builder.constant(0.5), drawOf(builder, 'a')];
    const [constant, sum, draw] = runTape(recordTape(builder.graph(), [half, builder.apply('add', a, half), a]), {
      draws: 2050,
      seed: 1,
    });
    expect(new Set(constant)).toEqual(new Set([0.5]));
    expect(sum?.[2049]).toBe((draw?.[2049] as number) + 0.5);
  });

  test('takes the place of a variable from whoever replaces it', () => {
    const builder = buildGraph();
    const [a, b] = [drawOf(builder, 'a'), drawOf(builder, 'b', 4)];
    const seen: string[] = [];
    const [sum] = runTape(recordTape(builder.graph(), [builder.apply('add', a, b)]), {
      draws: 1500,
      seed: 1,
      replace: ({ key, month }, firstDraw, into, count) => {
        seen.push(`${key} ${month} ${firstDraw} ${count}`);
        for (let i = 0; i < count; i++) into[i] = key === 'a' ? firstDraw + i : 1_000_000;
        return true;
      },
    });
    expect(sum?.[1400]).toBe(1_001_400);
    expect(seen).toEqual(['a 0 0 1024', 'b 4 0 1024', 'a 0 1024 476', 'b 4 1024 476']);
  });

  test('refuses two names that address the same random numbers', () => {
    // Found by trying names until two of them had one hash.
    const seen = new Map<number, string>();
    let clash: readonly [string, string] | undefined;
    for (let i = 0; clash === undefined; i++) {
      const name = `name ${i}`;
      const other = seen.get(hashName(name));
      if (other !== undefined) clash = [other, name];
      seen.set(hashName(name), name);
    }
    const builder = buildGraph();
    const outputs = clash.map((key) => drawOf(builder, key));
    expect(() => recordTape(builder.graph(), outputs)).toThrow('address the same random numbers');
  });
});
