import { bridgeEffects } from './bridge-rows.ts';
import type { Comparison } from './comparison.ts';
import { csvLine, csvText } from './delimited-text.ts';

const columns = [
  'period',
  'tier',
  'row',
  'label',
  'currency',
  'forecast',
  'range',
  ...bridgeEffects,
  'actual',
  'variance_share',
  'hit',
  'percentile',
];

/**
 * The bridge as a table: for each tier a row for each workload and fixed line, from its base to what was billed, and a
 * `total`, which begins at the median. Every row adds up, and so does every column of effects.
 */
export function comparisonCsv({ period, currency, tiers }: Comparison): string {
  const rows = tiers.flatMap((tier) => [
    ...tier.rows.map(({ id, label, base, effects, actual }) => [
      period,
      tier.id,
      csvText(id),
      csvText(label),
      currency,
      base,
      '',
      ...bridgeEffects.map((effect) => effects[effect]),
      actual,
      '',
      '',
      '',
    ]),
    [
      period,
      tier.id,
      'total',
      csvText(tier.label),
      currency,
      tier.forecast.p50,
      ...tier.bridge.map(({ amount }) => amount),
      tier.actual,
      tier.variance_share ?? '',
      tier.hit === null ? '' : String(tier.hit),
      tier.place?.percentile ?? '',
    ],
  ]);
  return [columns, ...rows].map(csvLine).join('');
}
