import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Destination, EgressRules } from '../../src/egress/guarded-request.ts';
import { EgressFailed, judgeAddress, sendGuarded } from '../../src/egress/guarded-request.ts';

const open: EgressRules = { offline: false, hosts: [], privateRanges: [], timeoutMs: 2_000 };
const atHome: EgressRules = { ...open, privateRanges: ['127.0.0.1'] };

let server: Server;
let origin: string;
let asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url === '/echo') request.pipe(response);
    else if (request.url === '/packed')
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('a bill of many lines'));
    else if (request.url === '/bomb')
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5_000_000)));
    else if (request.url === '/half') {
      response.writeHead(200, { 'Content-Encoding': 'gzip' });
      response.end(gzipSync('cut in the middle'.repeat(50)).subarray(0, 30));
    } else if (request.url === '/cut') {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('only this', () => response.destroy());
    } else if (request.url === '/silent') return;
    else if (request.url === '/moved') response.writeHead(302, { Location: `${origin}/echo` }).end();
    else response.writeHead(429, { 'Retry-After': '7' }).end('slow down');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const get = (path: string, rules = atHome, destination: Destination = 'free', maxBytes = 1_000) =>
  sendGuarded({ method: 'GET', address: origin + path, headers: {}, body: null, destination, maxBytes }, rules);

async function failureOf(promise: Promise<unknown>): Promise<EgressFailed> {
  const error: unknown = await promise.catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(EgressFailed);
  return error as EgressFailed;
}

describe('an answer', () => {
  test('of any status comes back with its headers', async () => {
    const { status, headers, body } = await get('/else');
    expect([status, headers['retry-after'], Buffer.from(body).toString()]).toEqual([429, '7', 'slow down']);
  });

  test('that moves elsewhere is not followed', async () => {
    expect((await get('/moved')).status).toBe(302);
    expect(asked).toEqual(['GET /moved']);
  });

  test('that is packed is unpacked', async () => {
    expect(Buffer.from((await get('/packed')).body).toString()).toBe('a bill of many lines');
  });

  test('to a POST has had the whole body', async () => {
    const { body } = await sendGuarded(
      { method: 'POST', address: `${origin}/echo`, headers: {}, body: 'é1', destination: 'free', maxBytes: 100 },
      atHome,
    );
    expect(Buffer.from(body).toString()).toBe('é1');
  });
});

describe('no answer', () => {
  test.each([
    ['/bomb', 'too-large'],
    ['/half', 'broken'],
    ['/cut', 'broken'],
  ])('%s is told as %s', async (path, kind) => {
    expect((await failureOf(get(path))).kind).toBe(kind);
  });

  test('within the time is a timeout', async () => {
    expect((await failureOf(get('/silent', { ...atHome, timeoutMs: 50 }))).kind).toBe('timeout');
  });

  test('from a port where nobody listens is unreachable', async () => {
    const address = 'http://127.0.0.1:9/';
    const request = { method: 'GET', address, headers: {}, body: null, destination: 'free', maxBytes: 10 } as const;
    expect((await failureOf(sendGuarded(request, atHome))).kind).toBe('unreachable');
  });
});

describe('a free address', () => {
  test.each([
    'http://127.0.0.1/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://0x7f.0.0.1/',
    'https://0x7f000001/',
    'https://127.1/',
    'https://0/',
    'https://0.0.0.0/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::]/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://localhost/',
    'https://localhost./',
    'https://LOCALHOST/',
    'https://metadata.localhost/',
    'https://１２７.０.０.１/',
    'https://127。0。0。1/',
    'https://example.com:22/',
    'http://example.com/',
    'https://user:word@example.com/',
    'https://example.com@127.0.0.1/',
    'https://example.com\\@127.0.0.1/',
    'https://exa\tmple.com/',
    'https://example.com/\n',
    ' https://example.com/',
    'file:///etc/passwd',
    'gopher://example.com/',
    'ftp://example.com/',
    'data:text/plain,bill',
    'javascript:alert(1)',
    '//example.com/',
    'example.com',
    '',
  ])('%s is refused before anything is asked', async (address) => {
    expect(judgeAddress(address, 'free', open)).not.toBeNull();
    const request = { method: 'GET', address, headers: {}, body: null, destination: 'free', maxBytes: 10 } as const;
    expect((await failureOf(sendGuarded(request, open))).kind).toBe('refused');
  });

  test.each(['https://example.com/hook', 'https://example.com:8443/hook', 'https://8.8.8.8/', 'https://example.com./'])(
    '%s may be asked',
    (address) => {
      expect(judgeAddress(address, 'free', open)).toBeNull();
    },
  );

  test('that is private may be asked where its range is listed, and only then', () => {
    const listed = { ...open, privateRanges: ['10.1.0.0/16', '::1'] };
    expect(judgeAddress('http://10.1.2.3:9000/hook', 'free', listed)).toBeNull();
    expect(judgeAddress('http://[::1]:9000/hook', 'free', listed)).toBeNull();
    expect(judgeAddress('http://10.2.2.3:9000/hook', 'free', listed)).not.toBeNull();
  });

  test('outside EGRESS_ALLOW is refused where hosts are listed', () => {
    const listed = { ...open, hosts: ['hooks.example.com'] };
    expect(judgeAddress('https://hooks.example.com/a', 'free', listed)).toBeNull();
    expect(judgeAddress('https://hooks.example.com.evil.org/a', 'free', listed)).toContain('EGRESS_ALLOW');
  });

  test.each([[['127.0.0.1']], [['93.184.215.14', '10.0.0.1']], [['::ffff:169.254.169.254']]])(
    'whose name leads to %j is refused when it is looked up, before anything is sent',
    async (found) => {
      const lookup: LookupFunction = (_name, _options, answer) =>
        answer(
          null,
          found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
      const failure = await failureOf(
        sendGuarded(
          {
            method: 'GET',
            address: 'https://bills.example/',
            headers: {},
            body: null,
            destination: 'free',
            maxBytes: 10,
          },
          { ...open, lookup },
        ),
      );
      expect([failure.kind, failure.message]).toEqual([
        'refused',
        'The name in https://bills.example leads to an address that is not public; EGRESS_ALLOW_PRIVATE can list it.',
      ]);
    },
  );
});

describe('OFFLINE', () => {
  test('lets nothing out, not even to a provider', async () => {
    const failure = await failureOf(get('/echo', { ...atHome, offline: true }, { origins: [origin] }));
    expect([failure.kind, failure.message]).toEqual([
      'refused',
      `OFFLINE=true: nothing is asked of ${new URL(origin).host}.`,
    ]);
    expect(asked).toEqual([]);
  });
});

describe('a listed origin', () => {
  test('at a private address is refused by the check of where its name leads', async () => {
    const failure = await failureOf(get('/echo', open, { origins: [origin] }));
    expect([failure.kind, asked]).toEqual(['refused', []]);
  });
});
