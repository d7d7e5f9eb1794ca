import { Decimal } from 'decimal.js';
import { atBase, lowerProgram } from '../model/lower.ts';
import type { Program, ProgramRow, ProgramTier } from '../model/program.ts';
import { quantilesOf } from '../sampling/quantiles.ts';
import { recordTape, runTape } from '../sampling/tape.ts';
import { meanOf } from './bands.ts';
import type { MoneyText } from './figures.ts';
import { shareText } from './figures.ts';
import type { BreakEven, Forecast, Pair } from './result.ts';
import type { TierSamples } from './sample.ts';

/** What of the base case a comparison reads: cash by month and purchases by month, in exact decimals. */
export type TierCash = { readonly cash: readonly Decimal[]; readonly purchases: readonly Decimal[] };

export type ComparisonQuestion = {
  readonly program: Program;
  readonly months: readonly string[];
  readonly baseline: string;
  readonly samples: ReadonlyMap<string, TierSamples>;
  readonly base: ReadonlyMap<string, TierCash>;
  /** Mean tokens a month in the base case. */
  readonly monthlyTokens: Decimal;
  readonly money: MoneyText;
};

/**
 * Every pair of tiers over the same futures. Cheaper, the difference and the ranking compare accrual totals of the
 * horizon on `full`; break-even and payback compare cash, where a purchase counts whole in its month.
 */
export function compareTiers(question: ComparisonQuestion): Forecast['comparison'] {
  const { program, samples, baseline } = question;
  const tiers = program.tiers;
  const means = new Map(tiers.map(({ id }) => [id, meanOf((samples.get(id) as TierSamples).fullTotal)]));
  const ranking = tiers.map(({ id }) => id).sort((a, b) => (means.get(a) ?? 0) - (means.get(b) ?? 0));
  const equalDemand = equalCostDemands(program);
  const pairs = tiers.flatMap((a, i) => tiers.slice(i + 1).map((b) => comparePair(question, a, b, equalDemand)));
  return { baseline: tiers.some(({ id }) => id === baseline) ? baseline : null, ranking, pairs };
}

/** The first month, counted from 1, in which cumulative `a` is at most cumulative `b`; null where there is none. */
export function breakEvenMonth(a: readonly Decimal[], b: readonly Decimal[]): number | null {
  let lead = new Decimal(0);
  for (const [m, cost] of a.entries()) {
    lead = lead.plus(cost).minus(b[m] ?? 0);
    if (lead.lte(0)) return m + 1;
  }
  return null;
}

function comparePair(
  question: ComparisonQuestion,
  a: ProgramTier,
  b: ProgramTier,
  equalDemand: (a: string, b: string) => number | null,
): Pair {
  const { samples, money } = question;
  const drawsOfA = (samples.get(a.id) as TierSamples).fullTotal;
  const drawsOfB = (samples.get(b.id) as TierSamples).fullTotal;
  const differences = drawsOfA.map((cost, i) => cost - (drawsOfB[i] as number));
  let cheaper = 0;
  for (const difference of differences) if (difference < 0) cheaper++;
  const [p10, p50, p90] = quantilesOf(differences, [0.1, 0.5, 0.9]) as [number, number, number];
  return {
    a: a.id,
    b: b.id,
    probability_a_cheaper: shareText(cheaper / differences.length),
    difference: { p10: money(p10), p50: money(p50), p90: money(p90) },
    break_even: breakEvenOf(question, a.id, b.id, equalDemand(a.id, b.id)),
  };
}

function breakEvenOf(
  { samples, base, months, monthlyTokens }: ComparisonQuestion,
  a: string,
  b: string,
  demand: number | null,
): BreakEven {
  const [baseA, baseB] = [base.get(a) as TierCash, base.get(b) as TierCash];
  const first = breakEvenMonth(baseA.cash, baseB.cash);
  const counts = countBreakEvens((samples.get(a) as TierSamples).cash, (samples.get(b) as TierSamples).cash);
  const draws = counts.reduce((sum, count) => sum + count, 0);
  const nameOf = (month: number | null): string | null => (month === null ? null : (months[month - 1] ?? null));
  return {
    month: nameOf(first),
    p10: nameOf(monthReached(counts, 0.1 * draws)),
    p90: nameOf(monthReached(counts, 0.9 * draws)),
    never_probability: shareText((counts.at(-1) ?? 0) / draws),
    monthly_tokens: demand === null ? null : monthlyTokens.times(demand).toSignificantDigits(6).toFixed(0),
    capex_payback_months: paybackMonths(baseA, baseB),
  };
}

/** Draws by the month in which they break even; the last count is those that never do. */
function countBreakEvens(cashOfA: readonly Float64Array[], cashOfB: readonly Float64Array[]): number[] {
  const months = cashOfA.length;
  const draws = cashOfA[0]?.length ?? 0;
  const counts = new Array<number>(months + 1).fill(0);
  const lead = new Float64Array(draws);
  const open = Uint32Array.from(lead.keys());
  let left = draws;
  for (let m = 0; m < months; m++) {
    const a = cashOfA[m] as Float64Array;
    const b = cashOfB[m] as Float64Array;
    let still = 0;
    for (let k = 0; k < left; k++) {
      const i = open[k] as number;
      lead[i] = (lead[i] as number) + (a[i] as number) - (b[i] as number);
      // Sums of cents in float64 miss by far less than a hundredth of a cent.
      if ((lead[i] as number) > 1e-6) open[still++] = i;
    }
    counts[m] = left - still;
    left = still;
  }
  counts[months] = left;
  return counts;
}

