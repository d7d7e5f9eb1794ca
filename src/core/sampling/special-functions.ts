const { abs, exp, log, log1p, min, sqrt } = Math;

/** ln Γ(x) for x > 0, by Lanczos' approximation with g = 7 and 9 terms (relative error about 1e-15). */
export function lnGamma(x: number): number {
  if (x < 0.5) return log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  const z = x - 1;
  let series = 0.99999999999980993;
  series += 676.5203681218851 / (z + 1);
  series -= 1259.1392167224028 / (z + 2);
  series += 771.32342877765313 / (z + 3);
  series -= 176.61502916214059 / (z + 4);
  series += 12.507343278686905 / (z + 5);
  series -= 0.13857109526572012 / (z + 6);
  series += 9.9843695780195716e-6 / (z + 7);
  series += 1.5056327351493116e-7 / (z + 8);
  const base = z + 7.5;
  return 0.9189385332046728 + (z + 0.5) * log(base) - base + log(series);
}

/** P(a, z): the regularised lower incomplete gamma function, a > 0, z ≥ 0. Keeps its relative accuracy as z → 0. */
export function lowerGamma(a: number, z: number): number {
  if (z <= 0) return 0;
  if (z === Number.POSITIVE_INFINITY) return 1;
  return z < a + 1 ? gammaSeries(a, z) : 1 - gammaFraction(a, z);
}

/** Q(a, z) = 1 − P(a, z), with its relative accuracy kept in the far tail. */
export function upperGamma(a: number, z: number): number {
  if (z <= 0) return 1;
  if (z === Number.POSITIVE_INFINITY) return 0;
  return z < a + 1 ? 1 - gammaSeries(a, z) : gammaFraction(a, z);
}

/** P(χ² > x) with `degrees` degrees of freedom (> 0, need not be whole). */
export function chiSquareUpperTail(x: number, degrees: number): number {
  return upperGamma(degrees / 2, x / 2);
}

/**
 * The x with P(χ² ≤ x) = `probability`, which must lie inside (0, 1). Halley's steps from Wilson and Hilferty's cube
 * (or from the leading power of the series, where the cube falls below 0), kept inside a shrinking bracket.
 */
export function chiSquareQuantile(probability: number, degrees: number): number {
  const a = degrees / 2;
  const lnGammaOfA = lnGamma(a);
  const spread = 2 / (9 * degrees);
  const cube = 1 - spread + roughNormalScore(probability) * sqrt(spread);
  const leadingPower = exp((log(probability) + lnGammaOfA + log(a)) / a);
  const start = cube > 0.3 ? a * cube ** 3 : min(leadingPower, a);
  return (
    2 *
    findRoot(start, 0, Number.POSITIVE_INFINITY, (z) => ({
      // Below the middle the lower tail carries the digits, above it the upper tail does.
      excess: probability < 0.5 ? lowerGamma(a, z) - probability : 1 - probability - upperGamma(a, z),
      density: exp((a - 1) * log(z) - z - lnGammaOfA),
      bend: (a - 1) / z - 1,
    }))
  );
}

/** I_x(a, b): the regularised incomplete beta function, a > 0, b > 0, x in [0, 1]. Continued fraction by Lentz' method. */
export function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = exp(a * log(x) + b * log1p(-x) - lnBeta(a, b));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

/** The x with I_x(a, b) = `probability`. Halley's steps inside a shrinking bracket, so it cannot leave [0, 1] or cycle. */
export function regularizedBetaInverse(probability: number, a: number, b: number): number {
  if (probability <= 0) return 0;
  if (probability >= 1) return 1;
  const lnOfBeta = lnBeta(a, b);
  return findRoot(guessBetaInverse(probability, a, b), 0, 1, (x) => ({
    excess: regularizedBeta(x, a, b) - probability,
    density: exp((a - 1) * log(x) + (b - 1) * log1p(-x) - lnOfBeta),
    bend: (a - 1) / x - (b - 1) / (1 - x),
  }));
}

