import type { Call, Expression } from './ast.ts';
import { rankOf } from './ast.ts';

/** How the leaves of a formula are spelled. */
export type Notation = {
  number(text: string): string;
  name(name: string): string;
  /** What a call is spelled as: its own text, another expression, or (undefined) its name and arguments. */
  call(expression: Call): string | Expression | undefined;
  readonly separator: ', ' | ',';
  readonly space: ' ' | '';
};

/**
 * Writes a formula with the fewest parentheses that Excel, and people, read the same way. Two pairs are only for people
 * and for engines that rank these differently: `(-x)^2` and `(a^b)^c`.
 */
export function printExpression(expression: Expression, notation: Notation): string {
  return print(expression, notation, 0);
}

// Above every binary operator, in Excel's order.
const percentRank = 5;
const signRank = 6;
const atom = 7;

function print(expression: Expression, notation: Notation, lowestRank: number): string {
  const { text, rank } = spell(expression, notation);
  return rank < lowestRank ? `(${text})` : text;
}

function spell(expression: Expression, notation: Notation): { readonly text: string; readonly rank: number } {
  switch (expression.kind) {
    case 'number':
      return leaf(notation.number(expression.text));
    case 'name':
      return leaf(notation.name(expression.name));
    case 'unary':
      return expression.operator === '%'
        ? { text: `${print(expression.operand, notation, percentRank)}%`, rank: percentRank }
        : { text: `${expression.operator}${print(expression.operand, notation, signRank)}`, rank: signRank };
    case 'binary': {
      const rank = rankOf[expression.operator];
      const left = print(expression.left, notation, expression.operator === '^' ? atom : rank);
      const right = print(expression.right, notation, rank + 1);
      const gap = expression.operator === '^' ? '' : notation.space;
      return { text: `${left}${gap}${expression.operator}${gap}${right}`, rank };
    }
    case 'call': {
      const own = notation.call(expression);
      if (own !== undefined) return typeof own === 'string' ? leaf(own) : spell(own, notation);
      const given = expression.arguments.map((argument) => print(argument, notation, 0));
      return { text: `${expression.name}(${given.join(notation.separator)})`, rank: atom };
    }
  }
}

// A figure that stands for a name may be negative: `3 - (-5)`.
function leaf(text: string): { readonly text: string; readonly rank: number } {
  return { text, rank: text.startsWith('-') ? 0 : atom };
}
