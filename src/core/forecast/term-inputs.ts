import { Decimal } from 'decimal.js';
import type { InputDefinition } from '../model/definition.ts';
import type { ResolvedInput } from '../model/program.ts';
import type { RentRow } from '../prices/price.ts';
import { holdsOn, isFor } from '../prices/price.ts';
import type { Quantity, Workload } from '../scenario/scenario.ts';
import type { InputPlace, InputSources } from './input-sources.ts';
import { modelOf, originOfRows, pointsOf, providerOf, termOf, workloadOf } from './input-sources.ts';
import { constant, inputValueOf, seriesOf, valueAt } from './input-values.ts';

/**
 * The chance that a list price changes unannounced, and by what: as stated, else the prior of the provider. No prior is
 * taken where the scenario states the prices, since what was agreed does not move, nor for a workload whose volume is
 * stated to be certain: a scenario in which nothing is uncertain stays that way.
 */
export function priceChangeInput(
  sources: InputSources,
  definition: InputDefinition,
  place: InputPlace,
  part: 'chance' | 'multiplier',
): ResolvedInput {
  const { scenario, book } = sources;
  const label = `${definition.label}: ${workloadOf(place)}`;
  const stated = scenario.price_changes;
  if (stated !== null) {
    const quantity = part === 'chance' ? stated.chance_per_month : stated.multiplier;
    return { key: `price_changes.${part}`, label: definition.label, value: inputValueOf(quantity), source: 'Scenario' };
  }
  const provider = providerOf(sources, place);
  const row = ['any', provider].flatMap((id) => book.changes.findLast((change) => change.provider === id) ?? []).at(-1);
  const workload = scenario.workloads.find(({ id }) => id === workloadOf(place));
  const key = `prices.${place.tier}.${workloadOf(place)}.change_${part}`;
  const isListed = (['input', 'output'] as const).some((meter) =>
    pointsOf(sources, place, meter).some((point) => point.row !== null && point.row.known_at !== null),
  );
  if (row === undefined || workload === undefined || isStatedCertain(workload) || !isListed) {
    return { key, label, value: constant(part === 'chance' ? 0 : 1), source: null };
  }
  const { source, checked_at } = row;
  const value = constant(part === 'chance' ? row.chance_per_month : row.multiplier);
  return { key, label, value, source, details: { provider: row.provider, checked_at, note: 'stated prior' } };
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
  const inMonths = sources.months.map(
    (month) => rows.findLast((row) => holdsOn(row.valid_from, row.valid_to, `${month}-01`)) ?? null,
  );
  return {
    key: `tiers.${place.tier}.${term}.${workloadOf(place)}`,
    label: `${definition.label}: ${workloadOf(place)}`,
    value: seriesOf(inMonths.map((row) => row?.rate ?? new Decimal(0))),
    ...originOfRows(
      inMonths.map((row) =>
        row === null
          ? null
          : {
              source: row.source,
              details: {
                provider: row.provider,
                valid_from: row.valid_from ?? 'the beginning',
                checked_at: row.checked_at,
              },
            },
      ),
    ),
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
    ...originOfRows(
      rows.map((row) =>
        row === null
          ? null
          : {
              source: row.source,
              details: {
                provider: row.provider,
                gpu: row.gpu,
                plan: row.plan,
                valid_from: row.valid_from ?? 'the beginning',
                checked_at: row.checked_at,
              },
            },
      ),
    ),
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
  return months.map((month) => rows.findLast((row) => holdsOn(row.valid_from, row.valid_to, `${month}-01`)) ?? null);
}

export function feeInput(
  sources: InputSources,
  definition: InputDefinition,
  { tier }: InputPlace,
  { fee: name, part }: Extract<InputDefinition['origin'], { kind: 'fee' }>,
): ResolvedInput {
  const definitionOfTier = sources.tiers.get(tier ?? '');
  const fee = valueAt(definitionOfTier, name);
  const rows = sources.book.fees.filter(({ id }) => id === fee);
  const figure = { rate: 'rate', minimum: 'minimum_usd', allowance: 'allowance_requests' } as const;
  const values = sources.months.map(
    (month) =>
      rows.find((row) => holdsOn(row.valid_from, row.valid_to, `${month}-01`))?.[figure[part]] ?? new Decimal(0),
  );
  return {
    key: `fees.${tier}.${definition.id}`,
    label: `${definition.label}: ${definitionOfTier?.label ?? tier}`,
    value: seriesOf(values),
    source: rows[0]?.source ?? null,
    ...(rows[0] && {
      details: {
        provider: rows[0].provider,
        valid_from: rows[0].valid_from ?? 'the beginning',
        checked_at: rows[0].checked_at,
      },
    }),
  };
}
