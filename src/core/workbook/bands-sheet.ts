import { Decimal } from 'decimal.js';
import type { Band, Perimeter } from '../forecast/result.ts';
import { isError } from '../formula/values.ts';
import { columnName, monthColumn, monthsOf, onSheet, relative, totalColumn } from './addresses.ts';
import type { Book, ShownTier } from './book.ts';
import type { Draft } from './draft.ts';
import { firstRow, openDraft, putFormula, putHeading, putMonths, putNumber, putText } from './draft.ts';
import type { FanRow, FanRows } from './month-charts.ts';
import { fanChart } from './month-charts.ts';
import type { Place } from './month-formulas.ts';

const percentiles = ['p5', 'p10', 'p50', 'p90', 'p95'] as const;
const labels: Readonly<Record<(typeof percentiles)[number] | 'mean', string>> = {
  p5: 'P5: one in twenty costs less',
  p10: 'P10',
  p50: 'P50 (median)',
  p90: 'P90',
  p95: 'P95: one in twenty costs more',
  mean: 'Mean',
};

/** The sheet and the rows whose months are 1 where percentiles are out of order. */
export type Bands = { readonly draft: Draft; readonly disorder: readonly number[] };

const chartRows = 18;

/**
 * What the draws say of each tier and perimeter, by month: static figures of the service (§), beside the live base case.
 * The total column holds the percentiles of the total, which are not the sums of the months'.
 */
export function layOutBands(book: Book): Bands {
  const draft = openDraft('Bands');
  const { tiers } = book;
  draft.next = firstRow + chartRows * Math.ceil(tiers.length / 2);
  const disorder: number[] = [];
  tiers.forEach((tier, i) => {
    for (const perimeter of ['full', 'bill'] as const) {
      const rows = putBand(draft, book, tier, perimeter, disorder);
      if (perimeter === 'bill') continue;
      const from = { column: i % 2 === 0 ? 1 : monthColumn(1), row: firstRow + chartRows * Math.floor(i / 2) };
      draft.charts.push(fanChart(book, tier, putFanRows(draft, book, rows), from, chartRows - 1));
    }
  });
  return { draft, disorder };
}

type BandRows = Readonly<Record<(typeof percentiles)[number] | 'base', FanRow>>;

function putBand(draft: Draft, book: Book, tier: ShownTier, perimeter: Perimeter, disorder: number[]): BandRows {
  const { months, formats, scenario, placed, exact } = book;
  const { money } = formats;
  putHeading(draft, `${tier.label}: ${perimeter === 'full' ? 'full cost' : 'bill'}`, {
    [totalColumn]: 'Total',
    6: 'Check',
  });
  const source = perimeter === 'full' ? tier.program.fullTotal : tier.program.billTotal;
  const place = placed.places.get(source) as Place;
  const base = {
    row: draft.next++,
    values: (exact[source] ?? []).map((value) => (isError(value) ? new Decimal(0) : value)),
  };
  putText(draft, base.row, 2, 'Base case', 'label');
  putText(draft, base.row, 3, 'live', 'note');
  putText(draft, base.row, 4, scenario.currency, 'unit');
  const link = (column: number): string => onSheet(place.sheet, relative(column, place.row), draft.name);
  putMonths(
    draft,
    base.row,
    months,
    (m) => link(monthColumn(m)),
    (m) => base.values[m - 1] ?? new Decimal(0),
    'calculation',
    money,
  );
  const total = base.values.reduce((sum, value) => sum.plus(value), new Decimal(0));
  putFormula(draft, base.row, totalColumn, link(totalColumn), total, 'calculation', money);

  const putStatic = (of: (typeof percentiles)[number] | 'mean'): FanRow => {
    const row = draft.next++;
    const value = (band: Band): Decimal => new Decimal(band[of]);
    const values = tier.forecast.months.map((month) => value(month[perimeter]));
    putText(draft, row, 2, labels[of], 'label');
    putText(draft, row, 3, '§', 'note');
    putText(draft, row, 4, scenario.currency, 'unit');
    putNumber(draft, row, totalColumn, value(tier.forecast.total[perimeter]), 'static', money);
    for (const [m, amount] of values.entries()) putNumber(draft, row, monthColumn(m + 1), amount, 'static', money);
    return { row, values };
  };
  const [p5, p10, p50, p90, p95] = percentiles.map(putStatic) as [FanRow, FanRow, FanRow, FanRow, FanRow];
  putStatic('mean');
  const row = draft.next++;
  disorder.push(row);
  putText(draft, row, 2, 'Percentiles out of order (1 = yes)', 'label');
  const zero = new Decimal(0);
  const ordered = (column: number): string => {
    const at = ({ row: of }: FanRow): string => relative(column, of);
    return `IF(AND(${at(p5)}<=${at(p10)},${at(p10)}<=${at(p50)},${at(p50)}<=${at(p90)},${at(p90)}<=${at(p95)}),0,1)`;
  };
  const bad = (band: Band): Decimal => new Decimal(isOrdered(band) ? 0 : 1);
  putMonths(
    draft,
    row,
    months,
    (m) => ordered(monthColumn(m)),
    (m) => bad(tier.forecast.months[m - 1]?.[perimeter] as Band),
    'calculation',
    '0;;"–"',
  );
  putFormula(
    draft,
    row,
    totalColumn,
    ordered(totalColumn),
    bad(tier.forecast.total[perimeter]),
    'calculation',
    '0;;"–"',
  );
  const failing = tier.forecast.months.reduce((sum, month) => sum.plus(bad(month[perimeter])), zero);
  const check = `SUM(${columnName(totalColumn)}${row},${monthsOf(row, months)})`;
  putFormula(draft, row, 6, check, failing.plus(bad(tier.forecast.total[perimeter])), 'calculation', '0;;"–"');
  draft.next++;
  return { p5, p10, p50, p90, p95, base };
}

/** Heights of the stacked areas of a fan, live differences of the percentiles above them. */
function putFanRows(draft: Draft, { months, formats, scenario }: Book, rows: BandRows): FanRows {
  draft.next--;
  const between = (label: string, upper: FanRow, lower: FanRow): FanRow => {
    const row = draft.next++;
    const values = upper.values.map((value, m) => value.minus(lower.values[m] ?? 0));
    putText(draft, row, 2, label, 'label');
    putText(draft, row, 3, 'height of the band in the chart', 'note');
    putText(draft, row, 4, scenario.currency, 'unit');
    const formula = (month: number): string =>
      `${relative(monthColumn(month), upper.row)}-${relative(monthColumn(month), lower.row)}`;
    putMonths(draft, row, months, formula, (m) => values[m - 1] ?? new Decimal(0), 'calculation', formats.money);
    draft.detailRows.push(row);
    return { row, values };
  };
  const fan = {
    space: rows.p5,
    lower: between('P5 to P10', rows.p10, rows.p5),
    middleBand: between('P10 to P90', rows.p90, rows.p10),
    upper: between('P90 to P95', rows.p95, rows.p90),
    median: rows.p50,
    base: rows.base,
  };
  draft.next++;
  return fan;
}

function isOrdered({ p5, p10, p50, p90, p95 }: Band): boolean {
  const values = [p5, p10, p50, p90, p95].map((text) => new Decimal(text));
  return values.every((value, i) => i === 0 || value.gte(values[i - 1] as Decimal));
}
