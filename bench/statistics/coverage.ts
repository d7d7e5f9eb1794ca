import { average, chanceOfShare } from './findings.ts';
import { kinds } from './series.ts';
import { coverageOf, studySeries, truthOf, verdictsOf } from './study.ts';

const noises = [0.02, 0.05, 0.1, 0.2, 0.4] as const;
const lengths = [6, 12, 24, 36, 48] as const;

type Cell = { readonly share: number; readonly chance: number };

/**
 * How often the 80 % band of the next month covers it, on series of known truth. Every series counts with what its band
 * truly covers given its past, so that no cell has the noise of hits and misses; ± is 1.96 standard errors of the mean.
 * What is promised is 75 to 90 % with 24 and more months of noise .05 to .40, of the band as it is stated: after the
 * months that the history back-tests. The band as modelled stands beside it.
 * @returns the number of cells that lie outside by more than their error
 */
export function printCoverage(series: number): number {
  console.log(
    `\nCoverage of the 80 % band one month ahead, ${series} series a cell: as stated ± error (as modelled); noise ${noises.join(', ')}`,
  );
  const promised = { stated: [] as Cell[], modelled: [] as Cell[] };
  const byKind = new Map<string, number[]>();
  for (const kind of kinds) {
    for (const months of lengths) {
      const texts = noises.map((noise) => {
        const covered = Array.from({ length: series }, (_, i) => coverageOf(studySeries(kind, months, noise, i)));
        const stated = meanOf(covered.map(({ corrected }) => corrected));
        const modelled = meanOf(covered.map((coverage) => coverage.modelled));
        if (months >= 24 && noise >= 0.05) {
          promised.stated.push(stated);
          promised.modelled.push(modelled);
          byKind.set(kind, [...(byKind.get(kind) ?? []), ...covered.map(({ corrected }) => corrected)]);
        }
        return `${stated.share.toFixed(3)} ± ${stated.chance.toFixed(3)} (${modelled.share.toFixed(3)})`;
      });
      console.log(`  ${kind.padEnd(12)} ${String(months).padStart(3)} months  ${texts.join('  ')}`);
    }
  }
  console.log('  with 24 and more months and noise .05 to .40:');
  for (const [kind, shares] of byKind) console.log(`    ${kind.padEnd(12)} ${average(shares).toFixed(3)}`);
  printCells('as modelled', promised.modelled);
  return printCells('as stated', promised.stated);
}

/** Counts cells by whether they lie within .75 to .90, outside by no more than their error, or further out. */
function printCells(name: string, cells: readonly Cell[]): number {
  const distance = ({ share }: Cell): number => Math.max(0.75 - share, share - 0.9, 0);
  const within = cells.filter((cell) => distance(cell) === 0).length;
  const apart = cells.filter((cell) => distance(cell) > cell.chance);
  const shares = cells.map(({ share }) => share);
  console.log(
    `    ${name}: ${within} of ${cells.length} cells within .75 to .90, ${cells.length - within - apart.length} outside by less than their error, ${apart.length} further out${apart.length > 0 ? ` (${apart.map(({ share }) => share.toFixed(3)).join(' ')})` : ''}; lowest ${Math.min(...shares).toFixed(3)}, highest ${Math.max(...shares).toFixed(3)}`,
  );
  return apart.length;
}

function meanOf(values: readonly number[]): Cell {
  const share = average(values);
  const variance = average(values.map((value) => (value - share) ** 2));
  return { share, chance: 1.96 * Math.sqrt(variance / Math.max(1, values.length - 1)) };
}

type VerdictCounts = {
  readonly noise: number;
  readonly holds: readonly Truth[];
  readonly withoutDrift: readonly Truth[];
  readonly open: number;
  readonly fails: readonly Truth[];
};
type Truth = { readonly next: number; readonly year: number };

/** A forecast without any error hits 80 % at noise .078, and 85 % here. */
const nearTheLimit = 0.07;

