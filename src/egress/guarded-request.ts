import type { ClientRequest, IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import ipaddr from 'ipaddr.js';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';

/** What the operator of the service allows to leave it. */
export type EgressRules = {
  /** Nothing leaves, whatever else is allowed. */
  readonly offline: boolean;
  /** Hosts that free addresses (webhooks, bills at a URL) may name; empty is every public host. */
  readonly hosts: readonly string[];
  /** Private addresses or ranges (`10.1.0.0/16`) that may be reached all the same, over plain HTTP and any port too. */
  readonly privateRanges: readonly string[];
  /** From the first byte asked to the last one received. */
  readonly timeoutMs: number;
  /** Who says which addresses a name has; the system unless given. */
  readonly lookup?: LookupFunction;
};

/** Where a request may go: one of the listed origins, or any address that the rules for free addresses let pass. */
export type Destination = { readonly origins: readonly string[] } | 'free';

export type EgressRequest = {
  readonly method: 'GET' | 'POST';
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
  readonly destination: Destination;
  readonly maxBytes: number;
};

export type EgressAnswer = {
  readonly status: number;
  /** Lower-case names; several headers of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/**
 * `refused`: the rules do not let it go, and it never will. The others are of the moment: `unreachable`, `untrusted` (its
 * certificate), `timeout`, `broken` (it ended early), `too-large`.
 */
export type EgressFailureKind = 'refused' | 'unreachable' | 'untrusted' | 'timeout' | 'broken' | 'too-large';

/** Why there is no answer, in one sentence; what the far side said is never part of it. */
export class EgressFailed extends Error {
  readonly kind: EgressFailureKind;

  constructor(kind: EgressFailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EgressFailed';
    this.kind = kind;
  }
}

/**
 * The one door out. Redirects are not followed, since they could lead elsewhere; every address that a name resolves to is
 * checked, and the connection goes to a checked one. An answer of any status is an answer. Throws EgressFailed, and the
 * reason of `stop` once that is aborted.
 */
export async function sendGuarded(
  request: EgressRequest,
  rules: EgressRules,
  stop?: AbortSignal,
): Promise<EgressAnswer> {
  stop?.throwIfAborted();
  const url = requireAllowed(request, rules);
  const timeout = AbortSignal.timeout(rules.timeoutMs);
  const signal = stop === undefined ? timeout : AbortSignal.any([timeout, stop]);
  try {
    const answer = await openAnswer(url, request, rules, signal);
    return await readAnswer(answer, url.origin, request.maxBytes);
  } catch (cause) {
    if (cause instanceof EgressFailed) throw cause;
    stop?.throwIfAborted();
    if (timeout.aborted) {
      throw new EgressFailed('timeout', `${url.origin} took longer than ${rules.timeoutMs / 1000} s.`, { cause });
    }
    throw failureOf(cause, url.origin);
  }
}

/** Why an address may not be asked, or null; the addresses behind a name are looked at only when it is asked. */
export function judgeAddress(address: string, destination: Destination, rules: EgressRules): string | null {
  const url = URL.parse(address);
  const shown = address.slice(0, 200);
  if (url === null || /[\s\\]/.test(address)) return `${shown} is not an address.`;
  if (url.username !== '' || url.password !== '') return `${url.origin} may not be asked with a user in its address.`;
  if (rules.offline) return `OFFLINE=true: nothing is asked of ${url.host}.`;
  if (destination !== 'free') {
    if (destination.origins.includes(url.origin)) return null;
    return `${shown} is not among the addresses that may be asked: ${destination.origins.join(', ')}.`;
  }
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const isListedPrivate = isIP(host) !== 0 && isWithin(host, rules.privateRanges);
  if (rules.hosts.length > 0 && !rules.hosts.includes(host) && !isListedPrivate) {
    return `${host} is not among the hosts of EGRESS_ALLOW: ${rules.hosts.join(', ')}.`;
  }
  if (isListedPrivate && (url.protocol === 'http:' || url.protocol === 'https:')) return null;
  if (url.protocol !== 'https:') return `${shown} must begin with https://.`;
  if (url.port !== '' && url.port !== '8443') return `${shown} must use port 443 or 8443.`;
  if (isIP(host) !== 0 && ipaddr.process(host).range() !== 'unicast') return beyond(host);
  if (host === 'localhost' || host.endsWith('.localhost')) return beyond(host);
  return null;
}

function beyond(host: string): string {
  return `${host} is not a public address; EGRESS_ALLOW_PRIVATE can list it.`;
}

function requireAllowed({ address, destination }: EgressRequest, rules: EgressRules): URL {
  const reason = judgeAddress(address, destination, rules);
  if (reason !== null) throw new EgressFailed('refused', reason);
  return new URL(address);
}

function isWithin(address: string, ranges: readonly string[]): boolean {
  const parsed = ipaddr.process(address);
  return ranges.some((range) => {
    const [network, bits] = range.includes('/') ? ipaddr.parseCIDR(range) : [ipaddr.process(range), null];
    return network.kind() === parsed.kind() && parsed.match(network, bits ?? (parsed.kind() === 'ipv4' ? 32 : 128));
  });
}

function openAnswer(
  url: URL,
  request: EgressRequest,
  rules: EgressRules,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { method, headers, body } = request;
  const filter = { allowIPAddressList: [...rules.privateRanges], keepAlive: false, timeout: rules.timeoutMs };
  const resolver = rules.lookup === undefined ? {} : { lookup: rules.lookup };
  const options = {
    method,
    signal,
    ...resolver,
    headers: { 'Accept-Encoding': 'gzip', ...headers, ...lengthOf(body) },
  };
  return new Promise((resolve, reject) => {
    const sent: ClientRequest =
      url.protocol === 'https:'
        ? https.request(url, { ...options, agent: new RequestFilteringHttpsAgent(filter) }, resolve)
        : http.request(url, { ...options, agent: new RequestFilteringHttpAgent(filter) }, resolve);
    sent.once('error', reject);
    sent.end(body ?? undefined);
  });
}

function lengthOf(body: string | Uint8Array | null): Readonly<Record<string, string>> {
  return body === null ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
}

async function readAnswer(answer: IncomingMessage, origin: string, maxBytes: number): Promise<EgressAnswer> {
  const status = answer.statusCode ?? 0;
  const encoding = (answer.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') {
    answer.destroy();
    throw new EgressFailed(
      'broken',
      `${origin} answered in the encoding "${encoding.slice(0, 20)}", which was not asked for.`,
    );
  }
  const plain = encoding === 'gzip' ? pipeline(answer, createGunzip(), () => {}) : answer;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of plain as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      answer.destroy();
      throw new EgressFailed('too-large', `${origin} sent more than ${maxBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return { status, headers: headersOf(answer), body: Buffer.concat(chunks) };
}

function headersOf(answer: IncomingMessage): Readonly<Record<string, string>> {
  const given = Object.entries(answer.headers).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined,
  );
  return Object.fromEntries(given.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
}

function failureOf(cause: unknown, origin: string): EgressFailed {
  const { code = '', message = '' } = cause as NodeJS.ErrnoException;
  if (message.includes('is not allowed. Because')) {
    return new EgressFailed(
      'refused',
      `The name in ${origin} leads to an address that is not public; EGRESS_ALLOW_PRIVATE can list it.`,
      { cause },
    );
  }
  if (/^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code) || code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return new EgressFailed('untrusted', `${origin} could not prove who it is (${code}).`, { cause });
  }
  if (/^(ECONNRESET|EPIPE|Z_|HPE_)/.test(code) || /aborted|unexpected end/i.test(message)) {
    return new EgressFailed('broken', `${origin} ended its answer early (${code || 'aborted'}).`, { cause });
  }
  return new EgressFailed('unreachable', `${origin} could not be reached (${code || 'unknown'}).`, { cause });
}
