import type { HistoryModel } from '../sampling/history-forecast.ts';
import { fitHistory } from '../sampling/history-forecast.ts';
import type { PathRequest } from '../sampling/history-paths.ts';
import { medianPath, simulateMonthlyVolumes } from '../sampling/history-paths.ts';
import type { VolumeHistory } from './history-periods.ts';
import { cutIntoPeriods } from './history-periods.ts';

/** What a history of tokens says of a request: tokens of each sort, or the share that is read from cache. */
export type MixPart = 'input_tokens' | 'output_tokens' | 'cached_input_share';

/**
 * How one part of the mix goes on: the history model over its monthly values. A share is modelled as its odds, s/(1 − s), so
 * that it stays between 0 and 1.
 */
export type MixModel = { readonly part: MixPart; readonly model: HistoryModel; readonly months: number };

/** Token totals at the steps of the volumes; null is a gap, or a part that was not measured. */
export type TokenHistory = {
  readonly input: readonly (number | null)[] | null;
  readonly output: readonly (number | null)[] | null;
  readonly cached_input: readonly (number | null)[] | null;
};

/** Fits what can be fitted: a part needs one month in which both of its totals are known and above 0. */
export function learnMix(
  { unit, values }: VolumeHistory,
  tokens: TokenHistory,
  daysOfLastMonths: (back: number) => number,
): ReadonlyMap<MixPart, MixModel> {
  const monthly = (steps: readonly (number | null)[]): ReadonlyMap<number, number | null> => {
    const periods = cutIntoPeriods({ unit, values: steps }, daysOfLastMonths);
    return new Map(periods.map(({ total }, i) => [periods.length - i, total]));
  };
  const ratios = (
    of: readonly (number | null)[] | null,
    to: readonly (number | null)[] | null,
    scaled: (ratio: number) => number,
  ): readonly (number | null)[] => {
    if (of === null || to === null) return [];
    const [above, below] = [monthly(of), monthly(to)];
    const longest = Math.max(0, ...above.keys(), ...below.keys());
    return Array.from({ length: longest }, (_, i) => {
      const [a, b] = [above.get(longest - i) ?? null, below.get(longest - i) ?? null];
      const value = a === null || b === null || b === 0 ? null : scaled(a / b);
      return value !== null && value > 0 && value < Number.POSITIVE_INFINITY ? value : null;
    });
  };
  const same = (ratio: number): number => ratio;
  const parts: readonly (readonly [MixPart, readonly (number | null)[]])[] = [
    ['input_tokens', ratios(tokens.input, values, same)],
    ['output_tokens', ratios(tokens.output, values, same)],
    ['cached_input_share', ratios(tokens.cached_input, tokens.input, (share) => share / (1 - share))],
  ];
  return new Map(
    parts.flatMap(([part, series]) => {
      const model = fitHistory(series, 'month');
      const months = series.filter((value) => value !== null).length;
      return typeof model === 'string' ? [] : [[part, { part, model, months }] as const];
    }),
  );
}

/** The base case of each month: the median. */
export function medianMix({ part, model }: MixModel, months: number): readonly number[] {
  return medianPath(model, new Array<number>(months).fill(30)).map((value) => asPart(part, value));
}

export function simulateMix(
  { part, model }: MixModel,
  months: number,
  request: Omit<PathRequest, 'daysInMonths'>,
): readonly Float64Array[] {
  const columns = simulateMonthlyVolumes(model, { ...request, daysInMonths: new Array<number>(months).fill(30) });
  return columns.map((column) => column.map((value) => asPart(part, value)));
}

function asPart(part: MixPart, modelled: number): number {
  return part === 'cached_input_share' ? modelled / (1 + modelled) : modelled;
}
