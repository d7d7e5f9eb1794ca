import type { Call, Expression } from '../formula/ast.ts';

/**
 * The formula with some names read as fixed numbers, and what that makes trivial taken away: with `b` = 0,
 * `a + b * c` becomes `a`. Only sums, products, conditions and roundings are touched, and only where nothing can change:
 * x + 0, x − 0, x × 1, x ÷ 1, x × 0, 0 ÷ x, −0 and ROUND(0, n); the TOTAL of no rows, which is 0; the larger and the smaller of 0
 * and 0; and what a comparison of two fixed numbers decides.
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
    case 'unary': {
      const operand = simpler(expression.operand);
      return isNumber(operand, '0') ? operand : { ...expression, operand };
    }
    case 'call': {
      const [row] = expression.arguments;
      if (expression.name === 'TOTAL' && row?.kind === 'name' && constants.get(row.name) === '0')
        return { kind: 'number', text: '0', at: expression.at };
      return simplerCall({ ...expression, arguments: expression.arguments.map(simpler) });
    }
    case 'binary': {
      const left = simpler(expression.left);
      const right = simpler(expression.right);
      if (expression.operator === '+' && isNumber(left, '0')) return right;
      if ((expression.operator === '+' || expression.operator === '-') && isNumber(right, '0')) return left;
      if (expression.operator === '*' && (isNumber(left, '0') || isNumber(right, '0')))
        return { kind: 'number', text: '0', at: expression.at };
      if (expression.operator === '/' && isNumber(left, '0')) return left;
      if (expression.operator === '*' && isNumber(left, '1')) return right;
      if ((expression.operator === '*' || expression.operator === '/') && isNumber(right, '1')) return left;
      return { ...expression, left, right };
    }
  }
}

/** IF, AND, OR and NOT whose conditions are decided. AND and OR of one condition are that condition. ROUND, MAX, MIN of 0. */
function simplerCall(called: Call): Expression {
  const [first, second, third] = called.arguments;
  if (first === undefined) return called;
  if (called.name === 'ROUND' && isNumber(first, '0')) return first;
  if ((called.name === 'MAX' || called.name === 'MIN') && called.arguments.every((one) => isNumber(one, '0')))
    return first;
  const decided = decision(first);
  if (called.name === 'IF' && decided !== undefined) return (decided ? second : third) ?? called;
  if (called.name === 'NOT' && decided !== undefined) return fixed(!decided, called.at);
  if (called.name !== 'AND' && called.name !== 'OR') return called;
  const settles = called.name === 'OR';
  if (called.arguments.some((condition) => decision(condition) === settles)) return fixed(settles, called.at);
  const open = called.arguments.filter((condition) => decision(condition) === undefined);
  const [only] = open;
  if (only === undefined) return fixed(!settles, called.at);
  return open.length === 1 ? only : { ...called, arguments: open };
}

/** Whether `0 = 1` and the like hold; undefined where a condition still depends on something. */
function decision(condition: Expression): boolean | undefined {
  if (condition.kind !== 'binary' || condition.left.kind !== 'number' || condition.right.kind !== 'number')
    return undefined;
  const [left, right] = [Number(condition.left.text), Number(condition.right.text)];
  switch (condition.operator) {
    case '=':
      return left === right;
    case '<>':
      return left !== right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    default:
      return undefined;
  }
}

/** The language has no truth values: 1 = 1 stands for true, 0 = 1 for false. */
function fixed(value: boolean, at: number): Expression {
  const one: Expression = { kind: 'number', text: '1', at };
  return { kind: 'binary', operator: '=', left: value ? one : { kind: 'number', text: '0', at }, right: one, at };
}

export function isNumber(expression: Expression, text: string): boolean {
  return expression.kind === 'number' && expression.text === text;
}
