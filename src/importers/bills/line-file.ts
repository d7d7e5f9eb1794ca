import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { BillLine } from '../../core/bills/bill-line.ts';
import { readBillLine, writeBillLine } from '../../core/bills/bill-line-text.ts';
import type { BillLimits } from './bill-limits.ts';
import type { DailySums } from './daily-sums.ts';
import { openDailySums } from './daily-sums.ts';
import { refuse } from './refuse.ts';

/** Where the lines of a bill gather: one by one in a file, or as sums once they are too many. */
export type LineFile = {
  readonly add: (lines: readonly BillLine[]) => Promise<void>;
  readonly finish: () => Promise<{
    readonly lines: number;
    readonly summed: boolean;
    readonly content_digest: string | null;
  }>;
  /** Leaves nothing behind. */
  readonly discard: () => Promise<void>;
};

/**
 * Opens the file anew. Up to `limits.linesKept` lines are written as they come; with one more they are read back, summed by
 * day, SKU and account with all that follow, and the sums are written in the end. Without a path lines are only counted.
 */
export async function openLineFile(path: string | null, limits: BillLimits): Promise<LineFile> {
  let handle: FileHandle | null = path === null ? null : await open(path, 'w', 0o600);
  let digests: Buffer[] = [];
  let sums: DailySums | null = null;
  let count = 0;

  async function write(lines: Iterable<BillLine>): Promise<void> {
    let texts = '';
    for (const line of lines) {
      const text = writeBillLine(line);
      digests.push(hash('sha256', withoutPlace(text), 'buffer'));
      texts += `${text}\n`;
      if (texts.length > 1_000_000) {
        await handle?.write(texts);
        texts = '';
      }
    }
    if (texts !== '') await handle?.write(texts);
  }

  async function beginSums(): Promise<DailySums> {
    const begun = openDailySums();
    digests = [];
    if (path === null) return begun;
    for await (const text of createInterface({ input: createReadStream(path) })) begun.add(readBillLine(text));
    await handle?.truncate(0);
    await handle?.close();
    handle = await open(path, 'w', 0o600);
    return begun;
  }

  return {
    add: async (lines) => {
      count += lines.length;
      if (sums === null && count <= limits.linesKept) return write(lines);
      sums ??= await beginSums();
      if (path === null) return;
      for (const line of lines) sums.add(line);
      if (sums.size() > limits.sums)
        refuse(
          'too-many-sums',
          lines.at(-1)?.x_LastLine ?? null,
          `The file has more than ${limits.linesKept.toLocaleString('en')} lines, and more than ${limits.sums.toLocaleString('en')} of them differ in day, SKU or account. Split it by month.`,
          String(limits.sums),
        );
    },
    finish: async () => {
      if (sums !== null && path !== null) {
        count = sums.size();
        await write(sums.lines());
      }
      await handle?.close();
      handle = null;
      return {
        lines: count,
        summed: sums !== null,
        content_digest: count === 0 || (sums !== null && path === null) ? null : digestOf(digests),
      };
    },
    discard: async () => {
      await handle?.close();
      handle = null;
      if (path !== null) await rm(path, { force: true });
    },
  };
}

/** The line wherever it stands in its file. */
function withoutPlace(text: string): string {
  return text.replace(/,"x_FirstLine":\d+,"x_LastLine":\d+/, '');
}

/** Of all lines in an order of their own. */
function digestOf(digests: readonly Buffer[]): string {
  const all = createHash('sha256');
  for (const digest of digests.toSorted(Buffer.compare)) all.update(digest);
  return `sha256:${all.digest('hex')}`;
}
