const { abs, max } = Math;

/** How well forecasts did; each list has one number a period. */

/** Mean absolute error over that of "the same again" inside the training part: below 1 is better than naive. */
export function computeMase(
  training: readonly number[],
  actual: readonly number[],
  forecast: readonly number[],
  lag = 1,
): number {
  const naive = mean(training.slice(lag).map((value, t) => abs(value - (training[t] as number))));
  return mean(actual.map((value, i) => abs(value - (forecast[i] as number)))) / naive;
}

/** Symmetric mean absolute percentage error, 100·mean(2|A − F|/(|A| + |F|)): 0 is perfect, 200 the worst. */
export function computeSmape(actual: readonly number[], forecast: readonly number[]): number {
  return (
    100 *
    mean(
      actual.map((value, i) => {
        const size = abs(value) + abs(forecast[i] as number);
        return size === 0 ? 0 : (2 * abs(value - (forecast[i] as number))) / size;
      }),
    )
  );
}

/** |A − F| ≤ τ·F, the boundary included. */
export function isHit(actual: number, forecast: number, tolerance: number): boolean {
  return abs(actual - forecast) <= tolerance * forecast * (1 + 1e-12);
}

/** Width of a band plus 2/(1 − level) times the distance by which the actual lies outside: smaller is better. */
export function intervalScore(actual: number, low: number, high: number, level: number): number {
  return high - low + (2 / (1 - level)) * (max(0, low - actual) + max(0, actual - high));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
