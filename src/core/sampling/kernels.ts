/** One operation over columns of draws. `run` writes `count` results; a result that Excel would call an error is NaN. */
export type Kernel = {
  readonly name: string;
  readonly operands: number;
  readonly run: (into: Float64Array, operands: readonly Float64Array[], count: number) => void;
};

/** @throws Error when there is no kernel of that name, which is a mistake of ours. */
export function kernelNamed(name: string): Kernel {
  const kernel = kernels.get(name);
  if (kernel === undefined) throw new Error(`no kernel "${name}"`);
  return kernel;
}

/** The float ROUND adds this before it cuts, so that 2.675 held as 2.67499999… still rounds up. */
const roundingGuard = 1e-9;

// Bound once: inside the context of a test every look-up of a global costs as much as several draws.
const { abs, ceil, floor, trunc } = Math;

// Every loop is written out: one generic loop that calls a function per element is five times slower, as V8 cannot
// inline a call that sees many functions.
const table: readonly Kernel[] = [
  kernel('add', 2, (into, [a, b], count) => {
    for (let i = 0; i < count; i++) into[i] = a[i]! + b[i]!;
  }),
  kernel('subtract', 2, (into, [a, b], count) => {
    for (let i = 0; i < count; i++) into[i] = a[i]! - b[i]!;
  }),
  kernel('multiply', 2, (into, [a, b], count) => {
    for (let i = 0; i < count; i++) into[i] = a[i]! * b[i]!;
  }),
  kernel('divide', 2, (into, [a, b], count) => {
    // q − q is 0 for a number and no number where the divisor was 0: a third of the time that asking takes.
    for (let i = 0; i < count; i++) {
      const quotient = a[i]! / b[i]!;
      into[i] = quotient + (quotient - quotient);
    }
  }),
  kernel('power', 2, (into, [a, b], count) => {
    for (let i = 0; i < count; i++) into[i] = a[i]! === 0 && b[i]! <= 0 ? Number.NaN : a[i]! ** b[i]!;
  }),
  kernel('negate', 1, (into, [a], count) => {
    for (let i = 0; i < count; i++) into[i] = -a[i]!;
  }),
  kernel('minimum', 2, (into, [a, b], count) => {
    for (let i = 0; i < count; i++) into[i] = a[i]! < b[i]! || a[i]! !== a[i]! ? a[i]! : b[i]!;
  }),
  kernel('maximum', 2, (into, [a, b], count) => {
    for (let i = 0; i < count; i++) into[i] = a[i]! > b[i]! || a[i]! !== a[i]! ? a[i]! : b[i]!;
  }),
  kernel('equal', 2, (into, [a, b], count) => {
    for (let i = 0; i < count; i++) into[i] = a[i]! !== a[i]! || b[i]! !== b[i]! ? Number.NaN : a[i]! === b[i]! ? 1 : 0;
  }),
  kernel('less', 2, (into, [a, b], count) => {
    for (let i = 0; i < count; i++) into[i] = a[i]! < b[i]! ? 1 : a[i]! >= b[i]! ? 0 : Number.NaN;
  }),
  kernel('less-or-equal', 2, (into, [a, b], count) => {
    for (let i = 0; i < count; i++) into[i] = a[i]! <= b[i]! ? 1 : a[i]! > b[i]! ? 0 : Number.NaN;
  }),
  kernel('not', 1, (into, [a], count) => {
    for (let i = 0; i < count; i++) into[i] = a[i]! !== a[i]! ? Number.NaN : a[i]! === 0 ? 1 : 0;
  }),
  kernel('choose', 3, (into, [condition, yes, no], count) => {
    for (let i = 0; i < count; i++)
      into[i] = condition[i]! === 0 ? no[i]! : condition[i]! === condition[i]! ? yes[i]! : Number.NaN;
  }),
  kernel('round', 2, (into, [a, digits], count) => {
    if (isOneNumber(digits, count)) {
      const scale = 10 ** trunc(digits[0]!);
      for (let i = 0; i < count; i++) {
        const cut = floor(abs(a[i]!) * scale + 0.5 + roundingGuard) / scale;
        into[i] = a[i]! < 0 ? -cut : cut;
      }
      return;
    }
    let last = Number.NaN;
    let scale = 1;
    for (let i = 0; i < count; i++) {
      if (digits[i]! !== last) {
        last = digits[i]!;
        scale = 10 ** trunc(last);
      }
      const cut = floor(abs(a[i]!) * scale + 0.5 + roundingGuard) / scale;
      into[i] = a[i]! < 0 ? -cut : cut;
    }
  }),
  kernel('round-up', 2, (into, [a, digits], count) => {
    let last = Number.NaN;
    let scale = 1;
    for (let i = 0; i < count; i++) {
      if (digits[i]! !== last) {
        last = digits[i]!;
        scale = 10 ** trunc(last);
      }
      const cut = ceil(abs(a[i]!) * scale - roundingGuard) / scale;
      into[i] = a[i]! < 0 ? -cut : cut;
    }
  }),
  kernel('round-down', 2, (into, [a, digits], count) => {
    let last = Number.NaN;
    let scale = 1;
    for (let i = 0; i < count; i++) {
      if (digits[i]! !== last) {
        last = digits[i]!;
        scale = 10 ** trunc(last);
      }
      const cut = floor(abs(a[i]!) * scale + roundingGuard) / scale;
      into[i] = a[i]! < 0 ? -cut : cut;
    }
  }),
  kernel('ceiling', 2, (into, [a, step], count) => {
    for (let i = 0; i < count; i++)
      into[i] =
        a[i]! > 0 && step[i]! < 0 ? Number.NaN : step[i]! === 0 ? 0 : ceil(a[i]! / step[i]! - roundingGuard) * step[i]!;
  }),
  kernel('floor', 2, (into, [a, step], count) => {
    for (let i = 0; i < count; i++)
      into[i] =
        step[i]! === 0 || (a[i]! > 0 && step[i]! < 0) ? Number.NaN : floor(a[i]! / step[i]! + roundingGuard) * step[i]!;
  }),
  kernel('integer', 1, (into, [a], count) => {
    for (let i = 0; i < count; i++) into[i] = floor(a[i]! + roundingGuard);
  }),
  kernel('absolute', 1, (into, [a], count) => {
    for (let i = 0; i < count; i++) into[i] = abs(a[i]!);
  }),
  kernel('exponential', 1, (into, [a], count) => {
    for (let i = 0; i < count; i++) into[i] = Math.exp(a[i]!);
  }),
  kernel('logarithm', 1, (into, [a], count) => {
    for (let i = 0; i < count; i++) into[i] = a[i]! > 0 ? Math.log(a[i]!) : Number.NaN;
  }),
  kernel('square-root', 1, (into, [a], count) => {
    for (let i = 0; i < count; i++) into[i] = a[i]! >= 0 ? Math.sqrt(a[i]!) : Number.NaN;
  }),
  // A draw below 0 asks for the expected number instead of one that happens: the base case.
  kernel('events', 2, (into, [expected, draw], count) => {
    for (let i = 0; i < count; i++) into[i] = draw[i]! < 0 ? expected[i]! : eventsAt(expected[i]!, draw[i]!);
  }),
];

