import { Decimal } from 'decimal.js';
import type { InputDefinition, Prior } from '../model/definition.ts';
import type { InputValue, ResolvedInput } from '../model/program.ts';
import type { FoundPrices, MonthlyPrice } from '../prices/find-prices.ts';
import { billedBy } from '../prices/find-prices.ts';
import type { Meter } from '../prices/meters.ts';
import type { PriceBook, PriceRow } from '../prices/price.ts';
import { holdsOn } from '../prices/price.ts';
import type { Distribution } from '../sampling/distributions.ts';
import { central, fitP10P50P90, fitRange } from '../sampling/distributions.ts';
import type { HistoryModel } from '../sampling/history-forecast.ts';
import { medianPath, simulateMonthlyVolumes } from '../sampling/history-paths.ts';
import type { Quantity, Scenario } from '../scenario/scenario.ts';
import { daysOfMonth } from './calendar.ts';
import { subjectOf } from './input-subject.ts';
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
  const subject = subjectOf(scenario, definition.per, place.instance);
  const named = (key: string, value: InputValue, source: string | null = definition.source): ResolvedInput => ({
    key,
    label: subject.suffix === '' ? definition.label : `${definition.label}: ${subject.suffix}`,
    value,
    source,
  });
  switch (origin.kind) {
    case 'value':
      return named(definition.id, constant(origin.value));
    case 'shock':
      return named(subject.path(definition.id), {
        kind: 'shock',
        base: origin.base,
        distribution: origin.distribution,
      });
    case 'built-in':
      return named(definition.id, builtIn(origin.name, scenario, months, sources.minorUnits));
    case 'scenario': {
      const learned = learnedFromHistory(sources, definition, place, origin.path);
      if (learned !== null) return named(subject.path(origin.path), learned, 'Learned from history');
      const choice = origin.byTier ? scenario.tiers.find(({ id }) => id === place.tier) : undefined;
      const own = valueAt(choice, origin.path) ?? null;
      if (own !== null) return named(`tiers.${place.tier}.${origin.path}`, inputValueOf(own), 'Scenario');
      const given = valueAt(subject.object, origin.path);
      return given === undefined || given === null
        ? named(subject.path(origin.path), priorValue(origin.fallback, definition.id))
        : named(subject.path(origin.path), inputValueOf(given), subject.sourceOf(origin.path));
    }
    case 'term': {
      const choice = scenario.tiers.find(({ id }) => id === place.tier);
      const given = choice === undefined ? undefined : valueAt(choice, origin.path);
      const value =
        given === undefined || given === null ? priorValue(origin.fallback, definition.id) : inputValueOf(given);
      return named(`tiers.${place.tier}.${origin.path}`, value, 'Scenario');
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
      return priceInput(sources, definition, place, origin.meter, origin.aboveThreshold);
    case 'price-threshold': {
      const threshold = thresholdsOf(pointsOf(sources, place, origin.meter))[0] ?? 0;
      return named(`prices.${place.tier}.${place.instance}.long_context_threshold`, constant(threshold), 'Price book');
    }
    case 'fee':
      return feeInput(sources, definition, place);
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
    case 'tier-total':
      throw new Error(`input ${definition.id} is a total, which only the tier it stands on has`);
  }
}

/** Long-context thresholds of a meter, in input tokens of a request, lowest first. */
export function thresholdsOf(points: readonly MonthlyPrice[]): readonly number[] {
  const thresholds = points.flatMap(({ above }) => above.flatMap(({ above_input_tokens }) => above_input_tokens ?? []));
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
  const [distribution, text] =
    prior.kind === 'range'
      ? [fitRange(prior.low.toNumber(), prior.high.toNumber(), 'positive'), `${prior.low} to ${prior.high}`]
      : [fitShare(prior.points), prior.points.join(', ')];
  if (typeof distribution === 'string') throw new Error(`prior of input ${id}: ${distribution}`);
  return {
    kind: 'range',
    base: baseOfRange(distribution),
    distribution,
    varies: 'once',
    text: `${text} (stated prior)`,
  };
}

function fitShare([low, middle, high]: Extract<Prior, { kind: 'share' }>['points']): Distribution | string {
  return fitP10P50P90(low.toNumber(), middle.toNumber(), high.toNumber(), 'share');
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

/** The value at a dotted path; undefined where it ends early. */
function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

function pointsOf(sources: InputSources, place: InputPlace, meter: string): readonly MonthlyPrice[] {
  const found = sources.pricesOf(place.tier ?? '', place.instance ?? '');
  if (found === null) return [];
  const workload = sources.scenario.workloads.find(({ id }) => id === place.instance);
  return billedBy(found, meter.replace('{cache_ttl}', workload?.cache_ttl ?? '5m') as Meter, sources.months);
}

function priceInput(
  sources: InputSources,
  definition: InputDefinition,
  place: InputPlace,
  meter: string,
  aboveThreshold: boolean,
): ResolvedInput {
  const found = sources.pricesOf(place.tier ?? '', place.instance ?? '');
  const points = pointsOf(sources, place, meter);
  const rows = points.map((point) => (aboveThreshold ? (point.above[0] ?? point.row) : point.row));
  const values = points.length === 0 ? [new Decimal(0)] : rows.map((row) => row?.price ?? new Decimal(Number.NaN));
  const row = rows.find((candidate) => candidate !== null);
  return {
    key: `prices.${place.tier}.${place.instance}.${definition.id.replace(/^price_/, '')}`,
    label: `${definition.label}: ${place.instance}`,
    value: seriesOf(values),
    source: row?.source ?? null,
    ...(found !== null && row !== undefined && row !== null && { details: detailsOf(found, row) }),
  };
}

function detailsOf(found: FoundPrices, row: PriceRow): Readonly<Record<string, string>> {
  return {
    provider: found.provider,
    asked: found.asked,
    model: found.model,
    meter: row.meter,
    valid_from: row.valid_from ?? '',
    known_at: row.known_at ?? '',
    checked_at: row.checked_at ?? '',
    catalogue: row.catalogue ?? '',
    derived_from:
      row.derived_from === null
        ? ''
        : `${row.derived_from.multiplier} × ${row.derived_from.meter} (${row.derived_from.source})`,
  };
}

function feeInput(sources: InputSources, definition: InputDefinition, { tier }: InputPlace): ResolvedInput {
  const fee = sources.tiers.get(tier ?? '')?.credit_fee ?? null;
  const rows = sources.book.fees.filter(({ id }) => id === fee);
  const values = sources.months.map(
    (month) => rows.find((row) => holdsOn(row.valid_from, row.valid_to, `${month}-01`))?.rate ?? new Decimal(0),
  );
  return {
    key: `fees.${tier}.${definition.id}`,
    label: `${definition.label}: ${sources.tiers.get(tier ?? '')?.label ?? tier}`,
    value: seriesOf(values),
    source: rows[0]?.source ?? null,
    ...(rows[0] && {
      details: { provider: rows[0].provider, valid_from: rows[0].valid_from ?? '', checked_at: rows[0].checked_at },
    }),
  };
}
