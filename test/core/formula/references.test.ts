import { describe, expect, test } from '@jest/globals';
import { toWords } from '../../../src/core/formula/excel.ts';
import { referencesOf } from '../../../src/core/formula/references.ts';
import { parsed } from './scope.ts';

describe('the rows that a formula reads', () => {
  test('are listed in the order of the text, with how and where each is read', () => {
    const text = 'a + PREV(b, d * 2) - CUM(e) * TOTAL(f) + SUM(EACH(g), MONTHS(h), a)';
    expect(referencesOf(parsed(text)).map(({ name, how, at }) => [name, how, text[at]])).toEqual([
      ['a', 'same', 'a'],
      ['b', 'previous', 'b'],
      ['d', 'same', 'd'],
      ['e', 'cumulative', 'e'],
      ['f', 'each', 'f'],
      ['g', 'each', 'g'],
      ['h', 'months', 'h'],
      ['a', 'same', 'a'],
    ]);
  });

  test('a PREV carries what stands for it in month 1', () => {
    const [withFirst] = referencesOf(parsed('PREV(b, d * 2)'));
    expect(withFirst?.first && toWords(withFirst.first, () => undefined)).toBe('d * 2');
    expect(referencesOf(parsed('PREV(b)'))).toEqual([{ name: 'b', how: 'previous', at: 5 }]);
  });

  test('a formula of numbers reads none', () => {
    expect(referencesOf(parsed('ROUND(1 + 2 * -3%, 2)'))).toEqual([]);
  });
});
