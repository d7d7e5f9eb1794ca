import type { Expression } from '../formula/ast.ts';

/** Powers of base units: `tokens/s` is {tokens: 1, s: -1}. `any` is the unit of a bare number, which takes what its place needs. */
export type Unit = ReadonlyMap<string, number> | 'any';

export type UnitProblem = { readonly at: number; readonly message: string };

const dimensionless: ReadonlyMap<string, number> = new Map();

/** What a unit is made of, where it has a name of its own. */
const named: Readonly<Record<string, string>> = { kWh: 'kW*h' };

/**
 * Reads `tokens/s/machines`, `kW*h` or `1`; every factor after a `/` is below the line up to the next operator.
 * @returns null where the text is no unit.
 */
export function parseUnit(text: string): Unit | null {
  const powers = new Map<string, number>();
  const parts = text.split(/([*/])/);
  for (let i = 0; i < parts.length; i += 2) {
    const symbol = (parts[i] ?? '').trim();
    const sign = parts[i - 1] === '/' ? -1 : 1;
    if (symbol === '1') continue;
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(symbol)) return null;
    const meaning = named[symbol];
    const factors =
      meaning === undefined ? new Map([[symbol, 1]]) : (parseUnit(meaning) as ReadonlyMap<string, number>);
    for (const [factor, power] of factors) raise(powers, factor, sign * power);
  }
  return powers;
}

/** `tokens/s`, in the order of the alphabet; `1` for a pure number. */
export function unitText(unit: Unit): string {
  if (unit === 'any') return 'any';
  const factors = [...unit].sort(([a], [b]) => (a < b ? -1 : 1));
  const above = factors
    .filter(([, power]) => power > 0)
    .map(([factor, power]) => factor + (power === 1 ? '' : `^${power}`));
  const below = factors
    .filter(([, power]) => power < 0)
    .map(([factor, power]) => `/${factor}${power === -1 ? '' : `^${-power}`}`);
  return (above.join('*') || '1') + below.join('');
}

export function sameUnit(a: Unit, b: Unit): boolean {
  return a === 'any' || b === 'any' || unitText(a) === unitText(b);
}

/**
 * The unit a formula comes out in, checked before any number exists: adding USD to kWh is a problem at the `+`.
 * `unitOf` gives the unit of a row or input; unknown names are somebody else's problem and count as `any`.
 */
export function unitOfFormula(expression: Expression, unitOf: (name: string) => Unit, problems: UnitProblem[]): Unit {
  const read = (inner: Expression): Unit => unitOfFormula(inner, unitOf, problems);
  const demand = (inner: Expression, wanted: Unit, why: string): void => {
    const found = read(inner);
    if (!sameUnit(found, wanted))
      problems.push({ at: inner.at, message: `${why} ${unitText(wanted)}, not ${unitText(found)}.` });
  };
  const alike = (parts: readonly Expression[], what: string): Unit => {
    let common: Unit = 'any';
    for (const part of parts) {
      const found = read(part);
      if (!sameUnit(common, found))
        problems.push({ at: part.at, message: `${what} ${unitText(common)} and ${unitText(found)}.` });
      if (common === 'any') common = found;
    }
    return common;
  };

  switch (expression.kind) {
    case 'number':
      return 'any';
    case 'name':
      return unitOf(expression.name);
    case 'unary':
      return read(expression.operand);
    case 'binary': {
      const { operator, left, right } = expression;
      switch (operator) {
        case '+':
        case '-':
          return alike([left, right], 'This adds or subtracts');
        case '*':
          return times(read(left), read(right), 1);
        case '/':
          return times(read(left), read(right), -1);
        case '^': {
          demand(right, dimensionless, 'An exponent is');
          const base = read(left);
          if (base === 'any' || base.size === 0) return base;
          if (right.kind !== 'number' || !/^\d+$/.test(right.text)) {
            problems.push({ at: right.at, message: `Only a whole number can be the exponent of ${unitText(base)}.` });
            return base;
          }
          return powerOf(base, Number(right.text));
        }
        default:
          alike([left, right], 'This compares');
          return dimensionless;
      }
    }
    case 'call': {
      const [first, second, third] = expression.arguments;
      if (first === undefined) return 'any';
      switch (expression.name) {
        case 'IF':
          read(first);
          return alike(expression.arguments.slice(1), 'IF chooses between');
        case 'SUM':
        case 'MIN':
        case 'MAX':
          return alike(expression.arguments, `${expression.name} compares`);
        case 'AND':
        case 'OR':
        case 'NOT':
          for (const argument of expression.arguments) read(argument);
          return dimensionless;
        case 'EXP':
        case 'LN':
          demand(first, dimensionless, `${expression.name} takes`);
          return dimensionless;
        case 'SQRT': {
          const found = read(first);
          return found === 'any' ? found : powerOf(found, 0.5);
        }
        case 'PMT':
          demand(first, dimensionless, 'A rate is');
          return third === undefined ? 'any' : read(third);
        case 'NPV':
          demand(first, dimensionless, 'A rate is');
          return alike(expression.arguments.slice(1), 'NPV adds');
        case 'SUMPRODUCT':
          return expression.arguments.map(read).reduce<Unit>((product, unit) => times(product, unit, 1), dimensionless);
        case 'INDEX':
          if (second !== undefined) demand(second, dimensionless, 'A position is');
          return read(first);
        case 'MATCH':
          alike(expression.arguments.slice(0, 2), 'MATCH compares');
          return dimensionless;
        default:
          // ROUND, INT, ABS, EVENTS, PREV, CUM, TOTAL, EACH, MONTHS … keep the unit of what they take.
          return expression.name === 'PREV' ? alike(expression.arguments, 'PREV begins with') : read(first);
      }
    }
  }
}

/** A bare number times a pure number is still one that takes the unit of its place: `100 * month_number` may be money. */
function times(a: Unit, b: Unit, sign: 1 | -1): Unit {
  if (a === 'any' && (b === 'any' || b.size === 0)) return 'any';
  if (b === 'any' && a !== 'any' && a.size === 0 && sign === 1) return 'any';
  const powers = new Map(a === 'any' ? dimensionless : a);
  for (const [factor, power] of b === 'any' ? dimensionless : b) raise(powers, factor, sign * power);
  return powers;
}

function powerOf(unit: ReadonlyMap<string, number>, exponent: number): Unit {
  const powers = new Map<string, number>();
  if (exponent !== 0) for (const [factor, power] of unit) powers.set(factor, power * exponent);
  return powers;
}

function raise(powers: Map<string, number>, factor: string, by: number): void {
  const power = (powers.get(factor) ?? 0) + by;
  if (power === 0) powers.delete(factor);
  else powers.set(factor, power);
}
