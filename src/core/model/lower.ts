import type { Call, Expression } from '../formula/ast.ts';
import type { Graph, GraphBuilder, NodeId, Variable } from '../sampling/graph.ts';
import { buildGraph } from '../sampling/graph.ts';
import { baseOf } from './evaluate.ts';
import type { InputValue, Program, ProgramRow, Reference } from './program.ts';

/** How an input enters the sampled reading in a month: a fixed number, or a number of every draw. */
export type SampledInput = (row: ProgramRow, value: InputValue, month: number) => number | Variable;

/** Cells by row and month (from 1), each made into a node when it is first asked for. */
export type LoweredProgram = {
  readonly cell: (row: number, month: number) => NodeId;
  /** A row added up from month 1. */
  readonly cumulative: (row: number, month: number) => NodeId;
  readonly graph: () => Graph;
};

/** The sampled reading of a program: the same formulas as the exact one, as a graph of float64 operations over the draws. */
export function lowerProgram(program: Program, inputAt: SampledInput): LoweredProgram {
  const builder = buildGraph();
  const cells: (NodeId | undefined)[][] = program.rows.map(() => []);

  const cell = (index: number, month: number): NodeId => {
    const known = cells[index]?.[month - 1];
    if (known !== undefined) return known;
    const row = program.rows[index];
    if (row === undefined) throw new Error(`no row ${index} in the program`);
    const node =
      row.content.kind === 'input'
        ? inputNode(builder, inputAt(row, row.content.input.value, month))
        : nodeOf(row.content.expression, { builder, ...scopeAt(row.content.references, month) });
    (cells[index] as NodeId[])[month - 1] = node;
    return node;
  };
  const cumulative = (row: number, month: number): NodeId =>
    month === 1 ? cell(row, 1) : builder.apply('add', cumulative(row, month - 1), cell(row, month));
  const opening = (index: number): NodeId => {
    const first = program.openings.get(index);
    if (first === undefined) return builder.constant(0);
    return nodeOf(first.expression, { builder, ...scopeAt(first.references, 1) });
  };
  const scopeAt = (references: ReadonlyMap<string, Reference>, month: number): CellScope => {
    const one = (name: string): number => references.get(name)?.one ?? -1;
    return {
      value: (name) => cell(one(name), month),
      previous: (name) => (month === 1 ? opening(one(name)) : cell(one(name), month - 1)),
      cumulative: (name) => cumulative(one(name), month),
      each: (name) => (references.get(name)?.each ?? []).map((index) => cell(index, month)),
      months: (name) => Array.from({ length: program.months }, (_, m) => cell(one(name), m + 1)),
    };
  };

  // Month by month, for the same reason as in the exact reading: PREV must not recurse through the horizon.
  const warmUp = (): void => {
    for (let month = 1; month <= program.months; month++) for (const row of program.rows) cell(row.index, month);
  };
  warmUp();
  return { cell, cumulative, graph: builder.graph };
}

/** Every input as the scenario's uncertainty has it; shocks and ranges are drawn. */
export const asUncertain: SampledInput = (row, value, month) => {
  switch (value.kind) {
    case 'constant':
    case 'series':
      return baseOf(value, month).toNumber();
    case 'range':
      return { key: row.key, month: value.varies === 'monthly' ? month : 0, distribution: value.distribution };
    case 'paths':
      return { key: row.key, month, distribution: { kind: 'path', paths: value.paths } };
    case 'shock':
      return {
        key: row.key,
        month,
        distribution: { kind: value.distribution === 'normal' ? 'standard-normal' : 'standard-uniform' },
      };
  }
};

/** Every input at its base: zero uncertainty. */
export const atBase: SampledInput = (_row, value, month) => baseOf(value, month).toNumber();

type CellScope = {
  readonly value: (name: string) => NodeId;
  readonly previous: (name: string) => NodeId;
  readonly cumulative: (name: string) => NodeId;
  readonly each: (name: string) => readonly NodeId[];
  readonly months: (name: string) => readonly NodeId[];
};
type Scope = CellScope & { readonly builder: GraphBuilder };

