import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { deliverDue } from '../../src/services/notices/deliveries.ts';
import type { TestService } from '../helpers/app.ts';
import { defaultSettings, startTestService } from '../helpers/app.ts';
import { cliEnvironment, repository } from './run-cli.ts';

let service: TestService;
beforeAll(async () => {
  // Nothing listens there.
  const mail = { smtpUrl: 'smtp://127.0.0.1:9', from: 'infercast@example.com', to: ['controller@example.com'] };
  service = await startTestService({ announces: true, settings: { outside: { ...defaultSettings.outside, mail } } });
  const told = [
    { id: 'sch_1-missed-2026-10', type: 'schedule.missed', data: { schedule: 'sch_1', periods: ['2026-10'] } },
    { id: 'pi_1-changed', type: 'price.changed', data: { changed: 3, catalogue: 'a list' } },
  ] as const;
  for (const notice of told) await service.app.db.transaction().execute((trx) => service.app.announce(trx, notice));
  await deliverDue(service.app);
});
afterAll(() => service.close());

/** The service is in this process, so that a command must not block it. */
async function run(...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const options = { cwd: repository, env: { ...cliEnvironment } };
  return promisify(execFile)(process.execPath, ['src/cli.ts', 'notices', ...args, '--server', service.url], options);
}

test('notices list shows what was told, to how many, newest first', async () => {
  const { stdout } = await run('list');
  expect(stdout).toBe(
    [
      'UTC                  Type             Says                                   Delivered  Id',
      '───────────────────  ───────────────  ─────────────────────────────────────  ─────────  ────────────────────',
      '2026-11-22 12:00:00  schedule.missed  Scheduled months were missed: 2026-10     0 of 1  sch_1-missed-2026-10',
      '2026-11-22 12:00:00  price.changed    3 prices of a list changed             to nobody  pi_1-changed',
      '',
    ].join('\n'),
  );
});

test('notices list takes a type and a schedule, and JSON is that of the service', async () => {
  const { stdout } = await run('list', '--type', 'schedule.missed', '--schedule', 'sch_1', '--format', 'json');
  const page = await (await service.fetch('/v1/notices?schedule=sch_1')).json();
  expect(JSON.parse(stdout)).toEqual({ data: (page as { data: unknown }).data });
});

test('notices show lists every delivery with what became of it', async () => {
  const { stdout, stderr } = await run('show', 'sch_1-missed-2026-10');
  expect(stderr).toContain('schedule.missed, 2026-11-22 12:00:00 UTC: Scheduled months were missed: 2026-10');
  expect(stdout).toMatch(/^mail +waiting +1 +2026-11-22 12:00:00 +2026-11-22 12:00:0\d +The mail server could not be/m);
  const alone = await run('show', 'pi_1-changed');
  expect(alone.stderr).toContain('Nobody was to be told');
});

test('notices show of an unknown one is bad usage', async () => {
  await expect(run('show', 'nothing')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('nothing') });
});
