import type { Fault } from './fault.ts';

/** Input of which every part may be missing, because it was left out or was refused. */
export type Readable<T> = T extends readonly (infer Element)[]
  ? readonly (Readable<Element> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Readable<T[Key]> | undefined }
    : T;

/**
 * A copy of the input in which every faulty part is undefined. What is left has passed its own schema, so that rules
 * between fields can be checked as far as the fields are readable. Places in lists are kept.
 */
export function withoutFaulty(input: unknown, faults: readonly Fault[]): unknown {
  const refused: Refused = { whole: false, parts: new Map() };
  for (const { path } of faults) {
    let at = refused;
    for (const key of path) {
      const part = at.parts.get(String(key)) ?? { whole: false, parts: new Map() };
      at.parts.set(String(key), part);
      at = part;
    }
    at.whole = true;
  }
  return copyWithout(input, refused);
}

type Refused = { whole: boolean; readonly parts: Map<string, Refused> };

function copyWithout(value: unknown, refused: Refused | undefined): unknown {
  if (refused === undefined) return value;
  if (refused.whole) return undefined;
  if (Array.isArray(value)) return value.map((element, i) => copyWithout(element, refused.parts.get(String(i))));
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, copyWithout(child, refused.parts.get(key))]),
  );
}
