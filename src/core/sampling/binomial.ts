import { normalQuantile } from './normal.ts';
import { lnGamma, regularizedBeta } from './special-functions.ts';

const { exp, floor, log, log1p, max, min, sqrt } = Math;

/** P(X ≤ k) for the number X of hits in n tries of chance p, by the incomplete beta function. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : 1 - regularizedBeta(p, k + 1, n - k);
}

/**
 * How surprising k hits in n tries of chance p are, on either side: the sum of P(X = j) over every j no likelier than k.
 * 2 of 6 at p = 0.8 give 0.01696.
 */
export function binomialTwoSided(k: number, n: number, p: number): number {
  const limit = chanceOf(k, n, p) * (1 + 1e-7);
  let sum = 0;
  for (let j = 0; j <= n; j++) {
    const chance = chanceOf(j, n, p);
    if (chance <= limit) sum += chance;
  }
  return min(1, sum);
}

/** The numbers of hits in n tries of chance p that a test at `level` does not object to: 7 to 12 of 12 at 0.8 and 5 %. */
export function acceptedHits(n: number, p: number, level = 0.05): { readonly least: number; readonly most: number } {
  const accepted = Array.from({ length: n + 1 }, (_, k) => k).filter((k) => binomialTwoSided(k, n, p) > level);
  return { least: accepted[0] ?? n, most: accepted.at(-1) ?? n };
}

/**
 * Ranks (1 is the smallest of n draws) between which the true quantile at `p` lies with at least `confidence`, whatever
 * the distribution: the number of draws below it is binomial. Null on a side where n draws cannot tell.
 */
export function quantileRanks(
  n: number,
  p: number,
  confidence = 0.95,
): { readonly below: number | null; readonly above: number | null } {
  const tail = (1 - confidence) / 2;
  const reach = normalQuantile(1 - tail) * sqrt(n * p * (1 - p));
  // The k-th smallest lies above the quantile when fewer than k draws lie below it.
  let below = max(0, min(n, floor(n * p - reach) + 2));
  while (below > 0 && binomialCdf(below - 1, n, p) > tail) below--;
  let above = max(1, floor(n * p + reach) - 2);
  while (above <= n && 1 - binomialCdf(above - 1, n, p) > tail) above++;
  return { below: below >= 1 ? below : null, above: above <= n ? above : null };
}

/**
 * Half the width of Wilson's 95 % interval for a share seen in n independent draws: about 1.96·√(p(1 − p)/n), and above 0
 * where all draws agree. 0.8 of 10,000 is known to 0.0078.
 */
export function shareError(share: number, n: number): number {
  const z = 1.959963984540054;
  return (z * sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
}

function chanceOf(k: number, n: number, p: number): number {
  if (p <= 0 || p >= 1) return k === (p <= 0 ? 0 : n) ? 1 : 0;
  return exp(lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p));
}
