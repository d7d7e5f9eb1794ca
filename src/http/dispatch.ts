import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { answerOnce } from '../services/idempotency.ts';
import { makeObjectId } from '../services/ids.ts';
import { readThroughOutages } from '../services/outage.ts';
import { Refusal, refuseInput } from '../services/refusal.ts';
import { authenticate, hasMetricsToken, requireScope, sendsKey } from './authenticate.ts';
import { etagOf, namesEtag, namesEtagWeakly } from './entity-tags.ts';
import type { Actor, Answer, Call, FileDescription, Operation, Service } from './operation.ts';
import type { RateLimits } from './rate-limits.ts';
import type { BodyReader } from './request-body.ts';
import { checkAgainst } from './request-schema.ts';
import { receiveFile, removeFile } from './uploads.ts';

export type Dispatcher = (operation: Operation, request: Request, response: Response) => Promise<void>;

type RawBody = { readonly bytes: Uint8Array; readonly value: unknown };
type Payload = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly stream?: Answer['stream'];
  readonly cookies?: Answer['cookies'];
  readonly wrongKey?: true;
};

const json = 'application/json; charset=utf-8';

/**
 * The way of every request: who is it, may they, how often; is what they sent of the declared shape; then the operation,
 * once for each Idempotency-Key; then the answer, or 304 where the client has it. Throws Refusal at the first wrong step,
 * with everything wrong in that step.
 */
export function makeDispatcher(service: Service, limits: RateLimits, readBody: BodyReader): Dispatcher {
  return async (operation, request, response) => {
    const actor = await admit(service, limits, operation, request, response);
    requireAcceptable(operation, request);
    if (operation.file !== undefined) {
      await limits.count('upload', actor, request, response);
      const call = readCall(operation, request, response, actor, undefined);
      const payload = await performWithFile(service, operation, operation.file, request, call);
      await send(request, response, operation, payload);
      return;
    }
    const raw = await readSent(operation, request, response, readBody);
    const rate = typeof operation.rate === 'function' ? operation.rate(raw?.value) : operation.rate;
    await limits.count(rate, actor, request, response);
    const call = readCall(operation, request, response, actor, raw?.value);
    const payload = await perform(service, operation, request, call, raw);
    if (payload.wrongKey === true) await limits.countFailure(request, response);
    await send(request, response, operation, payload);
  };
}

async function admit(
  service: Service,
  limits: RateLimits,
  operation: Operation,
  request: Request,
  response: Response,
): Promise<Actor> {
  if (operation.scope === null) return { kind: 'local' };
  if (operation.scope === 'metrics' && hasMetricsToken(service, request)) return { kind: 'local' };
  try {
    const actor = await authenticate(service, request);
    requireScope(actor, operation.scope);
    return actor;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'unauthenticated' && sendsKey(request)) {
      await limits.countFailure(request, response);
    }
    throw error;
  }
}

async function readSent(
  { body }: Operation,
  request: Request,
  response: Response,
  readBody: BodyReader,
): Promise<RawBody | undefined> {
  if (body === undefined) return undefined;
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  if (body.optional === true && length === '0' && encoding === undefined) return { bytes: Buffer.alloc(0), value: {} };
  return readBody(request, response, body);
}

function requireAcceptable(operation: Operation, request: Request): void {
  const supported = Object.values(operation.answers)
    .filter(({ schema, mediaType }) => schema !== undefined || mediaType !== undefined)
    .map(({ mediaType }) => (mediaType ?? json).split(';')[0] ?? json);
  if (supported.length === 0 || request.accepts([...supported, 'application/problem+json']) !== false) return;
  throw new Refusal('not-acceptable', `This comes as ${supported.join(' or ')} only.`, { members: { supported } });
}

function readCall(operation: Operation, request: Request, response: Response, actor: Actor, body: unknown): Call {
  const params = checkAgainst(operation.params ?? anything, request.params);
  if (!params.ok) throw new Refusal('not-found', 'No id has this form.');
  const query =
    operation.query === undefined ? noQuery(request.query) : checkAgainst(operation.query, { ...request.query });
  if (!query.ok) {
    const message =
      query.problems.length === 1 ? 'One parameter is wrong.' : `${query.problems.length} parameters are wrong.`;
    throw new Refusal('invalid-parameter', message, { errors: query.problems });
  }
  const checked =
    operation.body?.check === undefined ? { ok: true as const, value: body } : checkAgainst(operation.body.check, body);
  if (!checked.ok) throw refuseInput(checked.problems);
  const expected = request.headers['if-match'];
  if (operation.changes === true && expected === undefined) {
    throw new Refusal('if-match-required', 'Send If-Match with the ETag of the version you read.');
  }
  return {
    params: params.value,
    query: query.value,
    body: checked.value,
    actor,
    signal: signalOf(response),
    objectId: makeObjectId(),
    prefersAsync: /(^|[,;\s])respond-async($|[,;\s])/i.test(String(request.headers.prefer ?? '')),
    secure: request.secure || (request.headers.origin ?? '').startsWith('https:'),
    isExpected: (etag) => namesEtag(expected ?? '', etag),
  };
}

