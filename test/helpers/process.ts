import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '../..');

export type ServiceProcess = {
  /** Resolves with the address once it is ready; rejects with what it said when it ends before. */
  readonly ready: Promise<string>;
  /** Resolves when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly pid: number;
};

/** `npm start` as a process of its own, on a free port, with only the settings given. */
export function startProcess(settings: Readonly<Record<string, string>>): ServiceProcess {
  const child = spawn(process.execPath, [join(repository, 'src/main.ts')], {
    cwd: repository,
    env: { PATH: process.env.PATH ?? '', PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const atExit = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', atExit);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    said.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said.stderr += chunk.toString();
  });
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => {
      process.removeListener('exit', atExit);
      resolve({ code, signal });
    });
  });
  const ready = untilReady(child, said);
  ready.catch(() => {});
  return { ready, ended, output: () => said, kill: (signal) => child.kill(signal), pid: child.pid ?? 0 };
}

function untilReady(child: ChildProcess, said: { stdout: string; stderr: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      const url = /^infercast is ready: (\S+)$/m.exec(said.stdout)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('close', () => reject(new Error(said.stderr)));
  });
}

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone when the test process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'infercast-test-'));
  folders.push(folder);
  return folder;
}
