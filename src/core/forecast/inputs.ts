import { Decimal } from 'decimal.js';
import type { InputDefinition, Prior } from '../model/definition.ts';
import type { InputValue, ResolvedInput } from '../model/program.ts';
import type { Distribution } from '../sampling/distributions.ts';
import { fitP10P50P90, fitRange } from '../sampling/distributions.ts';
import type { HistoryUnit } from '../sampling/history-forecast.ts';
import type { PathRequest } from '../sampling/history-paths.ts';
import { medianPath, simulateMonthlyVolumes } from '../sampling/history-paths.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { daysOfMonth } from './calendar.ts';
import { behindClosedMonths, closedMonthsOf, onlyInOpenMonths } from './closed-months.ts';
import type { InputPlace, InputSources } from './input-sources.ts';
import { modelOf, pointsOf, providerOf, readPlace, termOf, workloadOf } from './input-sources.ts';
import { subjectOf } from './input-subject.ts';
import { baseOfRange, constant, inputValueOf, valueAt } from './input-values.ts';
import { priceInput, thresholdsOf } from './price-inputs.ts';
import { feeInput, migrationInput, priceChangeInput, rentInput, surchargeInput } from './term-inputs.ts';

type PathBlock = Pick<PathRequest, 'seed' | 'firstDraw' | 'count'> & { readonly months: number };

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
  const labelled = (label: string): string => (subject.suffix === '' ? label : `${label}: ${subject.suffix}`);
  const named = (key: string, value: InputValue, source: string | null = definition.source): ResolvedInput => ({
    key,
    label: labelled(definition.label),
    value,
    source,
    ...(definition.driver && {
      driver: { key: subject.path(definition.driver.path), label: labelled(definition.driver.label) },
    }),
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
      if (learned !== null) return named(subject.path(origin.path), learned.value, learned.source);
      const choice = origin.byTier ? scenario.tiers.find(({ id }) => id === place.tier) : undefined;
      const own = valueAt(choice, origin.path) ?? null;
      if (own !== null) return named(`tiers.${place.tier}.${origin.path}`, inputValueOf(own), 'Scenario');
      const given = valueAt(subject.object, origin.path);
      return given === undefined || given === null
        ? named(subject.path(origin.path), priorValue(origin.fallback, definition.id))
        : named(subject.path(origin.path), inputValueOf(given), subject.sourceOf(origin.path));
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
    case 'tier-total':
      throw new Error(`input ${definition.id} is a total, which only the tier it stands on has`);
  }
}

/** Ends the last step: no request is as long. */
const beyondAnyRequest = 1_000_000_000_000_000;

/**
 * With a history, month t is a simulated path that has level, trend, season and noise in it: nothing else grows or shakes
 * it. Spikes come on top; how often is learned where the scenario does not say. The history ends with the month before
 * the one forecast next; months closed by then are what it says of them.
 */
function learnedFromHistory(
  { histories, months, scenario }: InputSources,
  { per }: InputDefinition,
  { instance }: InputPlace,
  path: string,
): { readonly value: InputValue; readonly source: string } | null {
  const learned = per === 'workload' ? histories.get(instance ?? '') : undefined;
  if (learned === undefined) return null;
  const { model, spikes, trailing } = learned;
  if (path === 'spikes.chance_per_month') {
    const stated = scenario.workloads.find(({ id }) => id === instance)?.spikes ?? null;
    const chance = new Decimal(spikes.chance).toSignificantDigits(12);
    const source = `Learned from history: ${spikes.onsets} onsets in ${spikes.months} months, Beta(1 + k, 32 + n − k)`;
    const closed = closedMonthsOf(scenario);
    if (stated === null) return { value: onlyInOpenMonths(chance, closed, months.length), source };
    return closed === 0
      ? null
      : { value: onlyInOpenMonths(stated.chance_per_month, closed, months.length), source: 'Scenario' };
  }
  const source = 'Learned from history';
  if (path === 'growth_per_month' || path === 'volatility') return { value: constant(0), source };
  if (path !== 'requests_per_month') return null;
  const name = `workloads.${instance}.history`;
  const unknown = trailing === 0 ? [] : unknownMonths(model.unit, trailing);
  const closed = closedMonthsOf(scenario);
  const daysInMonths = [...unknown, ...months.slice(closed).map(daysOfMonth)];
  const forecast = medianPath(model, daysInMonths).slice(unknown.length);
  const base = forecast.map((volume) => new Decimal(volume).toSignificantDigits(12));
  const paths = {
    simulate: ({ months: wanted, ...block }: PathBlock) =>
      simulateMonthlyVolumes(model, {
        ...block,
        name,
        daysInMonths: daysInMonths.slice(0, unknown.length + wanted),
      }).slice(unknown.length),
  };
  return { value: behindClosedMonths({ kind: 'paths', base, paths }, learned, closed), source };
}

/** What lies between the last known step and the first month, as months to simulate and drop. */
function unknownMonths(unit: HistoryUnit, steps: number): readonly number[] {
  if (unit === 'month') return new Array<number>(steps).fill(30);
  return [unit === 'week' ? 7 * steps : steps];
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
