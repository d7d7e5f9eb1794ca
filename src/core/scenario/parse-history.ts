import type { Decimal } from 'decimal.js';
import { ScenarioDecimal } from './decimal-text.ts';
import type { Draft } from './draft.ts';
import { constantIn, isLeftOut } from './draft.ts';
import { workloadFields as fields } from './fields.ts';
import type { Readable } from './readable.ts';
import type { Quantity, Workload } from './scenario.ts';
import type { WorkloadInput } from './workload-schema.ts';

type Path = readonly PropertyKey[];
type History = NonNullable<Workload['history']>;
type SentHistory = Extract<Readable<WorkloadInput>['requests_per_month'], { history?: unknown }>['history'];

const totals = { input: 'input_tokens', output: 'output_tokens', cached_input: 'cached_input_tokens' } as const;

/** Measured volumes, and the token totals beside them. */
export function parseHistory(
  draft: Draft,
  requests: Readable<WorkloadInput>['requests_per_month'],
  path: Path,
): Workload['history'] {
  if (typeof requests !== 'object' || !('history' in requests) || requests.history?.unit === undefined) return null;
  const { unit, values = [] } = requests.history;
  const isOneOff = (value: (typeof values)[number]): boolean => typeof value === 'object' && value !== null;
  const numbers = values.map((value) =>
    value === null || isOneOff(value) ? null : (constantIn(value, fields.requests_per_month) ?? null),
  );
  if (!numbers.some((value) => value?.greaterThan(0))) {
    const message = 'No value is above 0 that is not a one-off: give at least one measured volume.';
    draft.faults.push({ code: 'empty-history', path: [...path, 'values'], message });
  }
  const counted = parseTokens(draft, requests.history, path);
  return {
    unit,
    values: numbers,
    one_offs: values.filter(isOneOff).length,
    ...(counted !== null && { tokens: counted }),
  };
}

const stepsKept = { day: 28, week: 4, month: 1 } as const;
const stepsInMonth = { day: ['365', '12'], week: ['365', '84'], month: ['1', '1'] } as const;

/**
 * The volume of the last full month of a history: its last monthly value, or the mean of its last four weeks of values
 * times 365/12 days or 365/84 weeks. Gaps are passed over; 12 significant digits.
 */
export function computeLastMonth({ unit, values }: NonNullable<Workload['history']>): Decimal {
  const known = values.filter((value) => value !== null).slice(-stepsKept[unit]);
  if (known.length === 0) return new ScenarioDecimal(0);
  const [steps, months] = stepsInMonth[unit];
  const sum = known.reduce((total, value) => total.plus(value), new ScenarioDecimal(0));
  return sum.dividedBy(known.length).times(steps).dividedBy(months).toSignificantDigits(12);
}

function parseTokens(draft: Draft, sent: NonNullable<SentHistory>, path: Path): NonNullable<History['tokens']> | null {
  const read = (key: (typeof totals)[keyof typeof totals]): readonly (Decimal | null)[] | null => {
    const given = sent[key];
    if (given === undefined) return null;
    const length = sent.values?.length ?? given.length;
    if (given.length !== length) {
      const message = `Found ${given.length} values beside ${length} of requests: one for each step, null for a gap.`;
      draft.faults.push({ code: 'series-length', path: [...path, key], message, limit: String(length) });
    }
    return given.map((value) => (value === null ? null : (constantIn(value, fields.token_total) ?? null)));
  };
  const tokens = { input: read(totals.input), output: read(totals.output), cached_input: read(totals.cached_input) };
  if (tokens.cached_input !== null && tokens.input === null && isLeftOut(sent, totals.input)) {
    const message = 'Tokens read from cache are a part of the input tokens: give input_tokens as well.';
    draft.faults.push({ code: 'missing', path: [...path, totals.input], message });
  }
  for (const [i, cached] of (tokens.cached_input ?? []).entries()) {
    const input = tokens.input?.[i];
    if (cached === null || input === null || input === undefined || cached.lessThanOrEqualTo(input)) continue;
    const message = `${cached.toFixed()} tokens read from cache are more than the ${input.toFixed()} input tokens they are part of.`;
    draft.faults.push({ code: 'out-of-range', path: [...path, totals.cached_input, i], message });
  }
  return Object.values(tokens).every((values) => values === null) ? null : tokens;
}

/** Tokens of a request over all steps of which both totals are known: the base before anything is learned. Null without any. */
export function meanPerRequest(history: Workload['history'], of: 'input' | 'output'): Quantity | null {
  return history === null ? null : ratioOf(history.tokens?.[of] ?? null, history.values);
}

/** The share of the input tokens that was read from cache, likewise. */
export function meanCachedShare(history: Workload['history']): Quantity | null {
  return ratioOf(history?.tokens?.cached_input ?? null, history?.tokens?.input ?? null);
}

function ratioOf(
  above: readonly (Decimal | null)[] | null,
  below: readonly (Decimal | null)[] | null,
): Quantity | null {
  if (above === null || below === null) return null;
  let [sum, base] = [new ScenarioDecimal(0), new ScenarioDecimal(0)];
  for (const [i, value] of above.entries()) {
    const divisor = below[i] ?? null;
    if (value === null || divisor === null) continue;
    sum = sum.plus(value);
    base = base.plus(divisor);
  }
  return base.isZero() ? null : { kind: 'constant', value: sum.dividedBy(base).toSignificantDigits(12) };
}

/** What is learned from token totals cannot be stated as well. */
export function refuseStatedTwice(
  draft: Draft,
  sent: Readable<WorkloadInput>,
  history: Workload['history'],
  path: Path,
): void {
  const stated = [
    ['input_tokens', 'input'],
    ['output_tokens', 'output'],
    ['cached_input_share', 'cached_input'],
  ] as const;
  for (const [key, total] of stated) {
    if (isLeftOut(sent, key) || !history?.tokens?.[total]) continue;
    const message = `${key} is learned from ${totals[total]} of the history: leave one of them out.`;
    draft.faults.push({ code: 'conflict', path: [...path, key], message });
  }
  if (!isLeftOut(sent, 'sizes') && (history?.tokens?.input || history?.tokens?.output)) {
    const message = 'sizes say what a request takes, and so do the token totals of the history: leave one of them out.';
    draft.faults.push({ code: 'conflict', path: [...path, 'sizes'], message });
  }
}
