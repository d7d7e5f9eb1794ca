import { spawnSync } from 'node:child_process';
import { runChecks } from '../scripts/check.ts';

// `npm test` runs everything; `npm test -- test/core/formula` runs those tests only, without the checks.
const asked = process.argv.slice(2);
const checks = asked.length === 0 ? runChecks() : { passed: 0, failed: 0 };

const jest = spawnSync(
  process.execPath,
  ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', ...asked],
  {
    stdio: 'inherit',
    env: { ...process.env, CHECKS_PASSED: String(checks.passed), CHECKS_FAILED: String(checks.failed) },
  },
);
process.exitCode = jest.status === 0 && checks.failed === 0 ? 0 : 1;
