const mostWaitMs = 24 * 3_600_000;

/** How long an answer asks to wait: seconds or an HTTP date (RFC 9110 section 10.2.3), at most a day; null for anything else. */
export function parseRetryAfter(text: string | undefined, now: Date): number | null {
  if (text === undefined) return null;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime();
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, mostWaitMs) : null;
}
