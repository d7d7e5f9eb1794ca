import { Decimal } from 'decimal.js';
import type { InputDefinition, Prior } from '../model/definition.ts';
import type { InputValue, ResolvedInput } from '../model/program.ts';
import type { FoundPrices, MonthlyPrice } from '../prices/find-prices.ts';
import { billedBy } from '../prices/find-prices.ts';
import type { Meter } from '../prices/meters.ts';
import { isTextMeter } from '../prices/meters.ts';
import type { PriceBook, PriceRow, RentRow } from '../prices/price.ts';
import { holdsOn, isFor } from '../prices/price.ts';
import type { Distribution } from '../sampling/distributions.ts';
import { central, fitRange } from '../sampling/distributions.ts';
import type { HistoryModel } from '../sampling/history-forecast.ts';
import { medianPath, simulateMonthlyVolumes } from '../sampling/history-paths.ts';
import type { Machine, Quantity, Scenario, Workload } from '../scenario/scenario.ts';
import { daysOfMonth } from './calendar.ts';
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
  readonly histories: ReadonlyMap<string, HistoryModel>;
};

export type InputPlace = { readonly tier: string | null; readonly instance: string | null };

/** The 95 % point of the prior of volatility. Without a limit its tail would decide every mean alone. */
const mostVolatility = 0.66;

/**
 * Gives an input of a cost model its value, and the name that makes it the same input wherever it is read:
 * `workloads.chat.input_tokens`, `energy.price_per_kwh`, `prices.openai.chat.output`.
 */
export function resolveInput(sources: InputSources, definition: InputDefinition, place: InputPlace): ResolvedInput {
  const { scenario, months } = sources;
  const { origin } = definition;
  const subject = subjectOf(sources, definition, place);
  const named = (key: string, value: InputValue, source: string | null = definition.source): ResolvedInput => ({
    key,
    label: subject.suffix === '' ? definition.label : `${definition.label}: ${subject.suffix}`,
    value,
    source,
  });
  switch (origin.kind) {
    case 'value':
      return named(definition.id, constant(origin.value));
    case 'shock': {
      const key =
        origin.of === 'instance'
          ? subject.path(definition.id)
          : `prices.${providerOf(sources, place)}.${modelOf(sources, place)}.${definition.id}`;
      return named(key, { kind: 'shock', base: origin.base, distribution: origin.distribution });
    }
    case 'built-in':
      return named(definition.id, builtIn(origin.name, scenario, months, sources.minorUnits));
    case 'scenario': {
      const learned = learnedFromHistory(sources, definition, place, origin.path);
      if (learned !== null) return named(subject.path(origin.path), learned, 'Learned from history');
      const given = valueAt(subject.object, origin.path);
      return given === undefined || given === null
        ? named(subject.path(origin.path), priorValue(origin.fallback, definition.id))
        : named(subject.path(origin.path), inputValueOf(given), subject.isScenario ? 'Scenario' : definition.source);
    }
    case 'term': {
      const given = termOf(sources, place, origin.path);
      const value =
        given === undefined || given === null ? priorValue(origin.fallback, definition.id) : inputValueOf(given);
      return { ...named(`tiers.${place.tier}.${origin.path}`, value, 'Scenario'), label: definition.label };
    }
    case 'given': {
      const given = valueAt(subject.object, origin.path);
      return named(`${subject.path(origin.path)}.given`, constant(given === undefined || given === null ? 0 : 1));
    }
    case 'is':
      return named(
        `${subject.path(origin.path)}.${origin.value}`,
        constant(valueAt(subject.object, origin.path) === origin.value ? 1 : 0),
      );
    case 'price':
      return priceInput(sources, definition, place, origin);
    case 'price-apart': {
      const apart = pointsOf(sources, place, origin.meter).some(({ meter }) => meter === origin.meter);
      return named(`prices.${place.tier}.${place.instance}.${definition.id}`, constant(apart ? 1 : 0), 'Price book');
    }
    case 'price-threshold': {
      const { step } = readPlace(place);
      const thresholds = thresholdsOf(sources.pricesOf(place.tier ?? '', workloadOf(place)), sources, place);
      const from = thresholds[step - 1];
      const value = origin.end === 'from' || from === undefined ? (from ?? 0) : (thresholds[step] ?? beyondAnyRequest);
      return named(`prices.${place.tier}.${place.instance}.${definition.id}`, constant(value), 'Price book');
    }
    case 'price-change':
      return priceChangeInput(sources, definition, place, origin.part);
    case 'surcharge':
      return surchargeInput(sources, definition, place, origin.term);
    case 'migration':
      return migrationInput(sources, definition, place, origin.part);
    case 'rent':
      return rentInput(sources, definition, place);
    case 'fee':
      return feeInput(sources, definition, place, origin);
    case 'exchange-rate': {
      if (origin.currency === scenario.currency) return named('exchange_rates.none', constant(1), null);
      const rate = scenario.exchange_rates[origin.currency];
      return {
        ...named(
          `exchange_rates.${origin.currency}`,
          rate === undefined ? constant(Number.NaN) : inputValueOf(rate),
          'Scenario',
        ),
        label: `${scenario.currency} per ${origin.currency}`,
      };
    }
  }
}

