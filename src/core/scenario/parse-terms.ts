import type { Decimal } from 'decimal.js';
import type { z } from 'zod';
import { ScenarioDecimal } from './decimal-text.ts';
import type { Draft } from './draft.ts';
import { constantIn, constantOf, isLeftOut, missing, quantityIn } from './draft.ts';
import { termFields as fields, machineFields, scenarioFields } from './fields.ts';
import { monthIndex } from './months.ts';
import { baseOf } from './quantity-base.ts';
import type { QuantityField } from './quantity-field.ts';
import type { Readable } from './readable.ts';
import type { Migration, PriceOverride, Quantity, RentedCapacity, Scenario, TierTerms, Workload } from './scenario.ts';
import type { ScenarioInput } from './schema.ts';
import type { tierInput } from './tier-schema.ts';

type Path = readonly PropertyKey[];
type Sent = Readable<ScenarioInput>;
type SentTerms = Readable<Exclude<z.input<typeof tierInput>, string>>;

/** What a tier's object agrees beyond list prices, or null where it agrees nothing. */
export function parseTerms(
  draft: Draft,
  sent: SentTerms,
  {
    provider,
    workloads,
    path,
  }: { readonly provider: string; readonly workloads: readonly Workload[]; readonly path: Path },
): TierTerms | null {
  const optional = (value: unknown, field: QuantityField, key: Path): Quantity | null =>
    value === undefined ? null : quantityIn(draft, value, field, [...path, ...key], constantOf(0));
  const { rate_limits: limits, credits, commitment } = sent;
  if (sent.dedicated !== undefined && sent.provisioned !== undefined) {
    const message = 'Give either dedicated or provisioned: a tier rents one kind of capacity.';
    draft.faults.push({ code: 'conflict', path: [...path, 'provisioned'], message });
  }
  const terms: TierTerms = {
    data_residency: sent.data_residency ?? null,
    credit_purchase: optional(sent.credit_purchase, fields.credit_purchase, ['credit_purchase']),
    own_key_share: optional(sent.own_key_share, fields.share, ['own_key_share']),
    free_allowance: optional(sent.free_allowance, fields.amount, ['free_allowance']),
    credits:
      credits === undefined
        ? null
        : {
            amount: optional(credits.amount, fields.amount, ['credits', 'amount']) ?? constantOf(0),
            valid: untilMonth(draft, credits.until, new ScenarioDecimal(1)),
          },
    commitment:
      commitment === undefined
        ? null
        : {
            per_month: untilMonth(
              draft,
              commitment.until,
              constantIn(commitment.per_month, fields.amount) ?? new ScenarioDecimal(0),
            ),
          },
    rate_limits:
      limits === undefined
        ? null
        : {
            requests_per_minute: optional(limits.requests_per_minute, fields.requests_per_minute, [
              'rate_limits',
              'requests_per_minute',
            ]),
            tokens_per_minute: optional(limits.tokens_per_minute, fields.tokens_per_minute, [
              'rate_limits',
              'tokens_per_minute',
            ]),
          },
    routing:
      sent.routing === undefined
        ? null
        : {
            over_list: optional(sent.routing.over_list, fields.over_list, ['routing', 'over_list']),
            prices: (sent.routing.mixes ?? []).flatMap((mix, i) =>
              mix === undefined
                ? []
                : priceOfMix(draft, mix, { provider, workloads, path: [...path, 'routing', 'mixes', i] }),
            ),
          },
    rented:
      parseDedicated(draft, sent.dedicated, [...path, 'dedicated']) ??
      parseProvisioned(draft, sent.provisioned, [...path, 'provisioned']),
  };
  return Object.values(terms).every((term) => term === null) ? null : terms;
}

/** Chance and size of unannounced price changes; null leaves the prior of each provider. */
export function parsePriceChanges(draft: Draft, sent: Sent['price_changes']): Scenario['price_changes'] {
  if (sent === undefined) return null;
  const stated = sent === 'none' ? { chance_per_month: 0, multiplier: 1 } : sent;
  return {
    chance_per_month: quantityIn(
      draft,
      stated.chance_per_month,
      fields.share,
      ['price_changes', 'chance_per_month'],
      constantOf(0),
    ),
    multiplier: quantityIn(draft, stated.multiplier, fields.ratio, ['price_changes', 'multiplier'], constantOf(1)),
  };
}

/** Models that are left for a successor; each at most once. */
export function parseMigrations(draft: Draft, sent: Sent['migrations']): readonly Migration[] {
  const seen = new Set<string>();
  return (sent ?? []).flatMap((migration, i): readonly Migration[] => {
    if (migration?.model === undefined || migration.provider === undefined || migration.at === undefined) return [];
    const path = ['migrations', i];
    const { provider, model, at, to } = migration;
    if (seen.has(`${provider} ${model}`)) {
      const message = `${model} is left once already; a later move is one of its successor.`;
      draft.faults.push({ code: 'duplicate-id', path: [...path, 'model'], message });
    }
    seen.add(`${provider} ${model}`);
    if (to === undefined && isLeftOut(migration, 'price_ratio') && isLeftOut(migration, 'token_ratio')) {
      missing(draft, [...path, 'to'], 'the successor, or price_ratio or token_ratio where it is not known yet');
    }
    const ratio = (key: 'price_ratio' | 'token_ratio'): Quantity =>
      quantityIn(draft, migration[key], fields.ratio, [...path, key], constantOf(1));
    return [
      { provider, model, at, to: to ?? null, price_ratio: ratio('price_ratio'), token_ratio: ratio('token_ratio') },
    ];
  });
}

