import { Decimal } from 'decimal.js';
import type { InputDefinition, Prior } from '../model/definition.ts';
import type { InputValue, ResolvedInput } from '../model/program.ts';
import type { Distribution } from '../sampling/distributions.ts';
import { fitP10P50P90, fitRange } from '../sampling/distributions.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { daysOfMonth } from './calendar.ts';
import { learnedFromHistory } from './history-inputs.ts';
import type { InputPlace, InputSources } from './input-sources.ts';
import { modelOf, pointsOf, providerOf, readPlace, termOf, workloadOf } from './input-sources.ts';
import { subjectOf } from './input-subject.ts';
import { baseOfRange, constant, inputValueOf, valueAt } from './input-values.ts';
import { priceInput, thresholdsOf } from './price-inputs.ts';
import {
  allowanceInput,
  feeInput,
  migrationInput,
  priceChangeInput,
  rentInput,
  surchargeInput,
} from './term-inputs.ts';

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
      if (given === undefined || given === null)
        return named(subject.path(origin.path), priorValue(origin.fallback, definition.id));
      const least = subject.leastOf?.(origin.path);
      const found = named(subject.path(origin.path), inputValueOf(given), subject.sourceOf(origin.path));
      return least === undefined ? found : { ...found, least };
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
        constant(String(valueAt(subject.object, origin.path) ?? 'none') === origin.value ? 1 : 0),
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
      return priceChangeInput(sources, definition, place, origin);
    case 'allowance':
      return allowanceInput(sources, definition, place, origin);
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