const kernels: ReadonlyMap<string, Kernel> = new Map(table.map((entry) => [entry.name, entry]));

/** Whether a column holds one number only, as the digits of ROUND nearly always do. */
function isOneNumber(column: Float64Array, count: number): boolean {
  const first = column[0];
  for (let i = 1; i < count; i++) if (column[i] !== first) return false;
  return true;
}

/** The Poisson quantile of a uniform; above a thousand expected events, the number expected (the spread is under 3 %). */
function eventsAt(expected: number, uniform: number): number {
  if (!(expected >= 0)) return Number.NaN;
  if (expected > 1000) return expected;
  // Halving keeps e^-expected above the smallest double.
  let probability = Math.exp(-expected);
  if (probability === 0) return expected;
  let cumulative = probability;
  let events = 0;
  while (uniform > cumulative && events < 4000) {
    events++;
    probability *= expected / events;
    cumulative += probability;
  }
  return events;
}

function kernel(
  name: string,
  operands: number,
  run: (into: Float64Array, operands: Operands, count: number) => void,
): Kernel {
  return { name, operands, run: (into, columns, count) => run(into, columns as unknown as Operands, count) };
}

/** As many columns as the kernel has operands; the others are never touched. */
type Operands = readonly [Float64Array, Float64Array, Float64Array];
