import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { FuzzReport } from './fuzz-bills.ts';

/**
 * A run of `fuzz-bills.ts` in a process with a heap of 96 MB, so that a file that fills it is found. A file that hangs ends the run,
 * which throws with what the process said.
 */
export function runFuzz(run: { readonly first: number; readonly count: number; readonly plant?: boolean }): FuzzReport {
  const script = join(import.meta.dirname, 'fuzz-bills.ts');
  const options = ['--max-old-space-size=96', '--max-semi-space-size=4', '--disable-warning=ExperimentalWarning'];
  const given = [String(run.first), String(run.count), ...(run.plant === true ? ['plant'] : [])];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...options, script, ...given], {
    encoding: 'utf8',
    timeout: 60_000 + 250 * run.count,
    killSignal: 'SIGKILL',
  });
  if (status !== 0) throw new Error(`The run ended with ${signal ?? status}. ${stderr.slice(-2000)}`);
  return JSON.parse(stdout) as FuzzReport;
}
