import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parsePriceList } from '../../src/importers/price-list.ts';
import { DownloadFailed, downloadText } from '../../src/sources/download.ts';
import { downloadPriceList, priceLists } from '../../src/sources/price-lists.ts';

let server: Server;
let origin: string;
const asked: string[] = [];

beforeAll(async () => {
  const list = readFileSync('test/fixtures/prices/openrouter-models.json');
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/api/v1/models') response.end(list);
    else if (request.url === '/moved') response.writeHead(302, { Location: '/api/v1/models' }).end();
    else if (request.url === '/long') response.end('x'.repeat(2_000));
    else if (request.url === '/late') setTimeout(() => response.end('late'), 60_000).unref();
    else response.writeHead(500).end('<b>secrets of the far side</b>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const rules = { offline: false, hosts: [], privateRanges: ['127.0.0.1'], timeoutMs: 300 };
const limits = () => ({ origins: [origin], maxBytes: 1_000, rules });

async function failureOf(address: string): Promise<string> {
  const error: unknown = await downloadText(address, limits()).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(DownloadFailed);
  return (error as DownloadFailed).message;
}

describe('a price list', () => {
  test('is fetched from its one address and read', async () => {
    const lists = { ...priceLists, openrouter: `${origin}/api/v1/models` };
    const { format, prices } = parsePriceList(await downloadPriceList('openrouter', rules, lists));
    expect(format).toBe('openrouter');
    expect(prices.length).toBeGreaterThan(0);
  });

  test('is published at HTTPS addresses only', () => {
    for (const address of Object.values(priceLists)) expect(address).toMatch(/^https:\/\/[a-z.]+\//);
  });
});

describe('what may be asked', () => {
  test.each([
    'https://example.com/api',
    'http://169.254.169.254/latest/meta-data',
    'http://localhost:1/api',
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'not an address',
    '//127.0.0.1/',
  ])('%s is refused without being asked', async (address) => {
    const before = asked.length;
    expect(await failureOf(address)).toMatch(/is not among the addresses that may be asked|is not an address/);
    expect(asked.length).toBe(before);
  });

  test('an allowed host with a user, another port or a look-alike name is another address', async () => {
    const { port } = new URL(origin);
    for (const address of [
      `http://user@127.0.0.1:${port}/`,
      'http://127.0.0.1:1/',
      `http://127.0.0.1.example.com:${port}/`,
    ]) {
      expect(await failureOf(address)).toMatch(/is not among|with a user/);
    }
  });

  test('redirects, long answers, silence and failures end in one sentence that holds nothing of the far side', async () => {
    const messages = await Promise.all(['/moved', '/long', '/late', '/broken'].map((path) => failureOf(origin + path)));
    expect(messages[1]).toContain('sent more than 1000 bytes');
    expect(messages[2]).toContain('took longer than 0.3 s');
    expect(messages[3]).toContain('answered with status 500');
    expect(messages.join(' ')).not.toContain('secrets');
  });
});
