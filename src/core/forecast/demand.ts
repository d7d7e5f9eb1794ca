import { isError } from '../formula/values.ts';
import type { ExactTable } from '../model/evaluate.ts';
import type { LoweredProgram } from '../model/lower.ts';
import type { Program, ProgramRow } from '../model/program.ts';
import { rowsOf } from '../model/program.ts';
import { quantilesOf } from '../sampling/quantiles.ts';
import { describeQuantity } from '../scenario/describe-quantity.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { isHit, mean } from './accuracy.ts';
import type { BacktestMonth } from './backtest.ts';
import { computeBacktest } from './backtest.ts';
import { monthBefore } from './calendar.ts';
import { logErrorOf } from './calibration.ts';
import { nextMonthOf } from './closed-months.ts';
import { shareText, sixDigits } from './figures.ts';
import type { LearnedHistory } from './learned-history.ts';
import { describeHistory } from './learned-history.ts';
import type { Score } from './predictability.ts';
import type { DemandForecast, RangeInWords } from './result.ts';
import type { ProgramSamples } from './sample.ts';
import { medianSize } from './spike-record.ts';

/** Requests of every workload by month, as all tiers share them, with what its history says beside. */
export function forecastDemand(
  program: Program,
  {
    exact,
    samples,
    months,
    histories,
  }: {
    readonly exact: ExactTable;
    readonly samples: ProgramSamples;
    readonly months: readonly string[];
    readonly histories: ReadonlyMap<string, LearnedHistory>;
  },
): readonly DemandForecast[] {
  return demandRows(program).map(({ index, instance }): DemandForecast => {
    const id = instance ?? '';
    const learned = histories.get(id);
    return {
      id,
      requests: months.map((month, m) => {
        const draws = samples.rows.get(index)?.[m] as Float64Array;
        const [p10, p50, p90] = quantilesOf(draws, [0.1, 0.5, 0.9]).map((value) => Math.round(value).toFixed(0)) as [
          string,
          string,
          string,
        ];
        const base = exact[index]?.[m];
        return { month, base: base === undefined || isError(base) ? '' : base.toFixed(0), p10, p50, p90 };
      }),
      ...(learned !== undefined && { history: historyText(learned) }),
    };
  });
}

/** The requests of each workload. */
export function demandRows(program: Program): readonly ProgramRow[] {
  return rowsOf(program, 'volume', 'requests');
}

/** Requests of all workloads in month `m` + 1, draw by draw. */
export function demandOfMonth(program: Program, samples: ProgramSamples, m: number): Float64Array {
  const columns = demandRows(program).map(({ index }) => samples.rows.get(index)?.[m] as Float64Array);
  return (columns[0] ?? new Float64Array()).map((_, i) =>
    columns.reduce((sum, column) => sum + (column[i] as number), 0),
  );
}

/** Every uncertain input that some number rests on, as it was understood. */
export function describeRanges(program: Program, lowered: LoweredProgram): readonly RangeInWords[] {
  const drawn = new Set(lowered.graph().nodes.flatMap((node) => (node.kind === 'variable' ? node.variable.key : [])));
  const ranges = program.rows.flatMap(({ key, content }): RangeInWords[] => {
    if (content.kind !== 'input' || content.input.value.kind !== 'range' || !drawn.has(key)) return [];
    const { label, value } = content.input;
    return [{ input: key, label, varies: value.varies, words: describeQuantity(value) }];
  });
  return [...new Map(ranges.map((range) => [range.input, range])).values()];
}

/**
 * One-step back-tests of the histories, newest last, which count as bills: a month counts where every workload has one.
 * Its z is the root mean square of the workloads', so that a month counts once however many workloads there are.
 */
export function backtestDemand(scenario: Scenario, histories: ReadonlyMap<string, LearnedHistory>): readonly Score[] {
  const workloads = scenario.workloads.map(({ id }) => id);
  const tolerance = scenario.predictability.tolerance.toNumber();
  if (workloads.length === 0 || !workloads.every((id) => histories.has(id))) return [];
  const tested = workloads.map((id) => {
    const { history, daysOfLastMonths } = histories.get(id) as LearnedHistory;
    const latest = history.unit === 'month' ? mostMonths : mostSimulatedMonths;
    const { months } = computeBacktest({ history, daysOfLastMonths, tolerance, latest, draws: 500 });
    return new Map(months.map((month) => [month.back, month]));
  });
  const [first = new Map<number, BacktestMonth>(), ...others] = tested;
  return [...first.keys()]
    .filter((back) => others.every((months) => months.has(back)))
    .map((back) => {
      const months = tested.map((list) => list.get(back) as BacktestMonth);
      const sum = (of: (month: BacktestMonth) => number): number =>
        months.reduce((total, month) => total + of(month), 0);
      const actual = sum((month) => month.actual);
      const forecast = sum(({ forecasts }) => forecasts['history model'].median);
      return {
        month: monthBefore(nextMonthOf(scenario), monthsBack(back, histories.get(workloads[0] as string))),
        z: Math.sqrt(mean(months.map(({ z }) => z * z))),
        error: logErrorOf(actual, forecast),
        hit: isHit(actual, forecast, tolerance),
      };
    });
}

/** Four weeks end in no month: the one that holds most of them. */
function monthsBack(back: number, learned: LearnedHistory | undefined): number {
  return learned?.history.unit === 'week' ? Math.max(1, Math.round((28 * back) / 30.4375)) : back;
}

/** A history of months is forecast in closed form; days and weeks are simulated, which takes longer. */
const mostMonths = 24;
const mostSimulatedMonths = 12;

function historyText(learned: LearnedHistory): NonNullable<DemandForecast['history']> {
  const { history, periods, observations, gaps, oneOffs, spikes } = learned;
  const last = periods.at(-1)?.total ?? null;
  return {
    unit: history.unit,
    observations,
    gaps,
    one_offs: oneOffs,
    same_as_last_month: last === null ? null : Math.round(last).toFixed(0),
    spikes: {
      onsets: spikes.onsets,
      months: spikes.months,
      chance_per_month: shareText(spikes.chance),
      multiplier: sixDigits(medianSize(spikes)),
      carry_over: shareText(spikes.carryOver),
    },
    says: describeHistory(learned),
  };
}