/** Ends the last step: no request is as long. */
const beyondAnyRequest = 1_000_000_000_000_000;

/**
 * Long-context thresholds of a model in any month, in input tokens of a request, lowest first. None where requests are
 * not known: a month's tokens are never priced as one request.
 */
export function thresholdsOf(
  found: FoundPrices | null,
  { scenario }: Pick<InputSources, 'scenario'>,
  place: InputPlace,
): readonly number[] {
  const workload = scenario.workloads.find(({ id }) => id === workloadOf(place));
  if (found === null || workload?.requests_known !== true) return [];
  const thresholds = [...found.meters].flatMap(([meter, points]) =>
    isTextMeter(meter) ? points.flatMap(({ above }) => above.flatMap((row) => row.above_input_tokens ?? [])) : [],
  );
  return [...new Set(thresholds)].sort((a, b) => a - b);
}

/** A quantity of the scenario as an input; the base of a range is its median (PERT: mode) to 12 significant digits. */
export function inputValueOf(given: unknown): InputValue {
  if (typeof given === 'number' || typeof given === 'boolean') return constant(Number(given));
  if (given instanceof Decimal) return constant(given);
  const quantity = given as Quantity;
  if (quantity.kind === 'constant') return constant(quantity.value);
  if (quantity.kind === 'series') return seriesOf(quantity.values);
  return {
    kind: 'range',
    base: baseOfRange(quantity.distribution),
    distribution: quantity.distribution,
    varies: quantity.varies,
    text: quantity.text,
  };
}

/**
 * With a history, month t is a simulated path that has level, trend, season and noise in it: nothing else grows or shakes
 * it. The history ends with the month before `start`.
 */
function learnedFromHistory(
  { histories, months }: InputSources,
  { per }: InputDefinition,
  { instance }: InputPlace,
  path: string,
): InputValue | null {
  const model = per === 'workload' ? histories.get(instance ?? '') : undefined;
  if (model === undefined) return null;
  if (path === 'growth_per_month' || path === 'volatility') return constant(0);
  if (path !== 'requests_per_month') return null;
  const name = `workloads.${instance}.history`;
  const daysInMonths = months.map(daysOfMonth);
  const base = medianPath(model, daysInMonths).map((volume) => new Decimal(volume).toSignificantDigits(12));
  return {
    kind: 'paths',
    base,
    paths: { simulate: (request) => simulateMonthlyVolumes(model, { ...request, name, daysInMonths }) },
  };
}

function constant(value: Decimal | number): InputValue {
  return { kind: 'constant', value: new Decimal(value) };
}

function seriesOf(values: readonly Decimal[]): InputValue {
  const [first] = values;
  return first !== undefined && values.every((value) => value.equals(first))
    ? constant(first)
    : { kind: 'series', values };
}

function baseOfRange(distribution: Distribution): Decimal {
  return new Decimal(central(distribution)).toSignificantDigits(12);
}

