import type { Decimal } from 'decimal.js';
import type { TierComparison } from '../../bills/comparison.ts';
import { Exact } from '../../formula/values.ts';
import { absolute, columnName, onSheet, relative } from '../addresses.ts';
import type { Draft } from '../draft.ts';
import { putFormula, putHeading, putNumber, putText } from '../draft.ts';
import { bridgeChart } from './bridge-chart.ts';
import type { ComparisonBook } from './comparison-book.ts';

/** Where other sheets find what a tier's sheet works out. */
export type TierSheet = {
  readonly draft: Draft;
  readonly tier: TierComparison;
  readonly forecast: string;
  readonly actual: string;
  /** Address and value of every step. */
  readonly steps: readonly { readonly label: string; readonly address: string; readonly value: Decimal }[];
  /** Cells that are 0 where everything adds up. */
  readonly checks: { readonly bridge: string; readonly rows: string; readonly service: string };
};

/** Where the rows of the bridge stand: first, last, and their total. */
export type BridgeRowsPlace = {
  /** Rows of the table that adds up, fixed lines included, and the row of its sums. */
  readonly from: number;
  readonly to: number;
  readonly total: number;
};

const zero: Decimal = new Exact(0);

/** The steps from forecast to bill with their running total, the chart over them, and what other sheets find there. */
export function putBridge(draft: Draft, book: ComparisonBook, tier: TierComparison, rows: BridgeRowsPlace): TierSheet {
  const { formats, currency } = book;
  putHeading(draft, 'From the forecast to the bill', {
    5: currency,
    6: 'Running total',
    7: 'Below',
    8: 'Total',
    9: 'More',
    10: 'Less',
    11: 'Service (§)',
  });
  const first = draft.next;
  const last = first + tier.bridge.length + 1;
  const labels = ['Forecast (median)', ...tier.bridge.map(({ label }) => label), 'Bill'];
  let running = zero;
  const columns: Record<'below' | 'total' | 'more' | 'less', Decimal[]> = { below: [], total: [], more: [], less: [] };
  const steps: { label: string; address: string; value: Decimal }[] = [];
  const service: string[] = [];
  labels.forEach((label, i) => {
    const row = draft.next++;
    const isEnd = i === 0 || row === last;
    const step = tier.bridge[i - 1];
    const value = new Exact(i === 0 ? tier.forecast.p50 : (step?.amount ?? tier.actual));
    putText(draft, row, 2, label, isEnd ? 'total' : 'label');
    const total = (column: number): string => relative(column, rows.total);
    if (i === 0) putNumber(draft, row, 5, value, 'static', formats.money);
    else if (isEnd) putFormula(draft, row, 5, total(14), value, 'total', formats.money);
    else if (i === 1)
      putFormula(
        draft,
        row,
        5,
        `ROUND(${total(5)}-${relative(5, first)},${book.minorUnits})`,
        value,
        'calculation',
        formats.money,
      );
    else putFormula(draft, row, 5, total(4 + i), value, 'calculation', formats.money);
    const before = running;
    running = isEnd ? value : running.plus(value);
    const [own, above] = [relative(6, row), relative(6, row - 1)];
    putFormula(
      draft,
      row,
      6,
      isEnd ? relative(5, row) : `${above}+${relative(5, row)}`,
      running,
      'calculation',
      formats.money,
    );
    const bars: readonly (readonly [keyof typeof columns, string, Decimal])[] = isEnd
      ? [
          ['below', '0', zero],
          ['total', own, running],
          ['more', '0', zero],
          ['less', '0', zero],
        ]
      : [
          ['below', `MIN(${above},${own})`, Exact.min(before, running)],
          ['total', '0', zero],
          ['more', `MAX(0,${own}-${above})`, Exact.max(0, running.minus(before))],
          ['less', `MAX(0,${above}-${own})`, Exact.max(0, before.minus(running))],
        ];
    bars.forEach(([name, formula, cached], c) => {
      columns[name].push(cached);
      putFormula(draft, row, 7 + c, formula, cached, 'calculation', formats.money);
    });
    putNumber(draft, row, 11, value, 'static', formats.money);
    if (i > 0) service.push(`ABS(${relative(5, row)}-${relative(11, row)})`);
    if (!isEnd) steps.push({ label, address: onSheet(draft.name, absolute(5, row), null), value });
  });
  const range = (column: number, values: readonly Decimal[]) => ({
    reference: onSheet(draft.name, `${absolute(column, first)}:${absolute(column, last)}`, null),
    values,
  });
  draft.charts.push(
    bridgeChart(book, tier, {
      labels: { reference: range(2, []).reference, values: labels },
      below: range(7, columns.below),
      total: range(8, columns.total),
      more: range(9, columns.more),
      less: range(10, columns.less),
    }),
  );
  draft.next++;
  const at = (address: string): string => onSheet(draft.name, address, null);
  const columnSums = Array.from({ length: 8 }, (_, e) => columnName(6 + e)).map(
    (column) => `ABS(SUM(${at(`${column}${rows.from}:${column}${rows.to}`)})-${at(`${column}${rows.total}`)})`,
  );
  const rowSums = Array.from({ length: Math.max(0, rows.to - rows.from + 1) }, (_, i) => rows.from + i).map(
    (row) => `ABS(SUM(${at(`E${row}:M${row}`)})-${at(`N${row}`)})`,
  );
  return {
    draft,
    tier,
    forecast: at(absolute(5, first)),
    actual: at(absolute(5, last)),
    steps,
    checks: {
      bridge: `ABS(SUM(${at(`E${first}:E${last - 1}`)})-${at(`E${last}`)})`,
      rows: [...columnSums, ...rowSums].join('+'),
      service: service.map((term) => term.replaceAll(/([EK]\d+)/g, (cell) => at(cell))).join('+'),
    },
  };
}
