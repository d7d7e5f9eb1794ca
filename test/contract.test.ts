import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestService } from './helpers/app.ts';
import { smallScenario, startTestService } from './helpers/app.ts';

// What is relied upon from outside: every route and every command that the service promises, with what it answers.
// What bills, schedules and webhooks bring is not promised yet.

let service: TestService;
let scenarioId: string;
let forecastId: string;
let keyId: string;
let entityTag: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'infercast-contract-'));
  writeFileSync(join(folder, 'small.json'), JSON.stringify(smallScenario()));
  service = await startTestService();
  const stored = await service.fetch('/v1/scenarios', { json: smallScenario() });
  scenarioId = ((await stored.json()) as { id: string }).id;
  entityTag = stored.headers.get('etag') ?? '';
  const forecast = await service.fetch('/v1/forecasts', { json: { scenario_id: scenarioId } });
  forecastId = ((await forecast.json()) as { id: string }).id;
  const key = await service.fetch('/v1/api-keys', { json: { name: 'contract', scopes: ['read'] } });
  keyId = ((await key.json()) as { id: string }).id;
});

afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true });
});

type Route = {
  readonly method: string;
  readonly path: string;
  readonly json?: unknown;
  readonly headers?: () => Record<string, string>;
  readonly status: number;
  readonly type?: RegExp;
};

const json = /application\/json/;
const routes: readonly Route[] = [
  { method: 'POST', path: '/v1/scenarios', json: smallScenario({ name: 'Another' }), status: 201, type: json },
  { method: 'GET', path: '/v1/scenarios', status: 200, type: json },
  { method: 'GET', path: '/v1/scenarios/{scenario}', status: 200, type: json },
  { method: 'GET', path: '/v1/scenarios/{scenario}/versions', status: 200, type: json },
  { method: 'POST', path: '/v1/scenarios/validate', json: smallScenario(), status: 200, type: json },
  {
    method: 'PUT',
    path: '/v1/scenarios/{scenario}',
    json: smallScenario({ name: 'Changed' }),
    headers: () => ({ 'If-Match': entityTag }),
    status: 200,
    type: json,
  },
  { method: 'POST', path: '/v1/forecasts', json: { scenario: smallScenario() }, status: 201, type: json },
  { method: 'GET', path: '/v1/forecasts', status: 200, type: json },
  { method: 'GET', path: '/v1/forecasts/{forecast}', status: 200, type: json },
  { method: 'GET', path: '/v1/forecasts/{forecast}.xlsx', status: 200, type: /spreadsheetml/ },
  { method: 'GET', path: '/v1/forecasts/{forecast}.csv', status: 200, type: /text\/csv/ },
  { method: 'GET', path: '/v1/forecasts/{forecast}/explain?path=openai.output.chat', status: 200, type: json },
  { method: 'POST', path: '/v1/forecasts/{forecast}/rerun', status: 200, type: json },
  { method: 'POST', path: '/v1/estimates', json: smallScenario(), status: 200, type: json },
  { method: 'GET', path: '/v1/prices', status: 200, type: json },
  { method: 'GET', path: '/v1/prices/history?provider=openai&model=gpt-5.4-mini', status: 200, type: json },
  {
    method: 'POST',
    path: '/v1/prices/import?dry_run=true',
    json: { data: [{ id: 'a/b', pricing: { prompt: '0.000001', completion: '0.000002' } }] },
    status: 200,
    type: json,
  },
  { method: 'GET', path: '/v1/hardware', status: 200, type: json },
  { method: 'GET', path: '/v1/models', status: 200, type: json },
  { method: 'POST', path: '/v1/api-keys', json: { name: 'one more', scopes: ['read'] }, status: 201, type: json },
  { method: 'GET', path: '/v1/api-keys', status: 200, type: json },
  { method: 'DELETE', path: '/v1/api-keys/{key}', status: 204 },
  { method: 'GET', path: '/v1/openapi.json', status: 200, type: json },
  { method: 'GET', path: '/docs', status: 200, type: /text\/html/ },
  { method: 'GET', path: '/', status: 200, type: /text\/html/ },
  { method: 'GET', path: '/livez', status: 200, type: json },
  { method: 'GET', path: '/readyz', status: 200, type: json },
  { method: 'GET', path: '/metrics', status: 200, type: /text\/plain/ },
];

