import { expect, test } from '@jest/globals';
import { runFuzz } from '../helpers/run-fuzz.ts';

// Other files every night: the seeds of a day are those of no other. The report names the seed of a fault.
const first = 20_000 * Math.floor(Date.now() / 86_400_000);

test('20,000 broken files of bills end in a report or a refusal', () => {
  const report = runFuzz({ first, count: 20_000 });
  expect(report.faults).toEqual([]);
  expect(report.peakMb).toBeLessThan(256);
}, 7_200_000);
