import { blendPrices } from '../prices/blend-prices.ts';
import type { FoundPrices } from '../prices/find-prices.ts';
import { findPrices } from '../prices/find-prices.ts';
import { isFor } from '../prices/price.ts';
import { findUnusedPrices, priceAgeWarnings } from '../prices/price-warnings.ts';
import type { Problem, Warning } from '../problem.ts';
import { pointerTo } from '../problem.ts';
import type { Scenario, TierTerms, Workload } from '../scenario/scenario.ts';
import type { InputSources } from './input-sources.ts';

/** Finds prices as they are asked for; everything found is told to `found`, everything wrong to `problems` and `warnings`. */
export function pricesFinder(
  scenario: Scenario,
  catalogue: Pick<InputSources, 'book' | 'tiers'>,
  months: readonly string[],
  { problems, warnings, found: used }: { problems: Problem[]; warnings: Warning[]; found: FoundPrices[] },
): InputSources['pricesOf'] {
  const known = new Map<string, FoundPrices | null>();
  return (tierId, workloadId) => {
    const key = `${tierId} ${workloadId}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const i = scenario.workloads.findIndex(({ id }) => id === workloadId);
    const asked = scenario.workloads[i]?.model[tierId];
    const provider = catalogue.tiers.get(tierId)?.provider ?? null;
    if (asked === undefined || provider === null) {
      known.set(key, null);
      return null;
    }
    const pointer = pointerTo(['workloads', i, 'model', tierId]);
    const question = {
      provider,
      asOf: scenario.as_of,
      months,
      overrides: [...routedPrices(scenario, tierId), ...scenario.prices],
      busyHours: scenario.workloads[i]?.busy_hours ?? null,
    };
    const own = findPrices(catalogue.book, { ...question, model: asked });
    if (!own.ok) {
      problems.push({ ...own.problem, pointer });
      known.set(key, null);
      return null;
    }
    const ask = (asking: { readonly provider: string; readonly model: string }, at: string): FoundPrices | null => {
      const other = findPrices(catalogue.book, { ...question, ...asking });
      if (!other.ok) problems.push({ ...other.problem, pointer: at });
      return other.ok ? other : null;
    };
    const migrated = afterMigration(scenario, own, (model, at) => ask({ provider, model }, at));
    const found = withFallback(scenario, tierId, migrated, months, ask);
    const doubts = [...found.warnings, ...priceAgeWarnings([found], scenario.as_of)];
    for (const { code, message } of doubts) warnings.push({ code, pointer, message });
    warnings.push(...termWarnings(scenario, catalogue, found, { tierId, i, pointer }));
    known.set(key, found);
    used.push(found);
    return found;
  };
}

/** A stated price that no workload's model is priced by is most often a misspelt id. */
export function unusedPrices(
  scenario: Scenario,
  { book, tiers }: Pick<InputSources, 'book' | 'tiers'>,
): readonly Warning[] {
  const used = scenario.workloads.flatMap(({ model }) =>
    Object.entries(model).flatMap(([tier, id]) => {
      const provider = tiers.get(tier)?.provider ?? null;
      return provider === null ? [] : [{ provider, model: id }];
    }),
  );
  return findUnusedPrices(book, scenario.prices, used).map((i) => ({
    code: 'price-unused',
    pointer: pointerTo(['prices', i]),
    message: `No workload uses ${scenario.prices[i]?.model} at ${scenario.prices[i]?.provider}, so this price changes nothing.`,
  }));
}

/** What a scenario agreed with the provider of a tier; null: nothing. */
export function termsOf({ tiers }: Scenario, tier: string): TierTerms | null {
  return tiers.find(({ id }) => id === tier)?.terms ?? null;
}

/** Prices of a model until it is left, and of its successor from then on. */
function afterMigration(
  { migrations }: Scenario,
  found: FoundPrices,
  successorOf: (model: string, pointer: string) => FoundPrices | null,
): FoundPrices {
  const i = migrations.findIndex(({ provider, model }) => provider === found.provider && model === found.asked);
  const migration = migrations[i];
  if (migration === undefined || migration.to === null) return found;
  const successor = successorOf(migration.to, pointerTo(['migrations', i, 'to']));
  if (successor === null) return found;
  const meters = [...new Set([...found.meters.keys(), ...successor.meters.keys()])].map((meter) => {
    const before = (found.meters.get(meter) ?? []).filter(({ month }) => month < migration.at);
    const after = (successor.meters.get(meter) ?? []).filter(({ month }) => month >= migration.at);
    return [meter, [...before, ...after]] as const;
  });
  return { ...found, meters: new Map(meters), warnings: [...found.warnings, ...successor.warnings] };
}

/** Prices with the share of requests that fails over to another model, at the prices of that model. */
function withFallback(
  { tiers }: Scenario,
  tierId: string,
  found: FoundPrices,
  months: readonly string[],
  ask: (asking: { readonly provider: string; readonly model: string }, pointer: string) => FoundPrices | null,
): FoundPrices {
  const at = tiers.findIndex(({ id }) => id === tierId);
  const fallbacks = tiers[at]?.terms?.routing?.fallbacks ?? [];
  const i = fallbacks.findIndex(({ model }) => model === found.asked);
  const fallback = fallbacks[i];
  if (fallback === undefined) return found;
  const pointer = pointerTo(['tiers', at, 'routing', 'fallbacks', i, 'to']);
  const other = ask({ provider: fallback.provider ?? found.provider, model: fallback.to }, pointer);
  return other === null ? found : blendPrices(found, other, fallback.share, months);
}

/** What was asked for and has no figure: a class of service without a price of its own, a surcharge nobody published. */
function termWarnings(
  scenario: Scenario,
  { book }: Pick<InputSources, 'book'>,
  { provider, model, meters }: FoundPrices,
  { tierId, i, pointer }: { readonly tierId: string; readonly i: number; readonly pointer: string },
): readonly Warning[] {
  const workload = scenario.workloads[i];
  if (workload === undefined) return [];
  const used = (['batch', 'flex', 'priority'] as const).filter((service) => {
    const share = workload[`${service}_share`];
    return !(share.kind === 'constant' && share.value.isZero());
  });
  const unpriced = used.filter((service) => service !== 'batch' && !meters.has(`${service}_input`));
  const unproven = used.filter((service) =>
    (['input', 'output'] as const).some((kind) =>
      meters.get(`${service}_${kind}`)?.some(({ row }) => row?.derived_from?.confidence === 'C'),
    ),
  );
  const residency = termsOf(scenario, tierId)?.data_residency ?? null;
  const isSurchargeKnown = book.surcharges.some(
    (row) => row.term === 'data_residency' && row.value === residency && isFor(row, provider, model),
  );
  return [
    ...unpriced.map((service) => ({
      code: 'class-unpriced',
      pointer,
      message: `No price for ${service} of ${provider} ${model} is known: those requests are billed at standard prices. State ${service}_input and ${service}_output under prices.`,
    })),
    ...unproven.map((service) => ({
      code: 'price-unproven',
      pointer,
      message: `The price of ${service} at ${provider} rests on one page that names no model: check it for ${model}, and state ${service}_input and ${service}_output under prices.`,
    })),
    ...(storesCache(workload) && !meters.has('cache_storage')
      ? [
          {
            code: 'cache-storage-unpriced',
            pointer,
            message: `No price for keeping a cache is known for ${provider} ${model}: none is charged. State cache_storage under prices if it is.`,
          },
        ]
      : []),
    ...(termsOf(scenario, tierId)?.rented != null && (storesCache(workload) || searches(workload))
      ? [
          {
            code: 'rented-without-searches',
            pointer,
            message: `${provider} ${model}: what runs on rented capacity is charged by the hour; searches and a kept cache are part of the forecast for requests billed by the token only.`,
          },
        ]
      : []),
    ...(residency !== null && !isSurchargeKnown
      ? [
          {
            code: 'surcharge-unknown',
            pointer,
            message: `No surcharge for data in "${residency}" is known for ${provider} ${model}; none is charged.`,
          },
        ]
      : []),
  ];
}

function storesCache({ cache_storage: stored }: Workload): boolean {
  return stored !== null && !(stored.tokens.kind === 'constant' && stored.tokens.value.isZero());
}

function searches({ web_searches_per_request: count }: Workload): boolean {
  return !(count.kind === 'constant' && count.value.isZero());
}

/** A routing mix as prices: each meter at the mean of its endpoints, by their shares. */
function routedPrices(scenario: Scenario, tierId: string): Scenario['prices'] {
  return termsOf(scenario, tierId)?.routing?.prices ?? [];
}
