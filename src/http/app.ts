import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { ErrorRequestHandler, Express, Request, Response } from 'express';
import express from 'express';
import type { App } from '../services/app.ts';
import { Refusal } from '../services/refusal.ts';
import { judgesCookie } from './authenticate.ts';
import { makeDispatcher } from './dispatch.ts';
import { guardAddress, securityHeaders } from './guards.ts';
import { forgetKey } from './key-cookie.ts';
import { makeMetrics } from './metrics.ts';
import { describeOperations } from './openapi.ts';
import type { HttpSettings, Service, ServiceState } from './operation.ts';
import { expressPath } from './operation.ts';
import { operations } from './operations.ts';
import { html, renderProblem, renderSignIn, wantsPage } from './page-templates.ts';
import { servePages } from './pages.ts';
import { problemDocument, problemMediaType, problemTypes, refusalOf } from './problems.ts';
import { makeRateLimits } from './rate-limits.ts';
import { makeBodyReader } from './request-body.ts';
import { describeFailure, nameRoute, requestIdOf, trackRequests } from './request-log.ts';

export type HttpOptions = {
  readonly app: App;
  readonly settings: HttpSettings;
  readonly metrics: boolean;
  readonly state: () => ServiceState;
};

const longestHeaders = 16_384;

/**
 * How long a connection may be idle. A server that hangs up first resets the request that is just being sent on it; so it
 * waits longer than those in front of it, which commonly give up after 60 seconds.
 */
const idleConnectionMs = 65_000;

/** The HTTP server of the service, not yet listening. */
export function createHttpServer(options: HttpOptions): Server {
  const server = createServer(
    {
      maxHeaderSize: longestHeaders,
      // Bodies have their own time limits: a file of gigabytes may take an hour, everything else half a minute.
      requestTimeout: 3_600_000,
      headersTimeout: 10_000,
      keepAliveTimeout: idleConnectionMs,
    },
    createExpress(options),
  );
  server.on('request', (_request, response) => {
    // close() ends what is idle then; what becomes idle by its last answer would be waited for.
    response.on('close', () =>
      setImmediate(() => {
        if (!server.listening) server.closeIdleConnections();
      }),
    );
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) return;
    socket.end(rawProblem(error.code === 'HPE_HEADER_OVERFLOW' ? 'headers-too-large' : 'malformed-json'));
  });
  return server;
}

function createExpress({ app, settings, metrics, state }: HttpOptions): Express {
  const requestMetrics = metrics ? makeMetrics(app.compute) : null;
  const document = describeOperations(operations, settings.publicUrl);
  const service: Service = {
    app,
    settings,
    metrics: requestMetrics?.registry ?? null,
    state,
    document: () => document,
  };
  const dispatch = makeDispatcher(service, makeRateLimits(settings), makeBodyReader(settings.bodyLimitBytes));

  const web = express();
  web
    .disable('x-powered-by')
    .disable('etag')
    .set('trust proxy', settings.trustProxy)
    .set('case sensitive routing', true);
  web.use(
    trackRequests(app.log, requestMetrics),
    securityHeaders,
    guardAddress(settings.allowedHosts, settings.publicUrl),
  );
  web.use((_request, response, next) => {
    // A client that keeps its connection would be cut off in the middle of its next request.
    if (state() === 'stopping') response.set('Connection', 'close');
    next();
  });
  for (const operation of operations) {
    web[operation.method](expressPath(operation), (request, response) => {
      nameRoute(request, operation.path);
      return dispatch(operation, request, response);
    });
  }
  for (const [path, methods] of methodsByPath()) web.all(path, refuseMethod(methods));
  servePages(web, dispatch);
  web.use((request: Request) => {
    throw new Refusal('not-found', `There is nothing at ${request.path.slice(0, 200)}.`);
  });
  web.use(answerProblem(app));
  return web;
}

function answerProblem({ log }: App): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const refusal = refusalOf(error);
    const request_id = requestIdOf(request);
    if (refusal.code === 'internal') log.error({ request_id, ...describeFailure(refusal) }, 'internal error');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { status } = problemTypes[refusal.code];
    for (const name of ['ETag', 'Content-Length', 'Content-Disposition', 'Last-Modified']) response.removeHeader(name);
    if (refusal.retryAfterSeconds !== null) response.set('Retry-After', String(refusal.retryAfterSeconds));
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    const document = problemDocument(refusal, request.path.slice(0, 500), request_id);
    // A browser that keeps a key which is no longer valid would send it for ever, each time as a failed attempt.
    if (status === 401 && judgesCookie(request))
      for (const cookie of forgetKey()) response.append('Set-Cookie', cookie);
    const page = (): string => (status === 401 ? renderSignIn(request) : renderProblem(refusal.code, document));
    const [mediaType, body] = wantsPage(request) ? [html, page()] : [problemMediaType, JSON.stringify(document)];
    response.status(status).set({ 'Content-Type': mediaType, 'Cache-Control': 'no-store' }).end(body);
  };
}

function refuseMethod(methods: readonly string[]) {
  return (request: Request, response: Response): void => {
    response.set('Allow', methods.join(', '));
    if (request.method === 'OPTIONS') {
      response.status(204).end();
      return;
    }
    throw new Refusal('method-not-allowed', `This address takes ${methods.join(', ')}.`, {
      members: { supported: methods },
    });
  };
}

function methodsByPath(): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>();
  for (const operation of operations) {
    const known = methods.get(expressPath(operation)) ?? [];
    const own = operation.method === 'get' ? ['GET', 'HEAD'] : [operation.method.toUpperCase()];
    methods.set(expressPath(operation), [...known, ...own]);
  }
  return methods;
}

/** For what is refused before there is a request to answer. */
function rawProblem(code: 'headers-too-large' | 'malformed-json'): string {
  const { status, title } = problemTypes[code];
  const text = code === 'headers-too-large' ? title : 'The request is not HTTP';
  const body = JSON.stringify({ type: `/v1/problems/${code}`, title: text, status });
  return [
    `HTTP/1.1 ${status} ${text}`,
    `Content-Type: ${problemMediaType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
