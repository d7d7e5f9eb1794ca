import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Expression } from '../../../src/core/formula/ast.ts';
import { binary, visit } from '../../../src/core/formula/ast.ts';
import { checkFormula } from '../../../src/core/formula/check.ts';
import { evaluateExact } from '../../../src/core/formula/exact.ts';
import { toExcel, toWords } from '../../../src/core/formula/excel.ts';
import { formulaFunctions } from '../../../src/core/formula/functions.ts';
import { formulaLimits, parseFormula } from '../../../src/core/formula/parse.ts';
import { referencesOf } from '../../../src/core/formula/references.ts';
import { Exact } from '../../../src/core/formula/values.ts';
import { soundFormula } from './formulas.ts';
import { nothingGiven, parsed } from './scope.ts';

describe('the syntax', () => {
  test.each([
    ['a + b * d', '(a + (b * d))'],
    ['a - b - d', '((a - b) - d)'],
    ['a / b / d', '((a / b) / d)'],
    ['2^3^2', '((2 ^ 3) ^ 2)'],
    ['-a^2', '((-a) ^ 2)'],
    ['-a%', '((-a)%)'],
    ['2^a%', '(2 ^ (a%))'],
    ['a < b + 1', '(a < (b + 1))'],
    ['a = b <> d', '((a = b) <> d)'],
    ['- - a', '(-(-a))'],
    ['if ( a>=b , 1 , 0 )', 'IF((a >= b), 1, 0)'],
    ['=\ta\n+\r\nb', '(a + b)'],
    [' = a', 'a'],
    ['(((a)))', 'a'],
    ['x*1.50', '(x * 1.50)'],
    ['1e-6*1E+6', '(1e-6 * 1E+6)'],
  ])('%s is read as %s', (formula, expected) => {
    expect(fullyBracketed(parsed(formula))).toBe(expected);
  });

  test('every node knows its place in the text', () => {
    const text = '= ROUND( kwh * -price% , 2)';
    const places: [string, string][] = [];
    visit(parsed(text), (node) => places.push([node.kind, text.slice(node.at, node.at + 5)]));
    expect(places).toEqual([
      ['call', 'ROUND'],
      ['binary', '* -pr'],
      ['name', 'kwh *'],
      ['unary', '% , 2'],
      ['unary', '-pric'],
      ['name', 'price'],
      ['number', '2)'],
    ]);
  });
});

