import { statfs } from 'node:fs/promises';

/**
 * Megabytes free on the disk of a folder, or null where the system does not tell. The embedded database does not survive
 * a full disk while it runs, so writes are refused before it notices.
 */
export async function findFreeMegabytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return Math.floor((bavail * bsize) / 1_000_000);
  } catch {
    return null;
  }
}
