import { Refusal } from './refusal.ts';

export type Page<Item> = {
  readonly data: readonly Item[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
};

/** What a list takes: a cursor of an earlier page, and how many. */
export type PageRequest = { readonly cursor: string | null; readonly limit: number };

/** One page out of rows read with one more than `limit`; the cursor names the row the next page begins after. */
export function makePage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => string,
  show: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const has_more = rows.length > limit;
  return {
    data: shown.map(show),
    has_more,
    next_cursor: has_more && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
}

/** The key a cursor stands for, null for the first page. Refuses what no page ever gave. */
export function parseCursor(cursor: string | null, form: RegExp): string | null {
  if (cursor === null) return null;
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (form.test(key) && encodeCursor(key) === cursor) return key;
  throw new Refusal('bad-cursor', 'This cursor was not given by this list; start again without one.');
}

function encodeCursor(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}
