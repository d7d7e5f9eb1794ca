import { normalCdf, normalQuantile } from '../sampling/normal.ts';

const { exp, log, sqrt } = Math;

/**
 * Closed forms of the check and its levers for a lognormal bill, median e^μ and log standard deviation σ. The draws are
 * held against them: a sample has no other way to be proved right.
 */
export type LognormalBill = { readonly mu: number; readonly sigma: number };

/** c = ½ ln((1 + τ)/(1 − τ)), half the log width of ±τ: 0.100335 at 10 %. */
export function halfLogWidth(tolerance: number): number {
  return log((1 + tolerance) / (1 - tolerance)) / 2;
}

/** P(|A − F| ≤ τF) = Φ(ln((1 + τ)F/e^μ)/σ) − Φ(ln((1 − τ)F/e^μ)/σ). */
export function probabilityOfHitting({ mu, sigma }: LognormalBill, forecast: number, tolerance: number): number {
  return (
    normalCdf((log((1 + tolerance) * forecast) - mu) / sigma) -
    normalCdf((log((1 - tolerance) * forecast) - mu) / sigma)
  );
}

/** The forecast that hits most often, median ÷ √(1 − τ²): half a per cent above the median at 10 %. */
export function bestForecast({ mu }: LognormalBill, tolerance: number): number {
  return exp(mu) / sqrt(1 - tolerance ** 2);
}

/** The largest σ that hits with probability q at the best forecast: c/Φ⁻¹((1 + q)/2), 7.8 % for 80 % at ±10 %. */
export function largestSigma(tolerance: number, confidence: number): number {
  return halfLogWidth(tolerance) / normalQuantile((1 + confidence) / 2);
}

/** The τ at which the median hits with probability q, by bisection. */
export function tightestToleranceOf(sigma: number, confidence: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (probabilityOfHitting({ mu: 0, sigma }, 1, middle) < confidence) low = middle;
    else high = middle;
  }
  return high;
}

/** E[A] = e^(μ + σ²/2). */
export function expectedBill({ mu, sigma }: LognormalBill): number {
  return exp(mu + sigma ** 2 / 2);
}

/** E[(A − C)⁺], what a hard cap C refuses on average. */
export function expectedExcess(bill: LognormalBill, cap: number): number {
  const { mu, sigma } = bill;
  const distance = (mu - log(cap)) / sigma;
  return expectedBill(bill) * normalCdf(distance + sigma) - cap * normalCdf(distance);
}

/** E[max(M, A)], the expected bill under a commitment M. */
export function expectedWithCommitment(bill: LognormalBill, commitment: number): number {
  const { mu, sigma } = bill;
  const distance = (log(commitment) - mu) / sigma;
  return commitment * normalCdf(distance) + expectedBill(bill) * normalCdf(sigma - distance);
}

/** Probability that a bill capped at C hits when forecast as C/(1 + τ). */
export function probabilityUnderCap({ mu, sigma }: LognormalBill, cap: number, tolerance: number): number {
  return 1 - normalCdf((log(((1 - tolerance) * cap) / (1 + tolerance)) - mu) / sigma);
}

/** The largest hard cap under which the bill hits with probability q: (1 + τ)/(1 − τ)·e^(μ + σ·Φ⁻¹(1 − q)). */
export function largestCap({ mu, sigma }: LognormalBill, tolerance: number, confidence: number): number {
  return ((1 + tolerance) / (1 - tolerance)) * exp(mu + sigma * normalQuantile(1 - confidence));
}

/** The smallest commitment under which the bill hits with probability q: (1 − τ)/(1 + τ)·e^(μ + σ·Φ⁻¹(q)). */
export function smallestCommitment({ mu, sigma }: LognormalBill, tolerance: number, confidence: number): number {
  return ((1 - tolerance) / (1 + tolerance)) * exp(mu + sigma * normalQuantile(confidence));
}

/** A lognormal month that with probability `chance` is multiplied by a lognormal spike of the given μ and σ. */
export type SpikyBill = LognormalBill & { readonly chance: number; readonly spike: LognormalBill };

/** P(A ≤ x) of a bill with spikes. */
export function spikyCdf({ mu, sigma, chance, spike }: SpikyBill, x: number): number {
  const calm = normalCdf((log(x) - mu) / sigma);
  const spiked = normalCdf((log(x) - mu - spike.mu) / sqrt(sigma ** 2 + spike.sigma ** 2));
  return (1 - chance) * calm + chance * spiked;
}

/** Median of a bill with spikes, by bisection. */
export function spikyMedian(bill: SpikyBill): number {
  let low = exp(bill.mu - 5 * bill.sigma);
  let high = exp(bill.mu + 5 * bill.sigma + 5 * bill.spike.sigma + Math.max(0, bill.spike.mu));
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (spikyCdf(bill, middle) < 0.5) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Mean of a bill with spikes. */
export function spikyMean(bill: SpikyBill): number {
  return expectedBill(bill) * (1 - bill.chance + bill.chance * expectedBill(bill.spike));
}

/** P(hit) of a bill with spikes around a forecast. */
export function spikyProbability(bill: SpikyBill, forecast: number, tolerance: number): number {
  return spikyCdf(bill, (1 + tolerance) * forecast) - spikyCdf(bill, (1 - tolerance) * forecast);
}
