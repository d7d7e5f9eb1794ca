import type { CostModel } from '../model/definition.ts';
import type { Instances, ResolvedInput } from '../model/program.ts';
import type { PartPlan, ProgramPlan, TierPlan } from '../model/program-plan.ts';
import type { FoundPrices } from '../prices/find-prices.ts';
import { billedBy } from '../prices/find-prices.ts';
import { withTermsKnownOn } from '../prices/known-terms.ts';
import type { Meter } from '../prices/meters.ts';
import type { PriceBook } from '../prices/price.ts';
import type { Problem, Warning } from '../problem.ts';
import { InvalidInput, pointerTo, withoutRepeats } from '../problem.ts';
import type { Quantity, Scenario, Workload } from '../scenario/scenario.ts';
import { monthsFrom } from './calendar.ts';
import type { InputSources } from './input-sources.ts';
import { inputValueOf } from './input-values.ts';
import { resolveInput } from './inputs.ts';
import type { LearnedHistory } from './learned-history.ts';
import { describeHistory, findUnitJumps, isShort, learnHistory } from './learned-history.ts';
import { parseOwnRows } from './own-rows.ts';
import { pricesFinder, termsOf, unusedPrices } from './plan-prices.ts';
import { thresholdsOf } from './price-inputs.ts';
import { findRents } from './term-inputs.ts';
import type { TierDefinition } from './tier-definition.ts';

/** What the calculation knows beside the scenario: cost models, tiers and the price book in force. */
export type Catalogue = {
  readonly models: ReadonlyMap<string, CostModel>;
  readonly tiers: ReadonlyMap<string, TierDefinition>;
  readonly book: PriceBook;
  /** Most cells (rows × months) of a forecast; 250,000 unless less is wanted. */
  readonly mostCells?: number;
};

/** A tier that cannot be computed, and the stable reason for it. */
export type UnavailableTier = {
  readonly id: string;
  readonly label: string;
  readonly reason: 'no-model' | 'no-machines' | 'no-price' | 'no-rent' | 'no-exchange-rate' | 'no-members';
};

export type ForecastPlan = {
  readonly months: readonly string[];
  readonly program: ProgramPlan;
  /** Every tier asked for, in the scenario's order. */
  readonly order: readonly string[];
  readonly unavailable: readonly UnavailableTier[];
  /** What was learned from measured volumes, by workload. */
  readonly histories: ReadonlyMap<string, LearnedHistory>;
  /** Every price that was looked up. */
  readonly prices: readonly FoundPrices[];
  readonly warnings: readonly Warning[];
};

/**
 * Decides what is computed: which parts make up each tier, at which share of the demand, with which prices.
 * @throws InvalidInput for models that the price book does not know, an overflow tier without a model, and wrong own rows.
 */
