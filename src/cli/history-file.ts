import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { differenceInCalendarDays } from 'date-fns/differenceInCalendarDays';
import { differenceInCalendarMonths } from 'date-fns/differenceInCalendarMonths';
import { format } from 'date-fns/format';
import { isValid } from 'date-fns/isValid';
import { parseISO } from 'date-fns/parseISO';
import Papa from 'papaparse';
import { badUsage, CommandFailed, exitCodes } from './exit.ts';
import type { Place } from './places.ts';

type Unit = 'day' | 'week' | 'month';
/** A measured value as it is written, or one that its file tags as a one-off; null is a gap. */
export type WrittenValue = string | { readonly one_off: string } | null;

export type HistoryFile = {
  readonly unit: Unit;
  /** The day or the first day of the month of the first value, YYYY-MM-DD. */
  readonly first: string;
  readonly values: readonly WrittenValue[];
  readonly lines: readonly (number | null)[];
};

/**
 * Replaces each `requests_per_month: {history: {file: usage.csv}}` by the values in the file, so that what is parsed,
 * digested and stored holds the numbers and not a path. The file is looked for beside the scenario.
 * Throws CommandFailed with the line of everything in it that cannot be read.
 */
export async function readHistoryFiles(
  scenario: unknown,
  folder: string,
): Promise<{ readonly scenario: unknown; readonly placeOfHistory: (pointer: string) => Place | null }> {
  const workloads = recordOf(scenario)?.workloads;
  if (!Array.isArray(workloads)) return { scenario, placeOfHistory: () => null };
  const places = new Map<string, { readonly file: string; readonly lines: readonly (number | null)[] }>();
  const problems: string[] = [];
  const read = await Promise.all(
    workloads.map(async (workload: unknown, i) => {
      const requests = recordOf(recordOf(workload)?.requests_per_month);
      const history = recordOf(requests?.history);
      if (history === null || typeof history.file !== 'string') return workload;
      const file = path.isAbsolute(history.file) ? history.file : path.join(folder, history.file);
      const { file: _, ...others } = history;
      const found = upToStart(
        parseHistory(await readText(file, ': it is looked for beside the scenario'), file, problems),
        file,
        recordOf(scenario)?.start,
        problems,
      );
      places.set(`/workloads/${i}/requests_per_month/history`, { file, lines: found.lines });
      const { unit, values } = found;
      return { ...recordOf(workload), requests_per_month: { ...requests, history: { unit, values, ...others } } };
    }),
  );
  if (problems.length > 0) throw new CommandFailed(exitCodes.badUsage, problems);
  return {
    scenario: places.size === 0 ? scenario : { ...recordOf(scenario), workloads: read },
    placeOfHistory: (pointer) => {
      for (const [prefix, { file, lines }] of places) {
        if (!pointer.startsWith(`${prefix}/values`)) continue;
        const line = lines[Number(pointer.slice(`${prefix}/values/`.length))];
        return typeof line === 'number' ? `${file}:${line}` : file;
      }
      return null;
    },
  };
}

/**
 * Reads measured volumes: one column of days (YYYY-MM-DD) or months (YYYY-MM) in order, one of numbers, under a head that
 * names them. Months have months for steps; days are steps of a week where every step is a multiple of seven. A step
 * that is left out is a gap (null), never 0. A column `one_off` tags what will not come again; a column `unit` has to say
 * the same throughout. `lines` has the file's line of each value.
 */
export function parseHistory(text: string, file: string, problems: string[]): HistoryFile {
  const { data: rows } = Papa.parse<readonly string[]>(text.replace(/^\ufeff/, '').trimEnd(), {
    skipEmptyLines: false,
  });
  const [head = [], ...body] = rows;
  const records = body.flatMap((cells, i) =>
    cells.some((cell) => cell.trim() !== '') ? [{ cells, line: i + 2 }] : [],
  );
  const columns = columnsOf(head);
  if (columns === null || records.length === 0) {
    problems.push(
      `${file}:1: expected a head with a column "date" or "month" and one of requests, and a row for each step; found "${head.join(',').slice(0, 80)}" and ${records.length} rows.`,
    );
    return { unit: 'month', first: '', values: [], lines: [] };
  }
  refuseMixedUnits(records, columns.unit, file, problems);
  const monthly = /^\d{4}-\d{2}$/.test(records[0]?.cells[columns.date]?.trim() ?? '');
  const form = monthly ? /^\d{4}-\d{2}$/ : /^\d{4}-\d{2}-\d{2}$/;
  const steps = records.flatMap(({ cells, line }) => {
    const date = cells[columns.date]?.trim() ?? '';
    const day = parseISO(monthly ? `${date}-01` : date);
    if (form.test(date) && isValid(day))
      return [{ day, line, value: written(cells[columns.value], cells[columns.oneOff ?? -1]) }];
    problems.push(
      `${file}:${line}: "${date.slice(0, 40)}" is not a ${monthly ? 'month (YYYY-MM)' : 'day (YYYY-MM-DD)'}.`,
    );
    return [];
  });
  return spread(steps, monthly, file, problems);
}

