import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { cliEnvironment, makeTemporaryFolder, repository, runCli } from './run-cli.ts';

// A dozen processes, each of which opens a database, on a machine that may be busy.
jest.setTimeout(300_000);

const folder = makeTemporaryFolder();
const dataDir = path.join(folder, 'data');
const settings = { DATA_DIR: dataDir, PORT: '0' };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Doctor = {
  ok: boolean;
  checks: { check: string; status: string; detail: string }[];
  settings: Record<string, string>;
};

describe('doctor', () => {
  test('finds nothing wrong on a fresh machine, and makes nothing', () => {
    const { code, stdout } = runCli(['doctor', '--format', 'json'], {
      ...settings,
      METRICS_TOKEN: 'a-very-secret-token',
      SECRETS_KEY: `${'ab'.repeat(31)}cd`,
      SMTP_URL: 'smtps://bills:hunter2@mail.example.com:465',
      MAIL_FROM: 'infercast@example.com',
      MAIL_TO: 'controller@example.com',
    });
    const { ok, checks, settings: shown } = JSON.parse(stdout) as Doctor;
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(checks.map(({ check, status }) => `${check} ${status}`)).toEqual([
      'node ok',
      'settings ok',
      'data folder ok',
      'disk ok',
      'port ok',
      'prices warning',
    ]);
    expect(existsSync(dataDir)).toBe(false);
    expect(shown.METRICS_TOKEN).toBe('***');
    expect(shown.SMTP_URL).toBe('smtps://bills:***@mail.example.com:465');
    expect(stdout).not.toMatch(/a-very-secret-token|abababab|hunter2/);
  });

  test('fails with the reason for each wrong setting', () => {
    const { code, stdout, stderr } = runCli(['doctor'], { PORT: 'none', LOG_LEVEL: 'loud' });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '2 of 3 checks failed.\n' });
    expect(stdout).toContain('PORT must be a whole number');
    expect(stdout).toContain('LOG_LEVEL must be one of');
  });

  test('fails where another program has the port', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nnot infercast'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const child = spawn(process.execPath, ['src/cli.ts', 'doctor'], {
      cwd: repository,
      env: { ...cliEnvironment, ...settings, PORT: String(port) },
    });
    let printed = '';
    child.stdout.on('data', (part: Buffer) => {
      printed += part.toString();
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    server.close();
    expect(code).toBe(1);
    expect(printed).toContain(`127.0.0.1:${port} is in use by another program`);
  });
});

describe('keys, backup and restore', () => {
  const run = (...args: readonly string[]) => runCli(args, settings);
  type Listed = { data: { id: string; name: string; revoked_at: string | null }[] };
  const list = (): Listed['data'] => (JSON.parse(run('keys', 'list', '--format', 'json').stdout) as Listed).data;

  test('work on the data folder while no service runs', () => {
    const made = run('keys', 'create', 'Finance sheet', '--scopes', 'read,bills', '--ttl-days', '90');
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(/^ifc_live_[0-9a-z]{8}_[\w-]{51}\n$/);
    const id = made.stdout.slice('ifc_live_'.length, 'ifc_live_'.length + 8);
    expect(made.stderr).toBe(
      `Key ${id} (read, bills) is valid until 2027-02-20T12:00:00.000Z. It is shown this once.\n`,
    );
    expect(list()).toMatchObject([{ id, name: 'Finance sheet', revoked_at: null }]);

    const backup = path.join(folder, 'backup.zip');
    expect(run('backup', backup)).toEqual({
      code: 0,
      stdout: '',
      stderr: `Wrote ${backup}: 0 scenarios, 0 forecasts, 1 api keys, restored once to prove it.\n`,
    });
    expect(run('backup', backup)).toMatchObject({
      code: 2,
      stderr: `${backup} exists already: choose another name, backups are never overwritten.\n`,
    });

    expect(run('keys', 'revoke', id).code).toBe(0);
    expect(run('keys', 'revoke', id)).toMatchObject({ code: 2, stderr: `There is no active key ${id}.\n` });
    expect(list()).toMatchObject([{ id, revoked_at: '2026-11-22T12:00:00.000Z' }]);

    expect(run('restore', backup)).toMatchObject({
      code: 2,
      stderr: `${dataDir} holds a database already: with --force it is kept beside the restored one.\n`,
    });
    expect(run('restore', backup, '--force').code).toBe(0);
    expect(list()).toMatchObject([{ id, revoked_at: null }]);
    expect(readdirSync(dataDir)).toContain('database.before-restore-1');

    const bytes = readFileSync(backup);
    const cut = path.join(folder, 'cut.zip');
    writeFileSync(cut, bytes.subarray(0, bytes.length / 2));
    expect(run('restore', cut, '--force')).toMatchObject({
      code: 2,
      stderr: `${cut} is no backup of infercast, or it was cut short. Nothing was changed.\n`,
    });
    const edited = path.join(folder, 'edited.zip');
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 0xff;
    writeFileSync(edited, bytes);
    expect(run('restore', edited, '--force').code).toBe(2);
    expect(list()).toMatchObject([{ id, revoked_at: null }]);
  });

  test('refuse what they cannot read', () => {
    expect(run('keys', 'create', 'x', '--scopes', 'raed')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean "read"?'),
    });
    expect(run('keys', 'create', 'x', '--ttl-days', '400').code).toBe(2);
    expect(run('restore', path.join(folder, 'nope.zip'))).toMatchObject({ code: 2 });
  });

  test('exit with 5 where no service answers', () => {
    const { code, stderr } = run('keys', 'list', '--server', 'http://127.0.0.1:9');
    expect(code).toBe(5);
    expect(stderr).toContain('No service answers at http://127.0.0.1:9');
  });
});

