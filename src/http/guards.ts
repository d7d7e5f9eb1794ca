import type { Request, RequestHandler } from 'express';
import { Refusal } from '../services/refusal.ts';

const longestUrl = 4_096;

/**
 * Refuses what a web page elsewhere may send through the reader's browser: a Host that is not ours (a foreign name that
 * was pointed at this machine), an Origin that is not the page's own. Programs send no Origin and pass.
 */
export function guardAddress(allowedHosts: readonly string[], publicUrl: string | null): RequestHandler {
  const publicOrigin = publicUrl === null ? null : new URL(publicUrl).origin;
  return (request, _response, next) => {
    if (request.originalUrl.length > longestUrl) {
      throw new Refusal('url-too-long', `An address may have ${longestUrl} characters.`, {
        members: { limit: longestUrl },
      });
    }
    const host = request.headers.host ?? '';
    if (!allowedHosts.includes(hostnameOf(host))) {
      throw new Refusal(
        'misdirected-request',
        'This service does not answer to that Host: use its own name, or list it in ALLOWED_HOSTS.',
      );
    }
    const { origin } = request.headers;
    if (
      origin !== undefined &&
      origin !== `http://${host}` &&
      origin !== `https://${host}` &&
      origin !== publicOrigin
    ) {
      throw new Refusal('csrf', 'Pages of other sites may not call this service.');
    }
    if (isForeignFetch(request)) throw new Refusal('csrf', 'Other sites may link here, but not load from here.');
    next();
  };
}

/**
 * Refuses a form that does not come from a page of ours. The API asks for JSON, which no foreign page may send unasked; a
 * form may come from anywhere, so here a browser has to say that it is ours.
 */
export const guardForms: RequestHandler = ({ method, headers }, _response, next) => {
  const isOwn = headers.origin !== undefined || headers['sec-fetch-site'] === 'same-origin';
  if (method !== 'GET' && method !== 'HEAD' && !isOwn) {
    throw new Refusal('csrf', 'Forms are taken from the pages of this service only; programs use the API at /v1.');
  }
  next();
};

/** Browsers say where a request comes from; following a link is all that others may do. */
function isForeignFetch({ headers, method }: Request): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  return !(headers['sec-fetch-mode'] === 'navigate' && (method === 'GET' || method === 'HEAD'));
}

function hostnameOf(host: string): string {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@\s]+))(?::\d{1,5})?$/.exec(host.toLowerCase());
  return match?.[1] ?? match?.[2]?.replace(/\.$/, '') ?? '';
}

const policy =
  "default-src 'self'; script-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** On every answer, errors included. The documentation page alone has styles inside it. */
export const securityHeaders: RequestHandler = (request, response, next) => {
  const documentation = /^\/docs(\/|$)/.test(request.path);
  response.set({
    'Content-Security-Policy': documentation
      ? `${policy}; style-src 'self' 'unsafe-inline'; img-src 'self' data:`
      : policy,
    'X-Content-Type-Options': 'nosniff',
    // With no-referrer, forms of our own pages would come with `Origin: null`.
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Frame-Options': 'DENY',
    Vary: 'Accept, Authorization, Cookie',
  });
  next();
};
