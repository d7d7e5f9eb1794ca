import { spawn } from 'node:child_process';
import type { CliRun } from './run-cli.ts';
import { cliEnvironment, repository } from './run-cli.ts';

/** The command line against a service of the test's own process, which has to go on meanwhile. */
export function runOnService(url: string, args: readonly string[]): Promise<CliRun> {
  const child = spawn(process.execPath, ['src/cli.ts', ...args, '--server', url], {
    cwd: repository,
    env: { ...cliEnvironment },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString();
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}
