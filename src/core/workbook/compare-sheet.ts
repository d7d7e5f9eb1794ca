import { Decimal } from 'decimal.js';
import { isError } from '../formula/values.ts';
import type { ProgramRow } from '../model/program.ts';
import { rowsOf } from '../model/program.ts';
import { absolute, columnName, monthColumn, monthsOf, rangesOf, relative, totalColumn } from './addresses.ts';
import type { Book } from './book.ts';
import { dateSerial } from './book.ts';
import type { Draft } from './draft.ts';
import { firstRow, openDraft, putFormula, putHeading, putMonths, putText } from './draft.ts';
import type { Measure } from './measures.ts';
import { differenceMeasure, linkedMeasure, putMeasure, runningMeasure, sumOf } from './measures.ts';
import { monthChart } from './month-charts.ts';
import type { Cached } from './sheet.ts';

/** Where other sheets find what `Compare` works out. */
export type Compared = {
  readonly draft: Draft;
  readonly full: Measure;
  readonly bill: Measure;
  readonly cumulative: Measure;
  readonly unitCost: { readonly row: (tier: string) => number; readonly total: (tier: string) => Decimal };
  /** Row with the calendar year of each month. */
  readonly calendarYear: number;
  /** Rows whose column E is the month of break-even against the baseline, or `never`; null without a baseline. */
  readonly breakEven: BreakEvenRows | null;
};

export type BreakEvenRows = {
  readonly baseline: string;
  readonly row: (tier: string) => number;
  readonly month: ReadonlyMap<string, Cached>;
};

const rankColumn = 7;
const chartRows = 20;
/** More than these would be too thin to tell apart. */
const mostBars = 60;

/** Every tier side by side, month by month: full cost, bill, cash, their running totals, break-even and unit cost, all live. */
export function layOutCompare(book: Book): Compared {
  const draft = openDraft('Compare');
  draft.next = firstRow + chartRows;
  const full = linkedMeasure(draft, book, 'Full cost', ({ program }) => program.fullTotal, {
    [totalColumn]: 'Total',
    [rankColumn]: 'Rank',
  });
  putRanks(draft, book, full);
  const bill = linkedMeasure(draft, book, 'Bill', ({ program }) => program.billTotal);
  const cash = linkedMeasure(
    draft,
    book,
    'Cash: a purchase counts whole in its month',
    ({ program }) => program.cashTotal,
  );
  const cumulative = runningMeasure(draft, book, 'Full cost, cumulative', full);
  const cumulativeCash = runningMeasure(draft, book, 'Cash, cumulative', cash);
  const baseline = book.tiers.find(({ id }) => id === book.forecast.comparison.baseline) ?? null;
  let breakEven: BreakEvenRows | null = null;
  if (baseline !== null && book.tiers.length > 1) {
    const { id, label } = baseline;
    differenceMeasure(draft, book, `Full cost, more (+) or less (−) than ${label}`, full, id, { addsUp: true });
    const digits = book.settings.minorUnits;
    const lead = differenceMeasure(draft, book, `Cumulative cash, less that of ${label}`, cumulativeCash, id, {
      digits,
    });
    breakEven = putBreakEven(draft, book, lead, id, label);
  }
  const calendarYear = putCalendarYears(draft, book);
  const unitCost = putUnitCosts(draft, book, full);
  const bars = book.months * book.tiers.length;
  draft.charts.push(
    monthChart(book, 'lines', 'Full cost, cumulative', cumulative, { column: 1, row: firstRow }, chartRows - 1),
    monthChart(
      book,
      bars <= mostBars ? 'columns' : 'lines',
      'Full cost by month',
      full,
      { column: monthColumn(1), row: firstRow },
      chartRows,
    ),
  );
  return { draft, full, bill, cumulative, unitCost, calendarYear, breakEven };
}

/** 1 is the tier whose full cost is least in the base case; equal tiers share a rank. */
function putRanks(draft: Draft, { formats, tiers }: Book, full: Measure): void {
  const rows = tiers.map(({ id }) => full.row(id));
  const [first, last] = [Math.min(...rows), Math.max(...rows)];
  const range = `${absolute(totalColumn, first)}:${absolute(totalColumn, last)}`;
  for (const { id } of tiers) {
    const cell = relative(totalColumn, full.row(id));
    const rank = 1 + tiers.filter((other) => full.total(other.id).lt(full.total(id))).length;
    const formula = `RANK(${cell},${range},1)`;
    putFormula(draft, full.row(id), rankColumn, formula, new Decimal(rank), 'calculation', formats.count);
  }
}

