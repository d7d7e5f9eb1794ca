import { Decimal } from 'decimal.js';
import type { InputValue } from '../model/program.ts';
import { monthIndex } from '../scenario/months.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { inputValueOf } from './input-values.ts';
import type { LearnedHistory } from './learned-history.ts';

/** How many months of the scenario lie before the one it is forecast from: 0 where that is month 1. */
export function closedMonthsOf({ start, from }: Pick<Scenario, 'start' | 'from'>): number {
  return from === undefined ? 0 : monthIndex(from) - monthIndex(start);
}

/** The month that is forecast next, YYYY-MM. */
export function nextMonthOf({ start, from = start }: Pick<Scenario, 'start' | 'from'>): string {
  return from;
}

type Paths = Extract<InputValue, { kind: 'paths' }>;

/** What was measured of the closed months, null for a month of which nothing was. */
export function measuredMonths({ periods }: LearnedHistory, closed: number): readonly (Decimal | null)[] {
  const totals = closed === 0 ? [] : periods.slice(-closed).map(({ total }) => total);
  return Array.from({ length: closed }, (_, i) => {
    const total = totals[i - closed + totals.length] ?? null;
    return total === null ? null : new Decimal(total).toSignificantDigits(12);
  });
}

/**
 * Paths that begin after the closed months, put behind them: closed months are what was measured, the same in every draw. A
 * month that was not measured is taken to be like the first one to come.
 */
export function behindClosedMonths(value: Paths, known: readonly (Decimal | null)[]): Paths {
  const closed = known.length;
  if (closed === 0) return value;
  const first = value.base[0] ?? new Decimal(0);
  const measured = known.map((amount) => amount ?? first);
  return {
    kind: 'paths',
    base: [...measured, ...value.base],
    paths: {
      simulate: ({ months, ...block }) => [
        ...measured.slice(0, months).map((volume) => new Float64Array(block.count).fill(volume.toNumber())),
        ...(months > closed ? value.paths.simulate({ ...block, months: months - closed }) : []),
      ],
    },
  };
}

/** A chance that is 0 in closed months: what happened in them was measured, a spike included. */
export function onlyInOpenMonths(chance: unknown, closed: number, months: number): InputValue {
  const value = inputValueOf(chance);
  if (closed === 0 || value.kind === 'range' || value.kind === 'shock' || value.kind === 'paths') return value;
  const at = (m: number): Decimal => (value.kind === 'series' ? (value.values[m] ?? new Decimal(0)) : value.value);
  return { kind: 'series', values: Array.from({ length: months }, (_, m) => (m < closed ? new Decimal(0) : at(m))) };
}
