import { describe, expect, test } from '@jest/globals';
import { columnName, monthColumn, onSheet, rangesOf, relative } from '../../../src/core/workbook/addresses.ts';

describe('addresses', () => {
  test('month 1 is column J and month 120 column DY', () => {
    expect([1, 2, 36, 120].map((month) => columnName(monthColumn(month)))).toEqual(['J', 'K', 'AS', 'DY']);
    expect([1, 26, 27, 702, 703].map(columnName)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA']);
  });

  test('another sheet is named, with quotes where its name needs them', () => {
    expect(onSheet('Local', 'J7', 'Local')).toBe('J7');
    expect(onSheet('Local', 'J7', 'Hybrid')).toBe('Local!J7');
    expect(onSheet("GPU's box", 'J7', null)).toBe("'GPU''s box'!J7");
    expect(onSheet('H100', 'J7', null)).toBe("'H100'!J7");
  });

  test('rows of one column are as few ranges as can be', () => {
    const column = (row: number): string => relative(10, row);
    expect(rangesOf([11, 5, 9, 10], column, null)).toBe('J5,J9:J11');
    expect(rangesOf([5, 6, 8], column, 'Volume')).toBe('Volume!J5:J6,Volume!J8');
  });
});
