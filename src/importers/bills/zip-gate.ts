import type { Readable } from 'node:stream';
import type { Entry, ZipFile } from 'yauzl';
import { openPromise } from 'yauzl';
import { InvalidInput } from '../../core/problem.ts';
import type { BillLimits } from './bill-limits.ts';
import { refuse, sizeInWords } from './refuse.ts';

/** The parts of a ZIP archive by name; nothing of it ever reaches the disk. */
export type ZipParts = {
  readonly names: readonly string[];
  /** The inflated bytes of a part; empty where there is none of that name. */
  readonly read: (name: string) => AsyncIterable<Uint8Array>;
  readonly close: () => void;
};

/**
 * Opens a ZIP archive whose directory promises no more than the limits: entries, inflated bytes, inflated bytes for each
 * compressed one. What is inflated after that is held to the promise. Refuses entries that are encrypted, overlap, stand
 * twice or have names that leave the archive. Throws InvalidInput.
 */
export async function openZip(path: string, limits: BillLimits): Promise<ZipParts> {
  const zip = await damaged(() => openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true }));
  try {
    const entries = await readDirectory(zip, limits);
    return {
      names: [...entries.keys()],
      read: (name) => readPart(zip, entries.get(name), limits),
      close: () => zip.close(),
    };
  } catch (cause) {
    zip.close();
    throw cause;
  }
}

async function readDirectory(zip: ZipFile, limits: BillLimits): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > limits.zipEntries)
    refuse(
      'zip-too-large',
      null,
      `The workbook has ${zip.entryCount} parts, of at most ${limits.zipEntries}. Save the sheet as CSV.`,
      String(limits.zipEntries),
    );
  const entries = new Map<string, Entry>();
  let inflated = 0;
  await damaged(async () => {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName;
      if (entry.isEncrypted()) refuse('encrypted-file', null, 'The workbook is encrypted. Save it without a password.');
      if (entries.has(name)) refuse('damaged-zip', null, 'The workbook holds a part twice. Save it again.');
      inflated += entry.uncompressedSize;
      if (
        inflated > limits.inflatedBytes ||
        entry.uncompressedSize > limits.zipRatio * Math.max(entry.compressedSize, 1024)
      ) {
        const most = `${sizeInWords(limits.inflatedBytes)} and ${limits.zipRatio}:1`;
        refuse('zip-too-large', null, `The workbook inflates to more than ${most}. Save the sheet as CSV.`, most);
      }
      entries.set(name, entry);
    }
  });
  refuseOverlaps([...entries.values()]);
  return entries;
}

/** Archives of which parts share their bytes inflate without end. */
function refuseOverlaps(entries: readonly Entry[]): void {
  const inOrder = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  let end = 0;
  for (const entry of inOrder) {
    if (entry.relativeOffsetOfLocalHeader < end)
      refuse('damaged-zip', null, 'Parts of the workbook overlap. Save it again.');
    end = entry.relativeOffsetOfLocalHeader + 30 + entry.compressedSize;
  }
}

async function* readPart(zip: ZipFile, entry: Entry | undefined, limits: BillLimits): AsyncGenerator<Uint8Array> {
  if (entry === undefined) return;
  const stream: Readable = await damaged(() => zip.openReadStreamPromise(entry));
  let inflated = 0;
  try {
    for await (const piece of stream) {
      inflated += (piece as Buffer).length;
      if (inflated > limits.inflatedBytes)
        refuse('zip-too-large', null, 'The workbook inflates further than it says. Save the sheet as CSV.');
      yield piece as Buffer;
    }
  } catch (cause) {
    if (cause instanceof InvalidInput) throw cause;
    refuseDamaged(cause);
  } finally {
    stream.destroy();
  }
}

async function damaged<Result>(task: () => Promise<Result>): Promise<Result> {
  try {
    return await task();
  } catch (cause) {
    if (cause instanceof InvalidInput) throw cause;
    return refuseDamaged(cause);
  }
}

function refuseDamaged(cause: unknown): never {
  const message = cause instanceof Error ? cause.message : String(cause);
  return refuse('damaged-zip', null, `The workbook is damaged (${message.slice(0, 100)}). Save it again, or as CSV.`);
}
