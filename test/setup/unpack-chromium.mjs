import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import chromium, { inflate } from '@sparticuz/chromium';

// Runs as a process of its own, with TMPDIR set to a private folder: the package always unpacks into os.tmpdir(), where
// another user's copy could lie. Prints how to start the browser as one line of JSON.
const executable = await chromium.executablePath();
const starts = spawnSync(executable, ['--version', '--no-sandbox'], { stdio: 'ignore' }).status === 0;
const libraries = starts
  ? null
  : `${await inflate(fileURLToPath(new URL('../bin/al2023.tar.br', import.meta.resolve('@sparticuz/chromium'))))}/lib`;
process.stdout.write(JSON.stringify({ executable, libraries }));
