import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { differenceInCalendarDays } from 'date-fns/differenceInCalendarDays';
import { differenceInCalendarMonths } from 'date-fns/differenceInCalendarMonths';
import { isValid } from 'date-fns/isValid';
import { parseISO } from 'date-fns/parseISO';
import Papa from 'papaparse';
import { badUsage, CommandFailed, exitCodes } from './exit.ts';
import type { Place } from './places.ts';

type Unit = 'day' | 'week' | 'month';
type History = {
  readonly unit: Unit;
  readonly values: readonly (string | null)[];
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
      const found = parseHistory(await readText(file), file, problems);
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
 * that is left out is a gap (null), never 0. `lines` has the file's line of each value.
 */
export function parseHistory(text: string, file: string, problems: string[]): History {
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
    return { unit: 'month', values: [], lines: [] };
  }
  const monthly = /^\d{4}-\d{2}$/.test(records[0]?.cells[columns.date]?.trim() ?? '');
  const form = monthly ? /^\d{4}-\d{2}$/ : /^\d{4}-\d{2}-\d{2}$/;
  const steps = records.flatMap(({ cells, line }) => {
    const written = cells[columns.date]?.trim() ?? '';
    const day = parseISO(monthly ? `${written}-01` : written);
    if (form.test(written) && isValid(day)) return [{ day, line, value: cells[columns.value]?.trim() ?? '' }];
    problems.push(
      `${file}:${line}: "${written.slice(0, 40)}" is not a ${monthly ? 'month (YYYY-MM)' : 'day (YYYY-MM-DD)'}.`,
    );
    return [];
  });
  return spread(steps, monthly, file, problems);
}

type Step = { readonly day: Date; readonly line: number; readonly value: string };

function spread(steps: readonly Step[], monthly: boolean, file: string, problems: string[]): History {
  const [first] = steps;
  if (first === undefined) return { unit: monthly ? 'month' : 'day', values: [], lines: [] };
  const between = monthly ? differenceInCalendarMonths : differenceInCalendarDays;
  const places = steps.map(({ day }) => between(day, first.day));
  const weekly = !monthly && steps.length > 1 && places.every((place) => place % 7 === 0);
  const stride = weekly ? 7 : 1;
  const count = Math.min((places.at(-1) ?? 0) / stride + 1, 10_001);
  const values = new Array<string | null>(Math.max(0, count)).fill(null);
  const lines = new Array<number | null>(values.length).fill(null);
  for (const [i, { line, value }] of steps.entries()) {
    const place = (places[i] ?? 0) / stride;
    if (i > 0 && place <= (places[i - 1] ?? 0) / stride) {
      problems.push(
        `${file}:${line}: it does not come after line ${steps[i - 1]?.line}: put the rows in order, each step once.`,
      );
    } else if (place < values.length) {
      values[place] = value === '' ? null : value;
      lines[place] = line;
    }
  }
  return { unit: monthly ? 'month' : weekly ? 'week' : 'day', values, lines };
}

const namesOfDates = ['date', 'day', 'month', 'week', 'period'];

function columnsOf(head: readonly string[]): { readonly date: number; readonly value: number } | null {
  const names = head.map((name) => name.trim().toLowerCase());
  const date = names.findIndex((name) => namesOfDates.includes(name));
  const others = names.flatMap((name, i) => (i !== date && name !== '' ? [i] : []));
  const named = others.find((i) => ['requests', 'value', 'values', 'volume', 'count'].includes(names[i] ?? ''));
  const value = named ?? (others.length === 1 ? others[0] : undefined);
  return date < 0 || value === undefined ? null : { date, value };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw badUsage(`The history file ${file} cannot be read (${code}): it is looked for beside the scenario.`, {
      cause,
    });
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
