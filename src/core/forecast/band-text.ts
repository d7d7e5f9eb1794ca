import type { SampleBand } from './bands.ts';
import type { MoneyText } from './figures.ts';
import type { Band } from './result.ts';

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
