import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Pulled, PulledFile } from './bill-source.ts';
import { SourceFailed } from './bill-source.ts';

const maxBytes = 25_000_000;
const mostFiles = 200;

/**
 * The files of a folder below `root` whose names hold the month, as `2026-10` or `202610`. Nothing outside `root` is read:
 * links are left alone. Throws SourceFailed.
 */
export async function readInbox(root: string, folder: string, period: string): Promise<Pulled> {
  const path = await findFolder(root, folder);
  const names = (await readdir(path)).filter((name) => !name.startsWith('.') && isOf(name, period)).toSorted();
  if (names.length > mostFiles) {
    throw new SourceFailed('shape', `The inbox has ${names.length} files of ${period}; at most ${mostFiles} are read.`);
  }
  const files: PulledFile[] = [];
  for (const name of names) {
    const file = join(path, name);
    const found = await lstat(file);
    if (!found.isFile()) continue;
    if (found.size > maxBytes) throw new SourceFailed('refused', `${name} is larger than ${maxBytes} bytes.`);
    files.push({ name, bytes: await readFile(file) });
  }
  return { files, missing_days: [] };
}

async function findFolder(root: string, folder: string): Promise<string> {
  try {
    const top = await realpath(root);
    const path = await realpath(join(top, folder));
    if (path === top || path.startsWith(top + sep)) return path;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new SourceFailed('gone', `The folder "${folder}" of the inbox cannot be read (${code}).`, null, { cause });
  }
  throw new SourceFailed('refused', `The folder "${folder}" leads out of INBOX_DIR.`);
}

function isOf(name: string, period: string): boolean {
  return name.includes(period) || name.includes(period.replace('-', ''));
}
