import type { OriginPart, ResolvedInput } from '../model/program.ts';
import type { FoundPrices } from '../prices/find-prices.ts';
import { billedBy } from '../prices/find-prices.ts';
import type { Meter } from '../prices/meters.ts';
import type { MonthlyPrice } from '../prices/monthly-price.ts';
import type { PriceBook } from '../prices/price.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { valueAt } from './input-values.ts';
import type { LearnedHistory } from './learned-history.ts';
import type { TierDefinition } from './tier-definition.ts';

/** What inputs are resolved from. Prices are those found for a tier's model of a workload; null where it has none. */
export type InputSources = {
  readonly scenario: Scenario;
  readonly months: readonly string[];
  readonly minorUnits: number;
  readonly book: PriceBook;
  readonly tiers: ReadonlyMap<string, TierDefinition>;
  readonly pricesOf: (tier: string, workload: string) => FoundPrices | null;
  /** Fitted histories by workload. Where there is one, it stands for volume, growth and volatility. */
  readonly histories: ReadonlyMap<string, LearnedHistory>;
};

export type InputPlace = { readonly tier: string | null; readonly instance: string | null };

/** The workload of a place, and the long-context step it stands at: `chat/above/2` is step 2, `chat` no step (0). */
export function readPlace({ instance }: InputPlace): { readonly workload: string; readonly step: number } {
  const [workload = '', kind, step] = (instance ?? '').split('/');
  return { workload, step: kind === 'above' ? Number(step) : 0 };
}

export function workloadOf(place: InputPlace): string {
  return readPlace(place).workload;
}

export function providerOf({ tiers }: InputSources, { tier }: InputPlace): string {
  return tiers.get(tier ?? '')?.provider ?? '';
}

/** The model a place is billed by, as matched; as asked for where nothing matched. */
export function modelOf(sources: InputSources, place: InputPlace): string {
  const workload = sources.scenario.workloads.find(({ id }) => id === workloadOf(place));
  return sources.pricesOf(place.tier ?? '', workloadOf(place))?.model ?? workload?.model[place.tier ?? ''] ?? '';
}

/** What the scenario agreed for a tier, at a dotted path of its terms. */
export function termOf({ scenario }: InputSources, { tier }: InputPlace, path: string): unknown {
  const choice = scenario.tiers.find(({ id }) => id === tier);
  return valueAt(choice?.terms, path) ?? valueAt(choice, path);
}

export function pointsOf(sources: InputSources, place: InputPlace, meter: string): readonly MonthlyPrice[] {
  const found = sources.pricesOf(place.tier ?? '', workloadOf(place));
  if (found === null) return [];
  const workload = sources.scenario.workloads.find(({ id }) => id === workloadOf(place));
  return billedBy(found, meter.replace('{cache_ttl}', workload?.cache_ttl ?? '5m') as Meter, sources.months);
}

export type Origin = {
  readonly source: string;
  readonly details: Readonly<Record<string, string>>;
  /** The prices it is a mean of, each with its share of the requests. */
  readonly mean_of?: readonly OriginPart[];
};

/** Source and details of the first month, and of every month where they change over the horizon. */
export function originOfRows(
  origins: readonly (Origin | null)[],
): Pick<ResolvedInput, 'source' | 'details' | 'mean_of' | 'monthly'> {
  const first = origins.find((origin) => origin !== null) ?? null;
  if (first === null) return { source: null };
  const isSame = origins.every((origin) => origin !== null && JSON.stringify(origin) === JSON.stringify(first));
  return { ...first, ...(!isSame && { monthly: origins }) };
}
