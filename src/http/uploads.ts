import { createHash } from 'node:crypto';
import type { WriteStream } from 'node:fs';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Request } from 'express';
import type { UploadedFile } from '../services/bills/bill-request.ts';
import { Refusal } from '../services/refusal.ts';
import { requireTemporaryRoom } from '../services/storage.ts';
import type { FileDescription, Service } from './operation.ts';

/** A client that sends nothing for so long is gone. */
const longestPauseMs = 30_000;

/**
 * Writes a body to a temporary folder of its own as it comes, never holding it in memory. Throws Refusal at the limit, for
 * another media type, and where the disk has no room; then nothing is left behind.
 */
export async function receiveFile(
  service: Service,
  request: Request,
  { mediaTypes, limitBytes }: FileDescription<unknown>,
): Promise<UploadedFile> {
  const mediaType = requireMediaType(request, mediaTypes);
  const limit = limitBytes(service);
  const stated = Number(request.headers['content-length'] ?? 0);
  if (stated > limit) throw refuseSize(limit);
  await requireTemporaryRoom(service.app, stated / 1_000_000);
  const folder = await mkdtemp(join(tmpdir(), `infercast-bill-${process.pid}-`));
  const path = join(folder, 'file');
  const out = createWriteStream(path, { mode: 0o600 });
  try {
    return { folder, path, mediaType, ...(await writeBody(request, out, limit)) };
  } catch (error) {
    out.destroy();
    await removeFile({ folder });
    throw error;
  }
}

/** By hand, as a pipeline that is refused halfway would close the connection on which the refusal has to go out. */
function writeBody(
  request: Request,
  out: WriteStream,
  limit: number,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown): void => {
      request.setTimeout(0).pause().removeListener('data', take);
      reject(error);
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.byteLength;
      if (bytes > limit) {
        refuse(refuseSize(limit));
        return;
      }
      hash.update(chunk);
      if (out.write(chunk)) return;
      request.pause();
      out.once('drain', () => request.resume());
    };
    const broken = (cause?: unknown): void =>
      refuse(new Refusal('malformed-json', 'The body ended before it was whole.', { cause }));
    request.setTimeout(longestPauseMs, () => broken());
    out.once('error', refuse);
    request
      .once('error', broken)
      .once('aborted', broken)
      .once('end', () => {
        request.setTimeout(0);
        out.end(() => resolve({ bytes, sha256: hash.digest('hex') }));
      })
      .on('data', take);
  });
}

export async function removeFile({ folder }: Pick<UploadedFile, 'folder'>): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

function requireMediaType(request: Request, supported: readonly string[]): string {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new Refusal('unsupported-media-type', 'Send the body uncompressed.');
  if (supported.includes(type)) return type;
  throw new Refusal('unsupported-media-type', `Send Content-Type: ${supported.join(' or ')}.`, {
    members: { supported },
  });
}

function refuseSize(limit_bytes: number): Refusal {
  return new Refusal('body-too-large', `A file may have ${limit_bytes} bytes.`, { members: { limit_bytes } });
}
