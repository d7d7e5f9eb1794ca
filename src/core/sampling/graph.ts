import type { Distribution } from './distributions.ts';
import type { Kernel } from './kernels.ts';
import { kernelNamed } from './kernels.ts';

/** A random number of every draw, addressed by name and month (0: one for the whole horizon). */
export type Variable = {
  readonly key: string;
  readonly month: number;
  readonly distribution:
    | Distribution
    | { readonly kind: 'standard-normal' }
    | { readonly kind: 'standard-uniform' }
    | { readonly kind: 'path'; readonly paths: Paths };
};

/** Whole futures of a quantity, one column of draws a month: what a history model simulates month after month. */
export type Paths = {
  readonly simulate: (request: {
    readonly seed: number;
    readonly firstDraw: number;
    readonly count: number;
  }) => readonly Float64Array[];
};

/** Index of a node in its graph. */
export type NodeId = number;

export type GraphNode =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'operation'; readonly kernel: Kernel; readonly operands: readonly NodeId[] };

/** What is computed for a draw, each distinct operation once; operands come before what reads them. */
export type Graph = { readonly nodes: readonly GraphNode[] };

export type GraphBuilder = {
  readonly constant: (value: number) => NodeId;
  readonly variable: (variable: Variable) => NodeId;
  readonly apply: (kernel: string, ...operands: readonly NodeId[]) => NodeId;
  readonly constantOf: (node: NodeId) => number | undefined;
  readonly graph: () => Graph;
};

/**
 * Builds a graph in which equal operations are one node and operations on constants are done at once, by the same kernels
 * that run over the draws, so that folding cannot change a bit.
 */
export function buildGraph(): GraphBuilder {
  const nodes: GraphNode[] = [];
  const known = new Map<string, NodeId>();

  const add = (key: string, node: GraphNode): NodeId => {
    const found = known.get(key);
    if (found !== undefined) return found;
    nodes.push(node);
    known.set(key, nodes.length - 1);
    return nodes.length - 1;
  };
  const constantOf = (node: NodeId): number | undefined => {
    const found = nodes[node];
    return found?.kind === 'constant' ? found.value : undefined;
  };
  const constant = (value: number): NodeId =>
    add(`=${Object.is(value, -0) ? '-0' : value}`, { kind: 'constant', value });

  return {
    constant,
    constantOf,
    variable: (variable) => add(`~${variable.month} ${variable.key}`, { kind: 'variable', variable }),
    apply: (name, ...operands) => {
      const kernel = kernelNamed(name);
      const values = operands.map(constantOf);
      if (values.every((value) => value !== undefined)) return constant(foldOnce(kernel, values as number[]));
      const short = shortcut(name, operands, values, constant);
      return short ?? add(`${name} ${operands.join(' ')}`, { kind: 'operation', kernel, operands });
    },
    graph: () => ({ nodes }),
  };
}

function foldOnce(kernel: Kernel, values: readonly number[]): number {
  const into = new Float64Array(1);
  kernel.run(
    into,
    values.map((value) => Float64Array.of(value)),
    1,
  );
  return into[0] as number;
}

/** x + 0, x − 0, x × 1, x ÷ 1 and a choice that is already made: exactly the operand, for every finite x. */
function shortcut(
  name: string,
  operands: readonly NodeId[],
  values: readonly (number | undefined)[],
  constant: (value: number) => NodeId,
): NodeId | undefined {
  const [a, b, c] = operands;
  const [first, second] = values;
  switch (name) {
    case 'add':
      return first === 0 ? b : second === 0 ? a : undefined;
    case 'subtract':
      return second === 0 ? a : undefined;
    case 'multiply':
      return first === 1 ? b : second === 1 ? a : first === 0 || second === 0 ? constant(0) : undefined;
    case 'divide':
      return second === 1 ? a : undefined;
    case 'choose':
      if (first === undefined) return undefined;
      return Number.isNaN(first) ? constant(first) : first !== 0 ? b : c;
    default:
      return undefined;
  }
}
