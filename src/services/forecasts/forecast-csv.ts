import type { Band, Forecast, Perimeter } from '../../core/forecast/result.ts';

const measures = ['base', 'p5', 'p10', 'p50', 'p90', 'p95', 'mean'] as const satisfies readonly (keyof Band)[];

/**
 * A forecast as a table: one row for each tier, month and perimeter, then one with the month `total`. A tier without a
 * forecast has one row with its reason. Names that a spreadsheet would take for a formula get a leading apostrophe.
 */
export function forecastCsv(forecast: Forecast): string {
  const lines = [['tier', 'label', 'month', 'perimeter', 'currency', ...measures, 'reason']];
  for (const tier of forecast.tiers) {
    const name = [tier.id, asText(tier.label)];
    if (tier.months === null) {
      lines.push([...name, '', '', forecast.currency, ...measures.map(() => ''), asText(tier.reason)]);
      continue;
    }
    for (const { month, ...bands } of [...tier.months, { month: 'total', ...tier.total }]) {
      for (const perimeter of ['bill', 'full'] as const satisfies readonly Perimeter[]) {
        lines.push([
          ...name,
          month,
          perimeter,
          forecast.currency,
          ...measures.map((measure) => bands[perimeter][measure]),
          '',
        ]);
      }
    }
  }
  return lines.map((line) => `${line.map(quote).join(',')}\n`).join('');
}

function asText(value: string): string {
  return /^[=+\-@\t\r\0]/.test(value) ? `'${value}` : value;
}

function quote(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
