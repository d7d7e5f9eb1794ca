import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import type { Expression } from '../../../src/core/formula/ast.ts';
import { binary, call, name, number } from '../../../src/core/formula/ast.ts';
import { checkFormula } from '../../../src/core/formula/check.ts';
import type { ExactScope } from '../../../src/core/formula/exact.ts';
import { evaluateExact } from '../../../src/core/formula/exact.ts';
import { formulaFunctions } from '../../../src/core/formula/functions.ts';
import { parseFormula } from '../../../src/core/formula/parse.ts';
import type { ExactValue } from '../../../src/core/formula/values.ts';
import { cellError, Exact, isError } from '../../../src/core/formula/values.ts';
import { InvalidInput } from '../../../src/core/problem.ts';
import { cases } from './cases.ts';
import { numericFormula } from './formulas.ts';
import { nothingGiven, parsed, scopeOf, shown } from './scope.ts';

describe('the cases of the language', () => {
  test.each(cases.map((each, i) => ({ ...each, i: i + 1 })))(
    '$i: $formula is $expected',
    ({ formula, given, month, expected }) => {
      const expression = parsed(formula);
      expect(checkFormula(expression)).toEqual([]);
      expect(shown(evaluateExact(expression, scopeOf(given, month)))).toBe(shown(expected));
    },
  );

  test('there are at least 150 of them, and every function and reference is in one', () => {
    expect(cases.length).toBeGreaterThanOrEqual(150);
    const used = cases.map(({ formula }) => formula.toUpperCase()).join(' ');
    expect(formulaFunctions.filter(({ name }) => !used.includes(`${name}(`))).toEqual([]);
  });
});

describe('exact arithmetic', () => {
  test('carries 34 digits whatever the precision of the values given', () => {
    const scope: ExactScope = { ...nothingGiven, value: () => new Decimal('1.0000000000000000000001') };
    expect(shown(evaluateExact(parsed('a*a-1'), scope))).toBe('0.0000000000000000000002');
  });

  test('never gives a negative zero', () => {
    for (const formula of ['-a', '0*-1', 'ROUND(-0.4,0)', '-1+1', 'CEILING(-0.5)', 'a/-5', 'ABS(-a)', 'IF(1=1,-a,1)']) {
      const value = evaluateExact(parsed(formula), { ...nothingGiven, value: () => new Exact('-0') });
      expect([formula, Object.is(Number(String(value)), 0)]).toEqual([formula, true]);
      expect(value instanceof Decimal && value.isNegative()).toBe(false);
    }
  });

  test('what towers of powers give is an answer at once', () => {
    const towers = [
      '9^9^9^9^9',
      '9^(9^9)',
      '9^(9^(9^9))',
      '2^-(9^9^9)',
      '1.000000001^1e200',
      '0.5^1e200',
      '(-2)^1e200',
      'EXP(EXP(EXP(9)))',
      '1e200^1e200',
    ];
    const answers = towers.map((formula) => shown(evaluateExact(parsed(formula), nothingGiven)));
    expect(answers).toEqual(['#NUM!', '#NUM!', '#NUM!', '0', '#NUM!', '0', '#NUM!', '#NUM!', '#NUM!']);
  });

  test('a value beyond the range, from outside, is #NUM! and not infinity', () => {
    const scope: ExactScope = { ...nothingGiven, value: () => new Decimal('1e400') };
    expect(evaluateExact(parsed('a'), scope)).toEqual(cellError('#NUM!'));
  });

  test('a branch that is not taken is not evaluated', () => {
    const scope: ExactScope = {
      ...nothingGiven,
      value: (name) => {
        if (name === 'other') throw new Error('was evaluated');
        return new Exact(1);
      },
    };
    expect(shown(evaluateExact(parsed('IF(a=1, a, other)'), scope))).toBe('1');
    expect(() => evaluateExact(parsed('IF(a=2, a, other)'), scope)).toThrow('was evaluated');
  });

  test('formulas stop when their steps are spent, and say so', () => {
    const instances = Array.from({ length: 100 }, () => new Exact(1));
    const scope: ExactScope = { ...nothingGiven, each: () => instances };
    const budget = { remaining: 1000 };
    expect(shown(evaluateExact(parsed('SUM(EACH(a))'), scope, budget))).toBe('100');
    expect(budget.remaining).toBeLessThan(900);
    const again = () => {
      for (let i = 0; i < 10; i++) evaluateExact(parsed('SUM(EACH(a))'), scope, budget);
    };
    expect(again).toThrow(InvalidInput);
    expect(again).toThrow('more than 5,000,000 steps');
  });

  test('a condition that was never checked is #VALUE!, not a crash', () => {
    for (const formula of [
      '1<2',
      '(1<2)+1',
      'AND(1<2)',
      'IF(1,2,3)',
      'EACH(a)',
      'INDEX(a,1)',
      'SUMPRODUCT(a)',
      'ROUND(1<2,0)',
    ]) {
      const scope: ExactScope = { ...nothingGiven, value: () => new Exact(1) };
      expect([formula, evaluateExact(parsed(formula), scope)]).toEqual([formula, cellError('#VALUE!')]);
    }
  });

  test('a formula built wrongly in code is a bug that says where', () => {
    expect(() => evaluateExact(call('ROUND', call('INDEX', name('a'))), nothingGiven)).toThrow(
      'INDEX was built without argument 2',
    );
    expect(() => evaluateExact(call('IF', binary('<', number('1'), number('2'))), nothingGiven)).toThrow(
      'IF was built without argument 2',
    );
    expect(() => evaluateExact(call('CUM', number('1')), nothingGiven)).toThrow('its first argument is no row');
  });

  test('is exact to the last digit for sums, differences and products, and correctly rounded for their quotients', () => {
    const exactly = numericFormula(['+', '-', '*']);
    fc.assert(
      fc.property(exactly, exactly, (dividend, divisor) => {
        const [top, bottom] = fractionOf(dividend);
        const [divisorTop, divisorBottom] = fractionOf(divisor);
        const [above, below] = [top * divisorBottom, bottom * divisorTop];
        expect(digitsOf(evaluateExact(dividend, nothingGiven))).toBe(decimalOf(top, bottom));
        const quotient = digitsOf(evaluateExact(binary('/', dividend, divisor), nothingGiven));
        expect(quotient).toBe(below === 0n ? '#DIV/0!' : decimalOf(above, below));
      }),
      { numRuns: 3000 },
    );
  });

  test('rounding leaves at most half a step, and at exactly half goes away from zero', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(10 ** 12), max: 10 ** 12 }),
        fc.integer({ min: -6, max: 6 }),
        (thousandths, digits) => {
          const scope: ExactScope = {
            ...nothingGiven,
            value: (name) => (name === 'x' ? new Exact(thousandths).div(1000) : new Exact(digits)),
          };
          const x = new Exact(thousandths).div(1000);
          const rounded = new Exact(String(evaluateExact(parsed('ROUND(x, digits)'), scope)));
          const step = new Exact(10).pow(-digits);
          const rest = rounded.minus(x).abs().times(2).cmp(step);
          expect(rest <= 0).toBe(true);
          if (rest === 0) expect(rounded.abs().gt(x.abs())).toBe(true);
          expect(rounded.div(step).isInteger()).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('the same formula evaluated twice gives the same digits', () => {
    fc.assert(
      fc.property(numericFormula(['+', '-', '*', '/', '^']), (expression) => {
        expect(evaluateExact(expression, nothingGiven)).toEqual(evaluateExact(expression, nothingGiven));
      }),
    );
  });

  test('canary: the comparison of these tests tells the 30th digit apart', () => {
    expect(shown('0.333333333333333333333333333333')).not.toBe(shown('0.333333333333333333333333333334'));
    const wrong = parseFormula('1+2*3');
    expect(wrong.ok && shown(evaluateExact(wrong.expression, nothingGiven))).not.toBe(shown('9'));
  });
});

