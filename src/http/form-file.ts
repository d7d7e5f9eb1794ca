import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { UploadedFile } from '../services/bills/bill-request.ts';
import { Refusal } from '../services/refusal.ts';

/** A page's form with a file, taken apart: the texts that stand before the file, and the file. */
export type FormFile = {
  readonly fields: ReadonlyMap<string, string>;
  /** As it was called on the reader's machine: for people only, never opened. */
  readonly fileName: string;
  readonly file: UploadedFile;
};

/** More than all texts of a form have, and the heads of its parts. */
const longestHead = 65_536;
const lineEnd = '\r\n';

/**
 * Takes a `multipart/form-data` body apart that lies on the disk (RFC 7578), whose file is its last part: the file goes, as
 * it comes, into one of its own beside it, which then takes its place. Throws Refusal for anything that is no such form.
 */
export async function openFormFile({ folder, path, mediaType }: UploadedFile): Promise<FormFile> {
  const head = await readHead(path);
  const boundary = /^--[\x21-\x7e]{1,70}(?=\r\n)/.exec(head.toString('latin1'))?.[0];
  if (boundary === undefined) throw refuseForm('it does not begin with a part');
  const fields = new Map<string, string>();
  let at = boundary.length + lineEnd.length;
  for (;;) {
    const { name, fileName, begins } = readPartHead(head, at);
    if (fileName !== null) {
      const content = { path, begins, delimiter: Buffer.from(lineEnd + boundary), ends: join(folder, 'of-form') };
      const copied = await copyLastPart(content);
      await rm(path);
      return { fields, fileName, file: { folder, path: content.ends, mediaType, ...copied } };
    }
    const ends = head.indexOf(lineEnd + boundary, begins);
    if (ends < 0) throw refuseForm('its texts are too long, or it has no file');
    fields.set(name, head.toString('utf8', begins, ends));
    at = ends + lineEnd.length + boundary.length + lineEnd.length;
  }
}

async function readHead(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(longestHead), 0, longestHead, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function readPartHead(head: Buffer, at: number) {
  const ends = head.indexOf(lineEnd + lineEnd, at);
  if (ends < 0) throw refuseForm('it has no file');
  const text = head.toString('utf8', at, ends);
  const parameter = (name: string): string | undefined =>
    new RegExp(`^content-disposition: form-data;(?:.*;)? ?${name}="([^"\r\n]*)"`, 'im').exec(text)?.[1];
  const name = parameter('name');
  if (name === undefined) throw refuseForm('a part of it has no name');
  const fileName = parameter('filename');
  return { name, fileName: fileName === undefined ? null : plainName(fileName), begins: ends + 2 * lineEnd.length };
}

/** Browsers write quotes and line ends in names as `%22`, `%0D` and `%0A`. */
function plainName(name: string): string {
  const last = name.replaceAll('%22', '"').split(/[/\\]/).at(-1) ?? '';
  return last.replaceAll(/\p{C}/gu, '').slice(0, 200);
}

type LastPart = {
  readonly path: string;
  readonly begins: number;
  readonly delimiter: Buffer;
  /** Where it goes. */
  readonly ends: string;
};

async function copyLastPart({ path, begins, delimiter, ends }: LastPart): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    createReadStream(path, { start: begins }),
    (chunks: AsyncIterable<Buffer>) => takeUntil(chunks, delimiter),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.byteLength;
        yield chunk;
      }
    },
    createWriteStream(ends, { mode: 0o600 }),
  );
  return { bytes, sha256: hash.digest('hex') };
}

/** What comes before a delimiter, which may lie across chunks, and after which the form has to end. */
async function* takeUntil(chunks: AsyncIterable<Buffer>, delimiter: Buffer): AsyncGenerator<Buffer> {
  let kept = Buffer.alloc(0);
  let closing: Buffer | null = null;
  for await (const chunk of chunks) {
    if (closing !== null) {
      closing = Buffer.concat([closing, chunk]).subarray(0, 2);
      continue;
    }
    const seen = Buffer.concat([kept, chunk]);
    const found = seen.indexOf(delimiter);
    const safe = found < 0 ? Math.max(0, seen.byteLength - delimiter.byteLength + 1) : found;
    if (safe > 0) yield seen.subarray(0, safe);
    if (found >= 0) closing = seen.subarray(found + delimiter.byteLength, found + delimiter.byteLength + 2);
    kept = Buffer.from(seen.subarray(safe));
  }
  if (closing === null) throw refuseForm('it breaks off');
  if (closing.toString('latin1') !== '--') throw refuseForm('something comes after its file');
}

function refuseForm(why: string): Refusal {
  return new Refusal('validation-failed', `This is no form of this service: ${why}.`);
}
