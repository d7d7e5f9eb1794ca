import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { temporaryFolder } from '../helpers/process.ts';
import { killAgainAndAgain } from '../helpers/sigkill.ts';

test('a write that was acknowledged survives the death of the process at any moment (10 kills)', async () => {
  const folder = join(temporaryFolder(), 'data');
  const acknowledged = await killAgainAndAgain(folder, 10);
  expect(acknowledged).toBeGreaterThanOrEqual(10 * 5);
}, 300_000);