function priorValue(prior: Prior | null, id: string): InputValue {
  if (prior === null) throw new Error(`input ${id} has neither a value nor a default`);
  if (prior.kind === 'constant') return constant(prior.value);
  if (prior.kind === 'volatility') {
    const distribution: Distribution = {
      kind: 'prior-volatility',
      scale: prior.scale.toNumber(),
      most: mostVolatility,
    };
    return { kind: 'range', base: baseOfRange(distribution), distribution, varies: 'once', text: 'stated prior' };
  }
  const distribution = fitRange(prior.low.toNumber(), prior.high.toNumber(), 'positive');
  if (typeof distribution === 'string') throw new Error(`prior of input ${id}: ${distribution}`);
  return {
    kind: 'range',
    base: baseOfRange(distribution),
    distribution,
    varies: 'once',
    text: `${prior.low} to ${prior.high} (stated prior)`,
  };
}

function builtIn(
  name: 'month_number' | 'hours_in_month' | 'minor_units',
  scenario: Scenario,
  months: readonly string[],
  minorUnits: number,
): InputValue {
  switch (name) {
    case 'month_number':
      return { kind: 'series', values: months.map((_, i) => new Decimal(i + 1)) };
    case 'hours_in_month':
      return scenario.hours_per_month === 'calendar'
        ? { kind: 'series', values: months.map((month) => new Decimal(24 * daysOfMonth(month))) }
        : constant(scenario.hours_per_month);
    case 'minor_units':
      return constant(minorUnits);
  }
}

type Subject = {
  readonly object: unknown;
  readonly isScenario: boolean;
  readonly suffix: string;
  readonly path: (inner: string) => string;
};

function subjectOf({ scenario }: InputSources, { per }: InputDefinition, { instance }: InputPlace): Subject {
  switch (per) {
    case null:
      return { object: scenario, isScenario: true, suffix: '', path: (inner) => inner };
    case 'workload': {
      const workload: Workload | undefined = scenario.workloads.find(({ id }) => id === instance);
      return {
        object: workload,
        isScenario: true,
        suffix: instance ?? '',
        path: (inner) => `workloads.${instance}.${inner}`,
      };
    }
    case 'machine': {
      const machine: Machine | undefined = scenario.local?.machines.find(({ id }) => id === instance);
      return {
        object: machine,
        isScenario: true,
        suffix: instance ?? '',
        path: (inner) => `local.machines.${instance}.${inner}`,
      };
    }
    case 'step':
    case 'size_step':
    case 'size': {
      const [workload, position] = (instance ?? '').split('/');
      const size = scenario.workloads.find(({ id }) => id === workload)?.sizes[Number(position) - 1];
      return {
        object: size,
        isScenario: true,
        suffix: `${workload}, size ${position}`,
        path: (inner) => `workloads.${workload}.sizes.${position}.${inner}`,
      };
    }
  }
}

/** The value at a dotted path; undefined where it ends early. */
function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/** The workload of a place, and the long-context step it stands at: `chat/above/2` is step 2, `chat` no step (0). */
function readPlace({ instance }: InputPlace): { readonly workload: string; readonly step: number } {
  const [workload = '', kind, step] = (instance ?? '').split('/');
  return { workload, step: kind === 'above' ? Number(step) : 0 };
}

function workloadOf(place: InputPlace): string {
  return readPlace(place).workload;
}

function providerOf({ tiers }: InputSources, { tier }: InputPlace): string {
  return tiers.get(tier ?? '')?.provider ?? '';
}

/** The model a place is billed by, as matched; as asked for where nothing matched. */
function modelOf(sources: InputSources, place: InputPlace): string {
  const workload = sources.scenario.workloads.find(({ id }) => id === workloadOf(place));
  return sources.pricesOf(place.tier ?? '', workloadOf(place))?.model ?? workload?.model[place.tier ?? ''] ?? '';
}

/** What the scenario agreed for a tier, at a dotted path of its terms. */
function termOf({ scenario }: InputSources, { tier }: InputPlace, path: string): unknown {
  const choice = scenario.tiers.find(({ id }) => id === tier);
  return valueAt(choice?.terms, path) ?? valueAt(choice, path);
}