/**
 * How often "holds" is right: the true P(hit) of the next month is at least the pass level; beside it, the same of the mean
 * over the year ahead, each month forecast when it is next. The first asks more, because the forecast at hand has an error
 * of its own that a year evens out. Near the limit (noise .07, where a perfect forecast hits 85 %) it is the mean that can be right.
 * @returns 1 where fewer than 95 % are right of the next month with noise .05 to .40, by more than chance explains
 */
export function printVerdicts(series: number): number {
  console.log(`\nVerdicts at ±10 %, four times in five, after 24, 36 and 48 months, ${series} series each`);
  console.log(
    '  kind         noise   holds (right: next month; year)   not enough   does not hold (right: next month)',
  );
  const cells = kinds.flatMap((kind) =>
    [...noises, nearTheLimit].map((noise): VerdictCounts => {
      const counts = countVerdicts(kind, noise, series);
      const { holds, open, fails } = counts;
      console.log(
        `  ${kind.padEnd(12)} ${noise.toFixed(2)}   ${padded(holds.length)} (${padded(rightOf(holds, 'next'))}; ${padded(rightOf(holds, 'year'))})   ${padded(open)}   ${padded(fails.length)} (${padded(fails.length - rightOf(fails, 'next'))})`,
      );
      return counts;
    }),
  );
  const promised = cells.filter(({ noise }) => noise >= 0.05 && noise !== nearTheLimit);
  const all = (of: readonly VerdictCounts[], which: 'holds' | 'withoutDrift'): readonly Truth[] =>
    of.flatMap((counts) => counts[which]);
  printRight(
    'all noises',
    all(
      cells.filter(({ noise }) => noise !== nearTheLimit),
      'holds',
    ),
  );
  printRight('noise .05 to .40', all(promised, 'holds'));
  printRight('the same, were drift not looked at', all(promised, 'withoutDrift'));
  printRight(
    'noise .07, near the limit',
    all(
      cells.filter(({ noise }) => noise === nearTheLimit),
      'holds',
    ),
  );
  const holds = all(promised, 'holds');
  const share = rightOf(holds, 'next') / holds.length;
  const chance = chanceOfShare(share, holds.length);
  console.log(
    `  promised: at least .95 of the next month; ${share >= 0.95 ? 'kept' : share + chance >= 0.95 ? 'kept within its error' : 'BROKEN'}`,
  );
  return share + chance >= 0.95 ? 0 : 1;
}

function printRight(name: string, holds: readonly Truth[]): void {
  if (holds.length === 0) return;
  const text = (over: 'next' | 'year'): string => {
    const share = rightOf(holds, over) / holds.length;
    return `${rightOf(holds, over)} of ${holds.length}, ${share.toFixed(3)} ± ${chanceOfShare(share, holds.length).toFixed(3)}`;
  };
  console.log(
    `  ${name}: "holds" was right of the next month ${text('next')}; of the year ${text('year')}; true P(hit) ${average(holds.map(({ next }) => next)).toFixed(3)} on average`,
  );
}

function countVerdicts(kind: (typeof kinds)[number], noise: number, series: number): VerdictCounts {
  const holds: Truth[] = [];
  const withoutDrift: Truth[] = [];
  const fails: Truth[] = [];
  let open = 0;
  for (const months of [24, 36, 48]) {
    for (let i = 0; i < series; i++) {
      const studied = studySeries(kind, months, noise, i);
      const { shipped, withoutDrift: other } = verdictsOf(studied);
      if (shipped.verdict === 'not enough evidence') open++;
      if (shipped.verdict === 'not enough evidence' && other.verdict !== 'holds') continue;
      const truth = truthOf(studied);
      if (other.verdict === 'holds') withoutDrift.push(truth);
      if (shipped.verdict === 'holds') holds.push(truth);
      if (shipped.verdict === 'does not hold') fails.push(truth);
    }
  }
  return { noise, holds, withoutDrift, open, fails };
}

function rightOf(truths: readonly Truth[], over: 'next' | 'year'): number {
  return truths.filter((truth) => truth[over] >= 0.8).length;
}

function padded(count: number): string {
  return String(count).padStart(5);
}
