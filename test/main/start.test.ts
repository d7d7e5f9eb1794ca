import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { smallScenario } from '../helpers/app.ts';
import { startProcess, temporaryFolder } from '../helpers/process.ts';

// Whole processes, each with a database and threads of its own: on a busy machine that is no matter of seconds.
jest.setTimeout(300_000);

type List = { data: { id: string; name?: string }[] };

async function read<T>(url: string): Promise<T> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

describe('the first start', () => {
  test('prints where it is, with the sample forecast; the next one finds the same', async () => {
    const DATA_DIR = join(temporaryFolder(), 'data');
    const first = startProcess({ DATA_DIR });
    const url = await first.ready;
    expect(first.output().stdout).toBe(`infercast is ready: ${url}\n`);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await read(`${url}/readyz`)).toMatchObject({ status: 'ready' });
    const scenarios = await read<List>(`${url}/v1/scenarios`);
    expect(scenarios.data.map(({ name }) => name)).toEqual(['Support assistant']);
    const forecasts = await read<List>(`${url}/v1/forecasts`);
    expect(forecasts.data).toHaveLength(1);
    first.kill('SIGTERM');
    expect(await first.ended).toEqual({ code: 0, signal: null });

    const second = startProcess({ DATA_DIR });
    const again = await second.ready;
    expect(await read<List>(`${again}/v1/forecasts`)).toEqual(forecasts);
    expect(await read<List>(`${again}/v1/scenarios`)).toEqual(scenarios);
    const rerun = await fetch(`${again}/v1/forecasts/${forecasts.data[0]?.id}/rerun`, { method: 'POST' });
    expect(await rerun.json()).toMatchObject({ identical: true });

    const rival = startProcess({ DATA_DIR });
    await expect(rival.ready).rejects.toThrow(
      new RegExp(`^${DATA_DIR} is in use by process ${second.pid} on .+: stop that one first, or .+ DATA_DIR\\.\n$`),
    );
    expect(await rival.ended).toMatchObject({ code: 1 });
    expect(await read(`${again}/readyz`)).toMatchObject({ status: 'ready' });
    second.kill('SIGINT');
    expect(await second.ended).toMatchObject({ code: 0 });
  });
});

test('a stop lets accepted requests finish, refuses nothing it took, and ends well', async () => {
  const service = startProcess({ DATA_DIR: join(temporaryFolder(), 'data') });
  const url = await service.ready;
  const json = JSON.stringify({ scenario: smallScenario({ sampling: { draws: 20_000 }, months: 36 }) });
  const sent = Array.from({ length: 4 }, () =>
    fetch(`${url}/v1/forecasts`, { method: 'POST', body: json, headers: { 'Content-Type': 'application/json' } }),
  );
  const compute = async () =>
    ((await (await fetch(`${url}/readyz`)).json()) as { checks: { compute: { detail: string } } }).checks;
  while (!(await compute()).compute.detail.endsWith('3 waiting'));
  service.kill('SIGTERM');
  expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(await service.ended).toEqual({ code: 0, signal: null });
  expect(service.output().stderr).toContain('"stopping"');
});

describe('a start that cannot go on says why in one sentence with the cure', () => {
  async function refusal(settings: Record<string, string>): Promise<string> {
    const started = startProcess({ DATA_DIR: join(temporaryFolder(), 'data'), LOG_LEVEL: 'warn', ...settings });
    await expect(started.ready).rejects.toThrow();
    expect(await started.ended).toMatchObject({ code: 1 });
    return started.output().stderr;
  }

  test('a port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await refusal({ PORT: String(port) })).toBe(
      `Port ${port} on 127.0.0.1 is in use: stop what uses it, or choose another with PORT=${port + 1}.\n`,
    );
    server.close();
  });

  test('a folder that cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(await refusal({ DATA_DIR: join(file, 'data') })).toBe(
      `${file}/data cannot be written (ENOTDIR): give this user the right to write there, or name another folder with DATA_DIR.\n`,
    );
  });

  test('wrong settings, all of them', async () => {
    expect(await refusal({ PORT: 'x', INFERCAST_PROT: '1' })).toBe(
      [
        'INFERCAST_PROT is not a setting of infercast; unset it.\n',
        'PORT must be a whole number and is "x": mend or unset it.\n',
      ].join(''),
    );
  });

  test('an address of another machine', async () => {
    expect(await refusal({ HOST: '192.0.2.1', AUTH_MODE: 'token' })).toMatch(/no admin key yet.*make one/);
  });

  test('a database that does not answer', async () => {
    expect(await refusal({ DATABASE_URL: 'postgres://127.0.0.1:1/none' })).toBe(
      'The database of DATABASE_URL does not answer (ECONNREFUSED): check the address, the password and that it runs.\n',
    );
  });
});
