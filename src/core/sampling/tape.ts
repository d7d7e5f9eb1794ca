import { fillQuantiles } from './distributions.ts';
import type { Graph, GraphNode, NodeId, Paths, Variable } from './graph.ts';
import type { Kernel } from './kernels.ts';
import { fillNormals } from './normal.ts';
import { fillUniforms, findHashCollision, hashName } from './philox.ts';

/** Draws are computed this many at a time: 8 kB a column, so that the columns in use stay in the processor's cache. */
const blockSize = 1024;

type Step =
  | { readonly kind: 'draw'; readonly into: number; readonly variable: Variable; readonly hash: number }
  | { readonly kind: 'run'; readonly into: number; readonly kernel: Kernel; readonly columns: readonly number[] };

/** A graph made flat: steps over numbered columns, which are used again as soon as nobody reads them any more. */
export type Tape = {
  readonly steps: readonly Step[];
  readonly columns: number;
  readonly constants: readonly { readonly column: number; readonly value: number }[];
  /** Columns that are kept of every draw, each node once. */
  readonly kept: readonly number[];
  /** Place in `kept` of each output. */
  readonly outputs: readonly number[];
};

/** Only what the outputs need is on the tape. */
export function recordTape(graph: Graph, outputs: readonly NodeId[]): Tape {
  refuseCollision(graph);
  const kept = [...new Set(outputs)];
  const readers = countReaders(graph, kept);
  const columnOf = new Map<NodeId, number>();
  const free: number[] = [];
  const constants: { column: number; value: number }[] = [];
  const steps: Step[] = [];
  const placeOf = new Map(kept.map((node, place) => [node, place]));
  let columns = 0;
  const take = (): number => free.pop() ?? columns++;
  const read = (node: NodeId): number => {
    const column = columnOf.get(node) as number;
    const left = (readers[node] as number) - 1;
    readers[node] = left;
    if (left === 0 && graph.nodes[node]?.kind !== 'constant' && !placeOf.has(node)) free.push(column);
    return column;
  };

  graph.nodes.forEach((node, id) => {
    if (readers[id] === 0) return;
    if (node.kind === 'constant') {
      const column = columns++;
      columnOf.set(id, column);
      constants.push({ column, value: node.value });
      return;
    }
    // Operands are given back first: a kernel may write where it reads, as every element depends on its own place only.
    const operands = node.kind === 'operation' ? node.operands.map(read) : [];
    const into = placeOf.has(id) ? columns++ : take();
    columnOf.set(id, into);
    steps.push(stepOf(node, into, operands));
  });
  return {
    steps,
    columns,
    constants,
    kept: kept.map((node) => columnOf.get(node) as number),
    outputs: outputs.map((node) => placeOf.get(node) as number),
  };
}

/**
 * Runs a tape for draws 0 … draws − 1 and gives one column of draws per output; outputs that are the same node share theirs.
 * `replace` may put other numbers in the place of a variable's draws: `replace(variable, firstDraw, into, count)` returns
 * true when it has written them.
 */
export function runTape(
  tape: Tape,
  {
    draws,
    seed,
    replace,
  }: {
    readonly draws: number;
    readonly seed: number;
    readonly replace?: (variable: Variable, firstDraw: number, into: Float64Array, count: number) => boolean;
  },
): readonly Float64Array[] {
  const columns: Float64Array[] = Array.from({ length: tape.columns }, () => new Float64Array(blockSize));
  for (const { column, value } of tape.constants) columns[column]?.fill(value);
  const memory = new Float64Array(draws * tape.kept.length);
  const results = tape.kept.map((_, place) => memory.subarray(place * draws, (place + 1) * draws));
  for (const { column, value } of tape.constants) results[tape.kept.indexOf(column)]?.fill(value);
  const operands: Float64Array[] = [];
  const paths = new Map<Paths, readonly Float64Array[]>();
  for (let firstDraw = 0; firstDraw < draws; firstDraw += blockSize) {
    const count = Math.min(blockSize, draws - firstDraw);
    paths.clear();
    // What is kept is computed where it stays, not copied there.
    for (let place = 0; place < results.length; place++)
      columns[tape.kept[place] as number] = (results[place] as Float64Array).subarray(firstDraw, firstDraw + count);
    for (const step of tape.steps) {
      const into = columns[step.into] as Float64Array;
      if (step.kind === 'run') {
        for (let i = 0; i < step.columns.length; i++) operands[i] = columns[step.columns[i] as number] as Float64Array;
        step.kernel.run(into, operands, count);
      } else if (replace?.(step.variable, firstDraw, into, count) !== true) {
        fillDraws(into, step, { seed, firstDraw, count }, paths);
      }
    }
  }
  return tape.outputs.map((place) => results[place] as Float64Array);
}

/** A path is simulated whole for a block, at the first of its months that is read; `simulated` keeps it for the others. */
function fillDraws(
  into: Float64Array,
  step: { readonly variable: Variable; readonly hash: number },
  block: { readonly seed: number; readonly firstDraw: number; readonly count: number },
  simulated: Map<Paths, readonly Float64Array[]>,
): void {
  const { distribution, month } = step.variable;
  const { count } = block;
  if (distribution.kind === 'path') {
    const columns = simulated.get(distribution.paths) ?? distribution.paths.simulate(block);
    simulated.set(distribution.paths, columns);
    into.set(columns[month - 1] as Float64Array);
    return;
  }
  fillUniforms(into, { ...block, variable: step.hash, month });
  if (distribution.kind === 'standard-uniform') return;
  if (distribution.kind === 'standard-normal') fillNormals(into, into, count);
  else fillQuantiles(distribution, into, into, count);
}

/** Two names of one hash would draw the same numbers, and what is independent would move together. */
function refuseCollision(graph: Graph): void {
  const names = graph.nodes.flatMap((node) => (node.kind === 'variable' ? node.variable.key : []));
  const clash = findHashCollision(new Set(names));
  if (clash !== null) throw new Error(`"${clash[0]}" and "${clash[1]}" address the same random numbers: rename one`);
}

function stepOf(node: Exclude<GraphNode, { kind: 'constant' }>, into: number, columns: readonly number[]): Step {
  return node.kind === 'variable'
    ? { kind: 'draw', into, variable: node.variable, hash: hashName(node.variable.key) }
    : { kind: 'run', into, kernel: node.kernel, columns };
}

/** How often each node is read by nodes that are needed, or kept; 0 for what no output needs. */
function countReaders(graph: Graph, outputs: readonly NodeId[]): number[] {
  const readers = new Array<number>(graph.nodes.length).fill(0);
  for (const node of outputs) readers[node] = (readers[node] ?? 0) + 1;
  for (let id = graph.nodes.length - 1; id >= 0; id--) {
    const node = graph.nodes[id];
    if (readers[id] === 0 || node?.kind !== 'operation') continue;
    for (const operand of node.operands) readers[operand] = (readers[operand] ?? 0) + 1;
  }
  return readers;
}
