import { Decimal } from 'decimal.js';
import type { InputDefinition } from '../model/definition.ts';
import type { ResolvedInput } from '../model/program.ts';
import type { Evidence, RentRow } from '../prices/price.ts';
import { isFor, rowInForce } from '../prices/price.ts';
import type { Quantity, Workload } from '../scenario/scenario.ts';
import type { InputPlace, InputSources, Origin } from './input-sources.ts';
import { modelOf, originOfRows, pointsOf, providerOf, termOf, workloadOf } from './input-sources.ts';
import { constant, inputValueOf, seriesOf, valueAt } from './input-values.ts';

/**
 * The chance that a list price is cut or raised unannounced, and by what: as stated, else the prior of the provider, and
 * for a provider without one that of any. No prior is taken where the scenario states the prices, since what was agreed
 * does not move, nor for a workload whose volume is stated to be certain: a scenario in which nothing is uncertain stays
 * that way.
 */
export function priceChangeInput(
  sources: InputSources,
  definition: InputDefinition,
  place: InputPlace,
  { direction, part }: Extract<InputDefinition['origin'], { kind: 'price-change' }>,
): ResolvedInput {
  const { scenario, book, months } = sources;
  const label = `${definition.label}: ${workloadOf(place)}`;
  const none = new Decimal(part === 'chance' ? 0 : 1);
  const stated = scenario.price_changes;
  if (stated !== null) {
    const change = direction === 'cut' ? stated : stated.rises;
    const quantity = part === 'chance' ? change?.chance_per_month : change?.multiplier;
    const key = `price_changes.${direction === 'rise' ? 'rises.' : ''}${part}`;
    return {
      key,
      label: definition.label,
      value: quantity ? inputValueOf(quantity) : constant(none),
      source: 'Scenario',
    };
  }
  const own = book.changes.filter((change) => change.provider === providerOf(sources, place));
  const rows = own.length > 0 ? own : book.changes.filter((change) => change.provider === 'any');
  const workload = scenario.workloads.find(({ id }) => id === workloadOf(place));
  const key = `prices.${place.tier}.${workloadOf(place)}.${direction === 'rise' ? 'rise' : 'change'}_${part}`;
  const isListed = (['input', 'output'] as const).some((meter) =>
    pointsOf(sources, place, meter).some((point) => point.row !== null && point.row.known_at !== null),
  );
  if (workload === undefined || isStatedCertain(workload) || !isListed) {
    return { key, label, value: constant(none), source: null };
  }
  // Where a provider has rises only, they take the place of the cuts.
  const known = (['cut', 'rise'] as const).filter((one) => rows.some((row) => row.direction === one));
  const wanted = known[direction === 'cut' ? 0 : 1];
  const inMonths = inMonthsOf(
    rows.filter((row) => row.direction === wanted),
    months,
  );
  const figure = part === 'chance' ? 'chance_per_month' : 'multiplier';
  return {
    key,
    label,
    value: seriesOf(inMonths.map((row) => row?.[figure] ?? none)),
    ...originOfRows(inMonths.map((row) => row && originOf(row, { note: 'stated prior' }))),
  };
}

function isStatedCertain({ volatility, spikes }: Workload): boolean {
  const isNone = (quantity: Quantity | null | undefined): boolean =>
    quantity?.kind === 'constant' && quantity.value.isZero();
  return isNone(volatility) && isNone(spikes?.chance_per_month);
}

export function surchargeInput(
  sources: InputSources,
  definition: InputDefinition,
  place: InputPlace,
  term: string,
): ResolvedInput {
  const value = termOf(sources, place, term);
  const rows = sources.book.surcharges.filter(
    (row) =>
      row.term === term && row.value === value && isFor(row, providerOf(sources, place), modelOf(sources, place)),
  );
  const inMonths = inMonthsOf(rows, sources.months);
  return {
    key: `tiers.${place.tier}.${term}.${workloadOf(place)}`,
    label: `${definition.label}: ${workloadOf(place)}`,
    value: seriesOf(inMonths.map((row) => row?.rate ?? new Decimal(0))),
    ...originOfRows(inMonths.map((row) => row && originOf(row))),
  };
}

/**
 * What is free of a meter every month (tokens, requests or searches): as the scenario states it for the tier, which then
 * is for every workload, else what the provider grants to the LLM of any of them; 0 where it grants nothing.
 */
