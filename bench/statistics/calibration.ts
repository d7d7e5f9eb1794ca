import { bandMultiplier, conformalMultiplier, learnSpread } from '../../src/core/forecast/calibration.ts';
import { normalCdf, normalQuantile } from '../../src/core/sampling/normal.ts';
import { fillUniforms, hashName } from '../../src/core/sampling/philox.ts';
import { chiSquareQuantile } from '../../src/core/sampling/special-functions.ts';
import type { Finding } from './findings.ts';
import { average, chanceOfShare } from './findings.ts';

const series = 2000;
const bills = 24;

/**
 * Coverage of the next bill by the 80 % band, after k bills, on series whose stated spread is right, half or twice the
 * truth. Beside it the exact coverage: over the χ²_k of past bills for the scale posterior, ⌈0.8·(k + 1)⌉/(k + 1) for the
 * conformal band. The figures measured on 238 series of the M3 competition are printed for comparison; theirs is another
 * truth (their stated bands were a little too wide), so they are not expected to agree.
 */
export function calibrationOnSeries(): readonly Finding[] {
  const windows = [
    [1, 3],
    [4, 6],
    [7, 12],
    [13, 23],
  ] as const;
  const cases = [
    { name: 'stated right', truth: 1, m3: ['.87', '.84', '.86', '.87'], m3Scale: ['.90', '.86', '.86', '.85'] },
    { name: 'stated half', truth: 2, m3: ['.63', '.64', '.64', '.63'], m3Scale: ['.75', '.77', '.80', '.80'] },
    { name: 'stated double', truth: 0.5, m3: ['.99', '.99', '.99', '.99'], m3Scale: ['.99', '.96', '.94', '.93'] },
  ];
  return cases.flatMap(({ name, truth, m3, m3Scale }) => {
    const z = normals(name).map((value) => value * truth);
    return windows.flatMap(([from, to], w): readonly Finding[] => {
      const inside = { stated: 0, scale: 0, conformal: 0 };
      const widths: number[] = [];
      let tried = 0;
      let audited = 0;
      for (let s = 0; s < series; s++) {
        for (let k = from; k <= to; k++) {
          const past = [...z.subarray(s * bills, s * bills + k)];
          const next = Math.abs(z[s * bills + k] as number);
          const multiplier = bandMultiplier(0.8, learnSpread(past));
          const audit = conformalMultiplier(past, 0.8);
          tried++;
          widths.push(multiplier / endOf80);
          if (next <= endOf80) inside.stated++;
          if (next <= multiplier) inside.scale++;
          if (audit === null) continue;
          audited++;
          if (next <= audit) inside.conformal++;
        }
      }
      const ks = Array.from({ length: to - from + 1 }, (_, i) => from + i);
      const bill = `${name}, bills ${from}–${to}`;
      const chance = (share: number, n: number): number => 1.5 * chanceOfShare(share, n);
      const scale = average(ks.map((k) => exactScale(k, truth)));
      const exactConformal = average(ks.filter((k) => k >= 4).map((k) => Math.ceil(0.8 * (k + 1) - 1e-9) / (k + 1)));
      return [
        {
          what: `${bill}, none (M3 ${m3[w]})`,
          stated: 2 * normalCdf(endOf80 / truth) - 1,
          found: inside.stated / tried,
          chance: chance(0.8, series),
        },
        {
          what: `${bill}, scale ν₀ = 4 (M3 ${m3Scale[w]}), width ${average(widths).toFixed(2)}`,
          stated: scale,
          found: inside.scale / tried,
          chance: chance(0.8, series),
        },
        ...(audited === 0
          ? []
          : [
              {
                what: `${bill}, conformal`,
                stated: exactConformal,
                found: inside.conformal / audited,
                chance: chance(0.8, series),
              },
            ]),
      ];
    });
  });
}

const endOf80 = normalQuantile(0.9);

/** E over the χ²_k of k bills of P(|z| ≤ t_ν·ŝ) for z of log-sd `truth`. */
function exactScale(k: number, truth: number): number {
  const grid = 400;
  return average(
    Array.from({ length: grid }, (_, i) => {
      const squares = truth ** 2 * chiSquareQuantile((i + 0.5) / grid, k);
      const spread = { degrees: 4 + k, variance: (4 + squares) / (4 + k) };
      return 2 * normalCdf(bandMultiplier(0.8, spread) / truth) - 1;
    }),
  );
}

function normals(name: string): Float64Array {
  const column = new Float64Array(series * bills);
  fillUniforms(column, { seed: 1, variable: hashName(name), month: 1, firstDraw: 0, count: column.length });
  return column.map(normalQuantile);
}
