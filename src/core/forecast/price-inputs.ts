import { Decimal } from 'decimal.js';
import type { InputDefinition } from '../model/definition.ts';
import type { ResolvedInput } from '../model/program.ts';
import { reachedRow } from '../prices/blend-prices.ts';
import type { FoundPrices } from '../prices/find-prices.ts';
import { isTextMeter } from '../prices/meters.ts';
import type { PriceRow } from '../prices/price.ts';
import type { InputPlace, InputSources, Origin } from './input-sources.ts';
import { originOfRows, pointsOf, readPlace, workloadOf } from './input-sources.ts';
import { seriesOf } from './input-values.ts';

export function priceInput(
  sources: InputSources,
  definition: InputDefinition,
  place: InputPlace,
  { meter, fallback }: Extract<InputDefinition['origin'], { kind: 'price' }>,
): ResolvedInput {
  const { workload, step } = readPlace(place);
  const found = sources.pricesOf(place.tier ?? '', workload);
  const threshold = step === 0 ? null : (thresholdsOf(found, sources, place)[step - 1] ?? null);
  const rows = pointsOf(sources, place, meter).map((point) => reachedRow(point, threshold ?? 0));
  const otherwise = fallback?.kind === 'constant' ? fallback.value : new Decimal(Number.NaN);
  const values = rows.length === 0 ? [new Decimal(0)] : rows.map((row) => row?.price ?? otherwise);
  const name = definition.id.replace(/^price_/, '');
  return {
    key: `prices.${place.tier}.${workload}.${name}${step > 1 ? `.${step}` : ''}`,
    label: `${definition.label}: ${workload}${threshold === null ? '' : `, above ${threshold} tokens`}`,
    value: seriesOf(values),
    ...originOfRows(rows.map((row) => (row === null || found === null ? null : priceOrigin(found, row)))),
  };
}

/**
 * Long-context thresholds of a model in any month, in input tokens of a request, lowest first. None where requests are
 * not known: a month's tokens are never priced as one request.
 */
export function thresholdsOf(
  found: FoundPrices | null,
  { scenario }: Pick<InputSources, 'scenario'>,
  place: InputPlace,
): readonly number[] {
  const workload = scenario.workloads.find(({ id }) => id === workloadOf(place));
  if (found === null || workload?.requests_known !== true) return [];
  const thresholds = [...found.meters].flatMap(([meter, points]) =>
    isTextMeter(meter) ? points.flatMap(({ above }) => above.flatMap((row) => row.above_input_tokens ?? [])) : [],
  );
  return [...new Set(thresholds)].sort((a, b) => a - b);
}

function priceOrigin(found: FoundPrices, row: PriceRow): Origin {
  const parts = row.mean_of?.map(({ share, row: one }) => ({
    share: share.toSignificantDigits(6).toFixed(),
    value: one.price.toFixed(),
    ...rowOrigin(found, one),
  }));
  return { ...rowOrigin(found, row), ...(parts && { mean_of: parts }) };
}

function rowOrigin(found: FoundPrices, row: PriceRow): Omit<Origin, 'mean_of'> {
  const { derived_from: derived } = row;
  return {
    source: row.source,
    details: {
      provider: row.provider,
      asked: found.asked,
      model: row.model,
      meter: row.meter,
      price: `${row.price.toFixed()} ${row.unit}`,
      ...(row.above_input_tokens !== null && { above_input_tokens: String(row.above_input_tokens) }),
      ...(row.utc_hours !== null && row.mean_of === undefined && { utc_hours: row.utc_hours }),
      valid_from: row.valid_from ?? 'the beginning',
      ...(row.valid_to !== null && { valid_to: row.valid_to }),
      known_at: row.known_at ?? 'stated in the scenario',
      checked_at: row.checked_at ?? 'stated in the scenario',
      ...(row.catalogue !== null && { catalogue: row.catalogue }),
      ...(derived !== null && {
        derived_from: `${derived.multiplier} × ${derived.meter} (${derived.source}, checked ${derived.checked_at})`,
        factor_known_at: derived.known_at,
      }),
    },
  };
}
