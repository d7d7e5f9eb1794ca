import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTaskPool } from '../../src/compute/task-pool.ts';
import type { TestService } from '../helpers/app.ts';
import { smallScenario, startTestService } from '../helpers/app.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ settings: { maxMonths: 24, maxSamples: 5000 } });
});
afterAll(() => service.close());

const hostileTasks = join(import.meta.dirname, '../helpers/hostile-tasks.ts');

async function answerTo(path: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const response = await service.fetch(path, {
    method: 'POST',
    body: body as string,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, slug: String(answer.type ?? '').replace('/v1/problems/', ''), answer };
}

const validate = '/v1/scenarios/validate';

test('an idle connection is kept for longer than a proxy in front keeps it, so that none is reset in the middle of a request', async () => {
  const response = await service.fetch('/livez');
  expect(response.headers.get('keep-alive')).toBe('timeout=65');
});

describe('the limits, each at the most that is taken and one beyond', () => {
  test('body: 1 MB', async () => {
    const padded = (bytes: number): string => {
      const bare = JSON.stringify({ name: '' });
      return JSON.stringify({ name: 'x'.repeat(bytes - bare.length) });
    };
    expect((await answerTo(validate, padded(1_048_576))).status).toBe(422);
    expect(await answerTo(validate, padded(1_048_577))).toMatchObject({
      status: 413,
      slug: 'body-too-large',
      answer: { limit_bytes: 1_048_576 },
    });
  });

  test('cells: rows times months, as far as this service is set to', async () => {
    const cells = async (maxCells: number): Promise<Record<string, unknown>> => {
      const small = await startTestService({ settings: { maxCells } });
      const response = await small.fetch('/v1/estimates', { json: smallScenario() });
      const answer = (await response.json()) as Record<string, unknown>;
      await small.close();
      return { status: response.status, errors: answer.errors };
    };
    const refused = await cells(1);
    const rows = Number(/has (\d+) rows/.exec(JSON.stringify(refused.errors))?.[1]);
    expect(refused).toMatchObject({ status: 422, errors: [{ code: 'limit-exceeded', limit: '1' }] });
    expect(await cells(rows * 3 - 1)).toMatchObject({ status: 422 });
    expect(await cells(rows * 3)).toMatchObject({ status: 200 });
  });

  test('YAML body: 256 kB', async () => {
    const yaml = { 'Content-Type': 'application/yaml' };
    expect((await answerTo(validate, `name: x\n${'#'.repeat(262_144 - 8)}`, yaml)).status).toBe(200);
    expect((await answerTo(validate, `name: x\n${'#'.repeat(262_144 - 7)}`, yaml)).status).toBe(413);
  });

  test('address: 4,096 characters', async () => {
    const path = '/v1/scenarios?q=';
    expect((await service.fetch(path + 'x'.repeat(4_096 - path.length))).status).toBe(400);
    const long = await service.fetch(path + 'x'.repeat(4_097 - path.length));
    expect(long.status).toBe(414);
    expect(await long.json()).toMatchObject({ type: '/v1/problems/url-too-long', limit: 4_096 });
  });

  test('headers: 16 kB', async () => {
    expect((await service.fetch('/livez', { headers: { 'X-Padding': 'x'.repeat(15_000) } })).status).toBe(200);
    const refused = await service.fetch('/livez', { headers: { 'X-Padding': 'x'.repeat(16_400) } });
    expect(refused.status).toBe(431);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
  });

  test('JSON depth: 32', async () => {
    const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect((await answerTo(validate, nested(32))).status).toBe(200);
    expect(await answerTo(validate, nested(33))).toMatchObject({ status: 422, slug: 'limit-exceeded' });
    expect(await answerTo(validate, nested(400_000))).toMatchObject({ status: 422, slug: 'limit-exceeded' });
  });

  test('keys of an object: 500', async () => {
    const keyed = (count: number): string =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 1])));
    expect((await answerTo(validate, keyed(500))).status).toBe(200);
    expect(await answerTo(validate, keyed(501))).toMatchObject({ status: 422, slug: 'limit-exceeded' });
  });

  test('elements of a list: 10,000', async () => {
    const listed = (count: number): string => JSON.stringify({ rows: new Array(count).fill(1) });
    expect((await answerTo(validate, listed(10_000))).status).toBe(200);
    expect(await answerTo(validate, listed(10_001))).toMatchObject({ status: 422, slug: 'limit-exceeded' });
  });

  test.each([
    ['months', 24, (months: number) => smallScenario({ months }), '/months'],
    ['draws', 5000, (draws: number) => smallScenario({ sampling: { draws } }), '/sampling/draws'],
  ])('%s as this service is set: %d', async (_, most, scenario, pointer) => {
    expect((await service.fetch('/v1/estimates', { json: scenario(most) })).status).toBe(200);
    const beyond = await service.fetch('/v1/estimates', { json: scenario(most + 1) });
    expect(beyond.status).toBe(422);
    expect(await beyond.json()).toMatchObject({
      type: '/v1/problems/limit-exceeded',
      errors: [{ pointer, limit: String(most) }],
    });
  });

  test('a limit passed among other problems is one of them', async () => {
    const response = await service.fetch('/v1/estimates', { json: smallScenario({ months: 25, nme: 'x' }) });
    expect(await response.json()).toMatchObject({
      type: '/v1/problems/validation-failed',
      errors: expect.arrayContaining([
        expect.objectContaining({ pointer: '/months' }),
        expect.objectContaining({ pointer: '/nme' }),
      ]),
    });
  });
});

