import { describe, expect, test } from '@jest/globals';
import { checkFormula } from '../../../src/core/formula/check.ts';
import { parsed } from './scope.ts';

describe('the check of kinds', () => {
  test.each([
    'IF(a > b, 1, 0)',
    'IF(AND(a > b, OR(a = 1, NOT(b = 2))), a, b)',
    'SUM(a, EACH(b), MONTHS(d))',
    'MIN(EACH(b)) + MAX(1, a)',
    'NPV(a, MONTHS(b), 5)',
    'SUMPRODUCT(EACH(a), EACH(b))',
    'INDEX(MONTHS(a), MATCH(b, MONTHS(d), 1))',
    'PREV(a, b + 1) + CUM(a) + TOTAL(b)',
    'PREV(a, IF(b > 1, 2, 3))',
  ])('%s is sound', (formula) => {
    expect(checkFormula(parsed(formula))).toEqual([]);
  });

  test.each([
    ['a > b', 'number-needed', 2, 'A row must be a number, but "a > b" is a condition: wrap it in IF(…, 1, 0).'],
    ['AND(a > b, b > 1)', 'number-needed', 0, 'A row must be a number'],
    ['(a > b) + 1', 'number-needed', 3, 'The left side of + must be a number'],
    ['1 * (a > b)', 'number-needed', 7, 'The right side of * must be a number'],
    ['-(a > b)', 'number-needed', 4, 'The operand of - must be a number'],
    ['IF(0 < a < 1, 1, 0)', 'number-needed', 5, 'The left side of < must be a number'],
    ['SUM(a > 1, 2)', 'number-needed', 6, 'Argument 1 of SUM (value) must be a number'],
    ['IF(a, 1, 0)', 'condition-needed', 3, 'Argument 1 of IF (condition) must be a condition, but "a" is a number'],
    ['IF(AND(a > 1, b), 1, 0)', 'condition-needed', 14, 'Argument 2 of AND (condition) must be a condition'],
    ['IF(NOT(1), 1, 0)', 'condition-needed', 7, 'Argument 1 of NOT (condition)'],
    ['IF(EACH(a), 1, 0)', 'condition-needed', 3, '"EACH(a)" is a range'],
    ['IF(a > 1, b > 1, 0)', 'number-needed', 12, 'Argument 2 of IF (then) must be a number'],
    ['EACH(a)', 'range-misplaced', 0, 'A row must be a single number, but "EACH(a)" is a range'],
    ['MONTHS(a) * 2', 'range-misplaced', 0, 'take its SUM, MIN or MAX'],
    ['ROUND(EACH(a), 2)', 'range-misplaced', 6, 'Argument 1 of ROUND (value)'],
    ['SUMPRODUCT(EACH(a), b)', 'range-needed', 20, 'Argument 2 of SUMPRODUCT (range) must be a range'],
    ['INDEX(a, 1)', 'range-needed', 6, 'EACH(row) or MONTHS(row), but "a" is a number'],
    ['MATCH(1, SUM(EACH(a)))', 'range-needed', 9, '"SUM(EACH(a))" is a number'],
    ['PREV(a + b)', 'row-needed', 7, 'Argument 1 of PREV (row) must be the bare name of a row, but is "a + b"'],
    ['CUM(2)', 'row-needed', 4, 'Give that a row of its own'],
    ['TOTAL(EACH(a))', 'row-needed', 6, 'must be the bare name'],
    ['SUM(EACH(PREV(a)))', 'row-needed', 9, 'must be the bare name'],
    ['MAX(MONTHS(-a))', 'row-needed', 11, 'must be the bare name'],
    ['PREV(a, b > 1)', 'number-needed', 10, 'Argument 2 of PREV (first)'],
  ])('%s: %s at %i', (formula, code, at, message) => {
    const problems = checkFormula(parsed(formula));
    expect(problems).toMatchObject([{ code, at }]);
    expect(problems[0]?.message).toContain(message);
  });

  test('a condition is offered wrapped, a number is offered compared', () => {
    expect(checkFormula(parsed('a > b'))[0]?.suggestions).toEqual(['IF(a > b, 1, 0)']);
    expect(checkFormula(parsed('IF(a + b, 1, 0)'))[0]?.suggestions).toEqual(['a + b <> 0']);
  });

  test('everything wrong is told at once', () => {
    const problems = checkFormula(parsed('IF(a, b > 1, EACH(d)) + PREV(2)'));
    expect(problems.map(({ code }) => code)).toEqual([
      'condition-needed',
      'number-needed',
      'range-misplaced',
      'row-needed',
    ]);
  });

  test('a long formula is quoted in part', () => {
    const long = Array.from({ length: 60 }, () => 'long_name').join(' + ');
    const [problem] = checkFormula(parsed(`IF(${long}, 1, 0)`));
    expect(problem?.message.length).toBeLessThan(200);
    expect(problem?.suggestions).toBeUndefined();
  });
});
