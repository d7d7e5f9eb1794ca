import { isWholeWeek, parseUtcHours } from '../prices/utc-hours.ts';
import { quantileOf } from '../sampling/distributions.ts';
import { numberText } from './decimal-text.ts';
import type { Draft } from './draft.ts';
import { constantIn, constantOf, quantityIn, tierIn } from './draft.ts';
import { workloadFields as fields } from './fields.ts';
import { meanCachedShare } from './parse-history.ts';
import { parseVolume } from './parse-volume.ts';
import { baseOf } from './quantity-base.ts';
import type { Readable } from './readable.ts';
import type { Quantity, Workload } from './scenario.ts';
import type { WorkloadInput } from './workload-schema.ts';

type Path = readonly PropertyKey[];

const greatestGrowth = 1_000_000;

/** A workload with its defaults, after every rule between its fields. */
export function parseWorkload(draft: Draft, sent: Readable<WorkloadInput>, path: Path): Workload {
  const read = (key: Exclude<keyof WorkloadInput & keyof typeof fields, 'requests_per_month'>, fallback: Quantity) =>
    quantityIn(draft, sent[key], fields[key], [...path, key], fallback);
  const volume = parseVolume(draft, sent, path);
  const workload: Workload = {
    id: sent.id ?? '',
    ...volume,
    reasoning_tokens: sent.reasoning_tokens === undefined ? null : read('reasoning_tokens', constantOf(0)),
    cached_input_share: read('cached_input_share', meanCachedShare(volume.history) ?? constantOf(0)),
    cache_write_share: read('cache_write_share', constantOf(0)),
    cache_ttl: sent.cache_ttl ?? '5m',
    batch_share: read('batch_share', constantOf(0)),
    flex_share: read('flex_share', constantOf(0)),
    priority_share: read('priority_share', constantOf(0)),
    web_searches_per_request: read('web_searches_per_request', constantOf(0)),
    effective_price_volatility: read('effective_price_volatility', constantOf(0)),
    busy_hours: parseBusyHours(draft, sent.busy_hours, [...path, 'busy_hours']),
    cache_storage: parseCacheStorage(draft, sent.cache_storage, [...path, 'cache_storage']),
    growth_per_month: read('growth_per_month', constantOf(0)),
    volatility: sent.volatility === undefined ? null : read('volatility', constantOf(0)),
    spikes: parseSpikes(draft, sent.spikes, [...path, 'spikes']),
    peak_hour_ratio: read('peak_hour_ratio', constantOf('1.9')),
    needs: parseNeeds(sent.needs),
    model: parseModels(draft, sent.model ?? {}, [...path, 'model']),
    quantization: sent.quantization ?? null,
    served_model: null,
  };
  checkCacheShares(draft, workload, path);
  checkServiceShares(draft, workload, path);
  checkReasoning(draft, workload, path);
  checkGrowth(draft, workload.growth_per_month, [...path, 'growth_per_month']);
  if (!Object.hasOwn(sent, 'volatility') && workload.history === null) {
    const message =
      'Neither history nor volatility is stated: the band rests on a wide prior (18% a month in the middle, nine times in ten between 9% and 66%).';
    draft.warnings.push({ code: 'weak-prior', path: [...path, 'volatility'], message });
  }
  return workload;
}

function parseSpikes(draft: Draft, sent: Readable<WorkloadInput>['spikes'], path: Path): Workload['spikes'] {
  if (sent === undefined) return null;
  const spikes: Exclude<typeof sent, 'none'> =
    sent === 'none' ? { chance_per_month: 0, multiplier: 1, carry_over: 0 } : sent;
  const read = (key: 'chance_per_month' | 'multiplier' | 'carry_over') =>
    spikes[key] === undefined ? null : quantityIn(draft, spikes[key], fields[key], [...path, key], constantOf(0));
  return {
    chance_per_month: read('chance_per_month'),
    multiplier: read('multiplier'),
    carry_over: read('carry_over'),
  };
}

function parseBusyHours(draft: Draft, sent: Readable<WorkloadInput>['busy_hours'], path: Path): Workload['busy_hours'] {
  const hours = sent?.utc_hours === undefined ? null : parseUtcHours(sent.utc_hours);
  const share = constantIn(sent?.share, fields.share_in_hours);
  if (hours === null || share === undefined) return null;
  if (isWholeWeek(hours) && !share.equals(1)) {
    const message =
      'These hours are the whole week, so that all requests fall into them: name fewer, or leave busy_hours out.';
    draft.faults.push({ code: 'conflict', path: [...path, 'share'], message });
  }
  return { hours, share };
}

