import type { Fault } from './fault.ts';
import { shown } from './fault.ts';

const mostDepth = 32;
const mostKeys = 500;
const mostElements = 10_000;
const mostValues = 200_000;
const longestText = 10_000;
const longestKey = 200;

type Place = { readonly key: PropertyKey; readonly parent: Place | undefined; readonly depth: number };

/**
 * What makes input too large or too strange to be looked at more closely: depth, size, keys that no schema sees
 * (`__proto__`), values that JSON does not have. Walks a list of its own instead of the stack, so that depth cannot hurt it.
 */
export function findLimitFaults(input: unknown): readonly Fault[] {
  const faults: Fault[] = [];
  const waiting: { readonly value: unknown; readonly place: Place | undefined }[] = [
    { value: input, place: undefined },
  ];
  let values = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, place } = next;
    const depth = place?.depth ?? 0;
    values += 1;
    if (values > mostValues) return [limitFault(undefined, 'values in all', mostValues)];
    if (faults.length >= 20) return faults;
    if (typeof value === 'string' && value.length > longestText)
      faults.push(limitFault(place, 'characters', longestText));
    if (!isJson(value)) faults.push(notJson(place, value));
    if (typeof value !== 'object' || value === null || !isJson(value)) continue;
    if (depth >= mostDepth) {
      faults.push(limitFault(place, 'levels of nesting', mostDepth));
      continue;
    }
    const keys = Array.isArray(value) ? undefined : Object.keys(value);
    const size = keys?.length ?? (value as readonly unknown[]).length;
    const most = keys === undefined ? mostElements : mostKeys;
    if (size > most) {
      faults.push(limitFault(place, keys === undefined ? 'elements' : 'keys', most));
      continue;
    }
    const named = keys?.find((key) => key === '__proto__' || key.length > longestKey);
    if (named !== undefined) {
      faults.push(named === '__proto__' ? protoFault(place) : limitFault(place, 'characters in a key', longestKey));
      continue;
    }
    for (const [key, child] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
      waiting.push({ value: child, place: { key, parent: place, depth: depth + 1 } });
    }
  }
  return faults;
}

function isJson(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) {
    return value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function limitFault(place: Place | undefined, what: string, limit: number): Fault {
  const message = `More than ${limit.toLocaleString('en')} ${what}: infercast takes at most that.`;
  return { code: 'limit-exceeded', path: pathOf(place), message, limit: String(limit) };
}

function protoFault(place: Place | undefined): Fault {
  return {
    code: 'unknown-key',
    path: [...pathOf(place), '__proto__'],
    message: '"__proto__" is not a key of a scenario.',
  };
}

function notJson(place: Place | undefined, value: unknown): Fault {
  const found = typeof value === 'object' && value !== null ? 'a special object' : shown(typeof value);
  const message = `Found ${found}; expected what JSON has: text, number, true, false, null, list or object. Put dates in quotes.`;
  return { code: 'wrong-type', path: pathOf(place), message };
}

function pathOf(place: Place | undefined): readonly PropertyKey[] {
  const path: PropertyKey[] = [];
  for (let at = place; at !== undefined; at = at.parent) path.unshift(at.key);
  return path;
}
