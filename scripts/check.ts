import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

type Step = {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly cure: string;
};

const steps: readonly Step[] = [
  { name: 'types', command: 'tsc', arguments: [], cure: 'mend the types' },
  {
    name: 'lint',
    command: 'biome',
    arguments: ['ci', '--colors=off', '--error-on-warnings', '.'],
    cure: 'npm run format',
  },
  {
    name: 'boundaries',
    command: 'depcruise',
    arguments: ['--config', '.dependency-cruiser.cjs', 'src'],
    cure: 'see "Where things may be imported" in CONTRIBUTING.md',
  },
  ...['prices', 'schema', 'openapi'].map((made) => ({
    name: `gen:${made}`,
    command: 'node',
    arguments: [`scripts/gen-${made}.ts`, '--check'],
    cure: `npm run gen:${made}, then look at the difference`,
  })),
];

/** Runs every check, also after one has failed, and prints the output of those that fail. Gives their two counts. */
export function runChecks(): { readonly passed: number; readonly failed: number } {
  const failed = steps.filter((step) => !passes(step)).length;
  return { passed: steps.length - failed, failed };
}

function passes(step: Step): boolean {
  const began = performance.now();
  const command = step.command === 'node' ? process.execPath : `node_modules/.bin/${step.command}`;
  const script = step.command === 'node' ? step.arguments[0] : undefined;
  const run =
    script === undefined || existsSync(script)
      ? spawnSync(command, step.arguments, { encoding: 'utf8' })
      : { status: 1, stdout: '', stderr: `${script} is missing\n` };
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (run.status === 0) {
    console.log(`ok    ${step.name} (${seconds} s)`);
    return true;
  }
  console.log(`FAIL  ${step.name} (${seconds} s): ${step.cure}\n${run.stdout ?? ''}${run.stderr ?? ''}`);
  return false;
}

if (import.meta.main) {
  const { passed, failed } = runChecks();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
