import { readFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
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
  readonly call: (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => Promise<unknown>;
  /** The same with a text as it is. */
  readonly post: (path: string, text: string, mediaType: string) => Promise<unknown>;
};

/** A client of a running service; `keyFile` holds the key it asks for. */
export async function connectService(url: string, keyFile: string | null): Promise<ServiceClient> {
  const base = url.replace(/\/+$/, '');
  if (URL.parse(base) === null || !/^https?:/.test(base))
    throw badUsage(`--server ${url}: expected an address such as http://127.0.0.1:7800.`);
  const key = keyFile === null ? null : await readKey(keyFile);
  const ask = async (method: string, path: string, body?: string, mediaType = 'application/json'): Promise<unknown> => {
    const response = await send(base, path, {
      method,
      headers: {
        Accept: 'application/json',
        ...(key !== null && { Authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'Content-Type': mediaType }),
      },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(30_000),
      redirect: 'error',
    });
    const text = await response.text();
    if (response.ok) return text === '' ? null : (JSON.parse(text) as unknown);
    const exitCode = [400, 404, 422].includes(response.status) ? exitCodes.badUsage : exitCodes.failed;
    throw new CommandFailed(exitCode, describeRefusal(response.status, text, key !== null));
  };
  return {
    call: (method, path, body) => ask(method, path, body === undefined ? undefined : JSON.stringify(body)),
    post: (path, text, mediaType) => ask('POST', path, text, mediaType),
  };
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

type ProblemText = {
  readonly detail?: string;
  readonly title?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
};

function readProblem(text: string): ProblemText {
  try {
    return JSON.parse(text) as ProblemText;
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
