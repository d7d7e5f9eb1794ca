import type { Lower } from './cholesky.ts';
import { factorCholesky, solveLower, solveUpper } from './cholesky.ts';
import { studentTCdf, studentTQuantile } from './special-functions.ts';

const { abs, cos, exp, log, sin, sqrt } = Math;

export type HistoryUnit = 'day' | 'week' | 'month';

/**
 * What a history of volumes says about the steps after it: an average over 18 damped exponential smoothings of log volume,
 * each with its exact Bayesian posterior, weighted by how well it foresaw the history.
 */
export type HistoryModel = {
  readonly unit: HistoryUnit;
  /** Length of the history from its first volume above 0, gaps counted. */
  readonly steps: number;
  /** Log of the first volume; the components work on the distance from it. */
  readonly origin: number;
  /** s₀: the standard deviation of one step's log change that the prior starts from. */
  readonly priorSpread: number;
  /** ν of every component's Student t. */
  readonly degrees: number;
  readonly components: readonly HistoryComponent[];
};

export type HistoryComponent = {
  readonly alpha: number;
  readonly beta: number;
  /** Damping of the trend; 0 is no trend. */
  readonly phi: number;
  readonly weight: number;
  /** s², the posterior's estimate of the error variance of one step. */
  readonly variance: number;
  /** Level, trend, then one coefficient for each season regressor. */
  readonly coefficients: readonly number[];
  /** L of the posterior's precision, M = L·L'. */
  readonly factor: Lower;
  /** The filter's state after the history, when run on the data and on each regressor. */
  readonly dataState: FilterState;
  readonly regressorStates: readonly FilterState[];
};

type FilterState = { readonly level: number; readonly trend: number };

/**
 * Fits volumes at equal steps, oldest first. Leading zeros are left out; null and zeros after the first volume are gaps.
 * One volume is enough. The last 180 days or 60 weeks are used, months all of them; months and days have a season of 12
 * and 7 steps. The errors of a filter are linear in its starting level, trend and season, so the posterior is that of a
 * linear regression: M = X'X + Λ⁻¹, θ = M⁻¹X'y, s² = (ν₀s₀² + y'y − θ'X'y)/ν with ν = ν₀ + observations, ν₀ = 2.
 *
 * @returns the model, or a sentence saying what is wrong with the history
 */
export function fitHistory(values: readonly (number | null)[], unit: HistoryUnit): HistoryModel | string {
  const wrong = values.findIndex((value) => value !== null && !(value >= 0 && value < Number.POSITIVE_INFINITY));
  if (wrong >= 0)
    return `volume ${wrong + 1} of the history is ${values[wrong]}: expected a number from 0 up, or null for a gap`;
  const { window, spread } = settings[unit];
  const recent = values.slice(-window);
  const first = recent.findIndex((value) => value !== null && value > 0);
  if (first < 0)
    return `the history has no volume above 0${values.length > window ? ` in its last ${window} ${unit}s` : ''}`;

  const volumes = recent.slice(first);
  const origin = log(volumes[0] as number);
  const logs = volumes.map((value) => (value === null || value === 0 ? null : log(value) - origin));
  const seasons = logs.map((_, t) => seasonAt(unit, t));
  const degrees = priorDegrees + logs.filter((value) => value !== null).length;
  const fitted = grid.map((point) => ({ ...fitComponent(point, logs, seasons, degrees, spread), prior: point.prior }));
  const best = Math.max(...fitted.map(({ logEvidence, prior }) => log(prior) + logEvidence));
  const relative = fitted.map(({ logEvidence, prior }) => exp(log(prior) + logEvidence - best));
  const total = relative.reduce((sum, weight) => sum + weight, 0);
  return {
    unit,
    steps: logs.length,
    origin,
    priorSpread: spread,
    degrees,
    components: fitted.map(({ component }, i) => ({ ...component, weight: (relative[i] as number) / total })),
  };
}

/** The volume that `stepsAhead` (1 = the step after the history) stays below with `probability`, strictly between 0 and 1. */
export function forecastQuantile(model: HistoryModel, stepsAhead: number, probability: number): number {
  const predictive = predictAhead(model, stepsAhead);
  const t = studentTQuantile(probability, model.degrees);
  // Each component has its own point at this probability; the mixture's lies among them.
  let low = Math.min(...predictive.map(({ mean, scale }) => mean + t * scale));
  let high = Math.max(...predictive.map(({ mean, scale }) => mean + t * scale));
  let excessLow = mixtureCdf(model, predictive, low) - probability;
  let excessHigh = mixtureCdf(model, predictive, high) - probability;
  let side = 0;
  for (let step = 0; step < 100 && high - low > 1e-13 * (1 + abs(low)); step++) {
    // False position in the Illinois form: the end that stays twice in a row counts half.
    const middle =
      excessHigh > excessLow ? (low * excessHigh - high * excessLow) / (excessHigh - excessLow) : (low + high) / 2;
    if (!(middle > low && middle < high)) break;
    const excess = mixtureCdf(model, predictive, middle) - probability;
    if (excess > 0) {
      high = middle;
      excessHigh = excess;
      if (side === 1) excessLow /= 2;
      side = 1;
    } else {
      low = middle;
      excessLow = excess;
      if (side === -1) excessHigh /= 2;
      side = -1;
    }
  }
  return exp(abs(excessLow) < abs(excessHigh) ? low : high);
}

/** P(volume ≤ `volume`) `stepsAhead` of the history's end. */
export function forecastCdf(model: HistoryModel, stepsAhead: number, volume: number): number {
  return volume > 0 ? mixtureCdf(model, predictAhead(model, stepsAhead), log(volume)) : 0;
}

