import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makePage, parseCursor } from '../../src/services/paging.ts';

describe('paging', () => {
  test('gives every row once, in order, whatever the page size', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 20 }), (count, limit) => {
        const rows = Array.from({ length: count }, (_, n) => n);
        const seen: number[] = [];
        let cursor: string | null = null;
        do {
          const from: number = Number(parseCursor(cursor, /^\d+$/) ?? -1) + 1;
          const page = makePage(rows.slice(from, from + limit + 1), limit, String, (row) => row);
          seen.push(...page.data);
          cursor = page.next_cursor;
          expect(page.has_more).toBe(seen.length < count);
        } while (cursor !== null);
        expect(seen).toEqual(rows);
      }),
    );
  });

  test('refuses a cursor that no page gave', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseCursor(`!${text}`, /^\d+$/)).toThrow('not given by this list');
      }),
    );
  });
});
