// Bound once: inside the context of a test every look-up of a global costs as much as several draws.
const { imul, min } = Math;

/** Where a column of draws lives. Any number can be made again alone: order, threads and other variables never change it. */
export type DrawAddress = {
  /** Whole number from 0 to 2³² − 1. */
  readonly seed: number;
  /** {@link hashName} of the variable's name. */
  readonly variable: number;
  /** 1 is the first month; 0 is for what is drawn once for the whole horizon. */
  readonly month: number;
  /** Tells numbers apart that one variable needs in the same month; 0 where it needs one. */
  readonly sub?: number;
  readonly firstDraw: number;
  readonly count: number;
};

/**
 * Writes one uniform per draw, strictly inside (0, 1): draw `firstDraw` goes to `into[0]`. Philox4x32-10 (Salmon, Moraes,
 * Dror and Shaw, 2011) with key (seed, 0) and counter (draw, month, variable, sub); of its four words w₀ and w₁ give
 * u = (⌊w₀/2⁵⌋·2²⁶ + ⌊w₁/2⁶⌋ + ½)/2⁵³. The words 6627e8d5 and e169c58d give 0.3990464723148957.
 *
 * @throws RangeError when a part of the address is not a whole number that fits in 32 bits
 */
export function fillUniforms(into: Float64Array, address: DrawAddress): void {
  const { seed, variable, month, sub = 0, firstDraw, count } = address;
  requireWords({ seed, variable, month, sub, firstDraw, lastDraw: firstDraw + Math.max(0, count - 1), count });
  // Of the ten rounds, the draw reaches one half of the words in the first and the other in the second: the rest of those
  // two is the same for the column, and of the last one only two words are read.
  const firstKey0 = seed | 0;
  const secondKey0 = (firstKey0 + keyStep0) | 0;
  const second0 = highWord1(variable | 0) ^ month ^ firstKey0;
  const second1 = imul(multiplier1, variable | 0);
  const third2 = highWord0(second0) ^ keyStep1;
  const third3 = imul(multiplier0, second0);
  for (let i = 0; i < count; i++) {
    const draw = (firstDraw + i) | 0;
    const second2 = highWord0(draw) ^ sub;
    let x0 = highWord1(second2) ^ second1 ^ secondKey0;
    let x1 = imul(multiplier1, second2);
    let x2 = third2 ^ imul(multiplier0, draw);
    let x3 = third3;
    let key0 = (secondKey0 + keyStep0) | 0;
    let key1 = (keyStep1 + keyStep1) | 0;
    for (let round = 3; round < 10; round++) {
      const high0 = highWord0(x0);
      const low0 = imul(multiplier0, x0);
      x0 = highWord1(x2) ^ x1 ^ key0;
      x1 = imul(multiplier1, x2);
      x2 = high0 ^ x3 ^ key1;
      x3 = low0;
      key0 = (key0 + keyStep0) | 0;
      key1 = (key1 + keyStep1) | 0;
    }
    into[i] = uniformOf(highWord1(x2) ^ x1 ^ key0, imul(multiplier1, x2));
  }
}

/**
 * The uniform of two 32-bit words: 27 + 26 bits and a half, so that 0 cannot occur; the one pair of words whose half rounds
 * up to 1 gives the largest number below it.
 */
export function uniformOf(w0: number, w1: number): number {
  return min(((w0 >>> 5) * 67_108_864 + (w1 >>> 6) + 0.5) / 9_007_199_254_740_992, largestBelowOne);
}

/** The four words that Philox4x32-10 makes of a counter (four words) under a key (two words). */
export function philox4x32(counter: readonly number[], key: readonly number[]): Uint32Array {
  const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = counter;
  const [k0 = 0, k1 = 0] = key;
  const words = new Uint32Array(4);
  encrypt(c0, c1, c2, c3, k0, k1, words);
  return words;
}

/** FNV-1a-32 of the name's UTF-8 bytes: `vol` is 0x9821809a. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Two different names with the same hash, which would share their draws, or null. Check once before sampling. */
export function findHashCollision(names: Iterable<string>): readonly [string, string] | null {
  const seen = new Map<number, string>();
  for (const name of names) {
    const hash = hashName(name);
    const other = seen.get(hash);
    if (other !== undefined && other !== name) return [other, name];
    seen.set(hash, name);
  }
  return null;
}

const largestBelowOne = 1 - 2 ** -53;

const keyStep0 = 0x9e3779b9 | 0;
const keyStep1 = 0xbb67ae85 | 0;
const multiplier0 = 0xd2511f53 | 0;
const multiplier1 = 0xcd9e8d57 | 0;

function encrypt(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, into: Uint32Array): void {
  let x0 = c0 | 0;
  let x1 = c1 | 0;
  let x2 = c2 | 0;
  let x3 = c3 | 0;
  let key0 = k0 | 0;
  let key1 = k1 | 0;
  for (let round = 0; round < 10; round++) {
    const high0 = highWord0(x0);
    const high1 = highWord1(x2);
    const low0 = imul(multiplier0, x0);
    const low1 = imul(multiplier1, x2);
    x0 = high1 ^ x1 ^ key0;
    x1 = low1;
    x2 = high0 ^ x3 ^ key1;
    x3 = low0;
    key0 = (key0 + keyStep0) | 0;
    key1 = (key1 + keyStep1) | 0;
  }
  into[0] = x0;
  into[1] = x1;
  into[2] = x2;
  into[3] = x3;
}

/** Upper 32 bits of the unsigned 64-bit product with the first multiplier, by 16-bit halves so that every step stays an integer. */
function highWord0(b: number): number {
  const lower = (imul(0xd251, b & 0xffff) + (imul(0x1f53, b & 0xffff) >>> 16)) | 0;
  const upper = (imul(0x1f53, b >>> 16) + (lower & 0xffff)) | 0;
  return (imul(0xd251, b >>> 16) + (lower >>> 16) + (upper >>> 16)) | 0;
}

/** The same with the second multiplier. Two functions, so that the halves are constants where the time goes. */
function highWord1(b: number): number {
  const lower = (imul(0xcd9e, b & 0xffff) + (imul(0x8d57, b & 0xffff) >>> 16)) | 0;
  const upper = (imul(0x8d57, b >>> 16) + (lower & 0xffff)) | 0;
  return (imul(0xcd9e, b >>> 16) + (lower >>> 16) + (upper >>> 16)) | 0;
}

function requireWords(parts: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(parts)) {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
      throw new RangeError(`${name} of a draw's address must be a whole number from 0 to 4294967295, not ${value}`);
    }
  }
}