type Step = { readonly day: Date; readonly line: number; readonly value: WrittenValue };

function spread(steps: readonly Step[], monthly: boolean, file: string, problems: string[]): HistoryFile {
  const [first] = steps;
  if (first === undefined) return { unit: monthly ? 'month' : 'day', first: '', values: [], lines: [] };
  const between = monthly ? differenceInCalendarMonths : differenceInCalendarDays;
  const places = steps.map(({ day }) => between(day, first.day));
  const weekly = !monthly && steps.length > 1 && places.every((place) => place % 7 === 0);
  const stride = weekly ? 7 : 1;
  const count = Math.min((places.at(-1) ?? 0) / stride + 1, 10_001);
  const values = new Array<WrittenValue>(Math.max(0, count)).fill(null);
  const lines = new Array<number | null>(values.length).fill(null);
  for (const [i, { line, value }] of steps.entries()) {
    const place = (places[i] ?? 0) / stride;
    const before = (places[i - 1] ?? 0) / stride;
    if (i > 0 && place === before) {
      problems.push(
        `${file}:${line}: its date is that of line ${steps[i - 1]?.line}: each step stands once, so add the two or leave one out.`,
      );
    } else if (i > 0 && place < before) {
      problems.push(
        `${file}:${line}: it does not come after line ${steps[i - 1]?.line}: put the rows in order, each step once.`,
      );
    } else if (place < values.length) {
      values[place] = value;
      lines[place] = line;
    }
  }
  const unit = monthly ? 'month' : weekly ? 'week' : 'day';
  return { unit, first: format(first.day, 'yyyy-MM-dd'), values, lines };
}

const namesOfDates = ['date', 'day', 'month', 'week', 'period'];

type Columns = {
  readonly date: number;
  readonly value: number;
  readonly oneOff: number | null;
  readonly unit: number | null;
};

function columnsOf(head: readonly string[]): Columns | null {
  const names = head.map((name) => name.trim().toLowerCase());
  const date = names.findIndex((name) => namesOfDates.includes(name));
  const placeOf = (known: readonly string[]): number | null => {
    const place = names.findIndex((name) => known.includes(name));
    return place < 0 ? null : place;
  };
  const oneOff = placeOf(['one_off', 'one-off', 'oneoff']);
  const unit = placeOf(['unit', 'units']);
  const others = names.flatMap((name, i) => (![date, oneOff, unit].includes(i) && name !== '' ? [i] : []));
  const named = others.find((i) => ['requests', 'value', 'values', 'volume', 'count'].includes(names[i] ?? ''));
  const value = named ?? (others.length === 1 ? others[0] : undefined);
  return date < 0 || value === undefined ? null : { date, value, oneOff, unit };
}

/** Any mark tags a one-off but a no. */
function written(value: string | undefined, mark: string | undefined): WrittenValue {
  const text = value?.trim() ?? '';
  if (text === '') return null;
  return ['', 'no', 'false', '0'].includes(mark?.trim().toLowerCase() ?? '') ? text : { one_off: text };
}

function refuseMixedUnits(
  records: readonly { readonly cells: readonly string[]; readonly line: number }[],
  column: number | null,
  file: string,
  problems: string[],
): void {
  if (column === null) return;
  const units = records.map(({ cells, line }) => ({ unit: cells[column]?.trim() ?? '', line }));
  const [first] = units;
  for (const { unit, line } of units) {
    if (first === undefined || unit === first.unit) continue;
    problems.push(
      `${file}:${line}: its unit is "${unit.slice(0, 40)}" and that of line ${first.line} "${first.unit.slice(0, 40)}": a history has one unit.`,
    );
  }
}

/** A history ends with the month before `start`: what is missing until then is gaps, and what lies after is refused. */
function upToStart(history: HistoryFile, file: string, start: unknown, problems: string[]): HistoryFile {
  if (typeof start !== 'string' || !/^\d{4}-\d{2}$/.test(start) || history.values.length === 0) return history;
  const [first, end] = [parseISO(history.first), parseISO(`${start}-01`)];
  if (!isValid(end)) return history;
  const steps =
    history.unit === 'month'
      ? differenceInCalendarMonths(end, first)
      : Math.floor(differenceInCalendarDays(end, first) / (history.unit === 'week' ? 7 : 1));
  for (const line of history.lines.slice(Math.max(0, steps))) {
    if (line === null) continue;
    problems.push(
      `${file}:${line}: it lies in the months to be forecast (start: ${start}); leave it out, or start later.`,
    );
  }
  const missing = new Array<null>(Math.max(0, Math.min(steps, 10_001) - history.values.length)).fill(null);
  return { ...history, values: [...history.values, ...missing], lines: [...history.lines, ...missing] };
}

/** The text of a history file. Throws CommandFailed where it cannot be read. */
export async function readText(file: string, hint = ''): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw badUsage(`The history file ${file} cannot be read (${code})${hint}.`, {
      cause,
    });
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
