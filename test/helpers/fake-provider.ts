import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** What the server does wrong, once, instead of answering. */
export type Mishap =
  | { readonly status: number; readonly retryAfter?: string }
  | 'cut-in-the-middle'
  | 'half-of-a-packed-body'
  | 'html'
  | 'hang-up'
  /** Never answers, and does this instead. */
  | (() => void);

export type FakeProvider = {
  readonly origin: string;
  /** `METHOD path?query` of everything asked, in order. */
  readonly asked: string[];
  /** What goes wrong next, one for each request. */
  readonly mishaps: Mishap[];
  /** What a path answers: a JSON text for each page, found by its `page` parameter from the second on. */
  readonly pages: Map<string, readonly string[]>;
  /** The header that must carry the key, and the key; requests without it are answered 401. */
  readonly key: { header: string; value: string };
  readonly close: () => Promise<void>;
};

/** A provider's API as a real HTTP server that can misbehave in the ways that real ones do. */
export async function startFakeProvider(key: FakeProvider['key']): Promise<FakeProvider> {
  const asked: string[] = [];
  const mishaps: Mishap[] = [];
  const pages: FakeProvider['pages'] = new Map();
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const mishap = mishaps.shift();
    if (mishap !== undefined) return misbehave(mishap, response);
    if (request.headers[key.header] !== key.value) return void response.writeHead(401).end('{"error":"who are you"}');
    return answer(request, response, pages);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    mishaps,
    pages,
    key,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Page n of a path as its API links them: `has_more` and `next_page`. */
export function linkPages(data: readonly (readonly unknown[])[]): readonly string[] {
  return data.map((rows, index) => {
    const isLast = index === data.length - 1;
    return JSON.stringify({
      object: 'page',
      data: rows,
      has_more: !isLast,
      next_page: isLast ? null : `page_${index + 1}`,
    });
  });
}

function answer(request: IncomingMessage, response: ServerResponse, pages: FakeProvider['pages']): void {
  const url = new URL(request.url ?? '/', 'http://provider');
  const found = pages.get(`${url.pathname}?date=${url.searchParams.get('date')}`) ?? pages.get(url.pathname);
  const wanted = url.searchParams.get('page');
  const page = found?.[wanted === null ? 0 : Number(wanted.replace('page_', ''))];
  if (page === undefined) response.writeHead(404).end('{}');
  else response.writeHead(200, { 'Content-Type': 'application/json' }).end(page);
}

function misbehave(mishap: Mishap, response: ServerResponse): void {
  if (typeof mishap === 'function') {
    mishap();
  } else if (mishap === 'cut-in-the-middle') {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' });
    response.write('{"data":[{"amou', () => response.destroy());
  } else if (mishap === 'half-of-a-packed-body') {
    const packed = gzipSync(JSON.stringify({ data: Array.from({ length: 200 }, (_, index) => ({ index })) }));
    response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(packed.subarray(0, packed.length / 2));
  } else if (mishap === 'html') {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Please sign in</html>');
  } else if (mishap === 'hang-up') {
    response.destroy();
  } else {
    const { status, retryAfter } = mishap;
    response.writeHead(status, retryAfter === undefined ? {} : { 'Retry-After': retryAfter }).end('<b>far side</b>');
  }
}