describe('a mistake is named, placed and mended', () => {
  test.each([
    ['', 'formula-empty', 0, 'is empty'],
    ['  = ', 'formula-empty', 0, 'is empty'],
    ['a +', 'operand-missing', 3, 'missing at the end'],
    ['a + * b', 'operand-missing', 4, 'missing before "*"'],
    ['SUM(a,,b)', 'operand-missing', 6, 'missing before ","'],
    ['IF(a > b, 1, )', 'operand-missing', 13, 'missing before ")"'],
    ['(a + b', 'parenthesis-open', 0, 'never closed'],
    ['SUM(a, b', 'parenthesis-open', 3, 'never closed'],
    ['a + b)', 'parenthesis-unopened', 5, 'never opened'],
    ['a b', 'operator-missing', 2, 'missing before "b"'],
    ['2(a)', 'operator-missing', 1, 'missing before "("'],
    ['(a)(b)', 'operator-missing', 3, 'missing before "("'],
    ['1,5 * a', 'comma-misplaced', 1, 'the decimal sign is a point'],
    ['(1, 2)', 'comma-misplaced', 2, 'separates the arguments'],
    ['IF(a > b; 1; 0)', 'unexpected-character', 8, 'separated by commas'],
    ['a == b', 'unexpected-character', 2, 'equal is a single ='],
    ['==a', 'unexpected-character', 0, 'equal is a single ='],
    ['IF(a != b, 1, 0)', 'unexpected-character', 5, 'not equal is <>'],
    ['IF(a => b, 1, 0)', 'unexpected-character', 5, 'at least is >='],
    ['a ** 2', 'unexpected-character', 2, 'a power is ^'],
    ['a && b', 'unexpected-character', 2, 'write AND(a, b)'],
    ['a || b', 'unexpected-character', 2, 'write OR(a, b)'],
    ['a & b', 'unexpected-character', 2, 'no text to join'],
    ['"x"', 'unexpected-character', 0, '"x" is not part of a formula: there is no text'],
    ["'x'", 'unexpected-character', 0, 'there is no text'],
    ['SUM(A1:B2)', 'unexpected-character', 6, 'EACH(row) or MONTHS(row)'],
    ['$A$1', 'unexpected-character', 0, 'not addressed by cell'],
    ['Inputs!x', 'unexpected-character', 6, 'not addressed by sheet and cell'],
    ['price.input', 'unexpected-character', 5, 'row names have no dots'],
    ['row[1]', 'unexpected-character', 3, 'not indexed'],
    ['"a\u0000b"', 'unexpected-character', 0, '"a\ufffdb" is not part'],
    ['{1}', 'unexpected-character', 0, 'there are no arrays'],
    ['a−b', 'unexpected-character', 1, '"−" (U+2212) is not part of a formula: write the ASCII minus -'],
    ['a×b', 'unexpected-character', 1, 'write *'],
    ['a÷b', 'unexpected-character', 1, 'write /'],
    ['IF(a≤b,1,0)', 'unexpected-character', 4, 'write <='],
    ['prіce', 'unexpected-character', 2, '"і" (U+0456)'],
    ['ｘ+1', 'unexpected-character', 0, 'only the letters a to z'],
    ['٣+1', 'unexpected-character', 0, 'only the letters a to z'],
    ['price\u200b*2', 'unexpected-character', 5, 'The invisible character U+200B'],
    ['a\u00a0+1', 'unexpected-character', 1, 'The invisible character U+00A0'],
    ['a\u202e+1', 'unexpected-character', 1, 'The invisible character U+202E'],
    ['a\u0000', 'unexpected-character', 1, 'The invisible character U+0000'],
    ['a + 😀', 'unexpected-character', 4, '"😀" (U+1F600)'],
    ['\ud800', 'unexpected-character', 0, 'The invisible character U+D800'],
    ['a /* b */', 'operand-missing', 3, 'missing before "*"'],
    ['a # b', 'unexpected-character', 2, '"#" is not part'],
    ['250k', 'number-malformed', 0, '"250k" is not a number'],
    ['0x10', 'number-malformed', 0, 'without suffix or separators'],
    ['1_000', 'number-malformed', 0, 'without suffix or separators'],
    ['1.000.000', 'number-malformed', 0, '"1.000.000" is not a number'],
    ['5.', 'number-malformed', 0, '"5." is not a number'],
    ['1e', 'number-malformed', 0, '"1e" is not a number'],
    ['1234567890.1234567', 'number-too-long', 0, '17 significant digits; a spreadsheet keeps 15'],
    ['1e400', 'number-out-of-range', 0, 'out of range'],
    ['1e-999999999999', 'number-out-of-range', 0, 'out of range'],
    ['H100 * 2', 'cell-address', 0, '"H100" reads as a cell address'],
    ['a + p90', 'cell-address', 4, 'such as "p90_value"'],
    ['TRUE', 'truth-value', 0, 'write a comparison'],
    ['sum + 1', 'name-is-function', 0, '"sum" is a function: SUM(value, …)'],
    ['GpuCost', 'name-malformed', 0, 'is not a row name'],
    ['_x', 'name-malformed', 0, 'is not a row name'],
    ['FOO(1)', 'unknown-function', 0, 'There is no function FOO. There are IF, AND'],
    ['ROUNDUPP(1, 2)', 'unknown-function', 0, 'Did you mean "ROUNDUP"'],
    ['ROUND(1)', 'argument-count', 0, 'ROUND has 1 argument here, but is ROUND(value, digits)'],
    ['a + IF(a > 1, 2)', 'argument-count', 4, 'IF has 2 arguments here, but is IF(condition, then, otherwise)'],
    ['PREV()', 'argument-count', 0, 'PREV has 0 arguments here, but is PREV(row, [first])'],
    ['PMT(1, 2, 3, 4, 5, 6)', 'argument-count', 0, 'PMT(rate, periods, present_value, [future_value], [type])'],
  ])('%j: %s at %i', (formula, code, at, message) => {
    const result = parseFormula(formula);
    expect(result).toMatchObject({ ok: false, problems: [expect.objectContaining({ code, at })] });
    expect(result.ok ? '' : result.problems[0]?.message).toContain(message);
  });

  test('all wrong names and calls are told at once, in the order of the text', () => {
    const result = parseFormula('H100 * ROUND(kwh) + SUMM(Price, 2) - TRUE');
    expect(result.ok ? [] : result.problems.map(({ code, at }) => [code, at])).toEqual([
      ['cell-address', 0],
      ['argument-count', 7],
      ['unknown-function', 20],
      ['name-malformed', 25],
      ['truth-value', 37],
    ]);
  });

  test('each kind of foreign character is told once, up to five', () => {
    const result = parseFormula('a; b & d; e | f $ g ; x ! y @ z');
    expect(result.ok ? [] : result.problems.map(({ at }) => at)).toEqual([1, 5, 12, 16, 24]);
  });

  test('suggestions are what could be written instead', () => {
    const suggested = (formula: string) => {
      const result = parseFormula(formula);
      return result.ok ? [] : result.problems[0]?.suggestions;
    };
    expect(suggested('GpuCost')).toEqual(['gpu_cost']);
    expect(suggested('Electricity')).toEqual(['electricity']);
    expect(suggested('SQR(2)')).toEqual(['SQRT']);
    expect(suggested('A100')).toEqual(['a100_value']);
  });
});

