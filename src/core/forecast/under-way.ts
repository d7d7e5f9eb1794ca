import type { Program } from '../model/program.ts';
import { quantilesOf } from '../sampling/quantiles.ts';
import type { MonthToDate, Scenario } from '../scenario/scenario.ts';
import { daysOfMonth } from './calendar.ts';
import { closedMonthsOf, nextMonthOf } from './closed-months.ts';
import { demandRows } from './demand.ts';
import type { MoneyText } from './figures.ts';
import { shareText } from './figures.ts';
import type { LearnedHistory } from './learned-history.ts';
import type { Nowcast } from './nowcast.ts';
import { computeNowcast } from './nowcast.ts';
import type { MonthUnderWay } from './result.ts';
import type { ProgramSamples } from './sample.ts';

type UnderWaySetting = {
  readonly scenario: Scenario;
  readonly program: Program;
  readonly samples: ProgramSamples;
  readonly histories: ReadonlyMap<string, LearnedHistory>;
  readonly money: MoneyText;
  /** How far above F, as a share, is warned of; 0.10 when left out. */
  readonly over?: number;
};

/**
 * The month forecast next as it looks after the days that were counted, beside its forecast from before it began: F is the median of the
 * draws, of requests or of the tier's bill.
 */
export function nowcastMonth(setting: UnderWaySetting): readonly MonthUnderWay[] {
  const { scenario, money, over } = setting;
  return (scenario.month_to_date ?? []).flatMap((counted): readonly MonthUnderWay[] => {
    const draws = drawsOf(setting, counted);
    if (draws === undefined) return [];
    const [forecast] = quantilesOf(draws, [0.5]) as [number];
    const now = computeNowcast({
      history: daysBefore(setting, counted),
      monthToDate: counted.by_day?.map((value) => value.toNumber()) ?? {
        days: Number(counted.through.slice(8)),
        total: counted.so_far.toNumber(),
        month: draws,
      },
      daysInMonth: daysOfMonth(nextMonthOf(scenario)),
      forecast: forecast > 0 ? forecast : null,
      ...(over !== undefined && { over }),
      draws: Math.min(mostDraws, scenario.sampling.draws),
      seed: scenario.sampling.seed,
      name: counted.tier === null ? `workloads.${counted.workload}.nowcast` : `tiers.${counted.tier}.nowcast`,
    });
    // Nothing so far: no day says how the others will be.
    if (typeof now === 'string') return [];
    return [inText(counted, nextMonthOf(scenario), now, counted.tier === null ? wholeNumber : money, forecast)];
  });
}

const mostDraws = 4096;

function drawsOf(
  { scenario, program, samples }: UnderWaySetting,
  { workload, tier }: MonthToDate,
): Float64Array | undefined {
  const next = closedMonthsOf(scenario);
  if (tier !== null) return samples.tiers.get(tier)?.bill[next];
  const row = demandRows(program).find(({ instance }) => instance === workload);
  return row && samples.rows.get(row.index)?.[next];
}

/** The days up to the month, where the workload's history has days; none of them is left out, as it ends with the month before. */
function daysBefore({ histories }: UnderWaySetting, { workload }: MonthToDate): readonly (number | null)[] {
  const history = workload === null ? undefined : histories.get(workload)?.history;
  return history?.unit === 'day' ? history.values : [];
}

function inText(
  { workload, tier, through, so_far }: MonthToDate,
  month: string,
  now: Nowcast,
  text: MoneyText,
  forecast: number,
): MonthUnderWay {
  return {
    ...(workload !== null && { workload }),
    ...(tier !== null && { tier }),
    month,
    through,
    so_far: text(so_far),
    run_rate: text(now.runRate ?? 0),
    p10: text(now.p10),
    p50: text(now.p50),
    p90: text(now.p90),
    mean: text(now.mean),
    forecast: text(forecast),
    probability_over: now.probabilityOver === null ? null : shareText(now.probabilityOver),
    warns: now.warns,
  };
}

const wholeNumber: MoneyText = (amount) => Number(amount).toFixed(0);
