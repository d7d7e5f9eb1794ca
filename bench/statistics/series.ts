import { normalCdf, normalQuantile } from '../../src/core/sampling/normal.ts';
import { fillUniforms, hashName } from '../../src/core/sampling/philox.ts';

const { exp, log, sin } = Math;

export const kinds = ['stable', 'trending', 'seasonal', 'spiky', 'level shift', 'zeros'] as const;
export type Kind = (typeof kinds)[number];

/** A series of months, the one that follows, and the truth about it: P(month ≤ x) given everything before it. */
export type GeneratedSeries = {
  readonly values: readonly (number | null)[];
  readonly next: number;
  readonly cdf: (x: number) => number;
};

/** Spikes have 5 and 95 % points of 2.1 and 4.9 and start in 3 months of 100; 60 % of the excess is left next month. */
const spike = { chance: 0.03, mu: log(2.1 * 4.9) / 2, sigma: log(4.9 / 2.1) / (2 * 1.6448536269514722), carry: 0.6 };

/** `months` of a series of log-sd `noise`, number `index` of its kind. */
export function generateSeries(kind: Kind, months: number, noise: number, index: number): GeneratedSeries {
  const draw = (what: string): Float64Array => {
    const column = new Float64Array(months + 1);
    fillUniforms(column, {
      seed: 1,
      variable: hashName(`${kind} ${noise} ${months} ${what}`),
      month: index + 1,
      firstDraw: 0,
      count: months + 1,
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
  let carried = 0;
  const path = Array.from({ length: months + 1 }, (_, t) => {
    carried = excess * spike.carry;
    const onset = kind === 'spiky' && (onsets[t] as number) < spike.chance;
    excess = carried + (onset ? exp(spike.mu + spike.sigma * normalQuantile(sizes[t] as number)) - 1 : 0);
    return 1000 * exp(center(t) + noise * (z[t] as number)) * (1 + excess);
  });
  const isZero = (t: number): boolean => kind === 'zeros' && t > 0 && (onsets[t] as number) < 0.1;
  const calm = (x: number, before: number): number => normalCdf((log(x / 1000 / before) - center(months)) / noise);
  return {
    values: path.slice(0, months).map((value, t) => (isZero(t) ? 0 : value)),
    next: path[months] as number,
    cdf: (x) =>
      kind === 'spiky'
        ? (1 - spike.chance) * calm(x, 1 + carried) + spike.chance * overSpikes((m) => calm(x, 1 + carried + m - 1))
        : calm(x, 1),
  };
}

/** E over the size of a spike, by its quantiles. */
function overSpikes(of: (multiplier: number) => number): number {
  const grid = 40;
  let sum = 0;
  for (let i = 0; i < grid; i++) sum += of(exp(spike.mu + spike.sigma * normalQuantile((i + 0.5) / grid)));
  return sum / grid;
}