function inputNode(builder: GraphBuilder, input: number | Variable): NodeId {
  return typeof input === 'number' ? builder.constant(input) : builder.variable(input);
}

function nodeOf(expression: Expression, scope: Scope): NodeId {
  const { builder } = scope;
  switch (expression.kind) {
    case 'number':
      return builder.constant(Number(expression.text));
    case 'name':
      return scope.value(expression.name);
    case 'unary': {
      const operand = nodeOf(expression.operand, scope);
      if (expression.operator === '+') return operand;
      return expression.operator === '-'
        ? builder.apply('negate', operand)
        : builder.apply('divide', operand, builder.constant(100));
    }
    case 'binary': {
      const left = nodeOf(expression.left, scope);
      const right = nodeOf(expression.right, scope);
      const kernel = binaryKernels[expression.operator];
      if (expression.operator === '>' || expression.operator === '>=') return builder.apply(kernel, right, left);
      const node = builder.apply(kernel, left, right);
      return expression.operator === '<>' ? builder.apply('not', node) : node;
    }
    case 'call':
      return callNode(expression, scope);
  }
}

const binaryKernels = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '^': 'power',
  '=': 'equal',
  '<>': 'equal',
  '<': 'less',
  '<=': 'less-or-equal',
  '>': 'less',
  '>=': 'less-or-equal',
} as const;

const plainKernels: Readonly<Record<string, string>> = {
  IF: 'choose',
  NOT: 'not',
  ROUND: 'round',
  ROUNDUP: 'round-up',
  ROUNDDOWN: 'round-down',
  INT: 'integer',
  ABS: 'absolute',
  EXP: 'exponential',
  LN: 'logarithm',
  SQRT: 'square-root',
  EVENTS: 'events',
};

function callNode(call: Call, scope: Scope): NodeId {
  const { builder } = scope;
  const [first, second, third, fourth, fifth] = call.arguments;
  const plain = plainKernels[call.name];
  if (plain !== undefined) return builder.apply(plain, ...call.arguments.map((argument) => nodeOf(argument, scope)));
  const required = (argument: Expression | undefined): Expression => {
    if (argument === undefined) throw new Error(`${call.name} was let through with too few arguments`);
    return argument;
  };
  const optional = (argument: Expression | undefined, otherwise: number): NodeId =>
    argument === undefined ? builder.constant(otherwise) : nodeOf(argument, scope);
  const rowName = (): string => {
    const argument = required(first);
    if (argument.kind !== 'name') throw new Error(`${call.name} was let through without a row`);
    return argument.name;
  };
  const all = (from = 0): readonly NodeId[] =>
    call.arguments.slice(from).flatMap((argument) => rangeOf(argument, scope));
  const fold = (kernel: string, nodes: readonly NodeId[], empty: number): NodeId =>
    nodes.length === 0 ? builder.constant(empty) : nodes.reduce((sum, node) => builder.apply(kernel, sum, node));

  switch (call.name) {
    case 'AND':
      return fold('multiply', all(), 1);
    case 'OR':
      return fold('maximum', all(), 0);
    case 'MIN':
      return fold('minimum', all(), 0);
    case 'MAX':
      return fold('maximum', all(), 0);
    case 'SUM':
      return fold('add', all(), 0);
    case 'TOTAL':
      return fold('add', scope.each(rowName()), 0);
    case 'PREV':
      return scope.previous(rowName());
    case 'CUM':
      return scope.cumulative(rowName());
    case 'CEILING':
    case 'FLOOR':
      return builder.apply(
        call.name === 'CEILING' ? 'ceiling' : 'floor',
        nodeOf(required(first), scope),
        optional(second, 1),
      );
    case 'SUMPRODUCT': {
      const ranges = call.arguments.map((argument) => rangeOf(argument, scope));
      const products = (ranges[0] ?? []).map((_, i) =>
        fold(
          'multiply',
          ranges.map((range) => range[i] ?? builder.constant(Number.NaN)),
          1,
        ),
      );
      return fold('add', products, 0);
    }
    case 'INDEX': {
      const position = builder.apply('integer', nodeOf(required(second), scope));
      return chooseAt(builder, rangeOf(required(first), scope), position);
    }
    case 'MATCH':
      return matchNode(builder, nodeOf(required(first), scope), rangeOf(required(second), scope), optional(third, 1));
    case 'NPV': {
      const growth = builder.apply('add', builder.constant(1), nodeOf(required(first), scope));
      const terms = all(1).map((value, i) =>
        builder.apply('divide', value, builder.apply('power', growth, builder.constant(i + 1))),
      );
      return fold('add', terms, 0);
    }
    case 'PMT': {
      const [rate, periods, present] = [required(first), required(second), required(third)].map((argument) =>
        nodeOf(argument, scope),
      ) as [NodeId, NodeId, NodeId];
      return paymentNode(builder, rate, periods, present, optional(fourth, 0), optional(fifth, 0));
    }
    default:
      throw new Error(`${call.name} has no sampled reading`);
  }
}

