import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { fixedClock } from '../../src/clock.ts';
import type { Comparison } from '../../src/core/bills/comparison.ts';
import type { TestService } from '../helpers/app.ts';
import { smallScenario, startTestService } from '../helpers/app.ts';
import type { CliRun } from './run-cli.ts';
import { makeTemporaryFolder, repository } from './run-cli.ts';
import { runOnService } from './run-on-service.ts';

// Every command is a process of its own, on a machine that may be busy.
jest.setTimeout(120_000);

let service: TestService;
let folder: string;
beforeAll(async () => {
  service = await startTestService();
  folder = makeTemporaryFolder();
  service.setClock(fixedClock(new Date('2026-09-20T12:00:00.000Z')));
  const scenario = smallScenario({ name: 'Small one', start: '2026-10' });
  const stored = (await (await service.fetch('/v1/scenarios', { json: scenario })).json()) as { id: string };
  await service.fetch('/v1/forecasts', { json: { scenario_id: stored.id } });
  service.setClock(fixedClock(new Date('2026-11-03T06:00:00.000Z')));
  await service.fetch('/v1/bills', {
    method: 'POST',
    body: readFileSync(path.join(repository, 'test/importers/bills/fixtures/focus-1.2-2026-10.csv'), 'utf8'),
    headers: { 'Content-Type': 'text/csv', 'Idempotency-Key': randomUUID() },
  });
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: readonly string[]): Promise<CliRun> {
  return runOnService(service.url, ['bills', 'compare', ...args]);
}

test('a month is compared by the name of its scenario, as a table and as a workbook', async () => {
  const out = path.join(folder, 'october.xlsx');
  const { code, stdout, stderr } = await run('--scenario', 'small ONE', '--period', '2026-10', '--xlsx', out);
  expect(stderr).toContain('Not settled yet');
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^OpenAI: [\d,.]+ USD, [\d.]+ % (above|below) the forecast of/),
  ]);
  expect(stdout).toMatch(/Volume\s+-?[\d,.]+\n/);
  expect(stderr).toContain(`Wrote ${out}.`);
  expect(readFileSync(out).subarray(0, 2).toString()).toBe('PK');
});

test('the other formats are those of the service', async () => {
  const json = await run('--scenario', 'Small one', '--period', '2026-10', '--tier', 'openai', '--format', 'json');
  const comparison = JSON.parse(json.stdout) as Comparison;
  expect(comparison.tiers.map(({ id }) => id)).toEqual(['openai']);
  const markdown = await run('--scenario', comparison.scenario.id ?? '', '--period', '2026-10', '--format', 'markdown');
  expect(markdown.stdout).toBe(await (await service.fetch(`/v1/comparisons/${comparison.id}.md`)).text());
});

test('what is wrong is said with the nearest right thing, and exits with 2', async () => {
  const unknown = await run('--scenario', 'Smal one', '--period', '2026-10');
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Small one')]);
  expect((await run('--period', '2026-10')).code).toBe(2);
  expect((await run('--scenario', 'Small one', '--period', '2026-10', '--rate', 'euro')).code).toBe(2);
  const early = await run('--scenario', 'Small one', '--period', '2026-09');
  expect([early.code, early.stderr]).toEqual([2, expect.stringContaining('nothing that foresaw 2026-09')]);
});
