import type { Decimal } from 'decimal.js';
import { InvalidInput } from '../problem.ts';
import type { Call, ComparisonOperator, Expression } from './ast.ts';
import { isComparison } from './ast.ts';
import type { ScalarName } from './exact-functions.ts';
import { added, finished, powerOf, presentValueOf, scalarFunctions, settled } from './exact-functions.ts';
import type { CellError, ExactValue } from './values.ts';
import { cellError, Exact, isError, zero } from './values.ts';

/** What the names of a formula stand for in one month. A missing row is the caller's to refuse before. */
export type ExactScope = {
  value(name: string): ExactValue;
  /** Undefined in month 1. */
  previous(name: string): ExactValue | undefined;
  cumulative(name: string): ExactValue;
  each(name: string): readonly ExactValue[];
  months(name: string): readonly ExactValue[];
};

/** Nodes and range items that may still be evaluated; one budget may be shared by all formulas of a model. */
export type StepBudget = { remaining: number };

export const mostSteps = 5_000_000;

/**
 * The value of a checked formula in decimal arithmetic, as Excel defines its functions. Errors are values: the first one
 * met wins, and IF looks only at the branch it takes. Throws InvalidInput `too-expensive` when the budget is spent.
 */
export function evaluateExact(
  expression: Expression,
  scope: ExactScope,
  budget: StepBudget = { remaining: mostSteps },
): ExactValue {
  return numberOf(expression, { scope, budget });
}

type Evaluation = { readonly scope: ExactScope; readonly budget: StepBudget };

function numberOf(expression: Expression, evaluation: Evaluation): ExactValue {
  spend(evaluation, 1);
  switch (expression.kind) {
    case 'number':
      return new Exact(expression.text);
    case 'name':
      return exactly(evaluation.scope.value(expression.name));
    case 'unary': {
      const operand = numberOf(expression.operand, evaluation);
      if (isError(operand) || expression.operator === '+') return operand;
      return finished(expression.operator === '-' ? operand.negated() : operand.div(100));
    }
    case 'binary':
      return arithmetic(expression, evaluation);
    case 'call':
      return callOf(expression, evaluation);
  }
}

function arithmetic(expression: Extract<Expression, { kind: 'binary' }>, evaluation: Evaluation): ExactValue {
  const left = numberOf(expression.left, evaluation);
  if (isError(left)) return left;
  const right = numberOf(expression.right, evaluation);
  if (isError(right)) return right;
  switch (expression.operator) {
    case '+':
      return finished(added(left, right));
    case '-':
      return finished(added(left, right.negated()));
    case '*':
      return finished(left.times(right));
    case '/':
      return right.isZero() ? cellError('#DIV/0!') : finished(left.div(right));
    case '^':
      return powerOf(left, right);
    default:
      return cellError('#VALUE!');
  }
}

function callOf(called: Call, evaluation: Evaluation): ExactValue {
  const { scope } = evaluation;
  switch (called.name) {
    case 'IF': {
      const chosen = conditionOf(argumentOf(called, 0), evaluation);
      return isError(chosen) ? chosen : numberOf(argumentOf(called, chosen ? 1 : 2), evaluation);
    }
    case 'PREV': {
      const before = scope.previous(rowOf(called));
      if (before !== undefined) return exactly(before);
      return called.arguments.length > 1 ? numberOf(argumentOf(called, 1), evaluation) : zero;
    }
    case 'CUM':
      return exactly(scope.cumulative(rowOf(called)));
    case 'TOTAL':
      return folded(scope.each(rowOf(called)), evaluation, addedUp);
    case 'SUM':
      return folded(valuesOf(called.arguments, evaluation), evaluation, addedUp);
    case 'MIN':
      return folded(valuesOf(called.arguments, evaluation), evaluation, (values) => Exact.min(...orZero(values)));
    case 'MAX':
      return folded(valuesOf(called.arguments, evaluation), evaluation, (values) => Exact.max(...orZero(values)));
    case 'NPV': {
      const rate = numberOf(argumentOf(called, 0), evaluation);
      if (isError(rate)) return rate;
      return folded(valuesOf(called.arguments.slice(1), evaluation), evaluation, (values) =>
        presentValueOf(rate, values),
      );
    }
    case 'SUMPRODUCT':
      return sumOfProducts(called, evaluation);
    case 'INDEX':
      return itemOf(called, evaluation);
    case 'MATCH':
      return positionOf(called, evaluation);
    case 'AND':
    case 'OR':
    case 'NOT':
    case 'EACH':
    case 'MONTHS':
      return cellError('#VALUE!');
    default:
      return scalarOf(called, called.name, evaluation);
  }
}

function scalarOf(called: Call, name: ScalarName, evaluation: Evaluation): ExactValue {
  return folded(valuesOf(called.arguments, evaluation), evaluation, ([first = zero, ...more]) =>
    scalarFunctions[name](first, ...more),
  );
}

/** True or false, or the error on the way to it. AND and OR look at every condition, as Excel does. */
function conditionOf(expression: Expression, evaluation: Evaluation): boolean | CellError {
  spend(evaluation, 1);
  if (expression.kind === 'binary' && isComparison(expression.operator)) {
    const left = numberOf(expression.left, evaluation);
    if (isError(left)) return left;
    const right = numberOf(expression.right, evaluation);
    return isError(right) ? right : holds(expression.operator, settled(left).cmp(settled(right)));
  }
  if (expression.kind !== 'call' || !['AND', 'OR', 'NOT'].includes(expression.name)) return cellError('#VALUE!');
  const given = expression.arguments.map((argument) => conditionOf(argument, evaluation));
  const error = given.find((condition) => isError(condition));
  if (error !== undefined) return error;
  if (expression.name === 'NOT') return given[0] === false;
  return expression.name === 'AND' ? given.every((condition) => condition === true) : given.includes(true);
}

