import type { Request } from 'express';

/**
 * A browser cannot send an Authorization header by itself, so the page keeps the reader's key in a cookie that no script
 * can read, that no other site's requests carry, and that ends after twelve hours. The key itself: what is revoked stops at
 * once, on every instance, and nothing has to be stored about who is signed in.
 */
const names = { encrypted: '__Host-infercast', plain: 'infercast' };
const longestSeconds = 12 * 3_600;

/** The key that a page's cookie carries; undefined where there is none. */
export function cookieKeyOf({ headers }: Request): string | undefined {
  const sent = new Map(
    (headers.cookie ?? '').split(';').flatMap((pair): [string, string][] => {
      const [, name = '', value = ''] = /^\s*([^=\s]+)=([\x21-\x7e]{1,300})\s*$/.exec(pair) ?? [];
      return name === '' ? [] : [[name, value]];
    }),
  );
  return sent.get(names.encrypted) ?? sent.get(names.plain);
}

/** The header that has a browser keep a key; `secure`: the connection is encrypted. */
export function keepKey(key: string, secure: boolean): string {
  return `${nameOf(secure)}=${key}; Max-Age=${longestSeconds}; ${attributes(secure)}`;
}

/** The headers that have a browser forget it. */
export function forgetKey(): readonly string[] {
  return [true, false].map((secure) => `${nameOf(secure)}=; Max-Age=0; ${attributes(secure)}`);
}

function nameOf(secure: boolean): string {
  return secure ? names.encrypted : names.plain;
}

function attributes(secure: boolean): string {
  return `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
