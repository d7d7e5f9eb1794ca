import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { ApiKeyView, Scope } from '../services/api-keys.ts';
import type { App } from '../services/app.ts';
import type { RefusalCode } from '../services/refusal.ts';

/** Who calls: somebody on this machine while the service is open, or the holder of a key. */
export type Actor = { readonly kind: 'local' } | { readonly kind: 'key'; readonly key: ApiKeyView };

export type RateClass = 'read' | 'write' | 'compute' | 'upload';

export type HttpSettings = {
  readonly allowedHosts: readonly string[];
  /** Address under which people reach the service, if not its own. */
  readonly publicUrl: string | null;
  readonly trustProxy: number;
  /** False: open to this machine. */
  readonly keysRequired: boolean;
  readonly bodyLimitBytes: number;
  readonly ratesPerMinute: Readonly<Record<RateClass, number>>;
  readonly metricsToken: string | null;
};

export type ServiceState = 'starting' | 'serving' | 'stopping';

/** What operations see of the service around them. */
export type Service = {
  readonly app: App;
  readonly settings: HttpSettings;
  readonly metrics: Registry | null;
  readonly state: () => ServiceState;
  readonly document: () => object;
};

/** One request after every check: what it may hold is what the operation's schemas let through. */
export type Call<Params = unknown, Query = unknown, Body = unknown> = {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly actor: Actor;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** For the object a POST makes: the same when the request is repeated with its Idempotency-Key. */
  readonly objectId: string;
  /** The client would rather be told where to look later than wait (RFC 7240). */
  readonly prefersAsync: boolean;
  /** Whether the request came over an encrypted connection, as far as is known behind a proxy. */
  readonly secure: boolean;
  /** Of an operation that changes something: whether If-Match names this ETag. */
  readonly isExpected: (etag: string) => boolean;
};

export type Answer = {
  readonly status: number;
  /** A value that becomes JSON, or a text or bytes that go out as they are with `mediaType`. */
  readonly body?: unknown;
  readonly mediaType?: string;
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes that go out as they come, with `mediaType`; `bytes` is how many. */
  readonly stream?: { readonly bytes: number | null; readonly content: AsyncIterable<Uint8Array> };
  /** `Set-Cookie` headers. */
  readonly cookies?: readonly string[];
  /** A key was judged that is not valid: it counts as a failed attempt of whoever sent it. */
  readonly wrongKey?: true;
  /** What a repetition with the same Idempotency-Key is answered, where that must differ: a secret is shown once. */
  readonly repeatedBody?: unknown;
};

export type AnswerDescription = {
  readonly description: string;
  /** JSON unless `mediaType` says otherwise. */
  readonly schema?: z.ZodType;
  readonly mediaType?: string;
  readonly headers?: readonly ('ETag' | 'Location' | 'Link' | 'Content-Disposition')[];
};

export type BodyDescription<Body> = {
  /** What the body is checked with before the operation sees it; left out: the operation judges it by itself. */
  readonly check?: z.ZodType<Body>;
  /** What the OpenAPI document shows. */
  readonly schema: z.ZodType;
  readonly yaml: boolean;
  /** A request without a body counts as an empty object. */
  readonly optional?: true;
  /** Other forms, which the operation reads by itself: it is given the text as it came. */
  readonly text?: { readonly mediaTypes: readonly string[]; readonly limitBytes: number };
  readonly example: unknown;
};

/** A body that is a file: it goes to the disk as it comes, and the operation is given an `UploadedFile`. */
export type FileDescription<Query> = {
  readonly mediaTypes: readonly string[];
  readonly limitBytes: (service: Service) => number;
  /** Whether a request must carry an Idempotency-Key, so that a lost answer never makes it store twice. */
  readonly needsKey: (query: Query) => boolean;
};

/** One method of one address: what Express serves and what the OpenAPI document says come from the same place. */
export type Operation<Params = unknown, Query = unknown, Body = unknown> = {
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** OpenAPI form: `/v1/scenarios/{id}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** null: open to everybody. */
  readonly scope: Scope | null;
  readonly rate: RateClass | ((body: unknown) => RateClass);
  readonly params?: z.ZodType<Params>;
  readonly query?: z.ZodType<Query>;
  readonly body?: BodyDescription<Body>;
  /** Instead of `body`. */
  readonly file?: FileDescription<Query>;
  /** Needs If-Match. */
  readonly changes?: true;
  /** Takes Idempotency-Key: it makes something that a repetition must not make twice. */
  readonly makes?: true;
  readonly cacheControl?: string;
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  readonly refusals: readonly RefusalCode[];
  readonly handle: (service: Service, call: Call<Params, Query, Body>) => Answer | Promise<Answer>;
};

/** Ties the schemas of an operation to the types its handler sees. */
export function operation<Params, Query, Body>(definition: Operation<Params, Query, Body>): Operation {
  return definition as unknown as Operation;
}

/** The path of an operation as Express writes it: `/v1/scenarios/:id`. */
export function expressPath({ path }: Operation): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}
