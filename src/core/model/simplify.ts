import type { Expression } from '../formula/ast.ts';

/**
 * The formula with some names read as fixed numbers, and what that makes trivial taken away: with `b` = 0,
 * `a + b * c` becomes `a`. Only sums and products are touched, and only where nothing can change: x + 0, x − 0,
 * x × 1, x ÷ 1 and x × 0. The TOTAL of no rows is 0, and an IF whose condition compares two fixed numbers is the branch it takes.
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
    case 'call': {
      const [row] = expression.arguments;
      if (row?.kind === 'name' && constants.get(row.name) === '0' && expression.name === 'TOTAL')
        return { kind: 'number', text: '0', at: expression.at };
      const [condition, ...more] = expression.arguments.map(simpler);
      const chosen = expression.name === 'IF' && condition !== undefined ? settledCondition(condition) : undefined;
      if (chosen !== undefined) return more[chosen ? 0 : 1] ?? expression;
      return { ...expression, arguments: expression.arguments.map(simpler) };
    }
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

/** Whether `0 = 1` and the like hold; undefined where a condition still depends on something. */
function settledCondition(condition: Expression): boolean | undefined {
  if (condition.kind !== 'binary' || condition.left.kind !== 'number' || condition.right.kind !== 'number')
    return undefined;
  const [left, right] = [Number(condition.left.text), Number(condition.right.text)];
  switch (condition.operator) {
    case '=':
      return left === right;
    case '>':
      return left > right;
    default:
      return undefined;
  }
}

function isNumber(expression: Expression, text: string): boolean {
  return expression.kind === 'number' && expression.text === text;
}
