import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { BillFileKind } from './bill-import.ts';
import type { BillLimits } from './bill-limits.ts';
import { refuse, sizeInWords } from './refuse.ts';

/** A file whose first bytes were looked at: what it is, by them and never by its name. */
export type OpenedFile = {
  readonly path: string;
  readonly kind: BillFileKind;
  readonly gzipped: boolean;
  readonly bytes: number;
};

const chunkBytes = 64 * 1024;

/**
 * Says what a file is by its first bytes and refuses what is none of CSV, JSON, Parquet, XLSX, or too large for its kind.
 * Throws InvalidInput.
 */
export async function openBillFile(path: string, limits: BillLimits): Promise<OpenedFile> {
  const handle = await open(path, 'r');
  try {
    const { size: bytes } = await handle.stat();
    if (bytes === 0) refuse('empty-file', null, 'The file is empty. Export it again.');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    const start = buffer.subarray(0, bytesRead);
    const gzipped = start[0] === 0x1f && start[1] === 0x8b;
    const kind = gzipped ? kindOf(await firstInflated(path)) : kindOf(start);
    if (gzipped && (kind === 'xlsx' || kind === 'parquet'))
      refuse('unknown-file', null, 'Expected CSV or JSON inside the gzip file. Send the file inside by itself.');
    refuseLarge(kind, bytes, limits);
    return { path, kind, gzipped, bytes };
  } finally {
    await handle.close();
  }
}

/**
 * The bytes of a file in pieces, inflated if it is gzipped. `watch` sees the bytes as they lie on the disk. A gzip
 * that inflates to more than the limit is refused while it does.
 */
export async function* readBytes(
  file: OpenedFile,
  limits: BillLimits,
  watch: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  const raw = createReadStream(file.path, { highWaterMark: chunkBytes });
  raw.on('data', (piece) => watch(piece as Buffer));
  const most = file.kind === 'json' ? Math.max(limits.jsonBytes, limits.bytes) : limits.bytes;
  const stream: Readable = file.gzipped ? raw.pipe(createGunzip({ chunkSize: chunkBytes })) : raw;
  let inflated = 0;
  try {
    raw.on('error', (error) => stream.destroy(error));
    for await (const piece of stream) {
      inflated += (piece as Buffer).length;
      const allowed = Math.max(file.bytes * limits.zipRatio, 1024 * 1024);
      if (file.gzipped && inflated > Math.min(most, allowed))
        refuse(
          'inflates-too-far',
          null,
          `The file inflates to more than ${limits.zipRatio} times its size. Send it inflated.`,
          `${limits.zipRatio}:1`,
        );
      yield piece as Buffer;
    }
  } catch (cause) {
    if (isZlibFault(cause))
      refuse(
        'truncated-file',
        null,
        `The gzip file is damaged or ends too early (${(cause as Error).message}). Download it again.`,
      );
    throw cause;
  } finally {
    raw.destroy();
    stream.destroy();
  }
}

const foreign: readonly (readonly [start: string, what: string])[] = [
  ['d0cf11e0', 'an old .xls workbook or one with a password. Save it as .xlsx without a password, or as CSV'],
  ['25504446', 'a PDF. Export the same bill as CSV'],
  ['28b52ffd', 'compressed with zstd. Send it inflated'],
  ['425a68', 'compressed with bzip2. Send it inflated'],
  ['377abcaf', 'a 7z archive. Send the file inside by itself'],
  ['504b0506', 'an empty ZIP archive. Send the file itself'],
  ['89504e47', 'an image. Export the bill as CSV'],
];

function kindOf(start: Uint8Array): BillFileKind {
  const hex = Buffer.from(start.subarray(0, 4)).toString('hex');
  const other = foreign.find(([magic]) => hex.startsWith(magic));
  if (other !== undefined) refuse('unknown-file', null, `The file is ${other[1]}.`);
  if (hex === '50415231') return 'parquet';
  if (hex === '504b0304') return 'xlsx';
  const text = startText(start);
  if (/^(?:<!doctype|<html|<\?xml)/i.test(text))
    refuse(
      'unknown-file',
      null,
      'The file is a web page or XML, not an export: the download may have asked for a login. Export it again as CSV.',
    );
  return /^[[{]/.test(text) ? 'json' : 'csv';
}

function startText(start: Uint8Array): string {
  const encoding =
    start[0] === 0xff && start[1] === 0xfe ? 'utf-16le' : start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(start).trimStart();
}

async function firstInflated(path: string): Promise<Uint8Array> {
  const raw = createReadStream(path, { highWaterMark: 4096 });
  const stream = raw.pipe(createGunzip({ chunkSize: 4096 }));
  raw.on('error', (error) => stream.destroy(error));
  try {
    for await (const piece of stream) return piece as Buffer;
  } catch (cause) {
    if (!isZlibFault(cause)) throw cause;
  } finally {
    raw.destroy();
    stream.destroy();
  }
  return refuse('truncated-file', null, 'The gzip file is damaged or empty. Download it again.');
}

function refuseLarge(kind: BillFileKind, bytes: number, limits: BillLimits): void {
  const most = kind === 'xlsx' ? limits.xlsxBytes : limits.bytes;
  if (bytes <= most) return;
  const mend = kind === 'xlsx' ? 'Save the sheet as CSV.' : 'Split it by month.';
  refuse(
    'too-large',
    null,
    `The file has ${sizeInWords(bytes)}, of at most ${sizeInWords(most)}. ${mend}`,
    sizeInWords(most),
  );
}

function isZlibFault(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('Z_');
}
