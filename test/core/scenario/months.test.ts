import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDate, monthAfter, monthAt, monthIndex } from '../../../src/core/scenario/months.ts';

describe('months', () => {
  test('the month after a date is the next one, over the turn of the year too', () => {
    expect(monthAfter('2026-11-22')).toBe('2026-12');
    expect(monthAfter('2026-12-31')).toBe('2027-01');
  });

  test('counting months forth and back gives the same month', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9999 * 12 + 11 }), (index) => {
        expect(monthIndex(monthAt(index))).toBe(index);
      }),
    );
  });

  test.each(['2026-02-28', '2028-02-29', '2000-02-29', '2026-12-31'])('%s is a day', (text) => {
    expect(isDate(text)).toBe(true);
  });

  test.each([
    '2026-02-29',
    '2100-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '26-01-01',
    '2026-1-1',
    '',
    ' 2026-01-01',
    '2026-01-01T00:00',
  ])('%p is no day', (text) => {
    expect(isDate(text)).toBe(false);
  });
});