/** P(T ≤ t) for Student's t with `degrees` degrees of freedom (> 0, need not be whole). */
export function studentTCdf(t: number, degrees: number): number {
  const tail = 0.5 * regularizedBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

/** The t with P(T ≤ t) = `probability`, which must lie inside (0, 1). */
export function studentTQuantile(probability: number, degrees: number): number {
  const twoTails = 2 * min(probability, 1 - probability);
  if (twoTails === 1) return 0;
  let square: number;
  if (twoTails < 0.5) {
    const x = regularizedBetaInverse(twoTails, degrees / 2, 0.5);
    square = (degrees * (1 - x)) / x;
  } else {
    // Near the middle x is close to 1 and would lose its digits, so its complement is solved for.
    const y = regularizedBetaInverse(1 - twoTails, 0.5, degrees / 2);
    square = (degrees * y) / (1 - y);
  }
  return probability < 0.5 ? -sqrt(square) : sqrt(square);
}

function lnBeta(a: number, b: number): number {
  return lnGamma(a) + lnGamma(b) - lnGamma(a + b);
}

function gammaSeries(a: number, z: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < 10_000 && term > sum * 1e-17; n++) {
    term *= z / (a + n);
    sum += term;
  }
  return sum * exp(a * log(z) - z - lnGamma(a));
}

function gammaFraction(a: number, z: number): number {
  let b = z + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 10_000; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / awayFromZero(numerator * d + b);
    c = awayFromZero(b + numerator / c);
    const factor = c * d;
    fraction *= factor;
    if (abs(factor - 1) < 1e-16) break;
  }
  return fraction * exp(a * log(z) - z - lnGamma(a));
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    const factor = c * d;
    fraction *= factor;
    if (abs(factor - 1) < 3e-16) break;
  }
  return fraction;
}

const tiny = 1e-300;

function awayFromZero(value: number): number {
  return abs(value) < tiny ? tiny : value;
}

/** Φ⁻¹ to three digits (Abramowitz and Stegun 26.2.22), good enough to start from. */
function roughNormalScore(probability: number): number {
  const t = sqrt(-2 * log(min(probability, 1 - probability)));
  const size = t - (2.30753 + t * 0.27061) / (1 + t * (0.99229 + t * 0.04481));
  return probability < 0.5 ? -size : size;
}

/** Starting point for the inverse beta: Abramowitz and Stegun 26.5.22, or the power law of the nearer end for a or b below 1. */
function guessBetaInverse(probability: number, a: number, b: number): number {
  if (a >= 1 && b >= 1) {
    const z = -roughNormalScore(probability);
    const lambda = (z * z - 3) / 6;
    const h = 2 / (1 / (2 * a - 1) + 1 / (2 * b - 1));
    const w = (z * sqrt(lambda + h)) / h - (1 / (2 * b - 1) - 1 / (2 * a - 1)) * (lambda + 5 / 6 - 2 / (3 * h));
    return a / (a + b * exp(2 * w));
  }
  const left = exp(a * log(a / (a + b))) / a;
  const right = exp(b * log(b / (a + b))) / b;
  const share = left / (left + right);
  return probability < share
    ? (a * (left + right) * probability) ** (1 / a)
    : 1 - (b * (left + right) * (1 - probability)) ** (1 / b);
}

type Slope = {
  /** How far the distribution function lies above the wanted probability. */
  readonly excess: number;
  readonly density: number;
  /** d ln(density)/dx, for Halley's correction. */
  readonly bend: number;
};

function findRoot(start: number, from: number, to: number, slopeAt: (x: number) => Slope): number {
  let low = from;
  let high = to;
  let x = start > low && start < high ? start : high === Number.POSITIVE_INFINITY ? 1 : (low + high) / 2;
  for (let step = 0; step < 200; step++) {
    const { excess, density, bend } = slopeAt(x);
    if (excess === 0) return x;
    if (excess > 0) high = x;
    else low = x;
    const newton = excess / density;
    let next = x - newton / (1 - 0.5 * min(1, newton * bend));
    if (!(next > low && next < high)) next = high === Number.POSITIVE_INFINITY ? 2 * x : (low + high) / 2;
    if (abs(next - x) <= 1e-14 * x) return next;
    x = next;
  }
  return x;
}
