import { writeSync } from 'node:fs';

/**
 * The last line a person or a script reads: `12 passed, 0 failed`. It counts the checks that ran before (test/run.ts),
 * and a suite that does not load as one failure. Written at exit, because jest's own summary comes after every reporter.
 */
export default class PlainReporter {
  onRunComplete(_contexts, results) {
    const passed = results.numPassedTests + Number(process.env.CHECKS_PASSED ?? 0);
    let failed = results.numFailedTests + results.numRuntimeErrorTestSuites + Number(process.env.CHECKS_FAILED ?? 0);
    // jest waits for ever for a server or a timer that a test left behind; a leak is a failure, not a hang.
    setTimeout(() => {
      writeSync(2, 'Something a test started still runs 30 seconds after the last test: close it in afterAll.\n');
      failed += 1;
      process.exit(1);
    }, 30_000).unref();
    process.once('exit', () => writeSync(1, `${passed} passed, ${failed} failed\n`));
  }
}
