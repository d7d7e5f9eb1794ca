import { median } from './accuracy.ts';
import type { Period } from './history-periods.ts';

const { exp, log, max, min, sqrt } = Math;

/** What a history says of spikes: how often one begins, how large it is, and how much of its excess is left next month. */
export type SpikeRecord = {
  readonly onsets: number;
  readonly months: number;
  /** Mean of Beta(1 + k, 32 + n − k) for k onsets in n months: 3 % before any month is seen. */
  readonly chance: number;
  /** Size of a spike, times the month: lognormal; median 3.2, 5 and 95 % points 2.1 and 4.9 before any is seen. */
  readonly size: { readonly mu: number; readonly sigma: number };
  /** δ: 0.6 before any is seen. */
  readonly carryOver: number;
};

/**
 * An onset is a month above twice the median of the six before it, of which three must be known. Its size is the month over
 * that median; δ is the excess of the next month over its own, from 0 to 1. What is seen is weighed with what was measured
 * elsewhere (a web demand series: sizes 2.1 – 3.1 – 4.9, .61 of the excess left), which counts as four spikes. Two onsets of
 * 4 and 5 that leave .2 and .3 give a median size of exp((4·ln 3.2078 + ln 4 + ln 5)/6) = 3.59 and δ = (4·.6 + .5)/6 = .483.
 */
export function countSpikes(periods: readonly Period[]): SpikeRecord {
  let months = 0;
  const sizes: number[] = [];
  const left: number[] = [];
  for (const [i, { total }] of periods.entries()) {
    const before = periods.slice(max(0, i - 6), i).flatMap((period) => period.total ?? []);
    if (total === null || before.length < 3) continue;
    months++;
    const usual = median(before);
    if (!(total > 2 * usual)) continue;
    sizes.push(log(total / usual));
    const next = periods[i + 1]?.total ?? null;
    if (next !== null) left.push(min(1, max(0, (next - usual) / (total - usual))));
  }
  const onsets = sizes.length;
  const weight = spikesThePriorIsWorth + onsets;
  const mu = (spikesThePriorIsWorth * prior.mu + sum(sizes)) / weight;
  const squares = sum(sizes.map((size) => (size - mu) ** 2));
  const variance = (spikesThePriorIsWorth * (prior.sigma ** 2 + (prior.mu - mu) ** 2) + squares) / weight;
  return {
    onsets,
    months,
    chance: (1 + onsets) / (33 + months),
    size: { mu, sigma: sqrt(variance) },
    carryOver: (spikesThePriorIsWorth * prior.carryOver + sum(left)) / (spikesThePriorIsWorth + left.length),
  };
}

/** The median size of a spike, times the month. */
export function medianSize({ size }: SpikeRecord): number {
  return exp(size.mu);
}

const spikesThePriorIsWorth = 4;
const prior = { mu: log(2.1 * 4.9) / 2, sigma: log(4.9 / 2.1) / (2 * 1.6448536269514722), carryOver: 0.6 };

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
