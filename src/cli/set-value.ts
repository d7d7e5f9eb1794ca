import { didYouMean, nearestNames } from '../core/nearest-name.ts';

export type SetOutcome =
  | { readonly ok: true; readonly value: unknown; readonly path: readonly (string | number)[] }
  | { readonly ok: false; readonly message: string };

/**
 * A copy of `root` with `value` at a path of names such as `workloads.chat.requests_per_month`: an element of a list is
 * named by its id or its place from 0, and one place past the end adds an element. Keys that are not there are made;
 * whether they may be there is left to who reads the whole. `root` itself is never changed.
 */
export function withValueAt(root: unknown, names: string, value: unknown): SetOutcome {
  const keys = names.split('.');
  if (keys.some((key) => key === '')) return { ok: false, message: 'a path is names with dots between them.' };
  const path: (string | number)[] = [];
  let node = root;
  for (const key of keys) {
    const step = Array.isArray(node) ? placeInList(node, key) : { ok: true as const, key };
    if (!step.ok) return step;
    path.push(step.key);
    node = isContainer(node) && Object.hasOwn(node, step.key) ? node[step.key] : undefined;
  }
  return { ok: true, value: replaced(root, path, value), path };
}

type Container = Record<string | number, unknown>;

function isContainer(node: unknown): node is Container {
  return typeof node === 'object' && node !== null;
}

function placeInList(
  list: readonly unknown[],
  key: string,
): { readonly ok: true; readonly key: number } | { readonly ok: false; readonly message: string } {
  const named = list.findIndex((item) => idOf(item) === key);
  if (named >= 0) return { ok: true, key: named };
  if (/^\d{1,5}$/.test(key) && Number(key) <= list.length) return { ok: true, key: Number(key) };
  const ids = list.flatMap((item) => idOf(item) ?? []);
  const known = ids.length > 0 ? ` Known: ${ids.slice(0, 20).join(', ')}.` : '';
  const help = didYouMean(nearestNames(key, ids)) || known;
  return { ok: false, message: `there is no "${key.slice(0, 80)}" in this list of ${list.length}.${help}` };
}

function idOf(item: unknown): string | null {
  if (typeof item === 'string') return item;
  return isContainer(item) && typeof item.id === 'string' ? item.id : null;
}

function replaced(node: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) return value;
  const inner = isContainer(node) && Object.hasOwn(node, key) ? node[key] : undefined;
  const changed = replaced(inner, rest, value);
  if (Array.isArray(node)) return key === node.length ? [...node, changed] : node.with(Number(key), changed);
  return { ...(isContainer(node) ? node : {}), [key]: changed };
}
