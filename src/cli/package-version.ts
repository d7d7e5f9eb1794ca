import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The version of this package, as `--version` prints it. */
export const packageVersion: string = (
  JSON.parse(readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }
).version;