function rangeOf(argument: Expression, scope: Scope): readonly NodeId[] {
  const [row] = argument.kind === 'call' ? argument.arguments : [];
  if (argument.kind === 'call' && row?.kind === 'name') {
    if (argument.name === 'EACH') return scope.each(row.name);
    if (argument.name === 'MONTHS') return scope.months(row.name);
  }
  return [nodeOf(argument, scope)];
}

/** The item at a position counted from 1, as a chain of choices; outside the range there is no number. */
function chooseAt(builder: GraphBuilder, items: readonly NodeId[], position: NodeId): NodeId {
  return items.reduceRight(
    (otherwise, item, i) =>
      builder.apply('choose', builder.apply('equal', position, builder.constant(i + 1)), item, otherwise),
    builder.constant(Number.NaN),
  );
}

/** MATCH as Excel has it: type 1 the last item at or below (ascending), −1 the last at or above (descending), 0 the first equal. */
function matchNode(builder: GraphBuilder, value: NodeId, items: readonly NodeId[], type: NodeId): NodeId {
  const mode = builder.constantOf(type) ?? 1;
  const none = builder.constant(Number.NaN);
  if (mode === 0) {
    return items.reduceRight(
      (otherwise, item, i) =>
        builder.apply('choose', builder.apply('equal', item, value), builder.constant(i + 1), otherwise),
      none,
    );
  }
  return items.reduce((best, item, i) => {
    const fits = mode > 0 ? builder.apply('less-or-equal', item, value) : builder.apply('less-or-equal', value, item);
    return builder.apply('choose', fits, builder.constant(i + 1), best);
  }, none);
}

/** PMT: −(pv·(1+r)ⁿ + fv)·r ÷ ((1 + r·type)·((1+r)ⁿ − 1)), and −(pv + fv)/n at rate 0. */
function paymentNode(
  builder: GraphBuilder,
  rate: NodeId,
  periods: NodeId,
  present: NodeId,
  future: NodeId,
  type: NodeId,
): NodeId {
  const one = builder.constant(1);
  const growth = builder.apply('power', builder.apply('add', one, rate), periods);
  const owed = builder.apply(
    'multiply',
    builder.apply('add', builder.apply('multiply', present, growth), future),
    rate,
  );
  const share = builder.apply(
    'multiply',
    builder.apply('add', one, builder.apply('multiply', rate, type)),
    builder.apply('subtract', growth, one),
  );
  const level = builder.apply('divide', builder.apply('add', present, future), periods);
  const payment = builder.apply(
    'choose',
    builder.apply('equal', rate, builder.constant(0)),
    level,
    builder.apply('divide', owed, share),
  );
  return builder.apply('negate', payment);
}
