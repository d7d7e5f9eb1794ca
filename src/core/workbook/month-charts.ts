import { Decimal } from 'decimal.js';
import { monthsOf, onSheet } from './addresses.ts';
import type { Book, ShownTier } from './book.ts';
import { dateSerial } from './book.ts';
import type { Measure } from './measures.ts';
import type { Chart, ChartRange } from './sheet.ts';

type Corner = { readonly column: number; readonly row: number };

/** A chart of one measure of `Compare`, a line or column each tier. */
export function monthChart(
  book: Book,
  kind: 'lines' | 'columns',
  title: string,
  measure: Measure,
  from: Corner,
  rows: number,
): Chart {
  const { scenario, months, formats } = book;
  return {
    kind,
    title: `${title} (${scenario.currency})`,
    description: `${title} of ${measure.tiers.map(({ label }) => label).join(', ')}, by month.`,
    from,
    to: { column: from.column + chartColumns(from.column), row: from.row + rows - 1 },
    months: monthRange(book, 'Compare'),
    valueFormat: wholeUnits(formats.money),
    series: measure.tiers.map((tier) => ({
      name: tier.label,
      range: {
        reference: onSheet('Compare', monthsOf(measure.row(tier.id), months, true), null),
        values: measure.values(tier.id),
      },
      as: kind === 'lines' ? 'line' : 'column',
      colour: tier.colour,
    })),
  };
}

/** Rows of one tier on `Bands` that its fan is drawn from. */
export type FanRows = Readonly<Record<'space' | 'lower' | 'middleBand' | 'upper' | 'median' | 'base', FanRow>>;
export type FanRow = { readonly row: number; readonly values: readonly Decimal[] };

/** What the tier may cost by month: 5 to 95 % light, 10 to 90 % darker, the median and the base case as lines. */
export function fanChart(book: Book, tier: ShownTier, rows: FanRows, from: Corner, height: number): Chart {
  const { report, months, scenario, formats } = book;
  const { outer, inner, middle, base } = report.fan_colours;
  const range = ({ row, values }: FanRow): ChartRange => ({
    reference: onSheet('Bands', monthsOf(row, months, true), null),
    values,
  });
  return {
    kind: 'fan',
    title: `${tier.label}: full cost by month (${scenario.currency})`,
    description: `Fan chart of ${tier.label}: bands from P5 to P95 and P10 to P90, the median and the base case, by month.`,
    from,
    to: { column: from.column + chartColumns(from.column), row: from.row + height - 1 },
    months: monthRange(book, 'Bands'),
    valueFormat: wholeUnits(formats.money),
    series: [
      { name: 'P5', range: range(rows.space), as: 'space', colour: outer },
      { name: 'P5 to P10', range: range(rows.lower), as: 'outer', colour: outer },
      { name: 'P10 to P90', range: range(rows.middleBand), as: 'inner', colour: inner },
      { name: 'P90 to P95', range: range(rows.upper), as: 'outer', colour: outer },
      { name: 'Median', range: range(rows.median), as: 'middle', colour: middle },
      { name: 'Base case', range: range(rows.base), as: 'line', colour: base },
    ],
  };
}

function monthRange({ plan, months }: Book, sheet: string): ChartRange {
  return {
    reference: onSheet(sheet, monthsOf(5, months, true), null),
    values: plan.months.map((month) => new Decimal(dateSerial(month))),
  };
}

/** From column A a chart covers A to F, which are wide; from a month's column it needs more of them. */
function chartColumns(from: number): number {
  return from < 5 ? 5 : 9;
}

function wholeUnits(money: string): string {
  return money.startsWith('#,##0') ? '#,##0' : money;
}