function parseCacheStorage(
  draft: Draft,
  sent: Readable<WorkloadInput>['cache_storage'],
  path: Path,
): Workload['cache_storage'] {
  if (sent === undefined) return null;
  return {
    tokens: quantityIn(draft, sent.tokens, fields.input_tokens, [...path, 'tokens'], constantOf(0)),
    hours_per_day: quantityIn(
      draft,
      sent.hours_per_day,
      fields.hours_per_day,
      [...path, 'hours_per_day'],
      constantOf(24),
    ),
  };
}

function parseNeeds(sent: Readable<WorkloadInput>['needs'] = {}): Workload['needs'] {
  return {
    offline: sent.offline ?? false,
    sensitive_data: sent.sensitive_data ?? false,
    hardest_tasks_share: constantIn(sent.hardest_tasks_share, fields.hardest_tasks_share) ?? null,
    max_first_token_ms: constantIn(sent.max_first_token_ms, fields.max_first_token_ms) ?? null,
  };
}

function parseModels(
  draft: Draft,
  sent: Readonly<Record<string, string | undefined>>,
  path: Path,
): Readonly<Record<string, string>> {
  for (const tier of Object.keys(sent)) tierIn(draft, tier, [...path, tier], () => true, 'the id of a tier');
  return Object.fromEntries(
    Object.entries(sent).flatMap(([tier, model]) => (model === undefined ? [] : [[tier, model]])),
  );
}

function checkCacheShares(
  draft: Draft,
  { cached_input_share: read, cache_write_share: written }: Workload,
  path: Path,
): void {
  for (const month of monthsOf(read, written)) {
    const sum = baseOf(read, month).plus(baseOf(written, month));
    if (sum.lessThanOrEqualTo(1)) continue;
    const when = read.kind === 'series' || written.kind === 'series' ? ` in month ${month}` : '';
    const message = `cached_input_share and cache_write_share add up to ${numberText(sum, true)}${when}; both are shares of input_tokens, so that they may add up to 100% at most.`;
    draft.faults.push({ code: 'shares-over-100', path: [...path, 'cache_write_share'], message, limit: '1' });
    return;
  }
}

function checkServiceShares(
  draft: Draft,
  { batch_share: batch, flex_share: flex, priority_share: priority }: Workload,
  path: Path,
): void {
  for (const month of monthsOf(batch, flex, priority)) {
    const sum = baseOf(batch, month).plus(baseOf(flex, month)).plus(baseOf(priority, month));
    if (sum.lessThanOrEqualTo(1)) continue;
    const message = `batch_share, flex_share and priority_share add up to ${numberText(sum, true)}; a request is sent one way, so that they may add up to 100% at most.`;
    draft.faults.push({ code: 'shares-over-100', path: [...path, 'priority_share'], message, limit: '1' });
    return;
  }
}

function checkReasoning(
  draft: Draft,
  { reasoning_tokens: reasoning, output_tokens: output }: Workload,
  path: Path,
): void {
  if (reasoning === null) return;
  const month = monthsOf(reasoning, output).find((m) => baseOf(reasoning, m).greaterThan(baseOf(output, m)));
  if (month === undefined) return;
  const message = `${baseOf(reasoning, month).toFixed()} reasoning tokens are more than the ${baseOf(output, month).toFixed()} output tokens they are part of.`;
  draft.faults.push({ code: 'out-of-range', path: [...path, 'reasoning_tokens'], message });
}

/** Growth of the last month over the first stays below a million times, at the upper end of a range. */
function checkGrowth(draft: Draft, growth: Quantity, path: Path): void {
  const months = draft.months ?? 1;
  const month = Array.from({ length: months }, (_, i) => i + 1).find(
    (m) => (m - 1) * Math.log1p(Math.max(-1, highEndOf(growth, m))) > Math.log(greatestGrowth) + 1e-9,
  );
  if (month === undefined) return;
  const message = `By month ${month} this is more than 1,000,000 times month 1: lower the growth or the number of months.`;
  draft.faults.push({ code: 'limit-exceeded', path, message, limit: String(greatestGrowth) });
}

function highEndOf(quantity: Quantity, month: number): number {
  return quantity.kind === 'range' ? quantileOf(quantity.distribution, 0.95) : baseOf(quantity, month).toNumber();
}

/** The months in which two quantities may differ from month 1. */
function monthsOf(...quantities: readonly Quantity[]): readonly number[] {
  const length = Math.max(
    1,
    ...quantities.map((quantity) => (quantity.kind === 'series' ? quantity.values.length : 1)),
  );
  return Array.from({ length }, (_, i) => i + 1);
}
