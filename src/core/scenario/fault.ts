import type { Problem } from '../problem.ts';
import { pointerTo } from '../problem.ts';

/** A problem whose place is still a path, so that it can be moved under another path. */
export type Fault = {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly suggestions?: readonly string[];
  readonly limit?: string;
};

/** What was read, or everything wrong with it. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** A fault of the very thing that is being read. */
export function faulty(code: string, message: string, suggestions: readonly string[] = []): Fault {
  return { code, path: [], message, suggestions };
}

export function refuse(code: string, message: string, suggestions: readonly string[] = []) {
  return { ok: false, faults: [faulty(code, message, suggestions)] } as const;
}

/** The same faults seen from further out: `path` is put before their own. */
export function faultsUnder(path: readonly PropertyKey[], faults: readonly Fault[]): readonly Fault[] {
  return faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
}

/** More than this many are not told at once. */
export const mostFaults = 200;

/** The faults as problems: at most 200, then one that says there are more. */
export function problemsOf(faults: readonly Fault[]): readonly Problem[] {
  if (faults.length <= mostFaults) return faults.map(problemOf);
  const message = `More than ${mostFaults} problems; the others are shown once these are mended.`;
  const more: Fault = { code: 'too-many-problems', path: [], message, limit: String(mostFaults) };
  return [...faults.slice(0, mostFaults), more].map(problemOf);
}

export function problemOf({ code, path, message, suggestions, limit }: Fault): Problem {
  return {
    code,
    pointer: pointerTo(path),
    message,
    ...(suggestions === undefined || suggestions.length === 0 ? {} : { suggestions }),
    ...(limit === undefined ? {} : { limit }),
  };
}

/** A found value as it is shown in a message: short, on one line, and in quotes when it is text. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) {
    return Object.keys(value).length === 0 ? 'an empty object' : 'an object';
  }
  return value === undefined ? 'nothing' : String(value);
}
