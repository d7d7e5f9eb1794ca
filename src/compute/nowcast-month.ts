import { Decimal } from 'decimal.js';
import type { TierComparison } from '../core/bills/comparison.ts';
import type { ForecastLine } from '../core/bills/forecast-lines.ts';
import { providersOf } from '../core/bills/tier-terms.ts';
import { daysOfMonth } from '../core/forecast/calendar.ts';
import { moneyWith } from '../core/forecast/figures.ts';
import { minorUnitsOf } from '../core/forecast/plan.ts';
import { sampleTiers } from '../core/forecast/sample.ts';
import { nowcastMonth } from '../core/forecast/under-way.ts';
import type { MonthToDate } from '../core/scenario/scenario.ts';
import type { FrozenReading } from './compare-bills.ts';
import { billersOf, compareBills, linesOfMonth, ratesOf } from './compare-bills.ts';
import type { NowcastTask, TierNotNowcast, TierNowcast } from './tasks.ts';

/** A tier of which it is known what came so far. */
type Counted = { readonly id: string; readonly label: string; readonly through: string };
type TierLines = {
  readonly id: string;
  readonly label: string;
  readonly lines: readonly ForecastLine[];
  /** Scenario currency for one of another. */
  readonly rates: ReadonlyMap<string, Decimal>;
};

/**
 * A month under way as its frozen forecast and what was billed so far foresee it, tier by tier. Bills are attributed as a
 * comparison of the month will attribute them; F and the draws are those of the frozen forecast. A tier is known through
 * the last day that all of its providers have billed.
 * @param reading a forecast whose `from` is the month
 */
export function nowcastBilled(
  task: NowcastTask,
  reading: FrozenReading,
): { readonly tiers: readonly TierNowcast[]; readonly unknown: readonly TierNotNowcast[] } {
  const { scenario, program, plan, forecast } = reading;
  const lines = linesOfMonth(reading, plan.months.indexOf(task.period));
  const rates = ratesOf({ exchangeRates: {} }, scenario, [...lines.values()].flat());
  const judged = forecast.tiers.flatMap(({ id, label, months }): (Counted | TierNotNowcast)[] =>
    months === null ? [] : [judgeTier(task, { id, label, lines: lines.get(id) ?? [], rates })],
  );
  const counted = judged.filter((tier) => 'through' in tier);
  const soFar = [...Map.groupBy(counted, ({ through }) => through)].flatMap(([through, tiers]) =>
    countSoFar(task, reading, { through, tiers: tiers.map(({ id }) => id) }),
  );
  const nowcasts = nowcastMonth({
    scenario: { ...scenario, month_to_date: soFar },
    program,
    samples: { tiers: sampleTiers(program, scenario.sampling), rows: new Map() },
    histories: new Map(),
    money: moneyWith(minorUnitsOf(scenario.currency)),
    over: Number(task.over),
  });
  const tiers = counted.flatMap(({ id, label }): TierNowcast[] =>
    nowcasts.flatMap(({ tier, workload: _, month: __, ...figures }) =>
      tier === id ? [{ tier, label, ...figures }] : [],
    ),
  );
  const nothing = counted.filter(({ id }) => !tiers.some(({ tier }) => tier === id));
  return {
    tiers,
    unknown: [
      ...judged.filter((tier) => 'code' in tier),
      ...nothing.map(({ id, label, through }) =>
        notKnown(
          id,
          label,
          'nothing-billed',
          `Nothing was billed through ${through}: no day says how the others will be.`,
        ),
      ),
    ],
  };
}

/** Through which day a tier is known, or why it is not. */
function judgeTier({ days, spends }: NowcastTask, { id, label, lines, rates }: TierLines): Counted | TierNotNowcast {
  // Power of one's own is on no bill as a rule; where it is, that bill lags like any other.
  const runsMachines = lines.some(({ provider }) => provider === null) && 'local' in days;
  const needed = [...billersOf(lines).union(new Set(runsMachines ? ['local'] : []))];
  const missing = needed.filter((provider) => !(provider in days));
  if (missing.length > 0) return notKnown(id, label, 'no-bills', `${listed(missing)} billed no day of the month yet.`);
  const undated = needed.filter((provider) => days[provider] === null);
  if (undated.length > 0) {
    const message = `The bills of ${listed(undated)} are sums of more than a day that is not over: they do not say what came so far.`;
    return notKnown(id, label, 'no-days', message);
  }
  const own = new Set(['local', ...providersOf(lines)]);
  const billed = Object.values(spends).flatMap(({ groups, items }) => [...groups, ...items]);
  const foreign = billed.filter(({ provider, currency }) => own.has(provider) && !rates.has(currency));
  if (foreign.length > 0) {
    const currencies = listed([...new Set(foreign.map(({ currency }) => currency))]);
    const message = `There are bills in ${currencies}, and the forecast has no exchange rate of it.`;
    return notKnown(id, label, 'no-exchange-rate', message);
  }
  const [through] = needed.flatMap((provider) => days[provider] ?? []).toSorted() as [string];
  return { id, label, through };
}

/** What tiers cost through a day, as a comparison attributes it. */
function countSoFar(
  task: NowcastTask,
  reading: FrozenReading,
  { through, tiers }: { readonly through: string; readonly tiers: readonly string[] },
): readonly MonthToDate[] {
  const spend = task.spends[through];
  if (spend === undefined) throw new Error(`nobody added up the days through ${through}`);
  const { period, today, learned, inputs, body } = task;
  const compared = compareBills(
    {
      inputs,
      body,
      period,
      tiers,
      spend,
      workloads: [],
      exchangeRates: {},
      frozen: true,
      provisional: [],
      earlier: [],
      today,
      learned,
    },
    reading,
  );
  const share = new Decimal(through.slice(8)).div(daysOfMonth(period));
  return compared.tiers.map((tier) => ({
    workload: null,
    tier: tier.id,
    through,
    so_far: accrued(tier, share, minorUnitsOf(reading.scenario.currency)),
    by_day: null,
  }));
}

/**
 * A comparison of a whole month takes a fixed line that no bill says from the forecast, and one that its provider did not
 * bill as 0. While the month is under way both are still to come, and fall evenly on its days.
 */
function accrued({ actual, fixed }: TierComparison, share: Decimal, minorUnits: number): Decimal {
  return fixed
    .filter((line) => line.from === 'forecast' || Number(line.actual) === 0)
    .reduce((sum, line) => sum.minus(line.actual).plus(new Decimal(line.forecast).times(share)), new Decimal(actual))
    .toDecimalPlaces(minorUnits, Decimal.ROUND_HALF_UP);
}

function notKnown(tier: string, label: string, code: TierNotNowcast['code'], message: string): TierNotNowcast {
  return { tier, label, code, message };
}

function listed(names: readonly string[]): string {
  return names.join(', ');
}
