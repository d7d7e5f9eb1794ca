import type { Page } from '../services/paging.ts';
import type { Answer } from './operation.ts';

/** A page of a list, with the address of the next one in a Link header. */
export function answerPage(path: string, query: object, page: Page<unknown>): Answer {
  if (page.next_cursor === null) return { status: 200, body: page };
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, cursor: page.next_cursor })) {
    if (value !== null) parameters.set(name, String(value));
  }
  return { status: 200, body: page, headers: { Link: `<${path}?${parameters}>; rel="next"` } };
}
