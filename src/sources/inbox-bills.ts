import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Pulled, PulledFile } from './bill-source.ts';
import { megabytes, SourceFailed } from './bill-source.ts';

const maxFileBytes = 100_000_000;
/** All of them are held until they are stored. */
const maxBytes = 200_000_000;
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
  let bytes = 0;
  for (const name of names) {
    const file = join(path, name);
    const found = await lstat(file);
    if (!found.isFile()) continue;
    if (found.size > maxFileBytes) {
      throw new SourceFailed(
        'too-large',
        `${name} has more than ${megabytes(maxFileBytes)}, which is the most that is read.`,
      );
    }
    bytes += found.size;
    if (bytes > maxBytes) {
      const message = `The files of ${period} in the inbox have more than ${megabytes(maxBytes)} together: split them over several folders, each with a source.`;
      throw new SourceFailed('too-large', message);
    }
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
