import type { Decimal } from 'decimal.js';
import { ScenarioDecimal } from './decimal-text.ts';
import type { Draft } from './draft.ts';
import { constantIn, constantOf, isLeftOut, missing, quantityIn } from './draft.ts';
import { termFields as fields } from './fields.ts';
import { monthIndex } from './months.ts';
import { parseDedicated, parseProvisioned } from './parse-rented.ts';
import { parseFallbacks, priceOfMix } from './parse-routing.ts';
import { baseOf } from './quantity-base.ts';
import type { QuantityField } from './quantity-field.ts';
import type { Readable } from './readable.ts';
import type { Migration, PriceChange, Quantity, Scenario, TierTerms, Workload } from './scenario.ts';
import type { ScenarioInput } from './schema.ts';
import type { SentTerms } from './tier-schema.ts';

type Path = readonly PropertyKey[];
type Sent = Readable<ScenarioInput>;

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
  const { rate_limits: limits, credits, commitment, free_per_month: free } = sent;
  if (sent.dedicated !== undefined && sent.provisioned !== undefined) {
    const message = 'Give either dedicated or provisioned: a tier rents one kind of capacity.';
    draft.faults.push({ code: 'conflict', path: [...path, 'provisioned'], message });
  }
  const terms: TierTerms = {
    data_residency: sent.data_residency ?? null,
    credit_purchase: optional(sent.credit_purchase, fields.credit_purchase, ['credit_purchase']),
    own_key_share: optional(sent.own_key_share, fields.share, ['own_key_share']),
    free_allowance: optional(sent.free_allowance, fields.amount, ['free_allowance']),
    free_per_month:
      free === undefined
        ? null
        : {
            input: optional(free.input, fields.free_volume, ['free_per_month', 'input']),
            cached_input: optional(free.cached_input, fields.free_volume, ['free_per_month', 'cached_input']),
            output: optional(free.output, fields.free_volume, ['free_per_month', 'output']),
            requests: optional(free.requests, fields.free_volume, ['free_per_month', 'requests']),
            web_searches: optional(free.web_searches, fields.free_volume, ['free_per_month', 'web_searches']),
          },
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
            fallbacks: parseFallbacks(draft, sent.routing.fallbacks, [...path, 'routing', 'fallbacks']),
          },
    rented:
      parseDedicated(draft, sent.dedicated, [...path, 'dedicated']) ??
      parseProvisioned(draft, sent.provisioned, workloads, [...path, 'provisioned']),
  };
  return Object.values(terms).every((term) => term === null) ? null : terms;
}

/** Chance and size of unannounced price changes; null leaves the prior of each provider. */
export function parsePriceChanges(draft: Draft, sent: Sent['price_changes']): Scenario['price_changes'] {
  if (sent === undefined) return null;
  if (sent === 'none') return { chance_per_month: constantOf(0), multiplier: constantOf(1), rises: null };
  const read = (change: Readable<Record<keyof PriceChange, unknown>>, path: Path): PriceChange => ({
    chance_per_month: quantityIn(
      draft,
      change.chance_per_month,
      fields.share,
      [...path, 'chance_per_month'],
      constantOf(0),
    ),
    multiplier: quantityIn(draft, change.multiplier, fields.ratio, [...path, 'multiplier'], constantOf(1)),
  });
  const changes = read(sent, ['price_changes']);
  const rises = sent.rises === undefined ? null : read(sent.rises, ['price_changes', 'rises']);
  if (rises === null) return { ...changes, rises };
  const chances = [changes, rises].map(({ chance_per_month: chance }) => baseOf(chance, 1));
  if (chances.reduce((sum, chance) => sum.plus(chance), new ScenarioDecimal(0)).greaterThan(1)) {
    const message =
      'The chances of a change and of a rise add up to more than 100%: a month has one of them or neither.';
    const path = ['price_changes', 'rises', 'chance_per_month'];
    draft.faults.push({ code: 'shares-over-100', path, message, limit: '1' });
  }
  // Rises alone are the changes.
  return chances[0]?.isZero() ? { ...rises, rises: null } : { ...changes, rises };
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
