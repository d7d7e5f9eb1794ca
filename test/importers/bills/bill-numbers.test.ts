import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BillDecimal } from '../../../src/core/bills/bill-decimal.ts';
import type { BillContext } from '../../../src/importers/bills/bill-format.ts';
import { parseBillDecimal } from '../../../src/importers/bills/bill-numbers.ts';

function read(text: string, mark?: string): string | null {
  const context: BillContext = { answers: mark === undefined ? {} : { 'number-format': mark }, hear: () => {} };
  return parseBillDecimal(text, context, 2, 'Cost')?.toFixed() ?? null;
}

function heard(text: string): readonly (string | null)[] {
  const says: (string | null)[] = [];
  parseBillDecimal(text, { answers: {}, hear: (_question, said) => says.push(said) }, 2, 'Cost');
  return says;
}

describe('numbers of bills', () => {
  test.each([
    ['0.8958740000000000', '0.895874'],
    ['59200.0', '59200'],
    ['-1.50', '-1.5'],
    ['−1.50', '-1.5'],
    ['+5', '5'],
    ['1.25e-07', '0.000000125'],
    ['1E+3', '1000'],
    ['(1.50)', '-1.5'],
    ['($1,234.56)', '-1234.56'],
    ['$ 12.30', '12.3'],
    ['-$12.30', '-12.3'],
    ['$-12.30', '-12.3'],
    ['US$12.30', '12.3'],
    ['12.30 USD', '12.3'],
    ['USD 12.30', '12.3'],
    ['12,30 €', '12.3'],
    ['1.50-', '-1.5'],
    ['1,234,567', '1234567'],
    ['1,234.56', '1234.56'],
    ['1.234,56', '1234.56'],
    ['1.234.567,8', '1234567.8'],
    ['1 234 567,89', '1234567.89'],
    ["1'234.50", '1234.5'],
    ['0,895874', '0.895874'],
    ['9007199254740993.123456789012345678', '9007199254740993.123456789012345678'],
  ])('%s is %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each([
    '',
    'n/a',
    '0x10',
    '1_000',
    'NaN',
    'Infinity',
    '=1+1',
    '٣',
    '1,23,456.7',
    '12,34,567',
    '1.2.3',
    '1 23',
    '--1',
    '(-1.50)',
    '1.5%',
    '1e999',
    '9'.repeat(101),
    '.',
    '1.',
  ])('"%s" is no number', (text) => {
    expect(read(text)).toBeNull();
  });

  test('what could be thousands or thousandths is read by the answer, and by the point until there is one', () => {
    expect([read('1.234'), read('1.234', 'point'), read('1.234', 'comma')]).toEqual(['1.234', '1.234', '1234']);
    expect([read('1,234'), read('1,234', 'point'), read('1,234', 'comma')]).toEqual(['1234', '1234', '1.234']);
  });

  test('an answer does not change what can be read in one way only', () => {
    expect([read('0.5', 'comma'), read('0,5', 'point')]).toEqual(['0.5', '0.5']);
  });

  test('a text tells what it says of the decimal mark, and that it could be either', () => {
    expect([heard('1.234'), heard('1,234'), heard('0.5'), heard('0,5'), heard('12')]).toEqual([
      [null],
      [null],
      ['point'],
      ['comma'],
      [],
    ]);
  });

  test('no digit is lost on the way from any decimal to text and back', () => {
    const decimal = fc
      .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 30 }))
      .map(([digits, scale]) => new BillDecimal(String(digits)).div(new BillDecimal(10).pow(scale)));
    fc.assert(fc.property(decimal, (number) => read(number.toFixed()) === number.toFixed()));
  });
});
