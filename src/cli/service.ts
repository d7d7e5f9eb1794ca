import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Config } from '../config.ts';
import type { ExitCode } from './exit.ts';
import { badUsage, CommandFailed, exitCodes } from './exit.ts';

/** Where the service of these settings listens. */
export function serviceUrl({ HOST, PORT }: Pick<Config, 'HOST' | 'PORT'>): string {
  const host = HOST === '0.0.0.0' ? '127.0.0.1' : HOST === '::' ? '::1' : HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`;
}

/** Whether infercast answers at an address. */
export async function findService(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(2_000), redirect: 'error' });
    const { status } = (await response.json()) as { status?: unknown };
    return status === 'alive';
  } catch {
    return false;
  }
}

export type ServiceClient = {
  /** The JSON of the answer; null where it has none. Throws CommandFailed with the problem, or exit code 5. */
  readonly call: (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    timeoutMs?: number,
  ) => Promise<unknown>;
  /** Changes or deletes what stands at a path, in the version that it has now. Throws as `call` does. */
  readonly change: (method: 'PATCH' | 'DELETE', path: string, body?: unknown) => Promise<unknown>;
  /** The same with a text as it is. */
  readonly post: (path: string, text: string, mediaType: string) => Promise<unknown>;
  /** The same with a file, which is never held whole; `onProgress` is told how many bytes went out. */
  readonly upload: (path: string, file: string, options: UploadOptions) => Promise<unknown>;
};

type Answer = { readonly value: unknown; readonly etag: string };

export type UploadOptions = {
  readonly mediaType: string;
  readonly idempotencyKey: string;
  readonly onProgress: (bytes: number) => void;
};

/** The service answered with a problem, which may hold more than its lines say. */
export class ServiceRefused extends CommandFailed {
  readonly problem: RefusalText;

  constructor(exitCode: ExitCode, lines: readonly string[], problem: RefusalText) {
    super(exitCode, lines);
    this.name = 'ServiceRefused';
    this.problem = problem;
  }
}

/** A client of a running service; `keyFile` holds the key it asks for. */
export async function connectService(url: string, keyFile: string | null): Promise<ServiceClient> {
  const base = url.replace(/\/+$/, '');
  if (URL.parse(base) === null || !/^https?:/.test(base))
    throw badUsage(`--server ${url}: expected an address such as http://127.0.0.1:7800.`);
  const key = keyFile === null ? null : await readKey(keyFile);
  const answer = async (method: string, path: string, request: RequestInit): Promise<Answer> => {
    const response = await send(base, path, {
      ...request,
      method,
      headers: {
        Accept: 'application/json',
        ...(key !== null && { Authorization: `Bearer ${key}` }),
        ...request.headers,
      },
      redirect: 'error',
    });
    const text = await response.text();
    if (response.ok)
      return { value: text === '' ? null : (JSON.parse(text) as unknown), etag: response.headers.get('etag') ?? '' };
    const exitCode = [400, 404, 422].includes(response.status) ? exitCodes.badUsage : exitCodes.failed;
    throw new ServiceRefused(exitCode, describeRefusal(response.status, text, key !== null), readProblem(text));
  };
  const ask = async (method: string, path: string, request: RequestInit): Promise<unknown> =>
    (await answer(method, path, request)).value;
  return {
    call: (method, path, body, timeoutMs = answerMs) =>
      ask(method, path, {
        ...(body !== undefined && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
        signal: AbortSignal.timeout(timeoutMs),
      }),
    change: async (method, path, body) => {
      const { etag } = await answer('GET', path, { signal: AbortSignal.timeout(answerMs) });
      return ask(method, path, {
        ...(body !== undefined && { body: JSON.stringify(body) }),
        headers: { 'If-Match': etag, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
        signal: AbortSignal.timeout(answerMs),
      });
    },
    post: (path, text, mediaType) =>
      ask('POST', path, {
        body: text,
        headers: { 'Content-Type': mediaType },
        signal: AbortSignal.timeout(answerMs),
      }),
    upload: (path, file, { mediaType, idempotencyKey, onProgress }) =>
      ask('POST', path, {
        body: Readable.toWeb(Readable.from(countBytes(file, onProgress))) as ReadableStream,
        headers: { 'Content-Type': mediaType, 'Idempotency-Key': idempotencyKey },
        duplex: 'half',
        signal: AbortSignal.timeout(uploadMs),
      } as RequestInit),
  };
}

const answerMs = 30_000;
const uploadMs = 3_600_000;

async function* countBytes(file: string, onProgress: (bytes: number) => void): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of createReadStream(file)) {
    bytes += (chunk as Buffer).byteLength;
    onProgress(bytes);
    yield chunk as Buffer;
  }
}

async function send(base: string, path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(`${base}${path}`, request);
  } catch (cause) {
    const reason = ((cause as Error).cause as { code?: string } | undefined)?.code ?? (cause as Error).message;
    throw new CommandFailed(
      exitCodes.unreachable,
      [`No service answers at ${base} (${reason}): start it with npm start, or give its address with --server.`],
      { cause },
    );
  }
}

function describeRefusal(status: number, text: string, hasKey: boolean): readonly string[] {
  const { detail, title, errors } = readProblem(text);
  const help = status === 401 && !hasKey ? ' Give a file that holds an admin key with --key-file.' : '';
  const first = `The service refused (${status}): ${detail ?? title ?? 'it gave no reason.'}${help}`;
  return [first, ...(errors ?? []).map((error) => `${error.pointer}: ${error.detail}`)];
}

/** A problem as the service tells it. */
export type RefusalText = {
  readonly detail?: string;
  readonly title?: string;
  readonly errors?: readonly {
    readonly pointer: string;
    readonly detail: string;
    readonly suggestions?: readonly string[];
  }[];
};

function readProblem(text: string): RefusalText {
  try {
    return JSON.parse(text) as RefusalText;
  } catch {
    return {};
  }
}

async function readKey(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw badUsage(`The key file ${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}).`, {
      cause,
    });
  });
  const key = text.trim();
  if (/^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw badUsage(`${file} holds no key: expected one line such as ifc_live_….`);
}
