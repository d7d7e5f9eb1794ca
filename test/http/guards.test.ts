import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestService } from '../helpers/app.ts';
import { smallScenario, startTestService } from '../helpers/app.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({
    http: {
      allowedHosts: ['localhost', '127.0.0.1', '::1', 'costs.example.com'],
      publicUrl: 'https://costs.example.com',
    },
  });
});
afterAll(() => service.close());

/** `fetch` would set Host itself. */
function ask(path: string, headers: Record<string, string>, method = 'GET'): Promise<{ status: number; type: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(service.url + path, { method, headers, setHost: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        const body = text.startsWith('{') ? (JSON.parse(text) as { type?: string }) : {};
        resolve({ status: response.statusCode ?? 0, type: body.type ?? '' });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the Host of a request', () => {
  test.each([
    'localhost',
    'LOCALHOST:7800',
    '127.0.0.1',
    '127.0.0.1:1',
    '[::1]:7800',
    'costs.example.com',
    'costs.example.com.',
  ])('%s is ours', async (host) => {
    expect((await ask('/livez', { Host: host })).status).toBe(200);
  });

  test.each([
    'evil.example',
    'localhost.evil.example',
    'evil.example:7800',
    '127.0.0.2',
    '2130706433',
    '0x7f.1',
    '[::ffff:127.0.0.1]',
    '[::]',
    '0.0.0.0',
    'localhost@evil.example',
    'localhost:7800:80',
    'localhost/',
    'x.costs.example.com',
    ' ',
  ])('%s is foreign', async (host) => {
    for (const path of ['/livez', '/v1/scenarios', '/', '/docs']) {
      expect(await ask(path, { Host: host })).toEqual({ status: 421, type: '/v1/problems/misdirected-request' });
    }
  });
});

describe('a request of a web page', () => {
  const own = '127.0.0.1:7800';

  test.each([
    ['its own', { Host: own, Origin: `http://${own}`, 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['its own behind a proxy', { Host: own, Origin: 'https://costs.example.com' }, 200],
    ['another site', { Host: own, Origin: 'https://evil.example' }, 403],
    ['another port of this machine', { Host: own, Origin: 'http://127.0.0.1:3000' }, 403],
    ['no site at all', { Host: own, Origin: 'null' }, 403],
    ['another site, without Origin', { Host: own, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' }, 403],
    ['another port, without Origin', { Host: own, 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'no-cors' }, 403],
    ['a link from another site', { Host: own, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }, 200],
    ['the address bar', { Host: own, 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' }, 200],
  ])('of %s', async (_, headers, status) => {
    const { type, ...answer } = await ask('/v1/scenarios', headers as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(type).toBe(status === 403 ? '/v1/problems/csrf' : '');
  });

  test('of another site may not post, also not as a navigation', async () => {
    const headers = { Host: own, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' };
    expect((await ask('/v1/estimates', headers, 'POST')).status).toBe(403);
  });
});

describe('a form of a page', () => {
  const own = '127.0.0.1:7800';
  const paths = ['/schedules/new', '/schedules/sch_none/pause', '/schedules/sch_none/run', '/runs/run_none/cancel'];

  test.each([
    ['another site', { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }],
    ['another site, in a browser that says no more', { Origin: 'https://evil.example' }],
    ['a frame of no site', { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }],
    ['another port of this machine', { 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'navigate' }],
    ['nobody who says where it is from', {}],
  ])('from %s is refused', async (_what, headers) => {
    for (const path of paths) {
      const sent = { Host: own, 'Content-Type': 'application/x-www-form-urlencoded', ...headers };
      expect(await ask(path, sent, 'POST')).toEqual({ status: 403, type: '/v1/problems/csrf' });
    }
  });

  test('of our own is taken, as a form only', async () => {
    const headers = { Host: own, Origin: `http://${own}`, 'Sec-Fetch-Site': 'same-origin' };
    const form = { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await ask('/runs/run_none/cancel', form, 'POST')).status).toBe(404);
    expect((await ask('/runs/run_none/cancel', { ...headers, 'Content-Type': 'text/plain' }, 'POST')).status).toBe(415);
  });
});

describe('every answer', () => {
  test.each(['/livez', '/v1/scenarios', '/v1/nowhere', '/docs', '/docs/start.js', '/v1/openapi.json'])(
    'of %s carries the security headers and nothing about the server',
    async (path) => {
      const { headers } = await service.fetch(path);
      expect(headers.get('content-security-policy')).toContain("script-src 'self'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  test('allows inline styles on the documentation page only', async () => {
    expect((await service.fetch('/docs')).headers.get('content-security-policy')).toContain("'unsafe-inline'");
    expect((await service.fetch('/v1/scenarios')).headers.get('content-security-policy')).not.toContain('unsafe');
  });

  test('names its request, by the client’s own id where that is a plain one', async () => {
    const named = await service.fetch('/v1/nowhere', { headers: { 'X-Request-Id': 'my-request-1' } });
    expect(named.headers.get('x-request-id')).toBe('my-request-1');
    expect(await named.json()).toMatchObject({ request_id: 'my-request-1', instance: '/v1/nowhere' });
    for (const odd of ['short', 'with space', 'x'.repeat(65), '<script>alert']) {
      const answer = await service.fetch('/livez', { headers: { 'X-Request-Id': odd } });
      expect(answer.headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{26}$/);
    }
  });
});

describe('the log', () => {
  test('has one line a request with its id, route, status and time, and nothing that was sent', async () => {
    const before = service.log.length;
    const json = smallScenario({ name: 'planted-body-canary' });
    const headers = { 'X-Request-Id': 'log-test-1' };
    const made = await service.fetch('/v1/scenarios', { json, headers });
    await service.fetch('/v1/scenarios?q=planted-query-canary', { headers });
    await service.fetch('/planted-path-canary', { headers });
    await service.fetch(`/v1/scenarios/${((await made.json()) as { id: string }).id}`, {
      key: 'ifc_live_planted-key-canary',
    });
    const lines = service.log.slice(before);
    expect(lines.map(({ fields }) => fields)).toEqual([
      { request_id: 'log-test-1', method: 'POST', route: '/v1/scenarios', status: 201, ms: expect.any(Number) },
      { request_id: 'log-test-1', method: 'GET', route: '/v1/scenarios', status: 200, ms: expect.any(Number) },
      { request_id: 'log-test-1', method: 'GET', route: 'page', status: 404, ms: expect.any(Number) },
      {
        request_id: expect.any(String),
        method: 'GET',
        route: '/v1/scenarios/{id}',
        status: 401,
        ms: expect.any(Number),
      },
    ]);
    expect(JSON.stringify(service.log)).not.toContain('canary');
  });

  test('tells what broke under the request’s id, and the answer does not', async () => {
    const broken = await startTestService({
      compute: { ...service.app.compute, forecast: () => Promise.reject(new Error('planted inside')) },
    });
    const answer = await broken.fetch('/v1/estimates', {
      json: smallScenario(),
      headers: { 'X-Request-Id': 'broken-1' },
    });
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ type: '/v1/problems/internal', request_id: 'broken-1' });
    expect(text).not.toContain('planted');
    expect(broken.log).toContainEqual(
      expect.objectContaining({
        level: 'error',
        fields: expect.objectContaining({ request_id: 'broken-1', reason: 'planted inside' }),
      }),
    );
    await broken.close();
  });
});
