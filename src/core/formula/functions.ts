/** `numbers` takes a number or a range; a `row` is the bare name of a row; a `range` is EACH(…) or MONTHS(…). */
export type ArgumentKind = 'number' | 'condition' | 'range' | 'numbers' | 'row';

export type Parameter = {
  readonly label: string;
  readonly kind: ArgumentKind;
  readonly optional: boolean;
  /** Only the last parameter repeats, up to Excel's 255 arguments. */
  readonly repeats: boolean;
};

export type ResultKind = 'number' | 'condition' | 'range';

type Definition<Name extends string> = {
  readonly name: Name;
  /** How it is called: `PMT(rate, periods, present_value, [future_value], [type])`. */
  readonly signature: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly parameters: readonly Parameter[];
  readonly result: ResultKind;
  /** One line for people. */
  readonly help: string;
};

const mostArguments = 255;

const table = [
  define(
    'IF',
    'number',
    'The second argument when the condition is true, else the third; only that one is calculated.',
    [condition('condition'), number('then'), number('otherwise')],
  ),
  define('AND', 'condition', 'True when every condition is.', [repeated(condition('condition'))]),
  define('OR', 'condition', 'True when at least one condition is.', [repeated(condition('condition'))]),
  define('NOT', 'condition', 'True when the condition is not.', [condition('condition')]),
  define('MIN', 'number', 'The smallest value.', [repeated(numbers('value'))]),
  define('MAX', 'number', 'The largest value.', [repeated(numbers('value'))]),
  define('SUM', 'number', 'The values added up.', [repeated(numbers('value'))]),
  define('ROUND', 'number', 'Rounds half away from zero; negative digits round left of the decimal point.', [
    number('value'),
    number('digits'),
  ]),
  define('ROUNDUP', 'number', 'Rounds away from zero.', [number('value'), number('digits')]),
  define('ROUNDDOWN', 'number', 'Rounds toward zero.', [number('value'), number('digits')]),
  define('CEILING', 'number', 'The next multiple of the significance (1 when left out) at or above the value.', [
    number('value'),
    optional(number('significance')),
  ]),
  define('FLOOR', 'number', 'The next multiple of the significance (1 when left out) at or below the value.', [
    number('value'),
    optional(number('significance')),
  ]),
  define('INT', 'number', 'The next whole number at or below the value: INT(-2.5) is -3.', [number('value')]),
  define('ABS', 'number', 'The value without its sign.', [number('value')]),
  define('EXP', 'number', 'e to the power of the value.', [number('value')]),
  define('LN', 'number', 'The natural logarithm.', [number('value')]),
  define('SQRT', 'number', 'The square root.', [number('value')]),
  define('PMT', 'number', 'The level payment of a loan, negative when money is paid out; type 1 pays in advance.', [
    number('rate'),
    number('periods'),
    number('present_value'),
    optional(number('future_value')),
    optional(number('type')),
  ]),
  define('NPV', 'number', 'The present value of the values, the first one period away.', [
    number('rate'),
    repeated(numbers('value')),
  ]),
  define('SUMPRODUCT', 'number', 'Multiplies ranges of equal size item by item and adds the products up.', [
    repeated(range('range')),
  ]),
  define('INDEX', 'number', 'The value at a position of a range, counted from 1.', [
    range('range'),
    number('position'),
  ]),
  define(
    'MATCH',
    'number',
    'The position of a value in a range: 0 exact, 1 last at or below (ascending), -1 last at or above.',
    [number('value'), range('range'), optional(number('type'))],
  ),
  define(
    'EVENTS',
    'number',
    'How many rare events happen: the number expected, which the draws replace by what a random number between 0 and 1 makes of it.',
    [number('expected'), number('draw')],
  ),
  define('PREV', 'number', 'The row in the month before; in month 1 the second argument, or 0.', [
    row('row'),
    optional(number('first')),
  ]),
  define('CUM', 'number', 'The row added up from month 1 to this month.', [row('row')]),
  define('TOTAL', 'number', 'The instances of a `per:` row added up.', [row('row')]),
  define('EACH', 'range', 'The instances of a `per:` row as a range.', [row('row')]),
  define('MONTHS', 'range', 'Every month of a row as a range.', [row('row')]),
] as const;

export type FunctionName = (typeof table)[number]['name'];
export type FormulaFunction = Definition<FunctionName>;

/** Every function of the language, in the order of its documentation. */
export const formulaFunctions: readonly FormulaFunction[] = table;

// A Map, because a lookup by name in an object would find `constructor` and `toString`.
const byName: ReadonlyMap<string, FormulaFunction> = new Map(table.map((definition) => [definition.name, definition]));

/** The function of that name in any case, or undefined: `functionNamed('round')?.signature` is `ROUND(value, digits)`. */
export function functionNamed(name: string): FormulaFunction | undefined {
  return byName.get(name.toUpperCase());
}

/** The parameter an argument is for, counted from 0; the last one stands for all that repeat it. */
export function parameterAt(definition: FormulaFunction, index: number): Parameter | undefined {
  const last = definition.parameters.at(-1);
  return definition.parameters[index] ?? (last?.repeats === true ? last : undefined);
}

function define<Name extends string>(
  name: Name,
  result: ResultKind,
  help: string,
  parameters: readonly Parameter[],
): Definition<Name> {
  const shown = parameters.map(({ label, optional, repeats }) =>
    optional ? `[${label}]` : repeats ? `${label}, …` : label,
  );
  return {
    name,
    signature: `${name}(${shown.join(', ')})`,
    minimum: parameters.filter((parameter) => !parameter.optional).length,
    maximum: parameters.some((parameter) => parameter.repeats) ? mostArguments : parameters.length,
    parameters,
    result,
    help,
  };
}

function number(label: string): Parameter {
  return { label, kind: 'number', optional: false, repeats: false };
}

function numbers(label: string): Parameter {
  return { label, kind: 'numbers', optional: false, repeats: false };
}

function condition(label: string): Parameter {
  return { label, kind: 'condition', optional: false, repeats: false };
}

function range(label: string): Parameter {
  return { label, kind: 'range', optional: false, repeats: false };
}

function row(label: string): Parameter {
  return { label, kind: 'row', optional: false, repeats: false };
}

function optional(parameter: Parameter): Parameter {
  return { ...parameter, optional: true };
}

function repeated(parameter: Parameter): Parameter {
  return { ...parameter, repeats: true };
}