const anything = {
  safeParse: (data: unknown) => ({ success: true as const, data }),
} as unknown as NonNullable<Operation['params']>;

function noQuery(query: object) {
  const [name] = Object.keys(query);
  if (name === undefined) return { ok: true as const, value: {} };
  const message = `"${name.slice(0, 60)}" is not known here: this takes no parameters.`;
  return { ok: false as const, problems: [{ code: 'unknown-key', pointer: `/${name.slice(0, 60)}`, message }] };
}

function signalOf(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Everything that can be judged without the file is judged before a byte of it is read. */
async function performWithFile(
  service: Service,
  operation: Operation,
  file: FileDescription<unknown>,
  request: Request,
  call: Call,
): Promise<Payload> {
  if (file.needsKey(call.query) && request.headers['idempotency-key'] === undefined) {
    const message = 'Send an Idempotency-Key, best a UUID: if the answer is lost, the same request again is safe.';
    throw new Refusal('idempotency-key-invalid', message);
  }
  const upload = await receiveFile(service, request, file);
  try {
    const raw = { bytes: Buffer.from(upload.sha256), value: upload };
    return await perform(service, operation, request, { ...call, body: upload }, raw);
  } finally {
    await removeFile(upload);
  }
}

async function perform(
  service: Service,
  operation: Operation,
  request: Request,
  call: Call,
  raw: RawBody | undefined,
): Promise<Payload> {
  if (operation.method === 'get')
    return payloadOf(await readThroughOutages(async () => operation.handle(service, call)));
  const key = request.headers['idempotency-key'];
  if (operation.makes !== true || key === undefined) return payloadOf(await operation.handle(service, call));
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw new Refusal('idempotency-key-invalid', 'An Idempotency-Key has 1 to 200 visible ASCII characters.');
  }
  const { actor } = call;
  let made: Payload | undefined;
  const kept = await answerOnce(
    service.app,
    {
      actor: actor.kind === 'local' ? 'local' : actor.key.id,
      key,
      fingerprint: [operation.method, request.originalUrl, raw?.bytes ?? ''],
    },
    async (objectId) => {
      const answer = await operation.handle(service, { ...call, objectId });
      made = payloadOf(answer);
      const again = answer.repeatedBody === undefined ? made : payloadOf({ ...answer, body: answer.repeatedBody });
      return { ...again, body: String(again.body) };
    },
  );
  return made ?? { ...kept, headers: { ...kept.headers, 'Idempotency-Replayed': 'true' } };
}

function payloadOf({ status, body, mediaType, etag, headers, stream, cookies, wrongKey }: Answer): Payload {
  const content =
    body === undefined ? '' : mediaType !== undefined ? (body as string | Uint8Array) : JSON.stringify(body);
  return {
    status,
    headers: {
      ...(body === undefined && stream === undefined ? {} : { 'Content-Type': mediaType ?? json }),
      ...(etag === undefined ? {} : { ETag: etag }),
      ...headers,
    },
    body: content,
    ...(stream === undefined ? {} : { stream }),
    ...(cookies === undefined ? {} : { cookies }),
    ...(wrongKey === undefined ? {} : { wrongKey }),
  };
}

async function send(
  request: Request,
  response: Response,
  operation: Operation,
  { status, headers, body, stream, cookies = [] }: Payload,
): Promise<void> {
  const reads = operation.method === 'get' && status === 200 && operation.scope !== null;
  const etag = headers.ETag ?? (reads && stream === undefined ? etagOf(body) : undefined);
  response.status(status).set('Cache-Control', operation.cacheControl ?? 'private, no-cache');
  response.set({ ...headers, ...(etag === undefined ? {} : { ETag: etag }) });
  for (const cookie of cookies) response.append('Set-Cookie', cookie);
  const known = request.headers['if-none-match'];
  if (reads && etag !== undefined && known !== undefined && namesEtagWeakly(known, etag)) {
    response.removeHeader('Content-Type');
    response.status(304).end();
    return;
  }
  if (stream === undefined) {
    response.set('Content-Length', String(Buffer.byteLength(body))).end(body);
    return;
  }
  if (stream.bytes !== null) response.set('Content-Length', String(stream.bytes));
  if (request.method === 'HEAD') response.end();
  else await pipeline(stream.content, response);
}