function pointsOf(sources: InputSources, place: InputPlace, meter: string): readonly MonthlyPrice[] {
  const found = sources.pricesOf(place.tier ?? '', workloadOf(place));
  if (found === null) return [];
  const workload = sources.scenario.workloads.find(({ id }) => id === workloadOf(place));
  return billedBy(found, meter.replace('{cache_ttl}', workload?.cache_ttl ?? '5m') as Meter, sources.months);
}

function priceInput(
  sources: InputSources,
  definition: InputDefinition,
  place: InputPlace,
  { meter, fallback }: Extract<InputDefinition['origin'], { kind: 'price' }>,
): ResolvedInput {
  const { workload, step } = readPlace(place);
  const found = sources.pricesOf(place.tier ?? '', workload);
  const threshold = step === 0 ? null : (thresholdsOf(found, sources, place)[step - 1] ?? null);
  const rows = pointsOf(sources, place, meter).map((point) => rowAt(point, threshold));
  const otherwise = fallback?.kind === 'constant' ? fallback.value : new Decimal(Number.NaN);
  const values = rows.length === 0 ? [new Decimal(0)] : rows.map((row) => row?.price ?? otherwise);
  const name = definition.id.replace(/^price_/, '');
  return {
    key: `prices.${place.tier}.${workload}.${name}${step > 1 ? `.${step}` : ''}`,
    label: `${definition.label}: ${workload}${threshold === null ? '' : `, above ${threshold} tokens`}`,
    value: seriesOf(values),
    ...originOfRows(rows.map((row) => (row === null || found === null ? null : priceOrigin(found, row)))),
  };
}

/** What a request just above a threshold pays: the highest long-context price that begins there or below. */
function rowAt({ row, above }: MonthlyPrice, threshold: number | null): PriceRow | null {
  if (threshold === null) return row;
  return above.findLast(({ above_input_tokens }) => (above_input_tokens ?? 0) <= threshold) ?? row;
}

type Origin = { readonly source: string; readonly details: Readonly<Record<string, string>> };

/** Source and details of the first month, and of every month where they change over the horizon. */
function originOfRows(origins: readonly (Origin | null)[]): Pick<ResolvedInput, 'source' | 'details' | 'monthly'> {
  const first = origins.find((origin) => origin !== null) ?? null;
  if (first === null) return { source: null };
  const isSame = origins.every((origin) => origin !== null && JSON.stringify(origin) === JSON.stringify(first));
  return { source: first.source, details: first.details, ...(!isSame && { monthly: origins }) };
}

function priceOrigin(found: FoundPrices, row: PriceRow): Origin {
  const { derived_from: derived } = row;
  return {
    source: row.source,
    details: {
      provider: found.provider,
      asked: found.asked,
      model: row.model,
      meter: row.meter,
      price: `${row.price.toFixed()} ${row.unit}`,
      ...(row.above_input_tokens !== null && { above_input_tokens: String(row.above_input_tokens) }),
      valid_from: row.valid_from ?? 'the beginning',
      ...(row.valid_to !== null && { valid_to: row.valid_to }),
      known_at: row.known_at ?? 'stated in the scenario',
      checked_at: row.checked_at ?? 'stated in the scenario',
      ...(row.catalogue !== null && { catalogue: row.catalogue }),
      ...(derived !== null && {
        derived_from: `${derived.multiplier} × ${derived.meter} (${derived.source}, checked ${derived.checked_at})`,
      }),
    },
  };
}

/**
 * The chance that a list price changes unannounced, and by what: as stated, else the prior of the provider. No prior is
 * taken where the scenario states the prices, since what was agreed does not move, nor for a workload whose volume is
 * stated to be certain: a scenario in which nothing is uncertain stays that way.
 */
function priceChangeInput(
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
  const isNone = (quantity: Quantity | undefined): boolean => quantity?.kind === 'constant' && quantity.value.isZero();
  return isNone(volatility ?? undefined) && isNone(spikes?.chance_per_month);
}

function surchargeInput(
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

function migrationInput(
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
function rentInput(sources: InputSources, definition: InputDefinition, place: InputPlace): ResolvedInput {
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

function feeInput(
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
