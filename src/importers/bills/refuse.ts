import type { Problem } from '../../core/problem.ts';
import { InvalidInput, pointerTo } from '../../core/problem.ts';

/** Ends the reading of a file: what was found, where, and how to mend it. `line` is null for the file as a whole. */
export function refuse(code: string, line: number | null, message: string, limit?: string): never {
  throw new InvalidInput([problemAt(code, line, message, limit)]);
}

export function problemAt(code: string, line: number | null, message: string, limit?: string): Problem {
  const pointer = line === null ? '' : pointerTo(['lines', line]);
  return { code, pointer, message, ...(limit !== undefined && { limit }) };
}

/** `262144` bytes as people say it: `256 kB`. */
export function sizeInWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const step = Math.min(3, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 1024 ** step).toFixed(1))} ${units[step]}`;
}

/** A copy of its own: a part cut from a chunk of the file keeps the whole chunk in memory. */
export function detached(text: string): string {
  return text.length < 13 ? text : Buffer.from(text, 'utf16le').toString('utf16le');
}
