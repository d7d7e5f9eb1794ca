import { Decimal } from 'decimal.js';
import { isError } from '../formula/values.ts';
import type { ExactTable } from '../model/evaluate.ts';
import { evaluateProgram } from '../model/evaluate.ts';
import { linkProgram } from '../model/link.ts';
import { asUncertain, lowerProgram } from '../model/lower.ts';
import type { Program, ProgramTier } from '../model/program.ts';
import { rowsOf } from '../model/program.ts';
import type { Warning } from '../problem.ts';
import { InvalidInput } from '../problem.ts';
import { createQuantileScratch } from '../sampling/quantiles.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { bandText, gapWarnings } from './band-text.ts';
import { bandOf, planBands } from './bands.ts';
import type { BillScore } from './bill-scores.ts';
import { closedMonthsOf } from './closed-months.ts';
import type { TierCash } from './comparison.ts';
import { compareTiers } from './comparison.ts';
import { backtestDemand, demandOfMonth, demandRows, describeRanges, forecastDemand } from './demand.ts';
import { moneyWith, shareText, sixDigits } from './figures.ts';
import { knownLaterWarnings } from './known-later.ts';
import { costLastMonthAgain } from './last-month-again.ts';
import type { QuantilePlan } from './monte-carlo-error.ts';
import type { Catalogue, ForecastPlan } from './plan.ts';
import { minorUnitsOf, planForecast } from './plan.ts';
import { rateLimitMonths, rateLimitWarnings } from './rate-limits.ts';
import type { Band, CapacityMonth, CostLine, Forecast, LastMonthAgain, TierForecast, TierMonth } from './result.ts';
import type { TierSamples } from './sample.ts';
import { sampleProgram } from './sample.ts';
import type { CheckSetting } from './tier-check.ts';
import { checkTier } from './tier-check.ts';
import { analyseDrivers } from './tier-drivers.ts';
import { nowcastMonth } from './under-way.ts';
import { alertWarnings, workingsOf } from './workings.ts';

/** What identifies a computation: the version of the engine, and a digest of everything that went in. */
export type Identity = { readonly engine: string; readonly inputsDigest: string };

/** A forecast with what it was computed from, for the workbook and for explain. */
export type ComputedForecast = {
  readonly forecast: Forecast;
  readonly plan: ForecastPlan;
  readonly program: Program;
  readonly exact: ExactTable;
};

/**
 * The whole straight line: scenario and catalogue in, forecast out. `bills` are the months that were forecast, frozen and
 * billed before. Pure: the same arguments give the same bytes.
 * @throws InvalidInput with every problem that only shows when prices and own formulas meet the scenario.
 */
export function computeForecast(
  scenario: Scenario,
  catalogue: Catalogue,
  identity: Identity,
  warnings: readonly Warning[] = [],
  bills: readonly BillScore[] = [],
): ComputedForecast {
  const { plan, program, exact } = computeBase(scenario, catalogue);
  const { draws, seed } = scenario.sampling;
  const lowered = lowerProgram(program, asUncertain);
  const samples = sampleProgram(program, {
    draws,
    seed,
    lowered,
    rows: demandRows(program).map(({ index }) => index),
  });
  const money = moneyWith(minorUnitsOf(scenario.currency));
  const next = closedMonthsOf(scenario);
  const reading: Reading = {
    scenario,
    plan,
    program,
    exact,
    money,
    scratch: createQuantileScratch(draws),
    bandPlan: planBands(draws),
    drivers: analyseDrivers(program, lowered, samples.tiers, { seed, next }),
    learned: [...plan.histories.keys()],
    backtested: backtestDemand(scenario, plan.histories),
    demand: demandOfMonth(program, samples, next),
    lastMonth: costLastMonthAgain({ scenario, program, lowered, histories: plan.histories, bills, money }),
    bills,
    tokens: tokensOf(program, exact),
  };
  const computed = new Map(
    program.tiers.map((tier) => [tier.id, tierForecast(reading, tier, samples.tiers.get(tier.id) as TierSamples)]),
  );
  const failed = [...computed.values()].filter((tier) => tier.months === null).map(({ id }) => id);
  const compared = { ...program, tiers: program.tiers.filter(({ id }) => !failed.includes(id)) };
  const underWay = nowcastMonth({ scenario, program, samples, histories: plan.histories, money });
  const forecast: Forecast = {
    scenario: { name: scenario.name },
    currency: scenario.currency,
    as_of: scenario.as_of,
    from: scenario.from ?? scenario.start,
    engine: identity.engine,
    seed,
    draws,
    inputs_digest: identity.inputsDigest,
    warnings: [
      ...warnings,
      ...plan.warnings,
      ...knownLaterWarnings(program, scenario.as_of),
      ...capacityWarnings(scenario, [...computed.values()]),
      ...alertWarnings({ scenario, program, exact, months: plan.months }, plan.program.instances),
      ...rateLimitWarnings([...computed.values()], (id) => pointerOfTier(scenario, id)),
      ...gapWarnings(scenario, [...computed.values()]),
    ],
    ranges: describeRanges(program, lowered),
    workloads: forecastDemand(program, { exact, samples, months: plan.months, histories: plan.histories }),
    ...(underWay.length > 0 && { under_way: underWay }),
    tiers: plan.order.flatMap(
      (id) =>
        computed.get(id) ??
        plan.unavailable.filter((tier) => tier.id === id).map((tier) => ({ ...tier, months: null, total: null })),
    ),
    comparison: compareTiers({
      program: compared,
      months: plan.months,
      baseline: scenario.comparison.baseline,
      samples: samples.tiers,
      base: new Map(compared.tiers.map((tier) => [tier.id, cashOf(exact, tier)])),
      monthlyTokens: reading.tokens.all.div(program.months),
      money,
    }),
  };
  return { forecast, plan, program, exact };
}