/** A number up to a month and 0 after it. */
function untilMonth({ start, months }: Draft, until: string | undefined, value: Decimal): Quantity {
  if (until === undefined || start === null || months === null) return { kind: 'constant', value };
  const last = monthIndex(until) - monthIndex(start) + 1;
  if (last >= months) return { kind: 'constant', value };
  return {
    kind: 'series',
    values: Array.from({ length: months }, (_, m) => (m < last ? value : new ScenarioDecimal(0))),
  };
}

type SentMix = NonNullable<NonNullable<NonNullable<SentTerms['routing']>['mixes']>[number]>;

/**
 * The price of a model behind a router: the mean of its endpoints by their shares, or those of the cheapest (for the
 * tokens of the workloads that use it) or the fastest.
 */
function priceOfMix(
  draft: Draft,
  { model, choose = 'shares', endpoints: sent }: SentMix,
  {
    provider,
    workloads,
    path,
  }: { readonly provider: string; readonly workloads: readonly Workload[]; readonly path: Path },
): readonly PriceOverride[] {
  const endpoints = (sent ?? []).flatMap((endpoint) => {
    const input = constantIn(endpoint?.input, scenarioFields.unit_price);
    const output = constantIn(endpoint?.output, scenarioFields.unit_price);
    if (endpoint?.name === undefined || input === undefined || output === undefined) return [];
    const cached_input = constantIn(endpoint.cached_input, scenarioFields.unit_price) ?? null;
    const share = constantIn(endpoint.share, fields.share) ?? null;
    return [
      {
        name: endpoint.name,
        share,
        speed: constantIn(endpoint.tokens_per_s, fields.tokens_per_s) ?? null,
        input,
        output,
        cached_input,
      },
    ];
  });
  if (model === undefined || endpoints.length === 0) return [];
  const users = workloads.filter((workload) => Object.values(workload.model).includes(model));
  const sumOf = (key: 'input_tokens' | 'output_tokens'): Decimal =>
    users.reduce(
      (sum, workload) => sum.plus(baseOf(workload.requests_per_month, 1).times(baseOf(workload[key], 1))),
      new ScenarioDecimal(0),
    );
  const cost = (endpoint: (typeof endpoints)[number]): Decimal =>
    endpoint.input.times(sumOf('input_tokens')).plus(endpoint.output.times(sumOf('output_tokens')));
  const speed = (endpoint: (typeof endpoints)[number]): Decimal => endpoint.speed ?? new ScenarioDecimal(0);
  const one = new ScenarioDecimal(1);
  const chosen =
    choose === 'shares'
      ? endpoints.map((endpoint) => ({ ...endpoint, share: endpoint.share ?? new ScenarioDecimal(0) }))
      : [
          {
            ...endpoints.reduce((best, next) =>
              (choose === 'cheapest' ? cost(next).lt(cost(best)) : speed(next).gt(speed(best))) ? next : best,
            ),
            share: one,
          },
        ];
  if (choose === 'fastest' && endpoints.some(({ speed: known }) => known === null))
    missing(draft, [...path, 'endpoints'], 'tokens_per_s of every endpoint, to know the fastest');
  const whole = chosen.reduce((sum, { share }) => sum.plus(share), new ScenarioDecimal(0));
  if (choose === 'shares' && whole.minus(1).abs().gt('1e-9')) {
    const message = `The shares of the endpoints add up to ${whole.times(100).toFixed()}%; expected 100%.`;
    draft.faults.push({ code: 'shares-not-whole', path: [...path, 'endpoints'], message });
  }
  const mean = (key: 'input' | 'output'): Decimal =>
    chosen.reduce((sum, endpoint) => sum.plus(endpoint.share.times(endpoint[key])), new ScenarioDecimal(0));
  const isCachePriced = chosen.some(({ cached_input }) => cached_input !== null);
  const cached = chosen.reduce(
    (sum, { share, cached_input, input }) => sum.plus(share.times(cached_input ?? input)),
    new ScenarioDecimal(0),
  );
  const source = `routing mix stated in the scenario: ${chosen.map(({ name, share }) => `${share.times(100).toFixed()}% ${name}`).join(', ')}`;
  const meters = { input: mean('input'), output: mean('output'), ...(isCachePriced && { cached_input: cached }) };
  return [{ provider, model, from: null, to: null, meters, source }];
}

function parseDedicated(draft: Draft, sent: SentTerms['dedicated'], path: Path): RentedCapacity | null {
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

function parseProvisioned(draft: Draft, sent: SentTerms['provisioned'], path: Path): RentedCapacity | null {
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
  };
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
  'limited' | 'price_per_hour' | 'input_tokens_per_s' | 'output_tokens_per_s' | 'utilization_cap'
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