describe('the limits', () => {
  const codes = (formula: string) => {
    const result = parseFormula(formula);
    return result.ok ? [] : result.problems.map(({ code }) => code);
  };

  test('1,000 characters are read, 1,001 are not', () => {
    expect(codes(`a+${' '.repeat(997)}b`)).toEqual([]);
    expect(codes(`a+${' '.repeat(998)}b`)).toEqual(['formula-too-long']);
  });

  test('300 nodes are read, 301 are not', () => {
    const sum = (terms: number) => Array.from({ length: terms }, () => 'a').join('+');
    expect(codes(`-(${sum(150)})`)).toEqual([]);
    expect(codes(sum(151))).toEqual(['formula-too-large']);
    expect(codes(`--(${sum(150)})`)).toEqual(['formula-too-large']);
  });

  test.each([
    ['parentheses', (n: number) => `${'('.repeat(n)}a${')'.repeat(n)}`],
    ['calls', (n: number) => `${'ABS('.repeat(n)}a${')'.repeat(n)}`],
    ['signs', (n: number) => `${'-'.repeat(n)}a`],
    ['operands on the right', (n: number) => `${'a^('.repeat(n)}a${')'.repeat(n)}`],
  ])('32 %s within each other are read, 33 are not', (_, nested) => {
    expect(codes(nested(32))).toEqual([]);
    expect(codes(nested(33))).toEqual(['formula-too-deep']);
  });

  test('limits can be given', () => {
    const result = parseFormula('a+b', { ...formulaLimits, nodes: 2 });
    expect(result.ok ? [] : result.problems.map(({ message }) => message)).toEqual([
      'The formula has more than 2 numbers, names and operations. Split it into several rows.',
    ]);
  });
});

