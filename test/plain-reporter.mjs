/** The last line a person or a script reads: `12 passed, 0 failed`. A suite that does not load counts as one failure. */
export default class PlainReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`);
  }
}
