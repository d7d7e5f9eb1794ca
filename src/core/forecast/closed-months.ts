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

type Paths = Extract<InputValue, { kind: 'paths' }>;

/**
 * Paths that begin after the closed months, put behind them: closed months are what was measured, the same in every draw. A
 * month that was not measured is taken to be like the first one to come.
 */
export function behindClosedMonths(value: Paths, learned: LearnedHistory, closed: number): Paths {
  if (closed === 0) return value;
  const first = value.base[0] ?? new Decimal(0);
  const totals = learned.periods.slice(-closed).map(({ total }) => total);
  const measured = Array.from({ length: closed }, (_, i) => {
    const total = totals[i - closed + totals.length] ?? null;
    return total === null ? first : new Decimal(total).toSignificantDigits(12);
  });
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
