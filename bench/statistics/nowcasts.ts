import { isHit } from '../../src/core/forecast/accuracy.ts';
import { computeNowcast } from '../../src/core/forecast/nowcast.ts';
import { normalQuantile } from '../../src/core/sampling/normal.ts';
import { fillUniforms, hashName } from '../../src/core/sampling/philox.ts';

const { exp, sin } = Math;

/** Nowcasts after 0, 5, 10 and 20 of 30 days on generated days: weekly season, noise, a level that wanders. */
export function printNowcasts(months: number): void {
  console.log(
    `\nNowcast of a month of 30 days, ${months} generated months (measured on 261 months of page views: hits .43 .49 .57 .81, run rate .41 .46 .53 .71)`,
  );
  const stages = [0, 5, 10, 20];
  const hits = stages.map(() => 0);
  const rates = stages.map(() => 0);
  const inside = stages.map(() => 0);
  for (let m = 0; m < months; m++) {
    const days = wanderingDays(150, m);
    const [history, month] = [days.slice(0, 120), days.slice(120)];
    const total = month.reduce((sum, value) => sum + value, 0);
    for (const [s, day] of stages.entries()) {
      const now = computeNowcast({
        history,
        monthToDate: month.slice(0, day),
        daysInMonth: 30,
        forecast: null,
        draws: 500,
        seed: m,
      });
      if (typeof now === 'string') throw new Error(now);
      const lastMonth = history.slice(-30).reduce((sum, value) => sum + value, 0);
      if (isHit(total, now.p50, 0.1)) hits[s] = (hits[s] as number) + 1;
      if (isHit(total, now.runRate ?? lastMonth, 0.1)) rates[s] = (rates[s] as number) + 1;
      if (total >= now.p10 && total <= now.p90) inside[s] = (inside[s] as number) + 1;
    }
  }
  for (const [s, day] of stages.entries())
    console.log(
      `  day ${String(day).padStart(2)}: within ±10 % ${share(hits[s], months)}, run rate (day 0: last month again) ${share(rates[s], months)}, 80 % band covers ${share(inside[s], months)}`,
    );
}

function wanderingDays(count: number, index: number): readonly number[] {
  const draw = (what: string): Float64Array => {
    const column = new Float64Array(count);
    fillUniforms(column, { seed: 2, variable: hashName(what), month: index + 1, firstDraw: 0, count });
    return column.map(normalQuantile);
  };
  const [noise, steps] = [draw('noise'), draw('step')];
  let level = 0;
  return Array.from({ length: count }, (_, t) => {
    level += 0.04 * (steps[t] as number);
    return 1000 * exp(level + 0.2 * sin((2 * Math.PI * t) / 7) + 0.2 * (noise[t] as number));
  });
}

function share(count: number | undefined, of: number): string {
  return ((count ?? 0) / of).toFixed(2);
}
