import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { bandOf } from '../src/core/forecast/bands.ts';
import { evaluateProgram } from '../src/core/model/evaluate.ts';
import { asUncertain, atBase, lowerProgram } from '../src/core/model/lower.ts';
import { recordTape, runTape } from '../src/core/sampling/tape.ts';
import { keptSeries, linkReferenceModel, referenceModel, rowNamed } from './helpers/reference-model.ts';

const program = linkReferenceModel();
const exact = evaluateProgram(program);
const knownMonths = [1, 12, 36];

function baseOf(key: string, month: number): Decimal {
  const row = program.rows.find((candidate) => candidate.key === key);
  return new Decimal((exact[row?.index ?? -1] ?? [])[month - 1] as Decimal);
}

test('is of the size it is meant to be: 108 cells a month, 264 random numbers a draw', () => {
  expect(program.rows.filter(({ content }) => content.kind === 'formula')).toHaveLength(108);
  expect(Object.keys(referenceModel.once).length + 36 * Object.keys(referenceModel.monthly).length).toBe(264);
});

describe('the base case', () => {
  for (const [series, values] of Object.entries(referenceModel.known_base)) {
    test(`${series} has the known twenty digits in months 1, 12 and 36`, () => {
      const cells = exact[rowNamed(program, series).index] ?? [];
      const found = knownMonths.map((month) =>
        new Decimal(cells[month - 1] as Decimal).toSignificantDigits(20).toFixed(),
      );
      expect(found).toEqual(values);
    });
  }

  test('is met by the sampled reading in all 3,888 cells, to 1e-12 of each', () => {
    const lowered = lowerProgram(program, atBase);
    const { nodes } = lowered.graph();
    let worst = 0;
    for (const row of program.rows) {
      for (let month = 1; month <= program.months; month++) {
        const node = nodes[lowered.cell(row.index, month)];
        const known = baseOf(row.key, month).toNumber();
        if (node?.kind !== 'constant') throw new Error(`${row.key} is drawn at base`);
        worst = Math.max(worst, Math.abs(node.value - known) / Math.max(Math.abs(known), 1e-9));
      }
    }
    expect(worst).toBeLessThan(1e-12);
  });
});

describe('16,384 draws', () => {
  const lowered = lowerProgram(program, asUncertain);
  const cells = Object.keys(referenceModel.known_bands).flatMap((month) =>
    keptSeries.map((series) => ({ month: Number(month), series })),
  );
  const outputs = cells.map(({ month, series }) => lowered.cell(rowNamed(program, series).index, month));
  const columns = runTape(recordTape(lowered.graph(), outputs), { draws: 16_384, seed: 2026 });

  // About four times the error that plain sampling of this size has in its worst cell.
  const allowed = { p5: 0.04, p10: 0.04, p50: 0.025, p90: 0.05, p95: 0.08, mean: 0.05 };

  for (const [i, { month, series }] of cells.entries()) {
    test(`give ${series} in month ${month} its known band`, () => {
      const [p5 = 0, p10 = 0, p50 = 0, p90 = 0, p95 = 0, mean = 0, within = 0] =
        referenceModel.known_bands[month]?.[series] ?? [];
      const base = baseOf(rowNamed(program, series).key, month);
      const draws = columns[i] as Float64Array;
      const band = bandOf(draws, base);
      const known = { p5, p10, p50, p90, p95, mean };
      const off = Object.entries(known).filter(([point, value]) => {
        const key = point as keyof typeof allowed;
        return Math.abs(band[key] / value - 1) > allowed[key];
      });
      expect(off).toEqual([]);
      const hits = draws.filter((draw) => Math.abs(draw - base.toNumber()) <= 0.1 * base.toNumber()).length;
      expect(Math.abs((100 * hits) / draws.length - within)).toBeLessThan(2);
    });
  }

  test('would not pass for those of another month', () => {
    const [first] = columns as [Float64Array];
    expect(
      Math.abs(bandOf(first, new Decimal(0)).p50 / (referenceModel.known_bands[12]?.local?.[2] as number) - 1),
    ).toBeGreaterThan(allowed.p50);
  });
});
