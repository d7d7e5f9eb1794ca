import { Decimal } from 'decimal.js';
import type { InputDefinition } from '../model/definition.ts';
import type { InputValue } from '../model/program.ts';
import type { HistoryUnit } from '../sampling/history-forecast.ts';
import type { PathRequest } from '../sampling/history-paths.ts';
import { medianPath, simulateMonthlyVolumes } from '../sampling/history-paths.ts';
import { daysOfMonth } from './calendar.ts';
import { behindClosedMonths, closedMonthsOf, measuredMonths, onlyInOpenMonths } from './closed-months.ts';
import type { InputPlace, InputSources } from './input-sources.ts';
import { baseOfRange, constant } from './input-values.ts';
import type { MixModel, MixPart } from './learned-mix.ts';
import { medianMix, simulateMix } from './learned-mix.ts';
import type { SpikeRecord } from './spike-record.ts';
import { medianSize } from './spike-record.ts';

type PathBlock = Pick<PathRequest, 'seed' | 'firstDraw' | 'count'> & { readonly months: number };
type Learned = { readonly value: InputValue; readonly source: string };

/**
 * With a history, month t is a simulated path that has level, trend, season and noise in it: nothing else grows or shakes
 * it. Spikes come on top; what the scenario does not say of them is learned. What a request takes is learned where tokens
 * were counted. The history ends with the month before the one forecast next; months closed by then are what it says of
 * them. Null for an input that no history says anything of.
 */
export function learnedFromHistory(
  { histories, months, scenario }: InputSources,
  { per }: InputDefinition,
  { instance }: InputPlace,
  path: string,
): Learned | null {
  const learned = per === 'workload' ? histories.get(instance ?? '') : undefined;
  if (learned === undefined) return null;
  const { model, spikes, trailing, mix } = learned;
  const closed = closedMonthsOf(scenario);
  const [group, part] = path.split('.');
  if (group === 'spikes') {
    const stated = scenario.workloads.find(({ id }) => id === instance)?.spikes;
    const isStated = (stated?.[part as keyof typeof stated] ?? null) !== null;
    const found = isStated ? null : learnedSpike(spikes, part);
    if (part !== 'chance_per_month' || closed === 0) return found;
    const chance = found?.value ?? stated?.chance_per_month;
    return { value: onlyInOpenMonths(chance, closed, months.length), source: found?.source ?? 'Scenario' };
  }
  const source = 'Learned from history';
  if (path === 'growth_per_month' || path === 'volatility') return { value: constant(0), source };
  const unknown = trailing === 0 ? [] : unknownMonths(model.unit, trailing);
  const mixed = mix.get(path as MixPart);
  if (mixed !== undefined)
    return learnedMix(mixed, `workloads.${instance}.${path}.history`, months.length - closed, closed);
  if (path !== 'requests_per_month') return null;
  const name = `workloads.${instance}.history`;
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
  return { value: behindClosedMonths({ kind: 'paths', base, paths }, measuredMonths(learned, closed)), source };
}

/** Size and decay of spikes are learned from spikes alone: without one the prior of the cost model stands. */
function learnedSpike(spikes: SpikeRecord, part: string | undefined): Learned | null {
  const { onsets, months, chance, size, carryOver } = spikes;
  const seen = `${onsets} ${onsets === 1 ? 'onset' : 'onsets'} in ${months} months`;
  if (part === 'chance_per_month') {
    const source = `Learned from history: ${seen}, Beta(1 + k, 32 + n − k)`;
    return { value: constant(new Decimal(chance).toSignificantDigits(12)), source };
  }
  if (onsets === 0) return null;
  const source = `Learned from history: ${seen}, weighed with a prior worth four`;
  if (part === 'carry_over') return { value: constant(new Decimal(carryOver).toSignificantDigits(12)), source };
  const distribution = { kind: 'lognormal' as const, ...size };
  const text = `about ${medianSize(spikes).toFixed(1)} (learned from history)`;
  return {
    value: { kind: 'range', base: baseOfRange(distribution), distribution, varies: 'once', text },
    source,
  };
}

function learnedMix(mixed: MixModel, name: string, months: number, closed: number): Learned {
  const base = medianMix(mixed, months).map((value) => new Decimal(value).toSignificantDigits(12));
  const paths = {
    simulate: ({ months: wanted, ...block }: PathBlock) => simulateMix(mixed, wanted, { ...block, name }),
  };
  const source = `Learned from ${mixed.months} ${mixed.months === 1 ? 'month' : 'months'} of tokens`;
  const unmeasured = new Array<null>(closed).fill(null);
  return { value: behindClosedMonths({ kind: 'paths', base, paths }, unmeasured), source };
}

/** What lies between the last known step and the first month, as months to simulate and drop. */
function unknownMonths(unit: HistoryUnit, steps: number): readonly number[] {
  if (unit === 'month') return new Array<number>(steps).fill(30);
  return [unit === 'week' ? 7 * steps : steps];
}