describe('every route of the contract answers as it says', () => {
  for (const route of routes) {
    test(`${route.method} ${route.path} answers ${route.status}`, async () => {
      const path = route.path
        .replace('{scenario}', scenarioId)
        .replace('{forecast}', forecastId)
        .replace('{key}', keyId);
      const sent = route.json === undefined ? {} : { json: route.json };
      const answer = await service.fetch(path, { ...sent, method: route.method, headers: route.headers?.() ?? {} });
      expect([answer.status, answer.headers.get('content-type') ?? '']).toEqual([
        route.status,
        route.type === undefined ? '' : expect.stringMatching(route.type),
      ]);
      await answer.arrayBuffer();
    });
  }

  test('DELETE /v1/scenarios/{id} answers 204 with the tag of what is deleted', async () => {
    const stored = await service.fetch('/v1/scenarios', { json: smallScenario({ name: 'Short-lived' }) });
    const { id } = (await stored.json()) as { id: string };
    const headers = { 'If-Match': stored.headers.get('etag') ?? '' };
    expect((await service.fetch(`/v1/scenarios/${id}`, { method: 'DELETE', headers })).status).toBe(204);
  });
});

/** Commands that need no service, and what they end with. The others show their help. */
const commands: readonly { readonly words: readonly string[]; readonly status: number }[] = [
  { words: ['forecast', 'small.json'], status: 0 },
  {
    words: ['forecast', 'small.json', '--xlsx', 'out.xlsx', '--draws', '100', '--seed', '7', '--as-of', '2026-11-01'],
    status: 0,
  },
  { words: ['forecast', 'small.json', '--format', 'csv', '--set', 'months=2'], status: 0 },
  { words: ['forecast', 'small.json', '--format', 'markdown'], status: 0 },
  { words: ['forecast', 'missing.yaml'], status: 2 },
  { words: ['check', 'small.json', '--max-monthly', '1'], status: 3 },
  { words: ['check', 'small.json', '--tier', 'openai', '--tolerance', '99%'], status: 0 },
  { words: ['explain', 'small.json', 'openai.output.chat'], status: 0 },
  { words: ['prices', 'list', '--provider', 'openai'], status: 0 },
  { words: ['prices', 'history', 'openai', 'gpt-5.4-mini'], status: 0 },
  { words: ['hardware', 'list'], status: 0 },
  { words: ['openapi'], status: 0 },
  { words: ['serve', '--help'], status: 0 },
  { words: ['keys', '--help'], status: 0 },
  { words: ['backup', '--help'], status: 0 },
  { words: ['restore', '--help'], status: 0 },
  { words: ['doctor', '--help'], status: 0 },
];

describe('every command of the contract ends as it says', () => {
  for (const { words, status } of commands) {
    test(`infercast ${words.join(' ')} ends with ${status}`, async () => {
      const run = await infercast(words);
      expect({ status: run.status, said: run.status === status ? '' : run.stderr }).toEqual({ status, said: '' });
    });
  }

  test('what --format json prints is the body of POST /v1/estimates, byte for byte, and twice the same', async () => {
    const scenario = smallScenario({ as_of: '2026-11-22' });
    writeFileSync(join(folder, 'dated.json'), JSON.stringify(scenario));
    const printed = await infercast(['forecast', 'dated.json', '--format', 'json']);
    const answer = await service.fetch('/v1/estimates', { json: scenario });
    expect(printed.stdout).toBe(await answer.text());
    expect((await infercast(['forecast', 'dated.json', '--format', 'json'])).stdout).toBe(printed.stdout);
  });
});

/** Runs the real command in a process of its own. */
function infercast(words: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const cli = join(import.meta.dirname, '../src/cli.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...words], { cwd: folder, maxBuffer: 16_000_000 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}
