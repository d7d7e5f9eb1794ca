import type { TierComparison } from '../../bills/comparison.ts';
import type { Chart, ChartRange } from '../sheet.ts';
import type { ComparisonBook } from './comparison-book.ts';

export type BridgeBars = Readonly<Record<'labels' | 'below' | 'total' | 'more' | 'less', ChartRange>>;

/** The bridge as columns: an invisible one carries each step to where the one before it ended. */
export function bridgeChart(
  { colours, currency, minorUnits }: Pick<ComparisonBook, 'colours' | 'currency' | 'minorUnits'>,
  { label }: Pick<TierComparison, 'label'>,
  { labels, below, total, more, less }: BridgeBars,
): Chart {
  return {
    kind: 'waterfall',
    title: `${label}: from the forecast to the bill (${currency})`,
    description: `Bridge of ${label}: columns from the forecast over each step to the bill.`,
    from: { column: 2, row: 5 },
    to: { column: 11, row: 24 },
    months: labels,
    valueFormat: minorUnits === 0 ? '#,##0' : '#,##0.00',
    series: [
      { name: 'Below', range: below, as: 'space', colour: colours.total },
      { name: 'Forecast and bill', range: total, as: 'column', colour: colours.total },
      { name: 'More', range: more, as: 'column', colour: colours.up },
      { name: 'Less', range: less, as: 'column', colour: colours.down },
    ],
  };
}
