import { referencesOf } from '../formula/references.ts';
import type { ProgramRow } from './program.ts';

/**
 * The shortest loop of rows that wait for each other within a month, as row indices in reading order, or null.
 * PREV breaks a loop, because last month is known; not where MONTHS is on the way, which waits for every month.
 */
export function shortestLoop(rows: readonly ProgramRow[]): readonly number[] | null {
  const sameMonth: number[][] = [];
  const anyMonth: number[][] = [];
  const wholeRow = new Set<number>();
  for (const row of rows) {
    const now: number[] = [];
    const ever: number[] = [];
    if (row.content.kind === 'formula') {
      const { expression, references } = row.content;
      for (const { name, how } of referencesOf(expression)) {
        const reference = references.get(name);
        const targets =
          how === 'each'
            ? (reference?.each ?? [])
            : reference?.one === null || reference === undefined
              ? []
              : [reference.one];
        ever.push(...targets);
        if (how !== 'previous') now.push(...targets);
        if (how === 'months') wholeRow.add(row.index);
      }
    }
    sameMonth.push(now);
    anyMonth.push(ever);
  }
  const inLoop = candidates(sameMonth);
  let best: readonly number[] | null = null;
  for (const start of inLoop) best = shorter(best, loopFrom(start, sameMonth));
  if (best === null) for (const start of wholeRow) best = shorter(best, loopFrom(start, anyMonth));
  return best;
}

/** Rows that are left when rows without unresolved predecessors are taken away, again and again: only those can be in a loop. */
function candidates(edges: readonly (readonly number[])[]): readonly number[] {
  const waiting = edges.map((targets) => targets.length);
  const readers: number[][] = edges.map(() => []);
  edges.forEach((targets, from) => {
    for (const to of targets) readers[to]?.push(from);
  });
  const free = waiting.flatMap((count, row) => (count === 0 ? [row] : []));
  const resolved = new Set(free);
  for (let row = free.pop(); row !== undefined; row = free.pop()) {
    for (const reader of readers[row] ?? []) {
      waiting[reader] = (waiting[reader] ?? 0) - 1;
      if (waiting[reader] === 0) {
        free.push(reader);
        resolved.add(reader);
      }
    }
  }
  return edges.flatMap((_, row) => (resolved.has(row) ? [] : [row]));
}

function loopFrom(start: number, edges: readonly (readonly number[])[]): readonly number[] | null {
  const cameFrom = new Map<number, number>();
  let frontier = [start];
  while (frontier.length > 0) {
    const next: number[] = [];
    for (const row of frontier) {
      for (const target of edges[row] ?? []) {
        if (target === start) {
          const path = [row];
          for (let back = row; back !== start; ) {
            back = cameFrom.get(back) ?? start;
            path.unshift(back);
          }
          return path;
        }
        if (!cameFrom.has(target)) {
          cameFrom.set(target, row);
          next.push(target);
        }
      }
    }
    frontier = next;
  }
  return null;
}

function shorter(a: readonly number[] | null, b: readonly number[] | null): readonly number[] | null {
  return a === null || (b !== null && b.length < a.length) ? b : a;
}