function putBreakEven(draft: Draft, book: Book, lead: Measure, baseline: string, label: string): BreakEvenRows {
  const { months, formats, plan } = book;
  const reached = putMeasure(draft, months, {
    title: `Break-even: first month with no more cumulative cash than ${label} (1 = reached)`,
    unit: '',
    tiers: lead.tiers,
    captions: { [totalColumn]: 'Month' },
    format: formats.count,
    formula: (tier, month) => `IF(${relative(monthColumn(month), lead.row(tier.id))}<=0,1,0)`,
    values: (tier) => lead.values(tier.id).map((value) => new Decimal(value.lte(0) ? 1 : 0)),
  });
  const month = new Map(
    lead.tiers.map(({ id }): [string, Cached] => {
      const row = reached.row(id);
      const first = reached.values(id).findIndex((flag) => flag.eq(1));
      const found = first < 0 ? 'never' : new Decimal(dateSerial(plan.months[first] as string));
      const flags = monthsOf(row, months);
      const formula = `IF(SUM(${flags})=0,"never",INDEX(${monthsOf(5, months, true)},1,MATCH(1,${flags},0)))`;
      putFormula(draft, row, totalColumn, formula, found, 'calculation', formats.month);
      return [id, found];
    }),
  );
  return { baseline, row: reached.row, month };
}

function putCalendarYears(draft: Draft, { months, plan }: Book): number {
  putHeading(draft, 'Calendar and volume', { [totalColumn]: 'Total' });
  const row = draft.next++;
  putText(draft, row, 2, 'Calendar year', 'label');
  const year = (month: number): Decimal => new Decimal(plan.months[month - 1]?.slice(0, 4) ?? 0);
  putMonths(draft, row, months, (month) => `YEAR(${relative(monthColumn(month), 5)})`, year, 'calculation', '0');
  return row;
}

function putUnitCosts(draft: Draft, book: Book, full: Measure): Compared['unitCost'] {
  const { scenario, formats, months, settings, tiers } = book;
  const tokens = putVolume(draft, book, 'All tokens', 'all_tokens', 'tokens');
  const requests = putVolume(draft, book, 'All requests', 'requests', 'requests');
  draft.next++;
  const tokensPerMillion = 1_000_000;
  const perMillion = (tier: string, column: number): string => {
    const [cost, count] = [relative(column, full.row(tier)), `${columnName(column)}$${tokens.row}`];
    return `IF(${count}>0,${cost}/${count}*${settings.tokensPerMillion},0)`;
  };
  const share = (cost: Decimal, count: Decimal): Decimal => (count.gt(0) ? cost.div(count) : new Decimal(0));
  const total = (tier: string): Decimal => share(full.total(tier), sumOf(tokens.values)).times(tokensPerMillion);
  const cost = putMeasure(draft, months, {
    title: 'Full cost per million tokens',
    unit: `${scenario.currency}/Mtok`,
    tiers,
    captions: { [totalColumn]: 'Horizon' },
    format: formats.unitPrice,
    formula: (tier, month) => perMillion(tier.id, monthColumn(month)),
    values: ({ id }) =>
      full.values(id).map((value, m) => share(value, tokens.values[m] ?? new Decimal(0)).times(tokensPerMillion)),
  });
  for (const { id } of tiers)
    putFormula(
      draft,
      cost.row(id),
      totalColumn,
      perMillion(id, totalColumn),
      total(id),
      'calculation',
      formats.unitPrice,
    );
  putMeasure(draft, months, {
    title: 'Full cost per request',
    unit: `${scenario.currency}/request`,
    tiers,
    format: formats.unitPrice,
    formula: (tier, month) => {
      const column = columnName(monthColumn(month));
      return `IF(${column}$${requests.row}>0,${column}${full.row(tier.id)}/${column}$${requests.row},0)`;
    },
    values: ({ id }) => full.values(id).map((value, m) => share(value, requests.values[m] ?? new Decimal(0))),
  });
  return { row: cost.row, total };
}

/** The row `id` of all workloads on `Volume`, added up by month. */
function putVolume(
  draft: Draft,
  { program, exact, months, placed, formats }: Book,
  label: string,
  id: string,
  unit: string,
): { readonly row: number; readonly values: readonly Decimal[] } {
  const sources: readonly ProgramRow[] = rowsOf(program, 'volume', id);
  const row = draft.next++;
  const places = sources.map(({ index }) => placed.places.get(index)?.row ?? 0);
  const values = Array.from({ length: months }, (_, m) =>
    sumOf(
      sources.map(({ index }) => {
        const value = exact[index]?.[m];
        return value === undefined || isError(value) ? new Decimal(0) : value;
      }),
    ),
  );
  putText(draft, row, 2, label, 'label');
  putText(draft, row, 4, unit, 'unit');
  const formula = (month: number): string =>
    `SUM(${rangesOf(places, (place) => relative(monthColumn(month), place), 'Volume')})`;
  putMonths(draft, row, months, formula, (month) => values[month - 1] ?? new Decimal(0), 'calculation', formats.count);
  putFormula(draft, row, totalColumn, `SUM(${monthsOf(row, months)})`, sumOf(values), 'calculation', formats.count);
  return { row, values };
}
