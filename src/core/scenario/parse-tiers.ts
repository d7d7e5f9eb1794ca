import type { KnownTier } from './catalogue.ts';
import { HYBRID, isCloud, runsMachines } from './catalogue.ts';
import type { Draft } from './draft.ts';
import { constantOf, isLeftOut, quantityIn, refuseDuplicates, tierIn } from './draft.ts';
import { scenarioFields as fields } from './fields.ts';
import { parseTerms } from './parse-terms.ts';
import type { Readable } from './readable.ts';
import type { Scenario, TierChoice, TierTerms, Workload } from './scenario.ts';
import type { ScenarioInput } from './schema.ts';

type Sent = Readable<ScenarioInput>;
type Operations = Pick<Scenario['operations'], 'hours_per_month' | 'hourly_rate'>;

/** People's hours and rate; 0 hours and 75 an hour when left out, the latter with a warning where hours are given. */
export function parseOperations(draft: Draft, sent: Sent['operations']): Scenario['operations'] {
  const given = sent ?? {};
  if (
    sent !== undefined &&
    (!isLeftOut(given, 'hours_per_month') || !isLeftOut(given, 'set_up_hours')) &&
    isLeftOut(given, 'hourly_rate')
  ) {
    const message = `No hourly_rate: 75 ${draft.currency ?? ''} an hour is taken.`;
    draft.warnings.push({ code: 'default-hourly-rate', path: ['operations', 'hourly_rate'], message });
  }
  const read = (key: 'set_up_hours' | 'on_call_per_month') =>
    quantityIn(draft, given[key], fields[key], ['operations', key], constantOf(0));
  return {
    ...operationsIn(draft, given, ['operations'], { hours_per_month: constantOf(0), hourly_rate: constantOf(75) }),
    set_up_hours: read('set_up_hours'),
    on_call_per_month: read('on_call_per_month'),
  };
}

function operationsIn(
  draft: Draft,
  sent: Pick<NonNullable<Sent['operations']>, 'hours_per_month' | 'hourly_rate'>,
  path: readonly PropertyKey[],
  fallback: Operations,
): Operations {
  const { hours_per_month: hours, hourly_rate: rate } = sent;
  return {
    hours_per_month: quantityIn(
      draft,
      hours,
      fields.operator_hours,
      [...path, 'hours_per_month'],
      fallback.hours_per_month,
    ),
    hourly_rate: quantityIn(draft, rate, fields.hourly_rate, [...path, 'hourly_rate'], fallback.hourly_rate),
  };
}

/** The tiers to compare: those named, each with what it needs, or all that have what they need. */
export function parseTiers(
  draft: Draft,
  sent: Sent,
  workloads: readonly Workload[],
  operations: Operations,
): readonly TierChoice[] {
  if (isLeftOut(sent, 'tiers')) return tiersByDefault(draft, sent, workloads);
  const choices = (sent.tiers ?? []).map((choice) => (typeof choice === 'string' ? { id: choice } : (choice ?? {})));
  const pathOfId = (i: number) => (typeof sent.tiers?.[i] === 'string' ? [i] : [i, 'id']);
  const ids = choices.map(({ id }) => id);
  refuseDuplicates(draft, ids, ['tiers'], pathOfId);
  return choices.flatMap((choice, i): readonly TierChoice[] => {
    const tier = tierIn(draft, choice.id, ['tiers', ...pathOfId(i)], () => true, 'the id of a tier');
    if (tier === undefined) return [];
    refuseWithoutNeeds(draft, tier, sent, i);
    const terms = parseTerms(draft, choice, { provider: tier.provider ?? '', workloads, path: ['tiers', i] });
    refuseTermsWithoutProvider(draft, tier, terms, i);
    return [
      { id: tier.id, label: labelOf(choice), operations: operationsOf(draft, choice, tier, operations, i), terms },
    ];
  });
}

/** Tiers with machines need machines, the hybrid its mix and machines, and a cloud a model for every workload. */
function tiersByDefault(draft: Draft, sent: Sent, workloads: readonly Workload[]): readonly TierChoice[] {
  const chosen = [...draft.tiers.values()].filter((tier) =>
    isCloud(tier) ? workloads.every(({ model }) => Object.hasOwn(model, tier.id)) : findLack(tier, sent) === undefined,
  );
  if (chosen.length === 0 && workloads.length > 0) {
    const message =
      'No tier has what it needs: name a model of a cloud tier for every workload, such as model: {openai: …}, or give local.machines.';
    draft.faults.push({ code: 'nothing-to-compare', path: ['tiers'], message });
  }
  return chosen.map(({ id }) => ({ id, label: null, operations: null, terms: null }));
}