export function allowanceInput(
  sources: InputSources,
  definition: InputDefinition,
  place: InputPlace,
  { meter, part }: Extract<InputDefinition['origin'], { kind: 'allowance' }>,
): ResolvedInput {
  const { scenario, book, months } = sources;
  const stated = termOf(sources, place, `free_per_month.${meter}`) ?? null;
  const granted = book.allowances.filter((row) => row.provider === providerOf(sources, place) && row.meter === meter);
  if (part === 'applies') {
    const model = modelOf(sources, place);
    const applies = stated !== null || granted.some((row) => isFor(row, row.provider, model));
    return {
      key: `tiers.${place.tier}.free_per_month.${meter}_applies.${workloadOf(place)}`,
      label: `${definition.label}: ${workloadOf(place)}`,
      value: constant(applies ? 1 : 0),
      source: stated === null ? (granted[0]?.source ?? null) : 'Scenario',
    };
  }
  const key = `tiers.${place.tier}.free_per_month.${meter}`;
  if (stated !== null) return { key, label: definition.label, value: inputValueOf(stated), source: 'Scenario' };
  const models = scenario.workloads.map(({ id }) => modelOf(sources, { ...place, instance: id }));
  const inMonths = inMonthsOf(
    granted.filter((row) => models.some((model) => isFor(row, row.provider, model))),
    months,
  );
  return {
    key,
    label: definition.label,
    value: seriesOf(inMonths.map((row) => row?.per_month ?? new Decimal(0))),
    ...originOfRows(inMonths.map((row) => row && originOf(row))),
  };
}

export function migrationInput(
  sources: InputSources,
  definition: InputDefinition,
  place: InputPlace,
  part: 'active' | 'price_ratio' | 'token_ratio',
): ResolvedInput {
  const { scenario, months } = sources;
  const provider = providerOf(sources, place);
  const asked = scenario.workloads.find(({ id }) => id === workloadOf(place))?.model[place.tier ?? ''];
  const migration = scenario.migrations.find((one) => one.provider === provider && one.model === asked);
  const label = `${definition.label}: ${workloadOf(place)}`;
  if (migration === undefined) {
    return { key: `migrations.none.${part}`, label, value: constant(part === 'active' ? 0 : 1), source: null };
  }
  const value =
    part === 'active'
      ? seriesOf(months.map((month) => new Decimal(month < migration.at ? 0 : 1)))
      : inputValueOf(migration[part]);
  return { key: `migrations.${provider}.${asked}.${part}`, label, value, source: 'Scenario' };
}

/** The hourly price of one rented GPU or unit: as stated, else that of the GPU in the price book; unknown is no number. */
export function rentInput(sources: InputSources, definition: InputDefinition, place: InputPlace): ResolvedInput {
  const key = `tiers.${place.tier}.rented.price_per_hour`;
  const stated = termOf(sources, place, 'rented.price_per_hour');
  if (stated !== undefined && stated !== null)
    return { key, label: definition.label, value: inputValueOf(stated), source: 'Scenario' };
  const rows = findRents(sources, place.tier ?? '');
  return {
    key,
    label: definition.label,
    value: seriesOf(rows.map((row) => row?.usd_per_hour ?? new Decimal(Number.NaN))),
    ...originOfRows(rows.map((row) => row && originOf(row, { gpu: row.gpu, plan: row.plan }))),
  };
}

/** The rent of the GPU that a tier's terms name, month by month; null where the price book has none. */
export function findRents(
  { scenario, months, book, tiers }: Pick<InputSources, 'scenario' | 'months' | 'book' | 'tiers'>,
  tier: string,
): readonly (RentRow | null)[] {
  const rented = scenario.tiers.find(({ id }) => id === tier)?.terms?.rented ?? null;
  const provider = tiers.get(tier)?.provider;
  const rows = book.rents.filter(
    (row) => row.provider === provider && row.gpu === rented?.gpu && row.plan === rented.plan,
  );
  return inMonthsOf(rows, months);
}

export function feeInput(
  sources: InputSources,
  definition: InputDefinition,
  { tier }: InputPlace,
  { fee: name, part }: Extract<InputDefinition['origin'], { kind: 'fee' }>,
): ResolvedInput {
  const definitionOfTier = sources.tiers.get(tier ?? '');
  const fee = valueAt(definitionOfTier, name);
  const inMonths = inMonthsOf(
    sources.book.fees.filter(({ id }) => id === fee),
    sources.months,
  );
  const figure = { rate: 'rate', minimum: 'minimum_usd', allowance: 'allowance_requests' } as const;
  return {
    key: `fees.${tier}.${definition.id}`,
    label: `${definition.label}: ${definitionOfTier?.label ?? tier}`,
    value: seriesOf(inMonths.map((row) => row?.[figure[part]] ?? new Decimal(0))),
    ...originOfRows(inMonths.map((row) => row && originOf(row))),
  };
}

/** The row in force on the first day of each month. */
function inMonthsOf<Row extends Evidence>(rows: readonly Row[], months: readonly string[]): readonly (Row | null)[] {
  return months.map((month) => rowInForce(rows, `${month}-01`));
}

function originOf(row: Evidence & { readonly provider: string }, more: Readonly<Record<string, string>> = {}): Origin {
  return {
    source: row.source,
    details: {
      provider: row.provider,
      ...more,
      valid_from: row.valid_from ?? 'the beginning',
      ...(row.valid_to !== null && { valid_to: row.valid_to }),
      known_at: row.known_at,
      checked_at: row.checked_at,
    },
  };
}
