import type { ProgramTier } from '../model/program.ts';
import type { QuantileScratch } from '../sampling/quantiles.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { BillScore } from './bill-scores.ts';
import { scoresOfBills } from './bill-scores.ts';
import { closedMonthsOf } from './closed-months.ts';
import type { MoneyText } from './figures.ts';
import type { Score } from './predictability.ts';
import { checkPredictability } from './predictability.ts';
import type { Perimeter, PredictabilityCheck } from './result.ts';
import type { TierSamples } from './sample.ts';
import type { TierDrivers } from './tier-drivers.ts';

const { log } = Math;

/** What the checks of all tiers share. */
export type CheckSetting = {
  readonly scenario: Scenario;
  readonly drivers: ReadonlyMap<string, Readonly<Record<Perimeter, TierDrivers>>>;
  readonly bills: readonly BillScore[];
  /** Ids of the workloads that have a history. */
  readonly learned: readonly string[];
  /** Months of demand foreseen in the histories; empty unless every workload has one. */
  readonly backtested: readonly Score[];
  /** Next month's requests of all workloads, draw by draw. */
  readonly demand: Float64Array;
  readonly money: MoneyText;
  readonly scratch: QuantileScratch;
};

/** Whether next month's bill of a tier can be foreseen, by its draws, its bills, and the history where demand decides. */
export function checkTier(
  setting: CheckSetting,
  tier: ProgramTier,
  samples: TierSamples,
  perimeter: Perimeter,
): PredictabilityCheck {
  const { scenario, bills, learned, money, scratch } = setting;
  const drivers = setting.drivers.get(tier.id)?.[perimeter] as TierDrivers;
  const monthly = samples[perimeter].slice(closedMonthsOf(scenario));
  const billed = scoresOfBills(bills, tier.id, perimeter, scenario.predictability.tolerance.toNumber());
  return checkPredictability({
    perimeter,
    monthly,
    total: perimeter === 'bill' ? samples.billTotal : samples.fullTotal,
    drivers,
    agreeable: tier.levers,
    past: {
      bills: billed,
      backtested: demandDecides(drivers, learned)
        ? asBillErrors(setting, monthly[0] as Float64Array).filter(
            ({ month }) => !billed.some((bill) => bill.month === month),
          )
        : [],
    },
    terms: scenario.predictability,
    currency: scenario.currency,
    money,
    scratch,
  });
}

/**
 * Whether demand, its spikes included, makes at least half of next month's spread. Only then does a history's record say
 * anything of the bill: how well requests were foreseen tells nothing of operator hours.
 */
function demandDecides({ month }: TierDrivers, learned: readonly string[]): boolean {
  const keys = new Set(learned.flatMap((id) => [`workloads.${id}.requests_per_month`, `workloads.${id}.spikes`]));
  return month.reduce((sum, { group, share }) => sum + (keys.has(group.input) ? share : 0), 0) >= 0.5;
}

/** Demand 5 % above its forecast is a bill 1 % above, where a bill moves by a fifth of what demand does. */
function asBillErrors({ backtested, demand }: CheckSetting, bills: Float64Array): readonly Score[] {
  if (backtested.length === 0) return [];
  const slope = elasticityOf(bills, demand);
  return backtested.map((score) => ({ ...score, error: slope * score.error }));
}

/** The least-squares slope of ln(bill) on ln(demand) over the draws in which both are above 0; 1 where demand does not vary. */
export function elasticityOf(bills: Float64Array, demand: Float64Array): number {
  const pairs = Array.from(bills.subarray(0, enoughForASlope), (bill, i) => [bill, demand[i] as number] as const)
    .filter(([bill, requests]) => bill > 0 && requests > 0)
    .map(([bill, requests]) => [log(bill), log(requests)] as const);
  const count = Math.max(1, pairs.length);
  const meanBill = pairs.reduce((sum, [bill]) => sum + bill, 0) / count;
  const meanDemand = pairs.reduce((sum, [, requests]) => sum + requests, 0) / count;
  const shared = pairs.reduce((sum, [bill, requests]) => sum + (bill - meanBill) * (requests - meanDemand), 0);
  const own = pairs.reduce((sum, [, requests]) => sum + (requests - meanDemand) ** 2, 0);
  return own > 0 ? shared / own : 1;
}

const enoughForASlope = 2048;
