import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { BillLine } from '../../core/bills/bill-line.ts';
import { describeBillLine, readBillLine } from '../../core/bills/bill-line-text.ts';
import type { KnownAccounts } from '../../core/bills/line-account.ts';
import { accountOf } from '../../core/bills/line-account.ts';
import { storableJson } from '../../db/storable-json.ts';
import { Refusal } from '../refusal.ts';

const compress = promisify(gzip);
/** Of a file as it was sent, in one piece of it as it is kept. */
export const chunkBytes = 1_048_576;

/** Lines that a worker wrote, and whose those are that name no account. Reading ends when `signal` aborts. */
export type LineFile = {
  readonly path: string;
  readonly accounts: KnownAccounts;
  readonly signal?: AbortSignal | undefined;
};

/** The lines in order; other requests get their turn in between. Throws Refusal where nobody wants them any more. */
export async function* readBillLines({ path, accounts, signal }: LineFile): AsyncGenerator<BillLine> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const text of lines) {
    if (signal?.aborted === true) throw new Refusal('unavailable', 'The import was stopped: nothing was stored.');
    if (text === '') continue;
    const line = readBillLine(storableJson(text));
    yield { ...line, BillingAccountId: accountOf(line, accounts) };
  }
}

/** A file in pieces of a megabyte, each compressed by itself, so that none of it is ever held whole. */
export async function* compressFile(path: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) yield compress(chunk as Buffer);
}

/** Names what a line says, whatever its place in the file and the order of columns that no rule reads. */
export function digestLine(line: BillLine): string {
  const { x_FirstLine: _first, x_LastLine: _last, x_Other, ...content } = describeBillLine(line);
  const other = Object.entries(x_Other).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([...Object.values(content), other]))
    .digest('base64');
}

/** Names what a bill says, in whatever order its lines stand. */
export function digestLines(digests: readonly string[]): string {
  const hash = createHash('sha256');
  for (const digest of digests.toSorted()) hash.update(digest);
  return hash.digest('hex');
}
