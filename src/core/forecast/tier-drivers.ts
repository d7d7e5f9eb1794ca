import type { LoweredProgram } from '../model/lower.ts';
import type { Program } from '../model/program.ts';
import type { DriverGroup, DriverShare, TornadoBar } from './drivers.ts';
import { computeDriverShares, computeTornado, findDriverGroups, sampleWithFixed } from './drivers.ts';
import type { Perimeter } from './result.ts';
import type { TierSamples } from './sample.ts';

/** What the spread of one tier and perimeter comes from. */
export type TierDrivers = {
  readonly month: readonly DriverShare[];
  readonly horizon: readonly DriverShare[];
  readonly tornado: readonly TornadoBar[];
  /** Next month's draws with one of its larger drivers held at its base. */
  readonly fixed: readonly { readonly group: DriverGroup; readonly draws: Float64Array }[];
};

/**
 * Drivers of next month, which `next` closed months lie before, and of the horizon for every tier and perimeter. A share of the horizon costs a run through all
 * its months, so it is made of a twentieth of the draws, and a bar of the tornado of an eightieth; each share carries its error.
 */
export function analyseDrivers(
  program: Program,
  lowered: LoweredProgram,
  samples: ReadonlyMap<string, TierSamples>,
  { seed, next }: { readonly seed: number; readonly next: number },
): ReadonlyMap<string, Readonly<Record<Perimeter, TierDrivers>>> {
  const graph = lowered.graph();
  const places = program.tiers.flatMap((tier) => {
    const drawn = samples.get(tier.id) as TierSamples;
    return [
      { row: tier.billTotal, month: drawn.bill[next] as Float64Array, horizon: drawn.billTotal },
      { row: tier.fullTotal, month: drawn.full[next] as Float64Array, horizon: drawn.fullTotal },
    ];
  });
  const available = places[0]?.month.length ?? 0;
  const firstMonth = places.map(({ row, month }) => ({ node: lowered.cell(row, next + 1), draws: month }));
  const total = places.map(({ row, horizon }) => ({ node: lowered.cumulative(row, program.months), draws: horizon }));
  const groups = findDriverGroups(program, graph);
  const month = computeDriverShares(graph, firstMonth, groups, { draws: Math.min(monthDraws, available), seed });
  const horizon = computeDriverShares(graph, total, groups, { draws: held(available / 20, 256, available), seed });
  const tornado = computeTornado(
    program,
    graph,
    total.map(({ node }) => node),
    groups,
    { draws: held(available / 80, 64, available), seed },
  );
  const fixedDraws = new Map<DriverGroup, readonly Float64Array[]>();
  const fixedOf = (group: DriverGroup, place: number): Float64Array => {
    const nodes = firstMonth.map(({ node }) => node);
    const size = { draws: Math.min(monthDraws, available), seed };
    const columns = fixedDraws.get(group) ?? sampleWithFixed(program, graph, nodes, group, size);
    fixedDraws.set(group, columns);
    return columns[place] as Float64Array;
  };
  const at = (place: number): TierDrivers => ({
    month: month[place] ?? [],
    horizon: horizon[place] ?? [],
    tornado: tornado[place] ?? [],
    fixed: (month[place] ?? [])
      .filter(({ share }) => share >= leastShareToFix)
      .map(({ group }) => ({ group, draws: fixedOf(group, place) })),
  });
  return new Map(program.tiers.map(({ id }, i) => [id, { bill: at(2 * i), full: at(2 * i + 1) }]));
}

const monthDraws = 4096;

/** A part of the draws that keeps its cost in proportion: at least `least`, at most 4,096 and all there are. */
function held(part: number, least: number, available: number): number {
  return Math.min(monthDraws, available, Math.max(least, Math.round(part)));
}

/** An input that explains less cannot settle a promise by being known. */
const leastShareToFix = 0.2;
