import type { Call, Expression } from './ast.ts';
import { isComparison } from './ast.ts';
import { toWords } from './excel.ts';
import type { FormulaProblem } from './formula-problem.ts';
import type { ArgumentKind, ResultKind } from './functions.ts';
import { functionNamed, parameterAt } from './functions.ts';

/**
 * What is wrong with a formula whatever its numbers are: a condition where a number is needed or the other way round, a
 * range where none may stand, anything but a bare row name in PREV, CUM, TOTAL, EACH and MONTHS. Empty when it is sound;
 * a sound formula never gives `#VALUE!` for its kinds in any reading.
 */
export function checkFormula(expression: Expression): readonly FormulaProblem[] {
  return judge(expression, 'number', 'A row');
}

/** `place` reads as the subject of a sentence: `A row`, `Argument 1 of IF (condition)`. */
function judge(expression: Expression, needed: ArgumentKind, place: string): readonly FormulaProblem[] {
  const inner = judgeInside(expression);
  if (needed === 'row') return expression.kind === 'name' ? inner : [...inner, rowNeeded(expression, place)];
  const kind = kindOf(expression);
  const fits = kind === needed || (needed === 'numbers' && kind !== 'condition');
  return fits ? inner : [misfit(expression, kind, needed, place), ...inner];
}

function judgeInside(expression: Expression): readonly FormulaProblem[] {
  switch (expression.kind) {
    case 'number':
    case 'name':
      return [];
    case 'unary':
      return judge(expression.operand, 'number', `The operand of ${expression.operator}`);
    case 'binary':
      return [
        ...judge(expression.left, 'number', `The left side of ${expression.operator}`),
        ...judge(expression.right, 'number', `The right side of ${expression.operator}`),
      ];
    case 'call':
      return judgeArguments(expression);
  }
}

function judgeArguments(called: Call): readonly FormulaProblem[] {
  const definition = functionNamed(called.name);
  return called.arguments.flatMap((argument, index) => {
    const parameter = definition && parameterAt(definition, index);
    if (parameter === undefined) return [];
    return judge(argument, parameter.kind, `Argument ${index + 1} of ${called.name} (${parameter.label})`);
  });
}

function kindOf(expression: Expression): ResultKind {
  if (expression.kind === 'binary') return isComparison(expression.operator) ? 'condition' : 'number';
  if (expression.kind === 'call') return functionNamed(expression.name)?.result ?? 'number';
  return 'number';
}

function misfit(
  expression: Expression,
  kind: ResultKind,
  needed: Exclude<ArgumentKind, 'row'>,
  place: string,
): FormulaProblem {
  const words = shortened(toWords(expression, () => undefined));
  const { at } = expression;
  if (needed === 'condition') {
    const mended = kind === 'number' ? `${toWords(expression, () => undefined)} <> 0` : undefined;
    return {
      code: 'condition-needed',
      at,
      message: `${place} must be a condition, but "${words}" is a ${kind}: compare it with something.`,
      ...(mended === undefined || mended.length > 60 ? {} : { suggestions: [mended] }),
    };
  }
  if (needed === 'range') {
    return {
      code: 'range-needed',
      at,
      message: `${place} must be a range, EACH(row) or MONTHS(row), but "${words}" is a ${kind}.`,
    };
  }
  if (kind === 'condition') {
    const mended = `IF(${toWords(expression, () => undefined)}, 1, 0)`;
    return {
      code: 'number-needed',
      at,
      message: `${place} must be a number, but "${words}" is a condition: wrap it in IF(…, 1, 0).`,
      ...(mended.length > 60 ? {} : { suggestions: [mended] }),
    };
  }
  return {
    code: 'range-misplaced',
    at,
    message: `${place} must be a single number, but "${words}" is a range: take its SUM, MIN or MAX, or one value by INDEX.`,
  };
}

function rowNeeded(expression: Expression, place: string): FormulaProblem {
  const words = shortened(toWords(expression, () => undefined));
  return {
    code: 'row-needed',
    at: expression.at,
    message: `${place} must be the bare name of a row, but is "${words}". Give that a row of its own and name it here.`,
  };
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
