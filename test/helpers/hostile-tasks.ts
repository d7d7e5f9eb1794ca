/** Tasks that a worker thread must be saved from; run by the pool's tests in place of the forecasts. */

export function double(value: number): number {
  return 2 * value;
}

export function hang(): never {
  for (;;);
}

export function hoard(): number {
  const kept: number[][] = [];
  for (;;) kept.push(new Array<number>(1_000_000).fill(kept.length));
}

export function fail(): never {
  throw new RangeError('planted');
}

export function hold(gate: SharedArrayBuffer): string {
  Atomics.wait(new Int32Array(gate), 0, 0);
  return 'released';
}