describe('hostile formulas', () => {
  test.each([
    ['10,000 parentheses', '('.repeat(10_000)],
    ['10,000 closed parentheses', `${'('.repeat(10_000)}1${')'.repeat(10_000)}`],
    ['10,000 calls', 'SUM('.repeat(10_000)],
    ['10,000 signs', '-'.repeat(10_000)],
    ['a sum of a million terms', '1+'.repeat(1_000_000)],
    ['ten million digits', '9'.repeat(10_000_000)],
    ['999 parentheses', '('.repeat(999)],
    ['999 signs', '-'.repeat(999)],
    ['999 percent signs', '%'.repeat(999)],
    ['a number and 990 percent signs', `1${'%'.repeat(990)}`],
    ['999 digits', '9'.repeat(999)],
    ['999 dots', '.'.repeat(999)],
    ['999 letters', 'a'.repeat(999)],
    ['999 equal signs', '='.repeat(999)],
    ['999 zero-width spaces', '\u200b'.repeat(999)],
    ['500 commas in a call', `SUM(${','.repeat(500)})`],
    ['code', 'constructor.constructor("return process")()'],
    ['a prototype', '__proto__'],
    ['a call of a prototype', '__proto__(1)'],
    ['a call of a constructor', 'constructor(1)'],
    ['a call of toString', 'toString()'],
    ['a call of hasOwnProperty', 'hasOwnProperty(a)'],
    ['a command', '=cmd|"/c calc"!A1'],
    ['a link', '=HYPERLINK("http://example.com")'],
  ])('%s is a problem, not a crash', (_, formula) => {
    const result = parseFormula(formula);
    expect(result.ok).toBe(false);
    for (const { message, at, suggestions = [] } of result.ok ? [] : result.problems) {
      expect(message.length).toBeLessThan(400);
      expect(suggestions.length).toBeLessThanOrEqual(3);
      expect(at).toBeLessThanOrEqual(formula.length);
    }
  });

  test('a row may be named like something that every object has', () => {
    const scope = { ...nothingGiven, value: (name: string) => new Exact(name === 'constructor' ? 7 : 0) };
    expect(String(evaluateExact(parsed('constructor + valueof'), scope))).toBe('7');
  });

  test('any text is a formula or has problems at places within it', () => {
    const pieces = fc.constantFrom(
      ...formulaFunctions.map(({ name }) => name),
      ...[
        '(',
        ')',
        ',',
        '+',
        '-',
        '*',
        '/',
        '^',
        '%',
        '=',
        '<>',
        '<',
        '>=',
        ' ',
        '1',
        '0.5',
        '1e6',
        'a',
        'kwh',
        'H100',
        ';',
        '"',
        '.',
        'é',
        '\u200b',
      ],
    );
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 60 }).map((list) => list.join('')),
      fc.string({ unit: 'binary' }),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (formula) => {
        const result = parseFormula(formula);
        if (!result.ok) {
          expect(result.problems.length).toBeGreaterThan(0);
          for (const { at } of result.problems) expect(at >= 0 && at <= formula.length).toBe(true);
          return;
        }
        useEverywhere(result.expression);
      }),
      { numRuns: 10_000 },
    );
  });

  test('any sound formula passes the check and has a value or an error in every reading', () => {
    fc.assert(
      fc.property(soundFormula, (expression) => {
        expect(checkFormula(expression)).toEqual([]);
        useEverywhere(expression);
      }),
      { numRuns: 3000 },
    );
  });

  test('canary: these properties fail for a parser that throws', () => {
    expect(() => useEverywhere(binary('+', parsed('a'), { kind: 'number', text: 'NaN?', at: 0 }))).toThrow();
  });
});

/** Reads a formula in every way there is, on rows that are all 3; what is unsound must still not run for ever. */
function useEverywhere(expression: Expression): void {
  const three = new Exact(3);
  const scope = {
    value: () => three,
    previous: () => undefined,
    cumulative: () => three,
    each: () => [three, three],
    months: () => [three, three, three],
  };
  const address = (name: string) => `X_${name}`;
  referencesOf(expression);
  const sound = checkFormula(expression).length === 0;
  toWords(expression, () => undefined);
  toExcel(expression, { cell: address, previous: address, cumulative: address, each: address, months: address });
  if (sound) expect(String(evaluateExact(expression, scope))).not.toMatch(/NaN|Infinity|undefined/);
}

function fullyBracketed(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return expression.text;
    case 'name':
      return expression.name;
    case 'unary': {
      const operand = fullyBracketed(expression.operand);
      return expression.operator === '%' ? `(${operand}%)` : `(${expression.operator}${operand})`;
    }
    case 'binary':
      return `(${fullyBracketed(expression.left)} ${expression.operator} ${fullyBracketed(expression.right)})`;
    case 'call':
      return `${expression.name}(${expression.arguments.map(fullyBracketed).join(', ')})`;
  }
}