export function planForecast(scenario: Scenario, given: Catalogue): ForecastPlan {
  const months = monthsFrom(scenario.start, scenario.months);
  const problems: Problem[] = [];
  const warnings: Warning[] = [];
  const catalogue = { ...given, book: withTermsKnownOn(given.book, scenario.as_of) };
  const prices: FoundPrices[] = [];
  const pricesOf = pricesFinder(scenario, catalogue, months, { problems, warnings, found: prices });
  const minorUnits = minorUnitsOf(scenario.currency);
  const ownRows = parseOwnRows(scenario, { ...catalogue, minorUnits }, problems, warnings);
  const histories = learnHistories(scenario, problems, warnings);
  const sources: InputSources = {
    scenario,
    months,
    minorUnits,
    book: catalogue.book,
    tiers: catalogue.tiers,
    pricesOf,
    histories,
  };

  const tiers: TierPlan[] = [];
  const unavailable: UnavailableTier[] = [];
  scenario.tiers.forEach((choice, i) => {
    const definition = catalogue.tiers.get(choice.id);
    if (definition === undefined) return;
    const label = choice.label ?? definition.label;
    const members = membersOf(scenario, definition);
    const reason =
      members.length === 0
        ? 'no-members'
        : members
            .map((member) => whyUnavailable(scenario, catalogue, pricesOf, months, member))
            .find((found) => found !== null);
    if (reason !== undefined && reason !== null) {
      unavailable.push({ id: choice.id, label, reason });
      const missing = reason === 'no-price' ? unpricedOf(scenario, catalogue, pricesOf, months, members) : '';
      const message = `${label}: ${missing}${reasonsInWords[reason]}`;
      warnings.push({ code: reason, pointer: pointerTo(['tiers', i]), message });
      return;
    }
    const compositionRows = definition.cost_model === 'composition' ? (ownRows.get(choice.id) ?? []) : [];
    const parts = members.map((member): PartPlan => {
      const tier = catalogue.tiers.get(member.tier) as TierDefinition;
      const model = costModelOf(scenario, catalogue, tier);
      return {
        tier: tier.id,
        label: members.length === 1 ? label : tier.label,
        model,
        ownRows: [...(ownRows.get(tier.id) ?? []), ...(members.length === 1 ? compositionRows : [])],
        demand:
          member.shares === 'whole'
            ? { kind: 'whole' }
            : { kind: 'share', inputs: member.shares === 'rest' ? null : shareInputs(definition, tier, member.shares) },
        spillTo: spillOf(scenario, catalogue, tier, model, pricesOf, problems),
      };
    });
    tiers.push({ id: choice.id, label, parts, ownRows: members.length > 1 ? compositionRows : [] });
  });
  if (problems.length > 0) throw new InvalidInput(withoutRepeats(problems));
  warnings.push(...unusedPrices(scenario, catalogue));

  const volume = catalogue.models.get('volume') as CostModel;
  const billedTiers = new Set(
    tiers.flatMap(({ parts }) => parts.flatMap(({ tier, spillTo }) => [tier, spillTo?.tier ?? tier])),
  );
  const stepsOf = (workload: string): number =>
    Math.max(
      ...[...billedTiers].map(
        (tier) => thresholdsOf(pricesOf(tier, workload), sources, { tier, instance: workload }).length,
      ),
      0,
    );
  return {
    months,
    program: {
      months: scenario.months,
      instances: instancesOf(scenario, stepsOf),
      shared: [volume],
      closing: catalogue.models.get('tier-totals') ?? null,
      tiers,
      resolve: (definition, place) => resolveInput(sources, definition, place),
    },
    order: scenario.tiers.map(({ id }) => id),
    unavailable,
    histories,
    prices,
    warnings: onceEach(warnings),
  };
}

/** What is said of the prices of one model is said once, however many workloads use it. */
function onceEach(warnings: readonly Warning[]): readonly Warning[] {
  const seen = new Set<string>();
  return warnings.filter(({ code, message }) => {
    const isNew = !seen.has(`${code} ${message}`);
    seen.add(`${code} ${message}`);
    return isNew;
  });
}

/** Decimals of a currency's smallest unit: 2 for USD, 0 for JPY, 3 for KWD. */
export function minorUnitsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** The cost model of a tier: that of the capacity the scenario rents there, or its own. */
function costModelOf(scenario: Scenario, { models }: Catalogue, tier: TierDefinition): CostModel {
  const rents = termsOf(scenario, tier.id)?.rented != null;
  return models.get(rents ? (tier.rented ?? tier.cost_model) : tier.cost_model) as CostModel;
}

type Member = { readonly tier: string; readonly shares: 'whole' | 'rest' | Readonly<Record<string, Quantity>> };

const reasonsInWords: Readonly<Record<UnavailableTier['reason'], string>> = {
  'no-model': 'a workload names no model for it (workloads[].model).',
  'no-machines': 'the scenario has no machines (local.machines).',
  'no-price': 'has no price in some month; state it under prices.',
  'no-rent': 'the price of what it rents is not known in some month; state its price_per_hour.',
  'no-exchange-rate': 'its prices are in USD; state exchange_rates.USD, the scenario currency for one dollar.',
  'no-members': 'the scenario names no members for it (hybrid).',
};

