import { lockDataFolder } from '../../src/db/folder-lock.ts';

/** Takes the folder named on its command line, says so, and holds it until its input ends. Whatever is written to it makes it collect its garbage. */
try {
  lockDataFolder(process.argv[2] ?? '');
  console.log('won');
} catch (error) {
  console.log((error as Error).message);
}
process.stdin.on('data', () => {
  globalThis.gc?.();
  console.log('collected');
});
