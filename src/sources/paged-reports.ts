import type { PullContext, PulledFile } from './bill-source.ts';
import { askForJson, megabytes, SourceFailed } from './bill-source.ts';
import { openReportDays } from './report-days.ts';

/** A report that comes page by page: `has_more` and `next_page` say whether there is another. */
export type PagedReport = {
  readonly name: string;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Which key may read it. */
  readonly needs: string;
};

const mostPages = 400;
const maxPageBytes = 25_000_000;
const maxReportBytes = 100_000_000;

/**
 * All pages of a report as JSON Lines, each page as it came but for days that were there already. Throws SourceFailed, also
 * where pages lead in a circle.
 */
export async function pullPages(
  { name, address, headers, needs }: PagedReport,
  context: PullContext,
): Promise<PulledFile> {
  const { origin } = new URL(address);
  const days = openReportDays(origin);
  const pages: Uint8Array[] = [];
  let bytes = 0;
  const seen = new Set<string>();
  for (let next: string | null = null; ; ) {
    const url = new URL(address);
    if (next !== null) url.searchParams.set('page', next);
    const { text, json } = await askForJson(
      { address: url.href, headers, destination: { origins: [origin] }, maxBytes: maxPageBytes, needs },
      context,
    );
    next = nextPage(json, origin);
    const page = Buffer.from(`${days.once(text, json as { data: unknown }).replaceAll(/\r?\n/g, ' ')}\n`);
    pages.push(page);
    bytes += page.byteLength;
    if (bytes > maxReportBytes) {
      const most = megabytes(maxReportBytes);
      throw new SourceFailed(
        'too-large',
        `${name} of ${origin} has more than ${most}, which is the most that is read.`,
      );
    }
    if (next === null) return { name, bytes: Buffer.concat(pages) };
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
