import { addDays } from 'date-fns/addDays';
import { addMonths } from 'date-fns/addMonths';
import { format } from 'date-fns/format';
import { getDate } from 'date-fns/getDate';
import { getDaysInMonth } from 'date-fns/getDaysInMonth';
import { parseISO } from 'date-fns/parseISO';
import type { Backtest } from '../core/forecast/backtest.ts';
import { computeBacktest } from '../core/forecast/backtest.ts';
import { daysOfMonth, monthBefore } from '../core/forecast/calendar.ts';
import type { NextMonth } from '../core/forecast/next-month.ts';
import { forecastNextMonth } from '../core/forecast/next-month.ts';
import type { Nowcast } from '../core/forecast/nowcast.ts';
import { computeNowcast } from '../core/forecast/nowcast.ts';
import { workloadFields } from '../core/scenario/fields.ts';
import { parseConstant } from '../core/scenario/quantity-field.ts';
import { badUsage, CommandFailed, exitCodes } from './exit.ts';
import type { HistoryFile } from './history-file.ts';
import { parseHistory } from './history-file.ts';

/** Everything the command found, as its JSON shows it. */
export type BacktestReport = {
  readonly unit: HistoryFile['unit'];
  readonly first: string;
  /** Month of the last whole period; null for weeks, which end in no month. */
  readonly last: string | null;
  readonly steps: number;
  readonly tolerance: number;
  readonly months_ahead: number;
  readonly backtest: Backtest;
  readonly next: NextMonth;
  /** The month under way, where a daily history ends inside one. */
  readonly under_way: (Omit<Nowcast, 'draws'> & { readonly month: string; readonly days: number }) | null;
};

/** The report of a history file's text. Throws CommandFailed with the line of everything that cannot be used. */
export function reportBacktest(text: string, file: string, tolerance: number, monthsAhead = 1): BacktestReport {
  const problems: string[] = [];
  const written = parseHistory(text, file, problems);
  const values = written.values.map((value, i): number | null => {
    if (typeof value !== 'string') return null;
    const reading = parseConstant(value, workloadFields.requests_per_month);
    if (reading.ok) return reading.value.toNumber();
    for (const { message } of reading.faults) problems.push(`${file}:${written.lines[i] ?? 1}: ${message}`);
    return null;
  });
  if (problems.length === 0 && !values.some((value) => value !== null && value > 0))
    problems.push(`${file}: no value is above 0 that is not a one-off; give at least one measured volume.`);
  if (problems.length > 0) throw new CommandFailed(exitCodes.badUsage, problems);

  const { whole, rest, next } = splitAtMonthEnd(written, values);
  const history = { unit: written.unit, values: whole };
  const daysOfLastMonths = (back: number): number => daysOfMonth(monthBefore(next, back));
  const backtest = computeBacktest({ history, daysOfLastMonths, tolerance, monthsAhead });
  const past = monthsAhead === 1 ? backtest.months : [];
  const nextMonth = forecastNextMonth({ history, days: daysOfMonth(next), tolerance, confidence: 0.8, past });
  if (typeof nextMonth === 'string') throw badUsage(`${file}: ${nextMonth}.`);
  return {
    unit: written.unit,
    first: written.first,
    last: written.unit === 'week' ? null : monthBefore(next, 1),
    steps: values.filter((value) => value !== null && value > 0).length,
    tolerance,
    months_ahead: monthsAhead,
    backtest,
    next: nextMonth,
    under_way: rest.length === 0 ? null : underWay(whole, rest, next, nextMonth.median),
  };
}

/** Days that end inside a month are cut there: whole months are back-tested, and the rest is the month under way. */
function splitAtMonthEnd(
  { unit, first }: HistoryFile,
  values: readonly (number | null)[],
): { readonly whole: readonly (number | null)[]; readonly rest: readonly (number | null)[]; readonly next: string } {
  const start = parseISO(first);
  if (unit === 'month') return { whole: values, rest: [], next: format(addMonths(start, values.length), 'yyyy-MM') };
  const last = addDays(start, (unit === 'week' ? 7 : 1) * values.length - 1);
  const next = format(addDays(last, 1), 'yyyy-MM');
  const days = getDate(last);
  if (unit === 'week' || days === getDaysInMonth(last) || days >= values.length)
    return { whole: values, rest: [], next };
  return { whole: values.slice(0, -days), rest: values.slice(-days), next: format(last, 'yyyy-MM') };
}

function underWay(
  history: readonly (number | null)[],
  rest: readonly (number | null)[],
  month: string,
  forecast: number,
): BacktestReport['under_way'] {
  const known = rest.filter((value) => value !== null);
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
  const nowcast = computeNowcast({
    history,
    // A day that is missing so far is taken to be like the others of its month.
    monthToDate: rest.map((value) => value ?? mean),
    daysInMonth: daysOfMonth(month),
    forecast,
    draws: 4000,
    seed: 1,
  });
  if (typeof nowcast === 'string') return null;
  const { draws: _, ...figures } = nowcast;
  return { month, days: rest.length, ...figures };
}
