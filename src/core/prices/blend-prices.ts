import { Decimal } from 'decimal.js';
import type { FoundPrices } from './find-prices.ts';
import { billedBy } from './find-prices.ts';
import { meanRow } from './mean-prices.ts';
import type { Meter } from './meters.ts';
import { isTextMeter, METER_IDS } from './meters.ts';
import type { MonthlyPrice } from './monthly-price.ts';
import type { PriceRow } from './price.ts';

/**
 * Prices of requests of which a share is billed by another model: the mean of both, token meter by token meter and
 * threshold by threshold. What is charged per request or search stays as the first model has it.
 */
export function blendPrices(
  found: FoundPrices,
  other: FoundPrices,
  share: Decimal,
  months: readonly string[],
): FoundPrices {
  const meters = METER_IDS.filter(
    (meter) => found.meters.has(meter) || (isTextMeter(meter) && other.meters.has(meter)),
  );
  const blended = meters.map((meter): [Meter, readonly MonthlyPrice[]] => {
    const own = billedBy(found, meter, months);
    if (!isTextMeter(meter)) return [meter, own];
    const others = billedBy(other, meter, months);
    return [meter, own.map((point, m) => blendPoints(meter, point, others[m] as MonthlyPrice, share))];
  });
  return { ...found, meters: new Map(blended), warnings: [...found.warnings, ...other.warnings] };
}

function blendPoints(meter: Meter, own: MonthlyPrice, other: MonthlyPrice, share: Decimal): MonthlyPrice {
  const rowAbove = (threshold: number): PriceRow | null =>
    meanRow([
      { share: new Decimal(1).minus(share), row: reachedRow(own, threshold) },
      { share, row: reachedRow(other, threshold) },
    ]);
  const row = rowAbove(0);
  const thresholds = [...own.above, ...other.above].flatMap(({ above_input_tokens }) => above_input_tokens ?? []);
  const above = [...new Set(thresholds)]
    .sort((a, b) => a - b)
    .flatMap((threshold) => {
      const long = rowAbove(threshold);
      return long === null ? [] : { ...long, above_input_tokens: threshold };
    });
  return { month: own.month, meter, unit: own.unit, price: row?.price ?? null, row, above };
}

/** The row of a request just above a threshold. */
export function reachedRow({ row, above }: MonthlyPrice, threshold: number): PriceRow | null {
  return above.findLast(({ above_input_tokens }) => (above_input_tokens ?? 0) <= threshold) ?? row;
}
