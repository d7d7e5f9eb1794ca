import type { CostModel } from '../model/definition.ts';

import type { Instances, ResolvedInput } from '../model/program.ts';
import type { PartPlan, ProgramPlan, TierPlan } from '../model/program-plan.ts';
import type { FoundPrices } from '../prices/find-prices.ts';
import { billedBy, findPrices } from '../prices/find-prices.ts';
import type { PriceBook } from '../prices/price.ts';
import { findUnusedPrices, priceAgeWarnings } from '../prices/price-warnings.ts';
import type { Problem, Warning } from '../problem.ts';
import { InvalidInput, pointerTo, withoutRepeats } from '../problem.ts';
import type { HistoryModel } from '../sampling/history-forecast.ts';
import { fitHistory } from '../sampling/history-forecast.ts';
import type { Quantity, Scenario, Workload } from '../scenario/scenario.ts';
import { monthsFrom } from './calendar.ts';
import type { InputSources } from './inputs.ts';
import { inputValueOf, resolveInput, thresholdsOf } from './inputs.ts';
import { parseOwnRows } from './own-rows.ts';
import type { TierDefinition } from './tier-definition.ts';

/** What the calculation knows beside the scenario: cost models, tiers and the price book in force. */
export type Catalogue = {
  readonly models: ReadonlyMap<string, CostModel>;
  readonly tiers: ReadonlyMap<string, TierDefinition>;
  readonly book: PriceBook;
};

/** A tier that cannot be computed, and the stable reason for it. */
export type UnavailableTier = {
  readonly id: string;
  readonly label: string;
  readonly reason: 'no-model' | 'no-machines' | 'no-price' | 'no-exchange-rate' | 'no-members';
};

export type ForecastPlan = {
  readonly months: readonly string[];
  readonly program: ProgramPlan;
  /** Every tier asked for, in the scenario's order. */
  readonly order: readonly string[];
  readonly unavailable: readonly UnavailableTier[];
  readonly warnings: readonly Warning[];
};

/**
 * Decides what is computed: which parts make up each tier, at which share of the demand, with which prices.
 * @throws InvalidInput for models that the price book does not know, an overflow tier without a model, and wrong own rows.
 */
export function planForecast(scenario: Scenario, catalogue: Catalogue): ForecastPlan {
  const months = monthsFrom(scenario.start, scenario.months);
  const problems: Problem[] = [];
  const warnings: Warning[] = [];
  const pricesOf = pricesFinder(scenario, catalogue, months, problems, warnings);
  const minorUnits = minorUnitsOf(scenario.currency);
  const ownRows = parseOwnRows(scenario, { ...catalogue, minorUnits }, problems, warnings);
  const sources: InputSources = {
    scenario,
    months,
    minorUnits,
    book: catalogue.book,
    tiers: catalogue.tiers,
    pricesOf,
    histories: fitHistories(scenario, problems, warnings),
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
      warnings.push({ code: reason, pointer: pointerTo(['tiers', i]), message: `${label}: ${reasonsInWords[reason]}` });
      return;
    }
    const compositionRows = definition.cost_model === 'composition' ? (ownRows.get(choice.id) ?? []) : [];
    const parts = members.map((member): PartPlan => {
      const tier = catalogue.tiers.get(member.tier) as TierDefinition;
      const model = catalogue.models.get(tier.cost_model) as CostModel;
      return {
        tier: tier.id,
        label: members.length === 1 ? label : tier.label,
        model,
        ownRows: [...(ownRows.get(tier.id) ?? []), ...(members.length === 1 ? compositionRows : [])],
        demand:
          member.shares === 'whole'
            ? { kind: 'whole' }
            : { kind: 'share', inputs: member.shares === 'rest' ? null : shareInputs(definition, tier, member.shares) },
        spillTo: spillOf(scenario, catalogue, model, pricesOf, problems),
      };
    });
    tiers.push({ id: choice.id, label, parts, ownRows: members.length > 1 ? compositionRows : [] });
  });
  if (problems.length > 0) throw new InvalidInput(withoutRepeats(problems));
  warnings.push(...unusedPrices(scenario, catalogue));

  const volume = catalogue.models.get('volume') as CostModel;
  return {
    months,
    program: {
      months: scenario.months,
      instances: instancesOf(scenario),
      shared: [volume],
      closing: catalogue.models.get('tier-totals') ?? null,
      tiers,
      resolve: (definition, place) => resolveInput(sources, definition, place),
    },
    order: scenario.tiers.map(({ id }) => id),
    unavailable,
    warnings,
  };
}

