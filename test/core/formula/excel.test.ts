import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { add, binary, call, name, number } from '../../../src/core/formula/ast.ts';
import type { ExcelAddresses } from '../../../src/core/formula/excel.ts';
import { toExcel, toWords } from '../../../src/core/formula/excel.ts';
import type { Excelize } from '../../helpers/excelize.ts';
import { loadExcelize } from '../../helpers/excelize.ts';
import { cases } from './cases.ts';
import { soundFormula } from './formulas.ts';
import { parsed, treeOf } from './scope.ts';
import { agree, calculateInSpreadsheet } from './spreadsheet.ts';

describe('a spreadsheet calculates the printed formula', () => {
  const asked = cases.filter(({ spreadsheet }) => spreadsheet === undefined);
  let excelize: Excelize;
  beforeAll(async () => {
    excelize = await loadExcelize();
  });

  test.each(asked.map((each, i) => ({ ...each, i: i + 1 })))('$i: $formula is $expected there too', (example) => {
    const value = calculateInSpreadsheet(excelize, example);
    expect(agree(value, example.expected) ? example.expected : value).toBe(example.expected);
  });

  test('nearly every case is asked there', () => {
    expect(asked.length).toBeGreaterThanOrEqual(cases.length - 40);
  });

  test('canary: a wrong expectation is seen', () => {
    const value = (formula: string) => calculateInSpreadsheet(excelize, { formula, expected: '' });
    expect(agree(value('1+2*3'), '9')).toBe(false);
    expect(agree(value('1/0'), '#NUM!')).toBe(false);
    expect(agree(value('100000000+0.01'), '100000000.02')).toBe(false);
  });
});

const addresses: ExcelAddresses = {
  cell: (row) => `K${rowOf(row)}`,
  previous: (row) => `J${rowOf(row)}`,
  cumulative: (row) => `$J${rowOf(row)}:K${rowOf(row)}`,
  each: (row) => `K${rowOf(row)}:K${rowOf(row) + 3}`,
  months: (row) => `$J${rowOf(row)}:$AS${rowOf(row)}`,
};

describe('a formula for a cell', () => {
  test.each([
    ['alpha + beta * gamma', 'K12+K13*K14'],
    ['PREV(alpha, beta * 2) - gamma', 'J12-K14'],
    ['CUM(alpha) / 12', 'SUM($J12:K12)/12'],
    ['TOTAL(alpha) - SUM(EACH(alpha))', 'SUM(K12:K15)-SUM(K12:K15)'],
    ['NPV(beta, MONTHS(alpha))', 'NPV(K13,$J12:$AS12)'],
    ['IF(AND(alpha >= 1, beta <> 2), .5, 1e6)', 'IF(AND(K12>=1,K13<>2),0.5,1000000)'],
    ['CEILING(alpha) + FLOOR(beta) + CEILING(alpha, 5)', 'CEILING(K12,1)+FLOOR(K13,1)+CEILING(K12,5)'],
    ['CEILING(IF(alpha > 1, alpha, beta))', 'CEILING(IF(K12>1,K12,K13),1)'],
    ['round(sumproduct(each(alpha), each(beta)) / 1000, 2)', 'ROUND(SUMPRODUCT(K12:K15,K13:K16)/1000,2)'],
    ['EVENTS(alpha + beta, gamma) * 2 + EVENTS(alpha, gamma)', '(K12+K13)*2+K12'],
    ['1e-30 * 1.5e200', '1E-30*1.5E+200'],
  ])('%s is %s', (formula, expected) => {
    expect(toExcel(parsed(formula), addresses)).toBe(expected);
  });

  test.each([
    ['(a + b) + (d + e)', 'a + b + (d + e)'],
    ['(a * b) * d', 'a * b * d'],
    ['a - (b - d)', 'a - (b - d)'],
    ['(a - b) - d', 'a - b - d'],
    ['a / (b * d)', 'a / (b * d)'],
    ['((a + b)) * d', '(a + b) * d'],
    ['((a))', 'a'],
    ['-(a + b)', '-(a + b)'],
    ['-(a * b)', '-(a * b)'],
    ['(-a) * b', '-a * b'],
    ['-a^2', '(-a)^2'],
    ['-(a^2)', '-(a^2)'],
    ['2^3^2', '(2^3)^2'],
    ['2^(3^2)', '2^(3^2)'],
    ['2^(-a)', '2^-a'],
    ['(a%)%', 'a%%'],
    ['(-a)%', '-a%'],
    ['-(a%)', '-(a%)'],
    ['a - (-b)', 'a - -b'],
    ['IF((a = b), (1), (2))', 'IF(a = b, 1, 2)'],
    ['IF((a + b) = (d + e), 1, 2)', 'IF(a + b = d + e, 1, 2)'],
  ])('%s needs no other parentheses than %s', (formula, expected) => {
    expect(toWords(parsed(formula), () => undefined)).toBe(expected);
  });

  test('any sound formula, printed and parsed again, is the same tree', () => {
    fc.assert(
      fc.property(soundFormula, (expression) => {
        const words = toWords(expression, () => undefined);
        fc.pre(words.length <= 1000);
        expect(treeOf(parsed(words))).toEqual(treeOf(expression));
      }),
      { numRuns: 2000 },
    );
  });

  test('any sound formula for a cell has balanced parentheses and none of our own functions', () => {
    fc.assert(
      fc.property(soundFormula, (expression) => {
        const text = toExcel(expression, addresses);
        expect(text.split('(').length).toBe(text.split(')').length);
        expect(text).not.toMatch(/PREV|CUM|TOTAL|EACH|MONTHS|EVENTS|[a-z ]/);
      }),
      { numRuns: 500 },
    );
  });

  test('a formula built in code prints as if it had been written', () => {
    const built = call(
      'ROUND',
      binary('*', add([name('x_in'), name('x_out'), number('-0.5')]), number('2')),
      number('2'),
    );
    expect(toWords(built, () => undefined)).toBe('ROUND((x_in + x_out + -0.5) * 2, 2)');
    expect(toWords(add([]), () => undefined)).toBe('0');
    expect(toWords(add([name('x')]), () => undefined)).toBe('x');
    expect(() => number('1e6')).toThrow('not a plain decimal number: 1e6');
  });
});

describe('a formula in figures', () => {
  const figures = new Map([
    ['same kwh', '107.8'],
    ['same price', '0.1872'],
    ['same credit', '-5'],
    ['previous book', '3,500.00'],
    ['total parts', '12.5'],
    ['each parts', '5 + 7.5'],
    ['cumulative kwh', '215.6'],
  ]);
  const inFigures = (formula: string) => toWords(parsed(formula), (row, how) => figures.get(`${how} ${row}`));

  test.each([
    ['ROUND(kwh * price, 2)', 'ROUND(107.8 * 0.1872, 2)'],
    ['kwh - credit', '107.8 - (-5)'],
    ['credit^2', '(-5)^2'],
    ['MAX(credit, 0)', 'MAX(-5, 0)'],
    ['PREV(book, 4000) - TOTAL(parts)', '3,500.00 - 12.5'],
    ['SUM(EACH(parts)) + CUM(kwh)', 'SUM(5 + 7.5) + 215.6'],
    ['PREV(unknown, kwh * 2)', 'PREV(unknown, 107.8 * 2)'],
    ['unknown + 1', 'unknown + 1'],
  ])('%s is %s', (formula, expected) => {
    expect(inFigures(formula)).toBe(expected);
  });
});

function rowOf(name: string): number {
  return 12 + ['alpha', 'beta', 'gamma'].indexOf(name);
}