/** Mean and scale of each component's Student t of log volume, `stepsAhead` of the history's end. */
export function predictAhead(
  model: HistoryModel,
  stepsAhead: number,
): readonly { readonly mean: number; readonly scale: number }[] {
  const season = seasonAt(model.unit, model.steps + stepsAhead - 1);
  return model.components.map(({ alpha, beta, phi, variance, coefficients, factor, dataState, regressorStates }) => {
    let damped = 0;
    let power = 1;
    let spread = 1;
    for (let h = 1; h <= stepsAhead; h++) {
      power *= phi;
      damped += power;
      if (h < stepsAhead) spread += (alpha * (1 + beta * damped)) ** 2;
    }
    const reached = ({ level, trend }: FilterState) => level + damped * trend;
    const regressors = regressorStates.map((state, j) =>
      j < 2 ? reached(state) : (season[j - 2] as number) - reached(state),
    );
    const mean = regressors.reduce(
      (sum, x, j) => sum + x * (coefficients[j] as number),
      model.origin + reached(dataState),
    );
    const leverage = solveLower(factor, regressors).reduce((sum, x) => sum + x * x, 0);
    return { mean, scale: sqrt(variance * (spread + leverage)) };
  });
}

/** cos and sin of 2πk·t/period for each harmonic k, t counted from 0 at the history's first volume. */
export function seasonAt(unit: HistoryUnit, t: number): readonly number[] {
  const { period, harmonics } = settings[unit];
  return Array.from({ length: harmonics }, (_, k) => (2 * Math.PI * (k + 1) * t) / period).flatMap((angle) => [
    cos(angle),
    sin(angle),
  ]);
}

type GridPoint = { readonly alpha: number; readonly beta: number; readonly phi: number; readonly prior: number };

const settings: Readonly<
  Record<
    HistoryUnit,
    { readonly period: number; readonly harmonics: number; readonly spread: number; readonly window: number }
  >
> = {
  day: { period: 7, harmonics: 3, spread: 0.25, window: 180 },
  week: { period: 1, harmonics: 0, spread: 0.15, window: 60 },
  month: { period: 12, harmonics: 3, spread: 0.15, window: Number.POSITIVE_INFINITY },
};

const priorDegrees = 2;

/** Prior variances of level, trend and each season coefficient, in units of σ². */
const priorVariances = { level: 1e4, trend: 0.03, season: 0.5 };

/** Half of the prior goes to the 6 smoothings without a trend, half to the 12 with a damped one. */
const grid: readonly GridPoint[] = [0.1, 0.3, 0.5, 0.7, 0.85, 1].flatMap((alpha) => [
  { alpha, beta: 0, phi: 0, prior: 1 / 12 },
  { alpha, beta: 0, phi: 0.9, prior: 1 / 24 },
  { alpha, beta: 0.1, phi: 0.9, prior: 1 / 24 },
]);

function fitComponent(
  { alpha, beta, phi }: GridPoint,
  logs: readonly (number | null)[],
  seasons: readonly (readonly number[])[],
  degrees: number,
  priorSpread: number,
): { readonly component: Omit<HistoryComponent, 'weight'>; readonly logEvidence: number } {
  const columns = 2 + (seasons[0]?.length ?? 0);
  const variances = [
    priorVariances.level,
    priorVariances.trend,
    ...Array<number>(columns - 2).fill(priorVariances.season),
  ];
  const data = { level: 0, trend: 0 };
  // Without a trend (phi = 0) the trend column stays 0, and its prior cancels out of the evidence.
  const states = variances.map((_, j) => ({ level: j === 0 ? 1 : 0, trend: j === 1 ? 1 : 0 }));
  const precision = variances.map((variance, i) => variances.map((_, j) => (i === j ? 1 / variance : 0)));
  const moments = variances.map(() => 0);
  let squares = 0;

  const advance = (state: { level: number; trend: number }, input: number | null): number => {
    const forecast = state.level + phi * state.trend;
    const error = input === null ? 0 : input - forecast;
    state.level = forecast + alpha * error;
    state.trend = phi * state.trend + alpha * beta * error;
    return error;
  };
  for (const [t, y] of logs.entries()) {
    const error = advance(data, y);
    const season = seasons[t] as readonly number[];
    const row = states.map((state, j) =>
      j < 2 ? -advance(state, y === null ? null : 0) : advance(state, y === null ? null : (season[j - 2] as number)),
    );
    if (y === null) continue;
    squares += error * error;
    for (const [i, x] of row.entries()) {
      moments[i] = (moments[i] as number) + x * error;
      const target = precision[i] as number[];
      for (let j = 0; j <= i; j++) target[j] = (target[j] as number) + x * (row[j] as number);
    }
  }

  const factor = factorCholesky(precision);
  const half = solveLower(factor, moments);
  const explained = half.reduce((sum, x) => sum + x * x, 0);
  const variance = (priorDegrees * priorSpread ** 2 + Math.max(0, squares - explained)) / degrees;
  const logDeterminant = 2 * factor.reduce((sum, row) => sum + log(row.at(-1) as number), 0);
  const logPriorVolume = variances.reduce((sum, prior) => sum + log(prior), 0);
  return {
    component: {
      alpha,
      beta,
      phi,
      variance,
      coefficients: solveUpper(factor, half),
      factor,
      dataState: data,
      regressorStates: states,
    },
    logEvidence: -0.5 * (logDeterminant + logPriorVolume) - (degrees / 2) * log(degrees * variance),
  };
}

function mixtureCdf(
  model: HistoryModel,
  predictive: readonly { readonly mean: number; readonly scale: number }[],
  logVolume: number,
): number {
  let sum = 0;
  for (const [i, { mean, scale }] of predictive.entries()) {
    sum += (model.components[i] as HistoryComponent).weight * studentTCdf((logVolume - mean) / scale, model.degrees);
  }
  return sum;
}
