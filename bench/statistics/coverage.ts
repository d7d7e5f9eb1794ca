import { computeBacktest } from '../../src/core/forecast/backtest.ts';
import { forecastNextMonth } from '../../src/core/forecast/next-month.ts';
import { fitHistory, forecastQuantile } from '../../src/core/sampling/history-forecast.ts';
import { chanceOfShare } from './findings.ts';
import { generateSeries, kinds } from './series.ts';

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
          const { values, next } = generateSeries(kind, months, noise, i);
          const model = fitHistory(values, 'month');
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

/**
 * How often "holds" is right: the true P(hit) of the next month, given everything before it, is at least the pass level.
 * Histories teach by their own back-tests, as in a forecast.
 * @returns 1 where fewer than 95 % are right
 */
export function printVerdicts(series: number): number {
  console.log(`\nVerdicts at ±10 %, four times in five, ${series} series a cell`);
  console.log('  kind         noise   holds (right)   not enough   does not hold (right)');
  const all = { holds: 0, right: 0 };
  for (const kind of kinds) {
    for (const noise of noises) {
      const counts = { holds: 0, right: 0, open: 0, fails: 0, rightFails: 0 };
      for (const months of [24, 36, 48]) {
        for (let i = 0; i < series; i++) {
          const { values, cdf } = generateSeries(kind, months, noise, i);
          const history = { unit: 'month' as const, values };
          const { months: tested } = computeBacktest({
            history,
            daysOfLastMonths: () => 30,
            tolerance: 0.1,
            latest: 24,
          });
          const next = forecastNextMonth({
            history,
            days: 30,
            tolerance: 0.1,
            confidence: 0.8,
            pitScores: tested.map(({ z }) => z),
          });
          if (typeof next === 'string') throw new Error(next);
          const truth = cdf(1.1 * next.median) - cdf(0.9 * next.median);
          if (next.verdict === 'holds') {
            counts.holds++;
            if (truth >= 0.8) counts.right++;
          } else if (next.verdict === 'does not hold') {
            counts.fails++;
            if (truth < 0.8) counts.rightFails++;
          } else counts.open++;
        }
      }
      all.holds += counts.holds;
      all.right += counts.right;
      console.log(
        `  ${kind.padEnd(12)} ${noise.toFixed(2)}   ${part(counts.holds, counts.right)}   ${String(counts.open).padStart(6)}      ${part(counts.fails, counts.rightFails)}`,
      );
    }
  }
  const share = all.right / all.holds;
  const kept = share >= 0.95;
  console.log(
    `  "holds" was right ${all.right} of ${all.holds} times: ${share.toFixed(3)} ± ${chanceOfShare(share, all.holds).toFixed(3)} (promised: at least .95) ${kept ? 'kept' : 'BROKEN'}`,
  );
  return kept ? 0 : 1;
}

function part(count: number, right: number): string {
  return `${String(count).padStart(5)} (${String(right).padStart(5)})`;
}
