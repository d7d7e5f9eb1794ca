const { ceil, floor, max, min } = Math;

/** Working memory of a selection, for reuse: selecting never allocates columns once it is big enough. */
export type QuantileScratch = {
  readonly counts: Int32Array;
  readonly cursors: Int32Array;
  readonly gathered: Float64Array;
};

/** Scratch for columns of up to `capacity` values. */
export function createQuantileScratch(capacity: number): QuantileScratch {
  return { counts: new Int32Array(bins), cursors: new Int32Array(bins), gathered: new Float64Array(capacity) };
}

/**
 * Exact quantiles in the order asked for, interpolating linearly between the two nearest of the n values at place (n − 1)·p
 * (Hyndman and Fan's type 7, NumPy's default): of 1, 2, 3, 10 the 90 % point lies at 2.7, so it is 3 + 0.7·(10 − 3) = 7.9.
 * Values stay where they are; they may be negative, tied or infinite, but not NaN.
 *
 * @throws RangeError for an empty column or a probability outside 0…1
 */
export function quantilesOf(
  values: Float64Array,
  probabilities: readonly number[],
  scratch: QuantileScratch = createQuantileScratch(values.length),
): number[] {
  const places = probabilities.map((probability) => {
    if (!(probability >= 0 && probability <= 1))
      throw new RangeError(`a probability lies in 0…1, not at ${probability}`);
    return (values.length - 1) * probability;
  });
  const ranks = places.flatMap((place) => [floor(place), ceil(place)]);
  const valueAt = selectRanks(values, ranks, scratch);
  return places.map((place) => {
    const below = floor(place);
    return interpolate(valueAt.get(below) as number, valueAt.get(ceil(place)) as number, place - below);
  });
}

/** The k-th smallest value, k = 1 for the smallest. Values stay where they are. */
export function kthSmallest(
  values: Float64Array,
  k: number,
  scratch: QuantileScratch = createQuantileScratch(values.length),
): number {
  if (!(k >= 1 && k <= values.length)) throw new RangeError(`there is no ${k}-th smallest of ${values.length} values`);
  return selectRanks(values, [k - 1], scratch).get(k - 1) as number;
}

/**
 * ⌈share·count⌉, at least 1: how many of `count` make up `share`. Guarded against the float product lying a hair above a
 * whole number: 0.55·100 is 55.00000000000001 and must not become 56.
 */
export function countCovering(share: number, count: number): number {
  return max(1, ceil(share * count * (1 - 1e-12)));
}

const bins = 4096;

/** Which 32-bit half of a double holds its sign and exponent on this machine. */
const highHalf = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/**
 * The values of the wanted ranks (0 is the smallest). A histogram over the upper half of the floats' bits, which order as
 * the floats do, finds the bins that hold a wanted rank; only those are gathered and searched. A column is read three
 * times instead of being sorted.
 */
function selectRanks(values: Float64Array, ranks: readonly number[], scratch: QuantileScratch): Map<number, number> {
  if (values.length === 0) throw new RangeError('an empty column has no quantiles');
  const { counts, cursors } = scratch;
  const gathered = scratch.gathered.length < values.length ? new Float64Array(values.length) : scratch.gathered;
  const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const { least, most } = keyRange(halves);
  const found = new Map<number, number>();
  if (least === most && isConstant(values, 0, values.length)) {
    for (const rank of ranks) found.set(rank, values[0] as number);
    return found;
  }
  const shift = max(0, 32 - Math.clz32(most - least) - Math.log2(bins));
  countByKey(halves, least, shift, counts);

  cursors.fill(-1);
  const searches: { readonly rank: number; readonly from: number; readonly to: number; readonly at: number }[] = [];
  let bin = -1;
  let before = 0;
  let upTo = 0;
  let from = 0;
  let to = 0;
  for (const rank of ranks.toSorted((a, b) => a - b)) {
    while (rank >= upTo) {
      bin++;
      before = upTo;
      upTo += counts[bin] as number;
    }
    if (cursors[bin] === -1) {
      from = to;
      to = from + upTo - before;
      cursors[bin] = from;
    }
    searches.push({ rank, from, to, at: from + rank - before });
  }

  for (let i = 0, half = highHalf; i < values.length; i++, half += 2) {
    const place = (keyOf(halves[half] as number) - least) >>> shift;
    const cursor = cursors[place] as number;
    if (cursor >= 0) {
      gathered[cursor] = values[i] as number;
      cursors[place] = cursor + 1;
    }
  }
  let settled = -1;
  for (const { rank, from: first, to: end, at } of searches) {
    // What lies left of a rank already found is no larger than it, so the search for the next one starts there.
    const start = max(first, settled);
    found.set(
      rank,
      isConstant(gathered, start, end) ? (gathered[start] as number) : quickselect(gathered, start, end - 1, at),
    );
    settled = at;
  }
  return found;
}

function keyRange(halves: Int32Array): { readonly least: number; readonly most: number } {
  let least = 0x7fffffff;
  let most = -0x80000000;
  for (let half = highHalf; half < halves.length; half += 2) {
    const key = keyOf(halves[half] as number);
    if (key < least) least = key;
    if (key > most) most = key;
  }
  return { least, most };
}

function countByKey(halves: Int32Array, least: number, shift: number, counts: Int32Array): void {
  counts.fill(0);
  for (let half = highHalf; half < halves.length; half += 2) {
    const place = (keyOf(halves[half] as number) - least) >>> shift;
    counts[place] = (counts[place] as number) + 1;
  }
}

/** Signed whole number that orders as the float does: the bits of a negative float run backwards. */
function keyOf(half: number): number {
  return half ^ ((half >> 31) & 0x7fffffff);
}

function isConstant(column: Float64Array, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) if (column[i] !== column[from]) return false;
  return true;
}

/** Moves the value that belongs there in sorted order to `at`, searching `low`…`high`, and returns it. */
function quickselect(column: Float64Array, low: number, high: number, at: number): number {
  let first = low;
  let last = high;
  while (first < last) {
    const pivot = medianOfThree(
      column[first] as number,
      column[(first + last) >>> 1] as number,
      column[last] as number,
    );
    let i = first;
    let j = last;
    while (i <= j) {
      while ((column[i] as number) < pivot) i++;
      while ((column[j] as number) > pivot) j--;
      if (i <= j) {
        const held = column[i] as number;
        column[i] = column[j] as number;
        column[j] = held;
        i++;
        j--;
      }
    }
    if (at <= j) last = j;
    else if (at >= i) first = i;
    else break;
  }
  return column[at] as number;
}

function medianOfThree(a: number, b: number, c: number): number {
  return max(min(a, b), min(max(a, b), c));
}

/** From whichever end is nearer, as NumPy does, so that the result is exact at both ends and never leaves them. */
function interpolate(low: number, high: number, share: number): number {
  if (low === high || share === 0) return low;
  const width = high - low;
  if (width < Number.POSITIVE_INFINITY) return share < 0.5 ? low + width * share : high - width * (1 - share);
  const mixture = low * (1 - share) + high * share;
  if (!Number.isNaN(mixture)) return mixture;
  return share < 0.5 ? low : high;
}
