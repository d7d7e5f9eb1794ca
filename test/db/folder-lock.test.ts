import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { lockDataFolder } from '../../src/db/folder-lock.ts';
import { temporaryFolder } from '../helpers/process.ts';

const holder = join(import.meta.dirname, '../helpers/lock-holder.ts');
const holders: ChildProcess[] = [];
afterEach(() => {
  for (const child of holders.splice(0)) child.kill('SIGKILL');
});

async function hold(folder: string): Promise<{ said: string; child: ChildProcess }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--expose-gc', holder, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  holders.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { said: said.toString().trim(), child };
}

describe('a data folder', () => {
  test('that another process holds is refused with its id and the cure', async () => {
    const folder = temporaryFolder();
    const { said, child } = await hold(folder);
    expect(said).toBe('won');
    expect(() => lockDataFolder(folder)).toThrow(
      new RegExp(`in use by process ${child.pid} on .*: stop that one first`),
    );
  });

  test('is free again the moment its process is killed', async () => {
    const folder = temporaryFolder();
    const { child } = await hold(folder);
    child.kill('SIGKILL');
    await once(child, 'close');
    lockDataFolder(folder).release();
  });

  test('is free again once it is released, and not before, within one process too', () => {
    const folder = temporaryFolder();
    const lock = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow(`process ${process.pid}`);
    lock.release();
    lock.release();
    lockDataFolder(folder).release();
  });

  test('that several processes want at once goes to exactly one (5 races of 4)', async () => {
    for (let race = 1; race <= 5; race++) {
      const folder = temporaryFolder();
      const racers = await Promise.all([hold(folder), hold(folder), hold(folder), hold(folder)]);
      expect(racers.map(({ said }) => said).filter((said) => said === 'won')).toEqual(['won']);
      for (const { child } of racers) child.kill('SIGKILL');
    }
  });

  test('whose note about the owner is damaged is refused all the same', async () => {
    const folder = temporaryFolder();
    await hold(folder);
    writeFileSync(join(folder, 'owner.json'), '{"pid": ');
    expect(() => lockDataFolder(folder)).toThrow('in use by another process: stop that one first');
  });

  test('stays locked when nobody keeps the lock at hand', async () => {
    const folder = temporaryFolder();
    const { child } = await hold(folder);
    child.stdin?.write('collect\n');
    await once(child.stdout ?? child, 'data');
    expect(() => lockDataFolder(folder)).toThrow(`process ${child.pid}`);
  });

  test('is made where there is none, closed to others', () => {
    const folder = join(temporaryFolder(), 'new/data');
    lockDataFolder(folder).release();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });
});
