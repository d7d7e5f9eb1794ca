import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { killWhileImporting } from '../helpers/kill-imports.ts';
import { temporaryFolder } from '../helpers/process.ts';
import { killAgainAndAgain } from '../helpers/sigkill.ts';

test('a write that was acknowledged survives the death of the process at any moment (300 kills)', async () => {
  const folder = join(temporaryFolder(), 'data');
  const acknowledged = await killAgainAndAgain(folder, 300);
  expect(acknowledged).toBeGreaterThanOrEqual(300 * 5);
}, 7_200_000);

test('an import that was acknowledged is stored once, whole, however often the process dies at it (2 kills)', async () => {
  expect(await killWhileImporting(join(temporaryFolder(), 'data'), 2)).toBeGreaterThanOrEqual(1);
}, 1_800_000);
