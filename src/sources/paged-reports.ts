import type { PullContext, PulledFile } from './bill-source.ts';
import { askForJson, SourceFailed } from './bill-source.ts';

/** A report that comes page by page: `has_more` and `next_page` say whether there is another. */
export type PagedReport = {
  readonly name: string;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
};

const mostPages = 400;
const maxBytes = 25_000_000;

/** All pages of a report as JSON Lines, each page as it came. Throws SourceFailed, also where pages lead in a circle. */
export async function pullPages({ name, address, headers }: PagedReport, context: PullContext): Promise<PulledFile> {
  const { origin } = new URL(address);
  const pages: string[] = [];
  const seen = new Set<string>();
  for (let next: string | null = null; ; ) {
    const url = new URL(address);
    if (next !== null) url.searchParams.set('page', next);
    const { text, json } = await askForJson(
      { address: url.href, headers, destination: { origins: [origin] }, maxBytes },
      context,
    );
    pages.push(text.replaceAll(/\r?\n/g, ' '));
    next = nextPage(json, origin);
    if (next === null) return { name, bytes: new TextEncoder().encode(`${pages.join('\n')}\n`) };
    if (seen.has(next) || pages.length === mostPages) {
      throw new SourceFailed(
        'shape',
        `The pages of ${origin} do not end: page ${pages.length} leads back, or there are more than ${mostPages}.`,
      );
    }
    seen.add(next);
  }
}

function nextPage(json: unknown, origin: string): string | null {
  const { data, has_more, next_page } = (json ?? {}) as { data?: unknown; has_more?: unknown; next_page?: unknown };
  if (!Array.isArray(data)) throw new SourceFailed('shape', `${origin} sent a report without "data".`);
  if (has_more !== true) return null;
  if (typeof next_page === 'string' && next_page !== '') return next_page;
  throw new SourceFailed('shape', `${origin} says that there is more and does not say where.`);
}
