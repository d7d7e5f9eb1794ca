import fc from 'fast-check';
import type { BinaryOperator, Expression } from '../../../src/core/formula/ast.ts';
import { binary, call, name, number } from '../../../src/core/formula/ast.ts';
import type { ResultKind } from '../../../src/core/formula/functions.ts';
import { formulaFunctions, parameterAt } from '../../../src/core/formula/functions.ts';

const literals = fc
  .tuple(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 3 }))
  .map(([digits, places]) => number((digits / 10 ** places).toFixed(places)));

/** Formulas of numbers and these operators, signs and percentages, without names and functions; at most 8 numbers. */
export function numericFormula(operators: readonly BinaryOperator[]): fc.Arbitrary<Expression> {
  return fc.letrec<{ formula: Expression }>((tie) => ({
    formula: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      literals,
      fc
        .tuple(fc.constantFrom(...operators), tie('formula'), tie('formula'))
        .map(([operator, left, right]) => binary(operator, left, right)),
      fc
        .tuple(fc.constantFrom('-' as const, '+' as const, '%' as const), tie('formula'))
        .map(([operator, operand]) => ({ kind: 'unary' as const, operator, operand, at: 0 })),
    ),
  })).formula;
}

const rows = fc.constantFrom('electricity', 'input_tokens', 'x_1', 'demand', 'constructor').map(name);
const arithmetic = fc.constantFrom<BinaryOperator>('+', '-', '*', '/', '^');
const comparison = fc.constantFrom<BinaryOperator>('=', '<>', '<', '<=', '>', '>=');

/** Any sound formula of the whole language: every function, reference and operator, kinds as they are needed. */
export const soundFormula: fc.Arbitrary<Expression> = fc.letrec<Record<ResultKind, Expression>>((tie) => ({
  number: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    literals,
    rows,
    fc.tuple(arithmetic, tie('number'), tie('number')).map(([operator, left, right]) => binary(operator, left, right)),
    fc
      .tuple(fc.constantFrom('-' as const, '+' as const, '%' as const), tie('number'))
      .map(([operator, operand]) => ({ kind: 'unary' as const, operator, operand, at: 0 })),
    ...callsGiving('number', tie),
  ),
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.tuple(comparison, tie('number'), tie('number')).map(([operator, left, right]) => binary(operator, left, right)),
    ...callsGiving('condition', tie),
  ),
  range: fc.oneof(...callsGiving('range', tie)),
})).number;

function callsGiving(
  result: ResultKind,
  tie: fc.LetrecTypedTie<Record<ResultKind, Expression>>,
): fc.Arbitrary<Expression>[] {
  return formulaFunctions
    .filter((definition) => definition.result === result)
    .map((definition) =>
      fc
        .integer({ min: definition.minimum, max: Math.min(definition.maximum, definition.minimum + 2) })
        .chain((count) => {
          const given = Array.from({ length: count }, (_, i) => {
            const kind = parameterAt(definition, i)?.kind ?? 'number';
            if (kind === 'row') return rows;
            return kind === 'numbers' ? fc.oneof(tie('number'), tie('range')) : tie(kind);
          });
          return fc.tuple(...given).map((parameters) => call(definition.name, ...parameters));
        }),
    );
}
