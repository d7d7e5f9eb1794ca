import { normalCdf, normalQuantile } from '../../src/core/sampling/normal.ts';
import { fillUniforms, hashName } from '../../src/core/sampling/philox.ts';

const { exp, log, sin } = Math;

export const kinds = ['stable', 'trending', 'seasonal', 'spiky', 'level shift', 'zeros'] as const;
export type Kind = (typeof kinds)[number];

/** A series of months with the year that follows it, and the truth: P(month t ≤ x) given everything before it. */
export type GeneratedSeries = {
  readonly values: readonly number[];
  readonly cdf: (t: number, x: number) => number;
};

/** Months that follow the history. */
export const yearAhead = 12;

/** Spikes have 5 and 95 % points of 2.1 and 4.9 and start in 3 months of 100; 60 % of the excess is left next month. */
const spike = { chance: 0.03, mu: log(2.1 * 4.9) / 2, sigma: log(4.9 / 2.1) / (2 * 1.6448536269514722), carry: 0.6 };

/** `months` and the year after them of a series of log-sd `noise`, number `index` of its kind. */
export function generateSeries(kind: Kind, months: number, noise: number, index: number): GeneratedSeries {
  const draw = (what: string): Float64Array => {
    const column = new Float64Array(months + yearAhead);
    fillUniforms(column, {
      seed: 1,
      variable: hashName(`${kind} ${noise} ${months} ${what}`),
      month: index + 1,
      firstDraw: 0,
      count: months + yearAhead,
    });
    return column;
  };
  const z = draw('noise').map(normalQuantile);
  const [shape, onsets, sizes] = [draw('shape'), draw('onset'), draw('size')] as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const shift = (shape[0] as number) < 0.5 ? log(1.5) : -log(1.5);
  const shiftAt = Math.floor(months * (0.2 + 0.5 * (shape[1] as number)));
  const center = (t: number): number => {
    if (kind === 'trending') return 0.02 * t;
    if (kind === 'seasonal') return 0.2 * sin((2 * Math.PI * (t + 12 * (shape[0] as number))) / 12);
    return kind === 'level shift' && t >= shiftAt ? shift : 0;
  };
  let excess = 0;
  const carriedTo: number[] = [];
  const path = Array.from({ length: months + yearAhead }, (_, t) => {
    const carried = excess * spike.carry;
    carriedTo.push(carried);
    const onset = kind === 'spiky' && (onsets[t] as number) < spike.chance;
    excess = carried + (onset ? exp(spike.mu + spike.sigma * normalQuantile(sizes[t] as number)) - 1 : 0);
    return 1000 * exp(center(t) + noise * (z[t] as number)) * (1 + excess);
  });
  const isZero = (t: number): boolean => kind === 'zeros' && t > 0 && t < months && (onsets[t] as number) < 0.1;
  return {
    values: path.map((value, t) => (isZero(t) ? 0 : value)),
    cdf: (t, x) => {
      const carried = carriedTo[t] ?? 0;
      const calm = (factor: number): number => normalCdf((log(x / 1000 / factor) - center(t)) / noise);
      return kind === 'spiky'
        ? (1 - spike.chance) * calm(1 + carried) + spike.chance * overSpikes((size) => calm(carried + size))
        : calm(1);
    },
  };
}

/** E over the size of a spike, by its quantiles. */
function overSpikes(of: (multiplier: number) => number): number {
  const grid = 40;
  let sum = 0;
  for (let i = 0; i < grid; i++) sum += of(exp(spike.mu + spike.sigma * normalQuantile((i + 0.5) / grid)));
  return sum / grid;
}
