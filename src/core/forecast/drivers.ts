import { baseOf } from '../model/evaluate.ts';
import type { InputValue, Program } from '../model/program.ts';
import { quantileOf } from '../sampling/distributions.ts';
import type { Graph, NodeId, Paths, Variable } from '../sampling/graph.ts';
import { quantilesOf } from '../sampling/quantiles.ts';
import { drawVariable, lastMonthOf, recordTape, runTape } from '../sampling/tape.ts';

const { log, max, min, sqrt } = Math;

/** An uncertain input, or several that only mean something together, such as chance and size of spikes. */
export type DriverGroup = {
  /** Path of the input: `operations.hours_per_month`, `workloads.chat.spikes`. */
  readonly input: string;
  readonly label: string;
  /** Keys of the random variables that belong to it. */
  readonly variables: ReadonlySet<string>;
  /** By node of the graph: 1 where it reads one of them, directly or not. */
  readonly reached: Uint8Array;
};

/** Share of the variance of log cost that stays open until this input is known, and its standard error. */
export type DriverShare = { readonly group: DriverGroup; readonly share: number; readonly error: number };

/** What a cost would spread to, nine times in ten, if nothing but this input were uncertain. */
export type TornadoBar = { readonly group: DriverGroup; readonly low: number; readonly high: number };

/** Inputs that are uncertain in a program, each with what belongs to it, in the order of its rows. The graph must be complete. */
export function findDriverGroups(program: Program, graph: Graph): readonly DriverGroup[] {
  const drawn = new Set(graph.nodes.flatMap((node) => (node.kind === 'variable' ? node.variable.key : [])));
  const groups = new Map<string, { label: string; variables: Set<string> }>();
  for (const { key, content } of program.rows) {
    if (content.kind !== 'input' || !drawn.has(key)) continue;
    const { driver, label } = content.input;
    const input = driver?.key ?? key;
    const group = groups.get(input) ?? { label: driver?.label ?? label, variables: new Set<string>() };
    group.variables.add(key);
    groups.set(input, group);
  }
  // What all workloads share, as the common demand shock, belongs to the only workload where there is but one.
  for (const [input, { variables }] of groups) {
    const owners = [...groups].filter(([other]) => other.endsWith(`.${input}`));
    if (input.includes('.') || owners.length !== 1) continue;
    for (const key of variables) owners[0]?.[1].variables.add(key);
    groups.delete(input);
  }
  return [...groups].map(([input, group]) => ({ input, ...group, reached: reachOf(graph, group.variables) }));
}

/**
 * Total effects by grouped pick-freeze (Jansen 1999): with A and B two independent sets of draws and A_B the first with
 * one group taken from the second, the share is E[(f(A) − f(A_B))²] / (2·Var f(A)). f is the logarithm of the cost, in
 * which rare spikes are seen without drowning all else; the cost itself where some draw has none. Shares add up to more
 * than 1 where inputs act together.
 *
 * `outputs` are nodes with their draws under A, at least `draws` of them; where they do not vary there are no drivers.
 */
export function computeDriverShares(
  graph: Graph,
  outputs: readonly { readonly node: NodeId; readonly draws: Float64Array }[],
  groups: readonly DriverGroup[],
  { draws, seed }: { readonly draws: number; readonly seed: number },
): readonly (readonly DriverShare[])[] {
  const shares: DriverShare[][] = outputs.map(() => []);
  const drawsOf = new Map(outputs.map(({ node, draws: column }) => [node, column]));
  const varying = new Set([...drawsOf].flatMap(([node, column]) => (isConstant(column, draws) ? [] : node)));
  const varies = (node: NodeId): boolean => varying.has(node);
  for (const group of groups) {
    const affected = [
      ...new Set(outputs.flatMap(({ node }) => (group.reached[node] === 1 && varies(node) ? node : []))),
    ];
    if (affected.length === 0) continue;
    const tape = recordTape(graph, affected);
    const mixed = runTape(tape, { draws, seed, replace: drawnFrom(group, otherSeed(seed), lastMonthOf(tape)) });
    const found = new Map(
      affected.map((node, place) => [
        node,
        jansen(drawsOf.get(node) as Float64Array, mixed[place] as Float64Array, draws),
      ]),
    );
    for (const [i, { node }] of outputs.entries()) {
      const share = found.get(node) ?? null;
      if (share !== null) shares[i]?.push({ group, ...share });
    }
  }
  return shares.map((list) => list.toSorted((a, b) => b.share - a.share));
}

/**
 * For each output and each input that moves it, the 5 % and 95 % points of the cost with every other input at its base.
 * An input that is one unknown number is put to its own two points; what is drawn month after month, or is several
 * variables, is sampled.
 */