function holds(operator: ComparisonOperator, order: number): boolean {
  switch (operator) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** The arguments as one list, ranges laid out in it. */
function valuesOf(given: readonly Expression[], evaluation: Evaluation): readonly ExactValue[] {
  return given.flatMap((argument) =>
    isRange(argument) ? rangeOf(argument, evaluation) : [numberOf(argument, evaluation)],
  );
}

function isRange(expression: Expression): expression is Call {
  return expression.kind === 'call' && (expression.name === 'EACH' || expression.name === 'MONTHS');
}

/** The items of EACH(row) or MONTHS(row); anything else is the one item `#VALUE!`. */
function rangeOf(expression: Expression, { scope, budget }: Evaluation): readonly ExactValue[] {
  if (!isRange(expression)) return [cellError('#VALUE!')];
  const items = expression.name === 'EACH' ? scope.each(rowOf(expression)) : scope.months(rowOf(expression));
  spend({ budget }, items.length);
  return items;
}

function folded(
  values: readonly ExactValue[],
  evaluation: Evaluation,
  fold: (values: readonly Decimal[]) => ExactValue,
): ExactValue {
  spend(evaluation, values.length);
  const numbers: Decimal[] = [];
  for (const value of values) {
    if (isError(value)) return value;
    numbers.push(exactDecimal(value));
  }
  const result = fold(numbers);
  return isError(result) ? result : finished(result);
}

function addedUp(values: readonly Decimal[]): Decimal {
  return values.reduce(added, zero);
}

// Excel's MIN and MAX of no number are 0.
function orZero(values: readonly Decimal[]): readonly Decimal[] {
  return values.length === 0 ? [zero] : values;
}

function sumOfProducts(called: Call, evaluation: Evaluation): ExactValue {
  const ranges = called.arguments.map((argument) => rangeOf(argument, evaluation));
  const [first = []] = ranges;
  if (ranges.some((items) => items.length !== first.length)) return cellError('#VALUE!');
  return folded(ranges.flat(), evaluation, (values) =>
    addedUp(
      first.map((_, i) =>
        ranges.reduce((product, _items, k) => product.times(values[k * first.length + i] ?? zero), new Exact(1)),
      ),
    ),
  );
}

/** The item at a position; only its own error travels. Position 0, which is a whole range in Excel, is `#VALUE!`. */
function itemOf(called: Call, evaluation: Evaluation): ExactValue {
  const items = rangeOf(argumentOf(called, 0), evaluation);
  const position = numberOf(argumentOf(called, 1), evaluation);
  if (isError(position)) return position;
  const index = settled(position).trunc();
  if (index.lt(1)) return cellError('#VALUE!');
  return index.gt(items.length) ? cellError('#REF!') : exactly(items[index.toNumber() - 1] ?? cellError('#REF!'));
}

/**
 * The position of a value: 0 the first equal item; 1 the last item at or below it, in ascending items; -1 the last item
 * at or above it, in descending items. Items that are errors never match. Items out of order give `#N/A`, where Excel's
 * binary search would give whatever it hits.
 */
function positionOf(called: Call, evaluation: Evaluation): ExactValue {
  const wanted = numberOf(argumentOf(called, 0), evaluation);
  if (isError(wanted)) return wanted;
  const type = called.arguments.length > 2 ? numberOf(argumentOf(called, 2), evaluation) : new Exact(1);
  if (isError(type)) return type;
  const direction = type.isZero() ? 0 : type.isNegative() ? -1 : 1;
  const target = settled(wanted);
  let found = 0;
  let last: Decimal | undefined;
  for (const [i, item] of rangeOf(argumentOf(called, 1), evaluation).entries()) {
    if (isError(item)) continue;
    const value = settled(exactDecimal(item));
    if (direction === 0 && value.eq(target)) return new Exact(i + 1);
    if (direction !== 0 && last !== undefined && value.cmp(last) === -direction) return cellError('#N/A');
    if (direction !== 0 && value.cmp(target) !== direction) found = i + 1;
    last = value;
  }
  return found === 0 ? cellError('#N/A') : new Exact(found);
}

function argumentOf(called: Call, index: number): Expression {
  const argument = called.arguments[index];
  if (argument === undefined) throw new Error(`${called.name} was built without argument ${index + 1}`);
  return argument;
}

function rowOf(called: Call): string {
  const row = argumentOf(called, 0);
  if (row.kind !== 'name') throw new Error(`${called.name} was evaluated unchecked: its first argument is no row`);
  return row.name;
}

function exactly(value: ExactValue): ExactValue {
  return isError(value) ? value : finished(exactDecimal(value));
}

/** A value from outside may carry another precision, which would spread to every result. */
function exactDecimal(value: Decimal): Decimal {
  return value.constructor === Exact ? value : new Exact(value);
}

function spend({ budget }: Pick<Evaluation, 'budget'>, steps: number): void {
  budget.remaining -= steps;
  if (budget.remaining >= 0) return;
  const message = `The formulas need more than ${mostSteps.toLocaleString('en-US')} steps. Use fewer rows, months or instances.`;
  throw new InvalidInput([{ code: 'too-expensive', pointer: '', message, limit: String(mostSteps) }]);
}
