import { describe, expect, test } from '@jest/globals';
import { writesUtf8 } from '../../src/cli/environment.ts';
import {
  countText,
  listPriceText,
  moneyText,
  percentText,
  shortMoneyText,
  unitCostText,
} from '../../src/cli/figures.ts';
import { toCsv, toMarkdown } from '../../src/cli/table.ts';
import { wrap } from '../../src/cli/wrap.ts';

describe('figures to read', () => {
  test.each([
    ['0.99995', '>99.9 %'],
    ['0.9877', '99 %'],
    ['0.996', '99.6 %'],
    ['1', '100 %'],
    ['0.0004', '<0.1 %'],
    ['0', '0 %'],
  ])('a share of %s reads %s: only all and nothing are 100 and 0', (share, text) => {
    expect(percentText(share)).toBe(text);
  });

  test('money keeps every cent, whatever its size', () => {
    expect(moneyText('90071992547409.93', 'USD')).toBe('$90,071,992,547,409.93');
    expect(moneyText('1234', 'JPY')).toBe('¥1,234');
    expect(shortMoneyText('31446.70', 'USD')).toBe('$31,447');
    expect(shortMoneyText('849.45', 'EUR')).toBe('€849.45');
  });

  test.each([
    ['1.16887', '$1.17'],
    ['0.2', '$0.20'],
    ['0.023211', '$0.0232'],
    ['0', '$0.00'],
  ])('a unit cost of %s reads %s', (cost, text) => {
    expect(unitCostText(cost, 'USD')).toBe(text);
  });

  test('prices keep all their digits, counts keep three', () => {
    expect([listPriceText('0.5'), listPriceText('12'), listPriceText('0.0875')]).toEqual(['0.50', '12.00', '0.0875']);
    expect([countText('651426000'), countText('4998660000'), countText('12')]).toEqual(['651M', '5B', '12']);
  });

  test('text breaks before the width', () => {
    expect(wrap('one two three four', { width: 9, indent: '  ' })).toBe('one two\n  three\n  four\n');
  });
});

describe('tables', () => {
  test('in CSV quote what needs it and never start a formula', () => {
    expect(toCsv([['a,b', 'say "x"', '=1+1', '-5', '-cmd', '@x']])).toBe(`"a,b","say ""x""",'=1+1,-5,'-cmd,'@x\n`);
  });

  test('in markdown keep their columns', () => {
    expect(toMarkdown({ columns: [{ title: 'A|B' }, { title: 'C', align: 'right' }], rows: [['x\ny', '1']] })).toBe(
      '| A\\|B | C |\n| --- | ---: |\n| x y | 1 |\n',
    );
  });
});

describe('the locale', () => {
  test.each([
    [{ LANG: 'en_US.UTF-8' }, true],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
    [{ LC_CTYPE: 'C.utf8' }, true],
    [{ LC_ALL: '', LANG: 'de_DE@euro' }, false],
    [{}, false],
  ])('%j: UTF-8 is %p', (variables, expected) => {
    expect(writesUtf8(variables)).toBe(expected);
  });
});