/** The value of a formula without division as a fraction of whole numbers, by school arithmetic. */
function fractionOf(expression: Expression): readonly [bigint, bigint] {
  switch (expression.kind) {
    case 'number': {
      const [whole = '', part = ''] = expression.text.split('.');
      return [BigInt(whole + part), 10n ** BigInt(part.length)];
    }
    case 'unary': {
      const [top, bottom] = fractionOf(expression.operand);
      if (expression.operator === '%') return [top, bottom * 100n];
      return [expression.operator === '-' ? -top : top, bottom];
    }
    case 'binary': {
      const [top, bottom] = fractionOf(expression.left);
      const [rightTop, rightBottom] = fractionOf(expression.right);
      if (expression.operator === '*') return [top * rightTop, bottom * rightBottom];
      const sign = expression.operator === '-' ? -1n : 1n;
      return [top * rightBottom + sign * rightTop * bottom, bottom * rightBottom];
    }
    default:
      throw new Error(`no fraction of ${expression.kind}`);
  }
}

/** A fraction in 34 digits, rounded once from a decimal of 200. */
function decimalOf(top: bigint, bottom: bigint): string {
  const places = 150n;
  const [numerator, denominator] = bottom < 0n ? [-top, -bottom] : [top, bottom];
  const Wide = Decimal.clone({ precision: 200, toExpPos: 400, toExpNeg: -400 });
  const wide = new Wide(`${(numerator * 10n ** places) / denominator}e-${places}`);
  return wide.toSignificantDigits(34, Decimal.ROUND_HALF_UP).toString();
}

function digitsOf(value: ExactValue): string {
  return isError(value) ? value.code : value.toString();
}
