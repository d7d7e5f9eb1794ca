import type { FunctionName } from './functions.ts';

export type UnaryOperator = '-' | '+' | '%';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '^';
export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';
export type BinaryOperator = ArithmeticOperator | ComparisonOperator;

/**
 * A parsed formula. `at` is the 0-based offset of the node in the text (of the operator, for a binary one); parentheses
 * leave no node. A parsed tree has at most 300 nodes, so every reader may recurse.
 */
export type Expression =
  | { readonly kind: 'number'; readonly text: string; readonly at: number }
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression; readonly at: number }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    }
  | {
      readonly kind: 'call';
      readonly name: FunctionName;
      readonly arguments: readonly Expression[];
      readonly at: number;
    };

export type Call = Extract<Expression, { kind: 'call' }>;

/** Calls `see` with the expression and everything below it, parents first, left to right. */
export function visit(expression: Expression, see: (node: Expression) => void): void {
  see(expression);
  for (const child of childrenOf(expression)) visit(child, see);
}

/** The expressions directly below one, left to right. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'number':
    case 'name':
      return [];
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'call':
      return expression.arguments;
  }
}

/** How tight a binary operator binds; `%` binds tighter than all of them, and a sign tighter than `%`, as in Excel. */
export const rankOf: Readonly<Record<BinaryOperator, number>> = {
  '=': 1,
  '<>': 1,
  '<': 1,
  '<=': 1,
  '>': 1,
  '>=': 1,
  '+': 2,
  '-': 2,
  '*': 3,
  '/': 3,
  '^': 4,
};

export function isComparison(operator: BinaryOperator): operator is ComparisonOperator {
  return rankOf[operator] === rankOf['='];
}

const literal = /^\d+(?:\.\d+)?$/;

/**
 * A number from plain decimal text, which a leading `-` turns into a negation: `number('-0.5')`. Throws on any other
 * text, because formulas built in code hold numbers that we wrote.
 */
export function number(text: string): Expression {
  if (text.startsWith('-')) return { kind: 'unary', operator: '-', operand: number(text.slice(1)), at: 0 };
  if (!literal.test(text)) throw new Error(`not a plain decimal number: ${text}`);
  return { kind: 'number', text, at: 0 };
}

export function name(text: string): Expression {
  return { kind: 'name', name: text, at: 0 };
}

export function call(functionName: FunctionName, ...parameters: readonly Expression[]): Expression {
  return { kind: 'call', name: functionName, arguments: parameters, at: 0 };
}

export function binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
  return { kind: 'binary', operator, left, right, at: 0 };
}

/** `a + b + c` from left to right; the number 0 for no terms. */
export function add(terms: readonly Expression[]): Expression {
  const [first, ...rest] = terms;
  return rest.reduce((sum, term) => binary('+', sum, term), first ?? number('0'));
}