describe('a body that is not what it should be', () => {
  test.each([
    ['text', 'nonsense', {}, 400, 'malformed-json'],
    ['cut short', '{"name": ', {}, 400, 'malformed-json'],
    ['empty', '', {}, 400, 'malformed-json'],
    ['broken YAML', 'a: [1', { 'Content-Type': 'application/yaml' }, 400, 'malformed-yaml'],
    ['YAML with a key twice', 'a: 1\na: 2', { 'Content-Type': 'application/yaml' }, 400, 'malformed-yaml'],
    ['a form', 'a=1', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type'],
    ['another charset', '{}', { 'Content-Type': 'application/json; charset=latin1' }, 415, 'unsupported-media-type'],
    ['compressed', '{}', { 'Content-Encoding': 'gzip' }, 415, 'unsupported-media-type'],
  ] as const)('(%s) is refused', async (_, body, headers, status, slug) => {
    expect(await answerTo(validate, body, headers)).toMatchObject({ status, slug });
  });

  test('says where JSON stops being JSON', async () => {
    const { answer } = await answerTo(validate, '{\n  "name": "x",\n  months: 3\n}');
    expect(answer).toMatchObject({ detail: 'The body is not JSON at line 3, column 3.', position: 19 });
  });

  test('may not be other than UTF-8', async () => {
    expect(await answerTo(validate, new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({ status: 400 });
  });

  test('in YAML with a billion laughs is refused at once', async () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let n = 1; n < 12; n++)
      lines.push(`${'abcdefghijkl'[n]}: &${'abcdefghijkl'[n]} [${new Array(9).fill(`*${'abcdefghijkl'[n - 1]}`)}]`);
    expect(await answerTo(validate, lines.join('\n'), { 'Content-Type': 'application/yaml' })).toMatchObject({
      status: 400,
      slug: 'malformed-yaml',
    });
  });

  test('with __proto__ changes nothing but its own answer', async () => {
    const { answer } = await answerTo(validate, '{"__proto__": {"valid": true}, "constructor": 1}');
    expect(answer.type).toBe('/v1/problems/validation-failed');
    expect(({} as Record<string, unknown>).valid).toBeUndefined();
  });
});

test('bytes that are no HTTP are answered with a problem', async () => {
  const port = Number(new URL(service.url).port);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json/);
});

test('a wrong method is answered with those that work', async () => {
  const response = await service.fetch('/v1/scenarios', { method: 'DELETE' });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, GET, HEAD']);
  expect((await service.fetch('/v1/scenarios', { method: 'HEAD' })).status).toBe(200);
  const options = await service.fetch('/v1/estimates', { method: 'OPTIONS' });
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST']);
});

test('an answer in another form than asked for is refused', async () => {
  const response = await service.fetch('/v1/scenarios', { headers: { Accept: 'text/html' } });
  expect(response.status).toBe(406);
  expect(await response.json()).toMatchObject({ supported: ['application/json'] });
});

describe('calculations', () => {
  test('beyond the queue are refused with a time to come back, and one beyond its time says so', async () => {
    const pool = openTaskPool(hostileTasks, { workers: 1, timeoutMs: 1_000, heapMb: 512, maxQueue: 1 });
    const compute = { ...service.app.compute, ...pool, forecast: () => pool.run<never>('hang', null) };
    const busy = await startTestService({ compute });
    const estimates = [1, 2, 3].map(() => busy.fetch('/v1/estimates', { json: smallScenario() }));
    const answers = await Promise.all(estimates);
    const slugs = await Promise.all(answers.map(async (answer) => ((await answer.json()) as { type: string }).type));
    expect(slugs.sort()).toEqual([
      '/v1/problems/too-expensive',
      '/v1/problems/too-expensive',
      '/v1/problems/too-many-jobs',
    ]);
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    await busy.close();
  });

  test('leave the event loop alone: /livez and reads answer while they run', async () => {
    const pool = openTaskPool(hostileTasks, { workers: 1, timeoutMs: 60_000, heapMb: 512, maxQueue: 10 });
    const gate = new SharedArrayBuffer(4);
    const compute = { ...service.app.compute, ...pool, forecast: () => pool.run<never>('hold', gate) };
    const busy = await startTestService({ compute });
    let answered = 0;
    const estimates = [1, 2, 3].map(async () => {
      await busy.fetch('/v1/estimates', { json: smallScenario() });
      answered++;
    });
    while (pool.queued() < 2) expect((await busy.fetch('/livez')).status).toBe(200);
    for (const path of ['/livez', '/readyz', '/v1/scenarios', '/v1/prices'])
      expect((await busy.fetch(path)).status).toBe(200);
    expect(answered).toBe(0);
    Atomics.store(new Int32Array(gate), 0, 1);
    Atomics.notify(new Int32Array(gate), 0);
    await Promise.all(estimates);
    await busy.close();
  });

  test('are not waited for by a client that went away', async () => {
    const body = JSON.stringify(smallScenario());
    const leaving = request(`${service.url}/v1/estimates`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Length': body.length },
    });
    leaving.on('error', () => {});
    leaving.end(body, () => leaving.destroy());
    expect((await service.fetch('/v1/estimates', { json: smallScenario() })).status).toBe(200);
    expect(service.app.compute.queued()).toBe(0);
  });
});

describe('a disk that is nearly full', () => {
  test('takes no more writes, and reads go on', async () => {
    const full = await startTestService({ settings: { guardedFolder: '/', minFreeMb: 1_000_000_000 } });
    const write = await full.fetch('/v1/scenarios', { json: smallScenario() });
    expect(write.status).toBe(507);
    expect(await write.json()).toMatchObject({ type: '/v1/problems/out-of-space' });
    expect((await full.fetch('/v1/forecasts', { json: { scenario: smallScenario() } })).status).toBe(507);
    expect((await full.fetch('/v1/scenarios')).status).toBe(200);
    expect((await full.fetch('/readyz')).status).toBe(503);
    await full.close();
  });
});