/** Decimals of a currency's smallest unit: 2 for USD, 0 for JPY, 3 for KWD. */
export function minorUnitsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

type Member = { readonly tier: string; readonly shares: 'whole' | 'rest' | Readonly<Record<string, Quantity>> };

const reasonsInWords: Readonly<Record<UnavailableTier['reason'], string>> = {
  'no-model': 'a workload names no model for it (workloads[].model).',
  'no-machines': 'the scenario has no machines (local.machines).',
  'no-price': 'a meter that is billed has no price in some month; state it under prices.',
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
    if (
      found !== null &&
      (['input', 'output'] as const).some((meter) => billedBy(found, meter, months).some(({ price }) => price === null))
    )
      return 'no-price';
  }
  if (tier.provider !== null && scenario.currency !== 'USD' && scenario.exchange_rates.USD === undefined)
    return 'no-exchange-rate';
  return null;
}

function servesNothing({ shares }: Member, workload: Workload): boolean {
  const share = typeof shares === 'string' ? undefined : shares[workload.id];
  return share?.kind === 'constant' && share.value.isZero();
}

function spillOf(
  scenario: Scenario,
  catalogue: Catalogue,
  model: CostModel,
  pricesOf: InputSources['pricesOf'],
  problems: Problem[],
): PartPlan['spillTo'] {
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

function pricesFinder(
  scenario: Scenario,
  catalogue: Catalogue,
  months: readonly string[],
  problems: Problem[],
  warnings: Warning[],
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
    const found = findPrices(catalogue.book, {
      provider,
      model: asked,
      asOf: scenario.as_of,
      months,
      overrides: scenario.prices,
    });
    if (!found.ok) {
      problems.push({ ...found.problem, pointer });
      known.set(key, null);
      return null;
    }
    const doubts = [...found.warnings, ...priceAgeWarnings([found], scenario.as_of)];
    for (const { code, message } of doubts) warnings.push({ code, pointer, message });
    if (thresholdsOf(billedBy(found, 'input', months)).length > 1) {
      warnings.push({
        code: 'price-steps',
        pointer,
        message: `${found.model} has several long-context steps; only the first is applied.`,
      });
    }
    known.set(key, found);
    return found;
  };
}

function fitHistories(scenario: Scenario, problems: Problem[], warnings: Warning[]): ReadonlyMap<string, HistoryModel> {
  const fitted = new Map<string, HistoryModel>();
  scenario.workloads.forEach(({ id, history, growth_per_month }, i) => {
    if (history === null) return;
    const model = fitHistory(
      history.values.map((value) => value?.toNumber() ?? null),
      history.unit,
    );
    if (typeof model === 'string') {
      const pointer = pointerTo(['workloads', i, 'requests_per_month', 'history', 'values']);
      problems.push({ code: 'unusable-history', pointer, message: `${model}.` });
      return;
    }
    fitted.set(id, model);
    if (growth_per_month.kind !== 'constant' || !growth_per_month.value.isZero()) {
      const message = `"${id}" has a history, from which growth is learned; the growth stated is not added to it.`;
      warnings.push({ code: 'growth-from-history', pointer: pointerTo(['workloads', i, 'growth_per_month']), message });
    }
  });
  return fitted;
}

/** A stated price that no workload's model is priced by is most often a misspelt id. */
function unusedPrices(scenario: Scenario, { book, tiers }: Catalogue): readonly Warning[] {
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

function instancesOf({ workloads, local, energy }: Scenario): Instances {
  const machines = local?.machines ?? [];
  return {
    workload: workloads.map(({ id }) => ({ id, parents: {} })),
    machine: machines.map(({ id }) => ({ id, parents: {} })),
    size: workloads.flatMap(({ id, sizes }) =>
      sizes.map((_, i) => ({ id: `${id}/${i + 1}`, parents: { workload: id } })),
    ),
    serving: machines.flatMap(({ id: machine, serving }) =>
      workloads
        .filter(({ id }) => Object.hasOwn(serving, id))
        .map(({ id: workload }) => ({ id: `${machine}/${workload}`, parents: { machine, workload } })),
    ),
    tariff: energy.time_of_use.map(({ id }) => ({ id, parents: {} })),
  };
}