/** The exact base case alone: what the workbook and explain recompute of a stored forecast. */
export function computeBase(
  scenario: Scenario,
  catalogue: Catalogue,
): { readonly plan: ForecastPlan; readonly program: Program; readonly exact: ExactTable } {
  const plan = planForecast(scenario, catalogue);
  const program = linkProgram(plan.program);
  refuseTooManyCells(program, catalogue.mostCells ?? mostCells);
  return { plan, program, exact: evaluateProgram(program) };
}

const mostCells = 250_000;

function refuseTooManyCells({ rows, months }: Program, most: number): void {
  const cells = rows.length * months;
  if (cells <= most) return;
  const message = `This forecast has ${rows.length} rows over ${months} months, ${cells} cells; the most is ${most}. Ask for fewer months, tiers or workloads.`;
  throw new InvalidInput([{ code: 'limit-exceeded', pointer: '', message, limit: String(most) }]);
}

type Reading = CheckSetting & {
  readonly lastMonth: ReadonlyMap<string, LastMonthAgain>;
  readonly plan: ForecastPlan;
  readonly program: Program;
  readonly exact: ExactTable;
  readonly bandPlan: QuantilePlan;
  readonly tokens: Tokens;
};

function tierForecast(reading: Reading, tier: ProgramTier, samples: TierSamples): TierForecast {
  const { exact, plan, money, scratch, bandPlan, tokens } = reading;
  const bill = exactRow(exact, tier.billTotal);
  const full = exactRow(exact, tier.fullTotal);
  if (bill === null || full === null || !samples.fullTotal.every(Number.isFinite)) {
    return { id: tier.id, label: tier.label, months: null, total: null, reason: 'formula-error' };
  }
  // A tier that costs nothing beyond its bill has the same columns in both perimeters: they are judged once.
  const known = new Map<Float64Array, Band>();
  const band = (draws: Float64Array, base: Decimal): Band => {
    const found = known.get(draws) ?? bandText(bandOf(draws, base, bandPlan, scratch), money);
    known.set(draws, found);
    return { ...found, base: money(base) };
  };
  const billCheck = checkTier(reading, tier, samples, 'bill');
  const isBill = samples.full.every((draws, m) => draws === samples.bill[m]);
  const months = plan.months.map(
    (month, m): TierMonth => ({
      month,
      bill: band(samples.bill[m] as Float64Array, bill[m] as Decimal),
      full: band(samples.full[m] as Float64Array, full[m] as Decimal),
    }),
  );
  const total = { bill: band(samples.billTotal, sumOf(bill)), full: band(samples.fullTotal, sumOf(full)) };
  const capacity = capacityMonths(reading, tier);
  const lastMonth = reading.lastMonth.get(tier.id);
  const rateLimits = rateLimitMonths({ program: reading.program, exact, months: plan.months }, tier);
  return {
    id: tier.id,
    label: tier.label,
    months,
    total,
    lines: linesOf(reading, tier),
    unit_cost: unitCost(sumOf(full), tokens),
    predictability: { bill: billCheck, full: isBill ? billCheck : checkTier(reading, tier, samples, 'full') },
    ...(lastMonth !== undefined && { same_as_last_month: lastMonth }),
    ...(capacity.length > 0 && { capacity }),
    ...workingsOf({ scenario: reading.scenario, program: reading.program, exact, months: plan.months }, tier, money),
    ...(rateLimits.length > 0 && { rate_limits: rateLimits }),
  };
}