function membersOf(scenario: Scenario, tier: TierDefinition): readonly Member[] {
  if (tier.cost_model !== 'composition') return [{ tier: tier.id, shares: 'whole' }];
  return (scenario.hybrid?.members ?? []).map(({ tier: member, shares }) => ({
    tier: member,
    shares: shares ?? 'rest',
  }));
}

function shareInputs(
  composition: TierDefinition,
  member: TierDefinition,
  shares: Readonly<Record<string, Quantity>>,
): ReadonlyMap<string, ResolvedInput> {
  return new Map(
    Object.entries(shares).map(([workload, share]) => [
      workload,
      {
        key: `${composition.id}.${workload}.${member.id}_share`,
        label: `Share of requests to ${member.label}: ${workload}`,
        value: inputValueOf(share),
        source: 'Scenario',
      },
    ]),
  );
}

function whyUnavailable(
  scenario: Scenario,
  catalogue: Catalogue,
  pricesOf: InputSources['pricesOf'],
  months: readonly string[],
  member: Member,
): UnavailableTier['reason'] | null {
  const tier = catalogue.tiers.get(member.tier);
  if (tier === undefined) return 'no-members';
  if (tier.runs_machines && (scenario.local?.machines.length ?? 0) === 0) return 'no-machines';
  for (const workload of scenario.workloads) {
    if (servesNothing(member, workload)) continue;
    if (workload.model[tier.id] === undefined) return 'no-model';
    if (tier.provider === null) continue;
    const found = pricesOf(tier.id, workload.id);
    if (found !== null && findUnpriced(found, workload, months).length > 0) return 'no-price';
  }
  const rented = termsOf(scenario, tier.id)?.rented ?? null;
  if (
    rented !== null &&
    rented.price_per_hour === null &&
    findRents({ scenario, months, ...catalogue }, tier.id).includes(null)
  )
    return 'no-rent';
  if (tier.provider !== null && scenario.currency !== 'USD' && scenario.exchange_rates.USD === undefined)
    return 'no-exchange-rate';
  return null;
}

function findUnpriced(found: FoundPrices, workload: Workload, months: readonly string[]): readonly Meter[] {
  return metersNeeded(workload).filter((meter) => billedBy(found, meter, months).some(({ price }) => price === null));
}

/** What lacks a price, in words: `web_searches of gpt-oss-120b `. */
function unpricedOf(
  { workloads }: Scenario,
  { tiers }: Catalogue,
  pricesOf: InputSources['pricesOf'],
  months: readonly string[],
  members: readonly Member[],
): string {
  const lacking = members.flatMap(({ tier }) =>
    workloads.flatMap((workload) => {
      const found = tiers.get(tier)?.provider == null ? null : pricesOf(tier, workload.id);
      return found === null ? [] : findUnpriced(found, workload, months).map((meter) => `${meter} of ${found.model}`);
    }),
  );
  return `${[...new Set(lacking)].join(', ')} `;
}

/** Meters that must have a price for a workload; every other one falls back to one of these. */
function metersNeeded({ web_searches_per_request: searches }: Workload): readonly Meter[] {
  return searches.kind === 'constant' && searches.value.isZero()
    ? ['input', 'output']
    : ['input', 'output', 'web_searches'];
}

function servesNothing({ shares }: Member, workload: Workload): boolean {
  const share = typeof shares === 'string' ? undefined : shares[workload.id];
  return share?.kind === 'constant' && share.value.isZero();
}

