import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Decimal } from 'decimal.js';
import { parse } from 'yaml';
import { calculateForecast } from '../src/compute/calculate.ts';
import type { LoadedCatalogue } from '../src/compute/catalogue.ts';
import { compareTiers } from '../src/core/forecast/comparison.ts';
import { moneyWith } from '../src/core/forecast/figures.ts';
import { planForecast } from '../src/core/forecast/plan.ts';
import { sampleTiers } from '../src/core/forecast/sample.ts';
import { analyseDrivers } from '../src/core/forecast/tier-drivers.ts';
import { evaluateProgram } from '../src/core/model/evaluate.ts';
import { linkProgram } from '../src/core/model/link.ts';
import { asUncertain, lowerProgram } from '../src/core/model/lower.ts';
import { parseScenario } from '../src/core/scenario/parse.ts';
import { medianOf, milliseconds } from './timing.ts';

export const defaultScenario = path.join(import.meta.dirname, '../models/scenarios/support-assistant.yaml');

/** The steps of the default forecast, each timed by itself, and the whole with its text; shares are of the whole. */
export function timeDefaultForecast(catalogue: LoadedCatalogue, rounds: number): readonly (readonly string[])[] {
  const sent: unknown = parse(readFileSync(defaultScenario, 'utf8'));
  const today = '2026-11-22';
  const context = { hardware: { gpus: catalogue.gpus }, tiers: [...catalogue.tiers.values()], today };
  const read = (): ReturnType<typeof parseScenario> => parseScenario(sent, context);
  const reading = read();
  if (!reading.ok) throw new Error('the default scenario does not parse');
  const { scenario } = reading;
  const plan = planForecast(scenario, catalogue);
  const program = linkProgram(plan.program);
  const exact = evaluateProgram(program);
  const lowered = lowerProgram(program, asUncertain);
  const samples = sampleTiers(program, scenario.sampling);
  const cash = program.tiers.map(
    ({ id, cashTotal }) => [id, { cash: exact[cashTotal] as readonly Decimal[], purchases: [] }] as const,
  );
  const compare = (): unknown =>
    compareTiers({
      program,
      months: plan.months,
      baseline: scenario.comparison.baseline,
      samples,
      base: new Map(cash),
      monthlyTokens: new Decimal(1),
      money: moneyWith(2),
    });

  const steps: readonly (readonly [string, number])[] = [
    ['parse the scenario', medianOf(rounds, read)],
    ['plan: tiers, prices, inputs', medianOf(rounds, () => planForecast(scenario, catalogue))],
    ['link the cost models', medianOf(rounds, () => linkProgram(plan.program))],
    ['exact base case', medianOf(rounds, () => evaluateProgram(program))],
    ['sample', medianOf(rounds, () => sampleTiers(program, scenario.sampling))],
    [
      'drivers',
      medianOf(rounds, () => analyseDrivers(program, lowered, samples, { seed: scenario.sampling.seed, next: 0 })),
    ],
    ['compare the pairs', medianOf(rounds, compare)],
  ];
  const whole = medianOf(rounds, () => calculateForecast({ scenario: sent, today }, catalogue));
  const rest = Math.max(0, whole - steps.reduce((sum, [, time]) => sum + time, 0));
  return [
    ['step', 'ms', 'share'],
    ...[...steps, ['bands, verdicts, text (the rest)', rest] as const, ['whole', whole] as const].map(
      ([step, time]) => [step, milliseconds(time), `${((100 * time) / whole).toFixed(0)} %`],
    ),
  ];
}