function linesOf({ program, exact, money, scenario }: Reading, tier: ProgramTier): readonly CostLine[] {
  return tier.lines.flatMap(({ id, row }): CostLine[] => {
    const definition = program.rows[row]?.content.definition;
    const amounts = exactRow(exact, row);
    if (definition?.kind !== 'row' || definition.perimeter === null || amounts === null) return [];
    const instance = program.rows[row]?.instance ?? null;
    return [
      {
        id,
        label: instance === null ? definition.label : `${definition.label}: ${instance}`,
        unit: scenario.currency,
        perimeter: definition.perimeter,
        behaviour: definition.behaviour ?? 'usage',
        months: amounts.map(money),
        total: money(sumOf(amounts)),
      },
    ];
  });
}

type Tokens = { readonly all: Decimal; readonly requests: Decimal };

function tokensOf(program: Program, exact: ExactTable): Tokens {
  const total = (id: string): Decimal =>
    sumOf(rowsOf(program, 'volume', id).flatMap(({ index }) => exactRow(exact, index) ?? []));
  return { all: total('all_tokens'), requests: total('requests') };
}

/** Full cost over the horizon ÷ all tokens (input with its cached part, and output), and ÷ requests. */
function unitCost(
  full: Decimal,
  { all, requests }: Tokens,
): { per_million_tokens: string | null; per_request: string | null; reason?: string } {
  return {
    per_million_tokens: all.gt(0) ? sixDigits(full.div(all).times(1_000_000)) : null,
    per_request: requests.gt(0) ? sixDigits(full.div(requests)) : null,
    ...(!(all.gt(0) && requests.gt(0)) && { reason: 'no-volume' }),
  };
}

function capacityMonths({ exact, plan }: Reading, tier: ProgramTier): readonly CapacityMonth[] {
  if (tier.capacity.length === 0) return [];
  const at = (row: number | null, m: number): Decimal =>
    (row === null ? undefined : exactRow(exact, row)?.[m]) ?? new Decimal(0);
  return plan.months.map((month, m) => ({
    month,
    peak_utilization: shareText(Math.max(...tier.capacity.map(({ peak }) => at(peak, m).toNumber()))),
    overflow_tokens: sumOf(tier.capacity.map(({ overflow }) => at(overflow, m))).toFixed(0),
    unserved_tokens: sumOf(tier.capacity.map(({ unserved }) => at(unserved, m))).toFixed(0),
  }));
}

function pointerOfTier({ tiers }: Scenario, tier: string): string {
  return `/tiers/${tiers.findIndex(({ id }) => id === tier)}`;
}

function capacityWarnings(scenario: Scenario, tiers: readonly TierForecast[]): readonly Warning[] {
  return tiers.flatMap((tier): Warning[] => {
    if (tier.months === null) return [];
    const pointer = pointerOfTier(scenario, tier.id);
    const unserved = tier.capacity?.find(({ unserved_tokens }) => unserved_tokens !== '0');
    const overflow = tier.capacity?.find(({ overflow_tokens }) => overflow_tokens !== '0');
    return [
      ...(unserved
        ? [
            {
              code: 'capacity-unserved',
              pointer,
              message: `${tier.label}: from ${unserved.month} some requests do not fit the machines and are served nowhere.`,
            },
          ]
        : []),
      ...(overflow
        ? [
            {
              code: 'capacity-overflow',
              pointer,
              message: `${tier.label}: capacity runs out in ${overflow.month}; what does not fit is billed as overflow.`,
            },
          ]
        : []),
    ];
  });
}

function cashOf(exact: ExactTable, tier: ProgramTier): TierCash {
  const cash = exactRow(exact, tier.cashTotal) ?? [];
  const purchases = cash.map((_, m) => sumOf(tier.purchases.map((row) => exactRow(exact, row)?.[m] ?? new Decimal(0))));
  return { cash, purchases };
}

/** The months of a row, or null where one of them is an error. */
function exactRow(exact: ExactTable, row: number): readonly Decimal[] | null {
  const values = exact[row] ?? [];
  return values.some(isError) ? null : (values as readonly Decimal[]);
}

function sumOf(amounts: readonly Decimal[]): Decimal {
  return amounts.reduce((sum, amount) => sum.plus(amount), new Decimal(0));
}