describe('serve', () => {
  test('runs the service, which then answers for keys and holds its folder', async () => {
    const environment = { ...cliEnvironment, DATA_DIR: path.join(folder, 'unused') };
    const service = spawn(
      process.execPath,
      ['src/cli.ts', 'serve', '--port', '0', '--data-dir', dataDir, '--no-worker'],
      {
        cwd: repository,
        env: environment,
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    const closed = new Promise((resolve) => service.on('close', resolve));
    try {
      const url = await new Promise<string>((resolve, reject) => {
        let printed = '';
        service.stdout.on('data', (part: Buffer) => {
          printed += part.toString();
          const ready = /infercast is ready: (\S+)/.exec(printed)?.[1];
          if (ready !== undefined) resolve(ready);
        });
        service.on('close', () => reject(new Error(`the service ended: ${printed}`)));
      });
      const { port } = new URL(url);
      const made = runCli(['keys', 'create', 'Through the service'], { DATA_DIR: dataDir, PORT: port });
      expect(made.code).toBe(0);
      const listed = runCli(['keys', 'list', '--server', url, '--format', 'json']);
      expect(listed.stdout).toContain('Through the service');

      const negotiated = path.join(folder, 'negotiated.csv');
      writeFileSync(negotiated, 'provider,model,meter,price,utc_hours\nopenai,gpt-5.5,input,4.25,1:00-4:00\n');
      expect(runCli(['prices', 'import', negotiated], { DATA_DIR: dataDir, PORT: port }).code).toBe(0);
      const history = ['prices', 'history', 'openai', 'gpt-5.5'];
      const learned = runCli(history, { PORT: port });
      expect(learned.stdout).toMatch(/input \(01:00-04:00 UTC\) .*4\.25 .*negotiated prices/);
      expect(learned.stderr).toBe(`The price book of the service at ${url}, with what it has learned.\n`);
      const shipped = runCli([...history, '--shipped'], { PORT: port });
      expect(shipped).toMatchObject({ code: 0, stderr: 'The price book as shipped.\n' });
      expect(shipped.stdout).not.toContain('4.25');
      const all = ['prices', 'list', '--provider', 'openai', '--format', 'json'];
      const [through, own] = [runCli(all, { PORT: port }), runCli([...all, '--shipped'])].map(
        ({ stdout }) => (JSON.parse(stdout) as { data: readonly object[] }).data,
      );
      expect(through?.length).toBe((own?.length ?? 0) + 1);
      expect(through).toEqual(expect.arrayContaining([...(own ?? []).slice(0, 3)]));

      const backup = runCli(['backup', path.join(folder, 'held.zip')], { DATA_DIR: dataDir });
      expect(backup.code).toBe(1);
      expect(backup.stderr).toContain(`${dataDir} is in use by process ${service.pid}`);
      const schedules = (...args: readonly string[]) => runCli(['schedules', ...args, '--server', url]);
      const preview = schedules('add', 'Monthly', '--day', 'last', '--zone', 'Europe/Berlin', '--dry-run');
      expect(preview).toMatchObject({ code: 0, stderr: 'A dry run: nothing was stored.\n' });
      expect(preview.stdout.split('\n')[2]).toMatch(/^2026-10\s+2026-11-30T06:00:00\+01:00\s+2026-11-30T05:00:00.000Z/);
      expect(schedules('add', 'Monthly', '--day', '31', '--dry-run')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('"last" for the last day of each month'),
      });
      const stored = schedules('add', 'Monthly', '--scenario', 'sc_00sample', '--format', 'json');
      expect(stored.code).toBe(0);
      const { id } = JSON.parse(stored.stdout) as { id: string };
      expect(schedules('nowcast', id)).toMatchObject({
        code: 0,
        stdout: '',
        stderr: 'No month was looked at yet: the first look at a month comes on its 4th day.\n',
      });
      expect(JSON.parse(schedules('nowcast', id, '--now', '--format', 'json').stdout)).toMatchObject({
        kind: 'nowcast',
        schedule_id: id,
      });
      expect(schedules('list', '--format', 'csv').stdout).toContain('Monthly,sc_00sample,day 3 at 06:00,UTC');
      const doctor = runCli(['doctor', '--format', 'json'], { DATA_DIR: dataDir, PORT: port });
      expect((JSON.parse(doctor.stdout) as Doctor).checks).toContainEqual({
        check: 'port',
        status: 'ok',
        detail: `infercast answers at ${url}`,
      });
    } finally {
      service.kill('SIGTERM');
    }
    expect(await closed).toBe(0);
    expect(existsSync(path.join(folder, 'unused'))).toBe(false);
  });

  test('leaves work to no worker on the embedded database, and says why', () => {
    expect(runCli(['worker'], { DATA_DIR: dataDir })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('needs DATABASE_URL: the embedded database has one owner'),
    });
  });

  test('refuses an option that its variable would not take', () => {
    const { code, stderr } = runCli(['serve', '--host', '0.0.0.0', '--port', '70000']);
    expect(code).toBe(2);
    expect(stderr).toContain('PORT must be from 0 to 65535');
  });
});