/** The first month by which `wanted` draws have broken even; null where only never reaches that far. */
function monthReached(counts: readonly number[], wanted: number): number | null {
  let reached = 0;
  for (let m = 0; m < counts.length - 1; m++) {
    reached += counts[m] as number;
    if (reached >= wanted) return m + 1;
  }
  return null;
}

/** Purchases ÷ mean monthly cash saving: 5,500 bought to save 640 a month is 8.6 months. null where nothing is saved. */
function paybackMonths(a: TierCash, b: TierCash): string | null {
  const sum = (amounts: readonly Decimal[]): Decimal =>
    amounts.reduce((total, amount) => total.plus(amount), new Decimal(0));
  const capex = sum(a.purchases).minus(sum(b.purchases));
  const running = (tier: TierCash): Decimal => sum(tier.cash).minus(sum(tier.purchases));
  const saving = running(b).minus(running(a)).div(Math.max(1, a.cash.length));
  return capex.gt(0) && saving.gt(0) ? capex.div(saving).toFixed(1) : null;
}

/**
 * For two tiers, the multiple of the scenario's demand at which their full costs over the horizon are equal, all inputs
 * at base: the crossing nearest to 1 between a thousandth and a thousandfold, to 13 millionths; null where there is none.
 *
 * The scale is made the only random number of the program, so that one run of the tape tries a thousand demands: first the
 * same ones for all pairs, then the inside of every pair's bracket at once.
 */
function equalCostDemands(program: Program): (a: string, b: string) => number | null {
  const costsAt = costsByScale(program);
  const coarse = geometricScales(1e-3, 1e3, 1024);
  const costs = costsAt(coarse);
  const brackets = program.tiers.flatMap((_, a) =>
    program.tiers.flatMap((_other, b): readonly Bracket[] => {
      const found = b > a ? crossingNearOne(coarse, costs[a] as Float64Array, costs[b] as Float64Array) : null;
      return found === null ? [] : [{ a, b, from: found[0], to: found[1] }];
    }),
  );
  const narrow = narrowed(narrowed(brackets, 31, costsAt), 33, costsAt);
  const place = (id: string): number => program.tiers.findIndex((tier) => tier.id === id);
  return (idOfA, idOfB) => {
    const found = narrow.find(({ a, b }) => a === place(idOfA) && b === place(idOfB));
    return found === undefined ? null : (found.from + found.to) / 2;
  };
}

/** Demands between which the costs of tiers number `a` and `b` cross. */
type Bracket = { readonly a: number; readonly b: number; readonly from: number; readonly to: number };
type CostsByScale = (scales: Float64Array) => readonly Float64Array[];

/** Each bracket cut into `parts`, and the one of them that holds the crossing. */
function narrowed(brackets: readonly Bracket[], parts: number, costsAt: CostsByScale): readonly Bracket[] {
  const size = parts + 1;
  const scales = new Float64Array(brackets.length * size);
  for (const [i, { from, to }] of brackets.entries()) scales.set(geometricScales(from, to, size), i * size);
  const costs = costsAt(scales);
  return brackets.flatMap(({ a, b }, i): readonly Bracket[] => {
    const own = (column: Float64Array): Float64Array => column.subarray(i * size, (i + 1) * size);
    const found = crossingNearOne(own(scales), own(costs[a] as Float64Array), own(costs[b] as Float64Array));
    return found === null ? [] : [{ a, b, from: found[0], to: found[1] }];
  });
}

function costsByScale(program: Program): CostsByScale {
  const scaled = (row: ProgramRow, value: Parameters<typeof atBase>[1], month: number): ReturnType<typeof atBase> =>
    row.id === 'demand_scale'
      ? { key: row.key, month: 0, distribution: { kind: 'standard-uniform' } }
      : atBase(row, value, month);
  const lowered = lowerProgram(program, scaled);
  const tape = recordTape(
    lowered.graph(),
    program.tiers.map(({ fullTotal }) => lowered.cumulative(fullTotal, program.months)),
  );
  return (scales) =>
    runTape(tape, {
      draws: scales.length,
      seed: 0,
      replace: (_variable, firstDraw, into, count) => {
        into.set(scales.subarray(firstDraw, firstDraw + count));
        return true;
      },
    });
}

function geometricScales(from: number, to: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1)));
}

function crossingNearOne(scales: Float64Array, a: Float64Array, b: Float64Array): readonly [number, number] | null {
  let best: readonly [number, number] | null = null;
  for (let i = 1; i < scales.length; i++) {
    const before = (a[i - 1] as number) - (b[i - 1] as number);
    const after = (a[i] as number) - (b[i] as number);
    if (Number.isNaN(before) || Number.isNaN(after) || before === after || Math.sign(before) === Math.sign(after))
      continue;
    const bracket = [scales[i - 1] as number, scales[i] as number] as const;
    if (best === null || Math.abs(Math.log(bracket[0])) < Math.abs(Math.log(best[0]))) best = bracket;
  }
  return best;
}
