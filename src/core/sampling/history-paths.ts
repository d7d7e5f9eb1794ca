import { solveUpper } from './cholesky.ts';
import type { HistoryComponent, HistoryModel, HistoryUnit } from './history-forecast.ts';
import { forecastQuantile, seasonAt } from './history-forecast.ts';
import { normalQuantile } from './normal.ts';
import { fillUniforms, hashName } from './philox.ts';
import { chiSquareQuantile } from './special-functions.ts';

const { exp, log, min, sqrt } = Math;

export type PathRequest = {
  readonly seed: number;
  /** The variable's name: tiers that name the same workload see the same volumes. */
  readonly name: string;
  /** Days of each month after the history, in order; a month of a monthly history is one step whatever its days. */
  readonly daysInMonths: readonly number[];
  readonly firstDraw: number;
  readonly count: number;
};

/**
 * Volumes of the months that follow the history, one column of `count` draws a month. Each draw picks a component by
 * weight, σ² = ν·s²/χ²_ν by inverting the χ² distribution, and the starting level, trend and season from their posterior;
 * then one error a step moves it on. A step that straddles two months is shared by days.
 *
 * Addresses: what a draw fixes once is in month 0 (sub-index 0 component, 1 χ², 2 up coefficients); the error of step h
 * is in month h.
 */
export function simulateMonthlyVolumes(model: HistoryModel, request: PathRequest): Float64Array[] {
  const { seed, name, daysInMonths, firstDraw, count } = request;
  const variable = hashName(name);
  const uniforms = new Float64Array(count);
  const start = drawStarts(model, (sub) => {
    const column = new Float64Array(count);
    fillUniforms(column, { seed, variable, month: 0, sub, firstDraw, count });
    return column;
  });
  const { component, spread, level, trend, season } = start;
  const alphas = Float64Array.from(model.components, ({ alpha }) => alpha);
  const phis = Float64Array.from(model.components, ({ phi }) => phi);
  const trendGains = Float64Array.from(model.components, ({ alpha, beta }) => alpha * beta);
  const volumes = daysInMonths.map(() => new Float64Array(count));

  for (const [index, parts] of shareSteps(model.unit, daysInMonths).entries()) {
    fillUniforms(uniforms, { seed, variable, month: index + 1, firstDraw, count });
    const regressors = seasonAt(model.unit, model.steps + index);
    for (let i = 0; i < count; i++) {
      const c = component[i] as number;
      const error = (spread[i] as number) * normalQuantile(uniforms[i] as number);
      const damped = (phis[c] as number) * (trend[i] as number);
      const forecast = (level[i] as number) + damped;
      let seasonal = 0;
      for (let k = 0; k < regressors.length; k++)
        seasonal += (regressors[k] as number) * ((season[k] as Float64Array)[i] as number);
      level[i] = forecast + (alphas[c] as number) * error;
      trend[i] = damped + (trendGains[c] as number) * error;
      uniforms[i] = exp(model.origin + forecast + seasonal + error);
    }
    for (const { month, share } of parts) {
      const column = volumes[month] as Float64Array;
      for (let i = 0; i < count; i++) column[i] = (column[i] as number) + share * (uniforms[i] as number);
    }
  }
  return volumes;
}

/** The base case's volume of each month: the sum of its steps' medians. */
export function medianPath(model: HistoryModel, daysInMonths: readonly number[]): number[] {
  const totals = daysInMonths.map(() => 0);
  for (const [index, parts] of shareSteps(model.unit, daysInMonths).entries()) {
    const median = forecastQuantile(model, index + 1, 0.5);
    for (const { month, share } of parts) totals[month] = (totals[month] as number) + share * median;
  }
  return totals;
}

type Starts = {
  readonly component: Uint8Array;
  readonly spread: Float64Array;
  readonly level: Float64Array;
  readonly trend: Float64Array;
  readonly season: readonly Float64Array[];
};

function drawStarts(model: HistoryModel, drawOnce: (sub: number) => Float64Array): Starts {
  const picks = drawOnce(0);
  const chances = drawOnce(1);
  const columns = (model.components[0] as HistoryComponent).coefficients.length;
  const scores = Array.from({ length: columns }, (_, j) => drawOnce(2 + j).map(normalQuantile));
  const count = picks.length;
  const cumulative = cumulateWeights(model);
  const component = new Uint8Array(count);
  const spread = new Float64Array(count);
  const level = new Float64Array(count);
  const trend = new Float64Array(count);
  const season = Array.from({ length: columns - 2 }, () => new Float64Array(count));
  const tilt = new Float64Array(columns);

  for (let i = 0; i < count; i++) {
    const picked = cumulative.findIndex((upTo) => (picks[i] as number) < upTo);
    component[i] = picked;
    const { variance, coefficients, factor, dataState, regressorStates } = model.components[picked] as HistoryComponent;
    const chiSquare = chiSquareQuantile(chances[i] as number, model.degrees);
    // Student's t on logs has no mean in volumes: a spread beyond anything measured would decide every average alone.
    const sigma = sqrt(min((model.degrees * variance) / chiSquare, largestVariance(model.priorSpread, variance)));
    spread[i] = sigma;
    for (let j = 0; j < columns; j++) tilt[j] = (scores[j] as Float64Array)[i] as number;
    const deviation = solveUpper(factor, tilt);
    let reachedLevel = dataState.level;
    let reachedTrend = dataState.trend;
    for (let j = 0; j < columns; j++) {
      const coefficient = (coefficients[j] as number) + sigma * (deviation[j] as number);
      const { level: levelState, trend: trendState } = regressorStates[j] as { level: number; trend: number };
      const signed = j < 2 ? coefficient : -coefficient;
      reachedLevel += signed * levelState;
      reachedTrend += signed * trendState;
      if (j >= 2) (season[j - 2] as Float64Array)[i] = coefficient;
    }
    level[i] = reachedLevel;
    trend[i] = reachedTrend;
  }
  return { component, spread, level, trend, season };
}

/**
 * The variance at the 95 % point of the prior (s₀/√−ln 0.95: 66 % a month), or nine times the history's own where that is
 * more. It binds in about 1 draw of 65 after one month of history, and in none after a year.
 */
function largestVariance(priorSpread: number, variance: number): number {
  const ofPrior = priorSpread ** 2 / -log(0.95);
  const ofHistory = 9 * variance;
  return ofHistory > ofPrior ? ofHistory : ofPrior;
}

function cumulateWeights(model: HistoryModel): number[] {
  let sum = 0;
  const cumulative = model.components.map(({ weight }) => {
    sum += weight;
    return sum;
  });
  cumulative[cumulative.length - 1] = Number.POSITIVE_INFINITY;
  return cumulative;
}

/** For each step after the history, the months it falls into and how much of it. */
function shareSteps(
  unit: HistoryUnit,
  daysInMonths: readonly number[],
): { readonly month: number; readonly share: number }[][] {
  const daysInStep = { day: 1, week: 7, month: null }[unit];
  const steps: { month: number; share: number }[][] = [];
  let start = 0;
  for (const [month, days] of daysInMonths.entries()) {
    const end = start + (daysInStep === null ? 1 : days / daysInStep);
    for (let step = Math.floor(start); step < end; step++) {
      const share = Math.min(end, step + 1) - Math.max(start, step);
      if (share <= 1e-9) continue;
      const parts = steps[step] ?? [];
      parts.push({ month, share });
      steps[step] = parts;
    }
    start = end;
  }
  return steps;
}
