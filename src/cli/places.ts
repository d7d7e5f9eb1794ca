import type { Document, LineCounter } from 'yaml';
import { isAlias, isMap, isPair, isScalar, isSeq } from 'yaml';

/** Where something was written, as editors and terminals link it: `scenario.yaml:12:20`, or the option that gave it. */
export type Place = string;

/** Problems of a key itself rather than of its value. */
const codesOfKeys = new Set(['unknown-key', 'not-supported']);

/** The place of what a pointer leads to; of the nearest thing around it where that is missing. */
export function placeInDocument(
  document: Document,
  lines: LineCounter,
  file: string,
  pointer: string,
  code?: string,
): Place {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [i, key] of keys.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const step = stepInto(node, key);
    if (step === null) break;
    const isLast = i === keys.length - 1;
    const wanted = isLast && code !== undefined && codesOfKeys.has(code) ? step.key : (step.value ?? step.key);
    offset = wanted ?? offset;
    node = step.node;
  }
  const { line, col } = lines.linePos(offset);
  return `${file}:${line}:${col}`;
}

type Step = { readonly node: unknown; readonly key: number | null; readonly value: number | null };

function stepInto(node: unknown, key: string): Step | null {
  if (isSeq(node)) {
    const item = /^\d+$/.test(key) ? node.items[Number(key)] : undefined;
    return item === undefined ? null : { node: item, key: null, value: startOf(item) };
  }
  if (!isMap(node)) return null;
  const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key);
  return pair === undefined ? null : { node: pair.value, key: startOf(pair.key), value: startOf(pair.value) };
}

function startOf(node: unknown): number | null {
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  return range?.[0] ?? null;
}
