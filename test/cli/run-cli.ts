import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const repository = path.resolve(import.meta.dirname, '../..');
export const sample = 'models/scenarios/support-assistant.yaml';
/** Quick to forecast. */
export const small = 'test/cli/small.yaml';

export type CliRun = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** The environment of every run: nothing of the machine's own settings, and a clock that stands still. */
export const cliEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? '',
  LC_ALL: 'C.UTF-8',
  NODE_ENV: 'test',
  // A process is a fifth faster where another has read the same code before.
  NODE_COMPILE_CACHE: path.join(repository, 'node_modules/.cache/infercast/compiled'),
  INFERCAST_TEST_CLOCK: '2026-11-22T12:00:00Z',
};

/** Runs the real command line as a process of its own, from the root of the repository. */
export function runCli(args: readonly string[], environment: Readonly<Record<string, string>> = {}): CliRun {
  const run = spawnSync(process.execPath, ['src/cli.ts', ...args], {
    cwd: repository,
    env: { ...cliEnvironment, ...environment },
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return { code: run.status, stdout: run.stdout, stderr: run.stderr };
}

export function makeTemporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'infercast-cli-'));
}
