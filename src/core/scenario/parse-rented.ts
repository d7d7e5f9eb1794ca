import type { z } from 'zod';
import { ScenarioDecimal } from './decimal-text.ts';
import type { Draft } from './draft.ts';
import { constantIn, constantOf, isLeftOut, missing, quantityIn } from './draft.ts';
import { termFields as fields, machineFields } from './fields.ts';
import type { Readable } from './readable.ts';
import type { Quantity, RentedCapacity, Workload } from './scenario.ts';
import type { SentTerms, tierInput } from './tier-schema.ts';

type Path = readonly PropertyKey[];

/** GPUs behind an endpoint of one's own, which serve whatever is sent to them. */
export function parseDedicated(draft: Draft, sent: SentTerms['dedicated'], path: Path): RentedCapacity | null {
  if (sent === undefined) return null;
  const scales = sent.autoscale !== undefined;
  const replicas = quantityIn(draft, sent.replicas, machineFields.count, [...path, 'replicas'], constantOf(1));
  return {
    gpu: sent.gpu ?? '',
    plan: sent.plan ?? 'on-demand',
    gpus_per_unit: quantityIn(draft, sent.count, machineFields.gpus, [...path, 'count'], constantOf(1)),
    units: replicas,
    units_at_least: scales
      ? { kind: 'constant', value: constantIn(sent.autoscale?.at_least, fields.replicas) ?? new ScenarioDecimal(0) }
      : replicas,
    ...rentedOf(draft, sent, path),
  };
}

/** Throughput reserved by the hour takes neither batch nor flex: those requests are billed by the token. */
export function parseProvisioned(
  draft: Draft,
  sent: SentTerms['provisioned'],
  workloads: readonly Workload[],
  path: Path,
): RentedCapacity | null {
  if (sent === undefined) return null;
  const units = quantityIn(draft, sent.units, machineFields.count, [...path, 'units'], constantOf(1));
  if (isLeftOut(sent, 'price_per_hour'))
    missing(draft, [...path, 'price_per_hour'], 'the price of one unit for an hour: providers publish none');
  if (!isLeftOut(sent, 'tokens_per_minute') && !isLeftOut(sent, 'throughput')) {
    const message = 'Give either tokens_per_minute or throughput.';
    draft.faults.push({ code: 'conflict', path: [...path, 'tokens_per_minute'], message });
  }
  const perMinute = quantityIn(
    draft,
    sent.tokens_per_minute,
    fields.tokens_per_minute,
    [...path, 'tokens_per_minute'],
    constantOf(60),
  );
  const rented = rentedOf(draft, sent, path);
  const total =
    perMinute.kind === 'constant' ? { kind: 'constant' as const, value: perMinute.value.dividedBy(60) } : null;
  const isPerMinute = !isLeftOut(sent, 'tokens_per_minute') && total !== null;
  return {
    gpu: null,
    plan: 'reserved',
    gpus_per_unit: constantOf(1),
    units,
    units_at_least: units,
    ...rented,
    ...(isPerMinute && { limited: 1, input_tokens_per_s: total, output_tokens_per_s: total }),
    refuses_batch: 1,
    spills: isPerMinute || rented.limited === 1 || workloads.some(sendsBatch) ? 1 : 0,
  };
}

function sendsBatch({ batch_share, flex_share }: Workload): boolean {
  return [batch_share, flex_share].some((share) => share.kind !== 'constant' || !share.value.isZero());
}

function rentedOf(
  draft: Draft,
  sent: Readable<Pick<NonNullable<z.input<typeof tierInput> & object>, never>> & {
    readonly price_per_hour?: unknown;
    readonly throughput?:
      | Readable<Record<'input_tokens_per_s' | 'output_tokens_per_s' | 'total_tokens_per_s', unknown>>
      | undefined;
    readonly utilization_cap?: unknown;
  },
  path: Path,
): Pick<
  RentedCapacity,
  | 'limited'
  | 'price_per_hour'
  | 'input_tokens_per_s'
  | 'output_tokens_per_s'
  | 'utilization_cap'
  | 'refuses_batch'
  | 'spills'
> {
  const one = constantOf(1);
  const { throughput } = sent;
  const speed = (key: 'input_tokens_per_s' | 'output_tokens_per_s'): Quantity => {
    if (throughput === undefined) return one;
    const from = isLeftOut(throughput, 'total_tokens_per_s') ? key : 'total_tokens_per_s';
    if (isLeftOut(throughput, from))
      missing(draft, [...path, 'throughput', key], 'tokens per second; or total_tokens_per_s');
    return quantityIn(draft, throughput[from], machineFields[from], [...path, 'throughput', from], one);
  };
  return {
    limited: throughput === undefined ? 0 : 1,
    refuses_batch: 0,
    spills: throughput === undefined ? 0 : 1,
    price_per_hour:
      sent.price_per_hour === undefined
        ? null
        : quantityIn(draft, sent.price_per_hour, fields.price_per_hour, [...path, 'price_per_hour'], constantOf(0)),
    input_tokens_per_s: speed('input_tokens_per_s'),
    output_tokens_per_s: speed('output_tokens_per_s'),
    utilization_cap: quantityIn(
      draft,
      sent.utilization_cap,
      machineFields.utilization_cap,
      [...path, 'utilization_cap'],
      constantOf('0.7'),
    ),
  };
}