function refuseWithoutNeeds(draft: Draft, tier: KnownTier, sent: Sent, index: number): void {
  const lack = findLack(tier, sent);
  if (lack === undefined) return;
  draft.faults.push({ code: 'tier-incomplete', path: ['tiers', index], message: `${tier.label} needs ${lack}.` });
}

function findLack(tier: KnownTier, sent: Sent): string | undefined {
  if (isCloud(tier)) return undefined;
  if (tier.id === HYBRID && isLeftOut(sent, 'hybrid')) return 'hybrid: {local_share, cloud}';
  return isLeftOut(sent, 'local') ? 'local.machines' : undefined;
}

/** Terms are agreed with a provider: a tier without one has nobody to agree them with. */
function refuseTermsWithoutProvider(draft: Draft, tier: KnownTier, terms: TierTerms | null, index: number): void {
  if (terms === null || isCloud(tier)) return;
  const message = `${tier.label} has no provider to agree terms with: give them to the cloud tier they belong to.`;
  draft.faults.push({ code: 'wrong-tier', path: ['tiers', index], message });
}

function labelOf(choice: { readonly label?: string | undefined }): string | null {
  return choice.label ?? null;
}

function operationsOf(
  draft: Draft,
  choice: { readonly operations?: Sent['operations'] },
  tier: KnownTier,
  shared: Operations,
  index: number,
): TierChoice['operations'] {
  if (choice.operations === undefined) return null;
  const hours_per_month = runsMachines(tier) ? shared.hours_per_month : constantOf(0);
  return operationsIn(draft, choice.operations, ['tiers', index, 'operations'], {
    hourly_rate: shared.hourly_rate,
    hours_per_month,
  });
}

/** The hybrid as a composition: the machines at their share of every workload's requests, the cloud at the rest. */
export function parseHybrid(draft: Draft, sent: Sent, workloads: readonly Workload[]): Scenario['hybrid'] {
  if (sent.hybrid === undefined) return null;
  const machines = [...draft.tiers.values()].find(runsMachines);
  const cloud = tierIn(draft, sent.hybrid.cloud, ['hybrid', 'cloud'], isCloud, 'a cloud tier');
  if (isLeftOut(sent, 'local') || machines === undefined) {
    draft.faults.push({ code: 'tier-incomplete', path: ['hybrid'], message: 'A hybrid needs local.machines.' });
    return null;
  }
  const share = quantityIn(
    draft,
    sent.hybrid.local_share,
    fields.local_share,
    ['hybrid', 'local_share'],
    constantOf(0),
  );
  return {
    members: [
      { tier: machines.id, shares: Object.fromEntries(workloads.map(({ id }) => [id, share])) },
      { tier: cloud?.id ?? '', shares: null },
    ],
  };
}

/** The tier the others are held against: the one named, else the hybrid's cloud, the first cloud, the first of all. */
export function parseBaseline(
  draft: Draft,
  sent: Sent,
  tiers: readonly TierChoice[],
  hybrid: Scenario['hybrid'],
): string {
  const compared = new Set(tiers.map(({ id }) => id));
  const named = tierIn(draft, sent.comparison?.baseline, ['comparison', 'baseline'], () => true, 'the id of a tier');
  if (named !== undefined) {
    if (!compared.has(named.id) && compared.size > 0) {
      const message = `${named.id} is not among the tiers compared: ${[...compared].join(', ')}.`;
      draft.faults.push({ code: 'wrong-tier', path: ['comparison', 'baseline'], message, suggestions: [...compared] });
    }
    return named.id;
  }
  const clouds = tiers.filter(({ id }) => isCloud(draft.tiers.get(id) ?? { id, label: id, runs_machines: true }));
  const cloudOfHybrid = hybrid?.members.at(-1)?.tier;
  const candidates = [cloudOfHybrid, clouds[0]?.id, tiers[0]?.id];
  return candidates.find((id) => id !== undefined && compared.has(id)) ?? '';
}
