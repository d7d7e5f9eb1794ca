import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Decimal } from 'decimal.js';
import { parse } from 'yaml';
import { calculateForecast } from '../../src/compute/calculate.ts';
import { loadCatalogue } from '../../src/compute/catalogue.ts';
import { computeBase } from '../../src/core/forecast/compute.ts';
import { inputValueOf } from '../../src/core/forecast/input-values.ts';
import type { ForecastPlan } from '../../src/core/forecast/plan.ts';
import type { Forecast, TierForecast } from '../../src/core/forecast/result.ts';
import { isError } from '../../src/core/formula/values.ts';
import type { ExactTable } from '../../src/core/model/evaluate.ts';
import type { Program } from '../../src/core/model/program.ts';
import type { Problem } from '../../src/core/problem.ts';
import { parseScenario } from '../../src/core/scenario/parse.ts';
import type { Quantity, Scenario } from '../../src/core/scenario/scenario.ts';

export const catalogue = await loadCatalogue();
export const today = '2026-11-22';

export type ScenarioObject = Readonly<Record<string, unknown>>;
export type ComputedTier = Exclude<TierForecast, { readonly months: null }>;

const folder = path.join(import.meta.dirname, '../../models/scenarios');

/** The shipped scenarios as they are sent, by file name without its ending. */
export const samples: ReadonlyMap<string, ScenarioObject> = new Map(
  readdirSync(folder).map((file) => [
    path.basename(file, '.yaml'),
    parse(readFileSync(path.join(folder, file), 'utf8')) as ScenarioObject,
  ]),
);

export function sample(name: string): ScenarioObject {
  const found = samples.get(name);
  if (found === undefined) throw new Error(`no sample "${name}"`);
  return found;
}

/** The forecast as it leaves the service. Throws with the problems of a scenario that is refused. */
export function forecastOf(scenario: unknown): Forecast {
  const outcome = calculateForecast({ scenario, today }, catalogue);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems, null, 1));
  return JSON.parse(outcome.body) as Forecast;
}

export function problemsOf(scenario: unknown): readonly Problem[] {
  const outcome = calculateForecast({ scenario, today }, catalogue);
  return outcome.ok ? [] : outcome.problems;
}

export function parsed(scenario: unknown): Scenario {
  const reading = parseScenario(scenario, {
    hardware: { gpus: catalogue.gpus },
    tiers: [...catalogue.tiers.values()],
    today,
  });
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems, null, 1));
  return reading.scenario;
}

export type Base = { readonly plan: ForecastPlan; readonly program: Program; readonly exact: ExactTable };

export function baseOfScenario(scenario: unknown): Base {
  return computeBase(parsed(scenario), catalogue);
}

export function tierOf(forecast: Forecast, id: string): ComputedTier {
  const found = forecast.tiers.find((tier) => tier.id === id);
  if (found === undefined || found.months === null) throw new Error(`tier "${id}" was not computed: ${found?.reason}`);
  return found;
}

/** Exact value of `local.electricity` in a month (from 1), or of an input by its key. */
export function cellOf({ program, exact }: Base, key: string, month = 1): Decimal {
  const row = program.rows.find((candidate) => candidate.key === key);
  const value = row === undefined ? undefined : exact[row.index]?.[month - 1];
  if (value === undefined || isError(value)) throw new Error(`no number at ${key} in month ${month}`);
  return value;
}

/** The scenario without events and with every range at its base: zero uncertainty. */
export function atZeroUncertainty(scenario: Scenario): Scenario {
  const zero: Quantity = { kind: 'constant', value: new Decimal(0) };
  const point = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(point);
    if (typeof value !== 'object' || value === null || value instanceof Decimal) return value;
    if ('kind' in value && value.kind === 'range') {
      const input = inputValueOf(value);
      return { kind: 'constant', value: input.kind === 'range' ? input.base : zero.value };
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, point(inner)]));
  };
  const still = point(scenario) as Scenario;
  return {
    ...still,
    workloads: still.workloads.map((workload) => ({
      ...workload,
      volatility: zero,
      spikes: { chance_per_month: zero, multiplier: { kind: 'constant', value: new Decimal(1) }, carry_over: zero },
    })),
    local: still.local && {
      ...still.local,
      machines: still.local.machines.map((machine) => ({ ...machine, failure_rate_per_year: zero })),
    },
  };
}