export function computeTornado(
  program: Program,
  graph: Graph,
  outputs: readonly NodeId[],
  groups: readonly DriverGroup[],
  { draws, seed }: { readonly draws: number; readonly seed: number },
): readonly (readonly TornadoBar[])[] {
  const inputs = new Map<string, InputValue>(
    program.rows.flatMap(({ key, content }) => (content.kind === 'input' ? [[key, content.input.value]] : [])),
  );
  let next = 0;
  const segments = groups.map((group) => {
    const from = next;
    const single = pointsOf(group, inputs);
    next += single === null ? draws : 2;
    return { group, from, to: next, single };
  });
  if (next === 0) return outputs.map(() => []);
  const simulated = new Map<Paths, readonly Float64Array[]>();
  const columns = runTape(recordTape(graph, outputs), {
    draws: next,
    seed,
    replace: (variable, firstDraw, into, count) => {
      const value = inputs.get(variable.key);
      into.fill(value === undefined ? Number.NaN : baseOf(value, max(1, variable.month)).toNumber(), 0, count);
      for (const { group, from, to, single } of segments) {
        if (!group.variables.has(variable.key)) continue;
        const [start, end] = [max(from, firstDraw), min(to, firstDraw + count)];
        if (start >= end) continue;
        const column = new Float64Array(to - from);
        if (single === null)
          drawVariable(
            column,
            variable,
            { seed, firstDraw: 0, count: column.length, months: program.months },
            simulated,
          );
        else column.set(single);
        into.set(column.subarray(start - from, end - from), start - firstDraw);
      }
      return true;
    },
  });
  return outputs.map((node, i) =>
    segments.flatMap(({ group, from, to }) => {
      const drawn = (columns[i] as Float64Array).slice(from, to);
      if (group.reached[node] !== 1 || drawn.some(Number.isNaN)) return [];
      const [low, high] = quantilesOf(drawn, to - from === 2 ? [0, 1] : [0.05, 0.95]);
      return [{ group, low: low as number, high: high as number }];
    }),
  );
}

/** Draws of the outputs with one input held at its base, all else as uncertain as it is. */
export function sampleWithFixed(
  program: Program,
  graph: Graph,
  outputs: readonly NodeId[],
  group: DriverGroup,
  { draws, seed }: { readonly draws: number; readonly seed: number },
): readonly Float64Array[] {
  const inputs = new Map<string, InputValue>(
    program.rows.flatMap(({ key, content }) =>
      content.kind === 'input' && group.variables.has(key) ? [[key, content.input.value]] : [],
    ),
  );
  return runTape(recordTape(graph, outputs), {
    draws,
    seed,
    replace: ({ key, month }, _firstDraw, into, count) => {
      const value = inputs.get(key);
      if (value === undefined) return false;
      into.fill(baseOf(value, max(1, month)).toNumber(), 0, count);
      return true;
    },
  });
}

/** A second set of draws for the same addresses: Philox makes nothing alike of two keys. */
function otherSeed(seed: number): number {
  return (seed ^ 0x5bd1e995) >>> 0;
}

function drawnFrom(
  group: DriverGroup,
  seed: number,
  months: number,
): (variable: Variable, firstDraw: number, into: Float64Array, count: number) => boolean {
  const simulated = new Map<Paths, readonly Float64Array[]>();
  let block = -1;
  return (variable, firstDraw, into, count) => {
    if (!group.variables.has(variable.key)) return false;
    if (firstDraw !== block) simulated.clear();
    block = firstDraw;
    drawVariable(into, variable, { seed, firstDraw, count, months }, simulated);
    return true;
  };
}

/** The 5 % and 95 % points of a group that is one number for the whole horizon; null for any other. */
function pointsOf(group: DriverGroup, inputs: ReadonlyMap<string, InputValue>): Float64Array | null {
  const [key, ...others] = group.variables;
  const value = inputs.get(key ?? '');
  if (others.length > 0 || value?.kind !== 'range' || value.varies === 'monthly') return null;
  return Float64Array.of(quantileOf(value.distribution, 0.05), quantileOf(value.distribution, 0.95));
}

function reachOf(graph: Graph, variables: ReadonlySet<string>): Uint8Array {
  const reached = new Uint8Array(graph.nodes.length);
  for (const [id, node] of graph.nodes.entries()) {
    if (node.kind === 'variable' && variables.has(node.variable.key)) reached[id] = 1;
    if (node.kind !== 'operation') continue;
    for (const operand of node.operands) if (reached[operand] === 1) reached[id] = 1;
  }
  return reached;
}

function jansen(before: Float64Array, after: Float64Array, draws: number): { share: number; error: number } | null {
  const logs = isPositive(before, draws) && isPositive(after, draws);
  const [a, b] = logs ? [before.slice(0, draws).map(log), after.map(log)] : [before.subarray(0, draws), after];
  const squares = a.map((value, i) => (value - (b[i] as number)) ** 2);
  const variance = varianceOf(a);
  if (!(variance > 0)) return null;
  const share = squares.reduce((sum, square) => sum + square, 0) / draws / (2 * variance);
  return share > 0 ? { share, error: sqrt(varianceOf(squares) / draws) / (2 * variance) } : null;
}

function isConstant(column: Float64Array, count: number): boolean {
  for (let i = 1; i < count; i++) if (column[i] !== column[0]) return false;
  return true;
}

function isPositive(column: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (!((column[i] as number) > 0)) return false;
  return true;
}

function varianceOf(column: Float64Array): number {
  const first = column[0] as number;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < column.length; i++) {
    const distance = (column[i] as number) - first;
    sum += distance;
    squares += distance * distance;
  }
  return max(0, (squares - (sum * sum) / column.length) / column.length);
}
