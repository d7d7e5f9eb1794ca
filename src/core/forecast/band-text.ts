import type { Warning } from '../problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { SampleBand } from './bands.ts';
import type { MoneyText } from './figures.ts';
import type { Band, TierForecast } from './result.ts';

/** A band as it leaves the service, with the errors of its points. */
export function bandText({ base, mean, error, inGap, ...points }: SampleBand, money: MoneyText): Band {
  const optional = (value: number | null): string | null => (value === null ? null : money(value));
  return {
    base: money(base),
    p5: money(points.p5),
    p10: money(points.p10),
    p50: money(points.p50),
    p90: money(points.p90),
    p95: money(points.p95),
    mean: money(mean),
    error: {
      p5: optional(error.p5),
      p10: optional(error.p10),
      p50: optional(error.p50),
      p90: optional(error.p90),
      p95: optional(error.p95),
      mean: optional(error.mean),
    },
    ...(inGap.length > 0 && { in_gap: inGap }),
  };
}

/**
 * A warning for each tier of which a percentile of the first month or the total lies between two regimes: printed, but not
 * known. Later months bear the mark alone.
 */
export function gapWarnings({ tiers: asked }: Scenario, tiers: readonly TierForecast[]): readonly Warning[] {
  return tiers.flatMap((tier): readonly Warning[] => {
    if (tier.months === null) return [];
    const bands = [
      ...tier.months.slice(0, 1).flatMap(({ month, bill, full }) => [
        { where: month, band: bill },
        { where: month, band: full },
      ]),
      { where: 'the total', band: tier.total.bill },
      { where: 'the total', band: tier.total.full },
    ];
    const inGap = bands.filter(({ band }) => band.in_gap !== undefined);
    if (inGap.length === 0) return [];
    const places = [...new Set(inGap.map(({ where }) => where))].join(' and ');
    const points = [...new Set(inGap.flatMap(({ band }) => band.in_gap ?? []))].map((point) => point.toUpperCase());
    const message = `${tier.label}: ${points.join(' and ')} of ${places} ${points.length > 1 ? 'lie' : 'lies'} between two regimes, such as months with and without a spike: any number between them would do, so read its error (in_gap) and not the figure.`;
    return [{ code: 'quantile-in-gap', pointer: `/tiers/${asked.findIndex(({ id }) => id === tier.id)}`, message }];
  });
}
