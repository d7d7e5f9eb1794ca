import { computeBacktest } from '../../src/core/forecast/backtest.ts';
import { forecastNextMonth } from '../../src/core/forecast/next-month.ts';
import { fitHistory, forecastQuantile } from '../../src/core/sampling/history-forecast.ts';
import { average, chanceOfShare } from './findings.ts';
import type { Kind } from './series.ts';
import { generateSeries, kinds, yearAhead } from './series.ts';

const noises = [0.02, 0.05, 0.1, 0.2, 0.4] as const;
const lengths = [6, 12, 24, 36, 48] as const;

/**
 * How often the stated 80 % band of the next month covers it, on series of known truth. Prints every kind, length and
 * noise; what is promised is 75 to 90 % with 24 and more months of noise .05 to .40.
 * @returns the number of promises that were not kept
 */
export function printCoverage(series: number): number {
  console.log(`\nCoverage of the 80 % band one month ahead, ${series} series a cell (noise ${noises.join(', ')})`);
  const promised: number[] = [];
  const byKind = new Map<string, { inside: number; tried: number }>();
  for (const kind of kinds) {
    for (const months of lengths) {
      const cells = noises.map((noise) => {
        let inside = 0;
        for (let i = 0; i < series; i++) {
          const { values } = generateSeries(kind, months, noise, i);
          const next = values[months] as number;
          const model = fitHistory(values.slice(0, months), 'month');
          if (typeof model === 'string') throw new Error(model);
          if (next >= forecastQuantile(model, 1, 0.1) && next <= forecastQuantile(model, 1, 0.9)) inside++;
        }
        if (months >= 24 && noise >= 0.05) {
          promised.push(inside / series);
          const sum = byKind.get(kind) ?? { inside: 0, tried: 0 };
          byKind.set(kind, { inside: sum.inside + inside, tried: sum.tried + series });
        }
        return inside / series;
      });
      console.log(
        `  ${kind.padEnd(12)} ${String(months).padStart(3)} months  ${cells.map((share) => share.toFixed(2)).join('  ')}`,
      );
    }
  }
  let broken = 0;
  console.log('  with 24 and more months and noise .05 to .40:');
  for (const [kind, { inside, tried }] of byKind) {
    const share = inside / tried;
    const kept = share >= 0.75 && share <= 0.9;
    if (!kept) broken++;
    console.log(
      `    ${kind.padEnd(12)} ${share.toFixed(3)} ± ${chanceOfShare(share, tried).toFixed(3)}  ${kept ? 'within' : 'OUTSIDE'} .75 to .90`,
    );
  }
  const cells = promised.filter((share) => share >= 0.75 && share <= 0.9).length;
  console.log(
    `    ${cells} of ${promised.length} cells within .75 to .90, lowest ${Math.min(...promised).toFixed(2)}, highest ${Math.max(...promised).toFixed(2)}`,
  );
  return broken;
}

type VerdictCounts = {
  holds: number;
  right: number;
  rightNow: number;
  open: number;
  fails: number;
  rightFails: number;
};

/**
 * How often "holds" is right: over the year ahead, each month forecast when it is next, the true P(hit) is at least the
 * pass level on average. Also printed: how often that is so for the first month alone, whose forecast has an error of its
 * own that a year evens out. Histories teach by their own back-tests, as in a forecast.
 * @returns 1 where fewer than 95 % are right with noise .05 to .40
 */
export function printVerdicts(series: number): number {
  console.log(`\nVerdicts at ±10 %, four times in five, after 24, 36 and 48 months, ${series} series each`);
  console.log('  kind         noise   holds (right; next month alone)   not enough   does not hold (right)');
  const cells = kinds.flatMap((kind) =>
    noises.map((noise) => {
      const counts = countVerdicts(kind, noise, series);
      const { holds, right, rightNow, open, fails, rightFails } = counts;
      console.log(
        `  ${kind.padEnd(12)} ${noise.toFixed(2)}   ${padded(holds)} (${padded(right)}; ${padded(rightNow)})   ${padded(open)}   ${padded(fails)} (${padded(rightFails)})`,
      );
      return { noise, ...counts };
    }),
  );
  const summed = (of: readonly VerdictCounts[], name: string): number => {
    const holds = of.reduce((sum, { holds: count }) => sum + count, 0);
    const right = of.reduce((sum, { right: count }) => sum + count, 0);
    const rightNow = of.reduce((sum, { rightNow: count }) => sum + count, 0);
    console.log(
      `  ${name}: "holds" was right ${right} of ${holds} times, ${(right / holds).toFixed(3)} ± ${chanceOfShare(right / holds, holds).toFixed(3)}; of the next month alone ${(rightNow / holds).toFixed(3)}`,
    );
    return right / holds;
  };
  summed(cells, 'all noises');
  const share = summed(
    cells.filter(({ noise }) => noise >= 0.05),
    'noise .05 to .40',
  );
  console.log(`  promised: at least .95, ${share >= 0.95 ? 'kept' : 'BROKEN'}`);
  return share >= 0.95 ? 0 : 1;
}

function countVerdicts(kind: Kind, noise: number, series: number): VerdictCounts {
  const counts: VerdictCounts = { holds: 0, right: 0, rightNow: 0, open: 0, fails: 0, rightFails: 0 };
  for (const months of [24, 36, 48]) {
    for (let i = 0; i < series; i++) {
      const { values, cdf } = generateSeries(kind, months, noise, i);
      const history = { unit: 'month' as const, values: values.slice(0, months) };
      const asked = { history, tolerance: 0.1 };
      const tested = computeBacktest({ ...asked, daysOfLastMonths: () => 30, latest: 24 }).months;
      const next = forecastNextMonth({ ...asked, days: 30, confidence: 0.8, pitScores: tested.map(({ z }) => z) });
      if (typeof next === 'string') throw new Error(next);
      if (next.verdict === 'not enough evidence') {
        counts.open++;
        continue;
      }
      const truths = Array.from({ length: yearAhead }, (_, ahead) => {
        const model = fitHistory(values.slice(0, months + ahead), 'month');
        if (typeof model === 'string') throw new Error(model);
        const median = forecastQuantile(model, 1, 0.5);
        return cdf(months + ahead, 1.1 * median) - cdf(months + ahead, 0.9 * median);
      });
      const reached = average(truths) >= 0.8;
      if (next.verdict === 'holds') {
        counts.holds++;
        if (reached) counts.right++;
        if ((truths[0] as number) >= 0.8) counts.rightNow++;
      } else {
        counts.fails++;
        if (!reached) counts.rightFails++;
      }
    }
  }
  return counts;
}

function padded(count: number): string {
  return String(count).padStart(5);
}