function spillOf(
  scenario: Scenario,
  catalogue: Catalogue,
  from: TierDefinition,
  model: CostModel,
  pricesOf: InputSources['pricesOf'],
  problems: Problem[],
): PartPlan['spillTo'] {
  if (model.spills.some(({ to }) => to === 'same-provider'))
    return { tier: from.id, label: from.label, model: catalogue.models.get(from.cost_model) as CostModel };
  const target = model.spills.length === 0 ? null : (scenario.local?.overflow_to ?? null);
  const tier = target === null ? undefined : catalogue.tiers.get(target);
  if (tier === undefined) return null;
  scenario.workloads.forEach((workload, i) => {
    if (workload.needs.offline || (workload.model[tier.id] !== undefined && pricesOf(tier.id, workload.id) !== null))
      return;
    problems.push({
      code: 'overflow-without-model',
      pointer: pointerTo(['workloads', i, 'model']),
      message: `"${workload.id}" overflows to ${tier.label} (local.overflow_to) but names no model there; add ${tier.id}: …`,
    });
  });
  return { tier: tier.id, label: tier.label, model: catalogue.models.get(tier.cost_model) as CostModel };
}

function learnHistories(
  { workloads, start, from = start }: Scenario,
  problems: Problem[],
  warnings: Warning[],
): ReadonlyMap<string, LearnedHistory> {
  const histories = new Map<string, LearnedHistory>();
  workloads.forEach(({ id, history, growth_per_month }, i) => {
    if (history === null) return;
    const pointer = pointerTo(['workloads', i, 'requests_per_month', 'history', 'values']);
    const learned = learnHistory(history, from);
    if (typeof learned === 'string') {
      problems.push({ code: 'unusable-history', pointer, message: `${learned}.` });
      return;
    }
    histories.set(id, learned);
    if (isShort(learned)) {
      warnings.push({ code: 'short-history', pointer, message: `"${id}": ${describeHistory(learned)}` });
    }
    for (const place of findUnitJumps(learned.history.values).slice(0, 5)) {
      const message = `Value ${place + 1} is more than a hundred times as large or as small as those around it: is it in another unit? If it is right and will not come again, tag it: {one_off: …}.`;
      warnings.push({ code: 'history-jump', pointer: `${pointer}/${place}`, message });
    }
    if (growth_per_month.kind !== 'constant' || !growth_per_month.value.isZero()) {
      const message = `"${id}" has a history, from which growth is learned; the growth stated is not added to it.`;
      warnings.push({ code: 'growth-from-history', pointer: pointerTo(['workloads', i, 'growth_per_month']), message });
    }
  });
  return histories;
}

/** A workload has as many long-context steps as the tier with the most; where a tier has fewer, its rows are left out. */
function instancesOf({ workloads, local, energy }: Scenario, stepsOf: (workload: string) => number): Instances {
  const machines = local?.machines ?? [];
  const size = workloads.flatMap(({ id, sizes }) =>
    sizes.map((_, i) => ({ id: `${id}/${i + 1}`, parents: { workload: id } })),
  );
  const step = workloads.flatMap(({ id }) =>
    Array.from({ length: stepsOf(id) }, (_, k) => ({ id: `${id}/above/${k + 1}`, parents: { workload: id } })),
  );
  return {
    workload: workloads.map(({ id }) => ({ id, parents: {} })),
    machine: machines.map(({ id }) => ({ id, parents: {} })),
    size,
    serving: machines.flatMap(({ id: machine, serving }) =>
      workloads
        .filter(({ id }) => Object.hasOwn(serving, id))
        .map(({ id: workload }) => ({ id: `${machine}/${workload}`, parents: { machine, workload } })),
    ),
    tariff: energy.time_of_use.map(({ id }) => ({ id, parents: {} })),
    step,
    size_step: size.flatMap(({ id, parents }) =>
      step
        .filter((one) => one.parents.workload === parents.workload)
        .map((one, k) => ({ id: `${id}/above/${k + 1}`, parents: { ...parents, size: id, step: one.id } })),
    ),
  };
}
