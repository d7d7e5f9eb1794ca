import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { longestText, safeText } from '../../../src/core/workbook/safe-text.ts';

describe('text of a cell', () => {
  test.each([
    ['=HYPERLINK("https://example.org")', `'=HYPERLINK("https://example.org")`],
    ['+49 30 1234', `'+49 30 1234`],
    ['-1', `'-1`],
    ['@SUM(A1)', `'@SUM(A1)`],
    ['\t=1', `'\t=1`],
    ['a = b', 'a = b'],
    ['bell\u0007', 'bell '],
    ['half \uD83D pair', 'half \uFFFD pair'],
    ['whole 😀', 'whole 😀'],
  ])('%j becomes %j', (text, expected) => {
    expect(safeText(text)).toBe(expected);
  });

  test('no text begins like a formula, is too long, or holds what XML cannot', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const safe = safeText(text);
        expect(safe).not.toMatch(/^[=+\-@\t\r\n]/);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these must be gone
        expect(safe).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/);
        expect(safe.isWellFormed()).toBe(true);
      }),
    );
    expect(safeText('x'.repeat(40_000)).length).toBe(longestText);
  });
});
