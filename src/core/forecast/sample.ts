import type { LoweredProgram, SampledInput } from '../model/lower.ts';
import { asUncertain, lowerProgram } from '../model/lower.ts';
import type { Program, ProgramTier } from '../model/program.ts';
import { recordTape, runTape } from '../sampling/tape.ts';

/** Draws of one tier: a column for each month, and for the horizon. All draws of a row number are the same future. */
export type TierSamples = {
  readonly bill: readonly Float64Array[];
  readonly full: readonly Float64Array[];
  readonly cash: readonly Float64Array[];
  readonly billTotal: Float64Array;
  readonly fullTotal: Float64Array;
};

export type ProgramSamples = {
  readonly tiers: ReadonlyMap<string, TierSamples>;
  /** By row asked for: its draws, a column a month. */
  readonly rows: ReadonlyMap<number, readonly Float64Array[]>;
};

/** The sampled reading of every tier of a program, by tier id; `inputAt` may read its inputs otherwise than uncertain. */
export function sampleTiers(
  program: Program,
  {
    inputAt = asUncertain,
    ...size
  }: { readonly draws: number; readonly seed: number; readonly inputAt?: SampledInput },
): ReadonlyMap<string, TierSamples> {
  return sampleProgram(program, { ...size, lowered: lowerProgram(program, inputAt) }).tiers;
}

/** The sampled reading of every tier of a program, and of other rows of it over the same futures. */
export function sampleProgram(
  program: Program,
  {
    draws,
    seed,
    lowered,
    rows = [],
  }: {
    readonly draws: number;
    readonly seed: number;
    readonly lowered: LoweredProgram;
    readonly rows?: readonly number[];
  },
): ProgramSamples {
  const months = Array.from({ length: program.months }, (_, m) => m + 1);
  const outputs = program.tiers.flatMap((tier) => [
    ...rowsKept(tier).flatMap((row) => months.map((month) => lowered.cell(row, month))),
    lowered.cumulative(tier.billTotal, program.months),
    lowered.cumulative(tier.fullTotal, program.months),
  ]);
  const others = rows.flatMap((row) => months.map((month) => lowered.cell(row, month)));
  const columns = runTape(recordTape(lowered.graph(), [...outputs, ...others]), { draws, seed });
  const perTier = 3 * program.months + 2;
  const monthsOf = (start: number): readonly Float64Array[] => columns.slice(start, start + program.months);
  const tiers = new Map(
    program.tiers.map((tier, i) => {
      const own = columns.slice(i * perTier, (i + 1) * perTier);
      const at = (place: number): readonly Float64Array[] =>
        own.slice(place * program.months, (place + 1) * program.months);
      const [billTotal, fullTotal] = own.slice(3 * program.months) as [Float64Array, Float64Array];
      return [tier.id, { bill: at(0), full: at(1), cash: at(2), billTotal, fullTotal }];
    }),
  );
  return { tiers, rows: new Map(rows.map((row, i) => [row, monthsOf(outputs.length + i * program.months)])) };
}

function rowsKept(tier: ProgramTier): readonly number[] {
  return [tier.billTotal, tier.fullTotal, tier.cashTotal];
}
