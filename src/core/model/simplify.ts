import type { Expression } from '../formula/ast.ts';

/**
 * The formula with some names read as fixed numbers, and what that makes trivial taken away: with `b` = 0,
 * `a + b * c` becomes `a`. Only sums and products are touched, and only where nothing can change: x + 0, x − 0,
 * x × 1, x ÷ 1 and x × 0.
 */
export function withoutNames(expression: Expression, constants: ReadonlyMap<string, string>): Expression {
  const simpler = (inner: Expression): Expression => withoutNames(inner, constants);
  switch (expression.kind) {
    case 'number':
      return expression;
    case 'name': {
      const text = constants.get(expression.name);
      return text === undefined ? expression : { kind: 'number', text, at: expression.at };
    }
    case 'unary':
      return { ...expression, operand: simpler(expression.operand) };
    case 'call':
      return { ...expression, arguments: expression.arguments.map(simpler) };
    case 'binary': {
      const left = simpler(expression.left);
      const right = simpler(expression.right);
      if (expression.operator === '+' && isNumber(left, '0')) return right;
      if ((expression.operator === '+' || expression.operator === '-') && isNumber(right, '0')) return left;
      if (expression.operator === '*' && (isNumber(left, '0') || isNumber(right, '0')))
        return { kind: 'number', text: '0', at: expression.at };
      if (expression.operator === '*' && isNumber(left, '1')) return right;
      if ((expression.operator === '*' || expression.operator === '/') && isNumber(right, '1')) return left;
      return { ...expression, left, right };
    }
  }
}

function isNumber(expression: Expression, text: string): boolean {
  return expression.kind === 'number' && expression.text === text;
}
