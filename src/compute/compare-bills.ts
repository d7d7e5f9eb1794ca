import { Decimal } from 'decimal.js';
import type { ActualSpend } from '../core/bills/actual-spend.ts';
import { compareTier } from '../core/bills/compare-tier.ts';
import type { ComparedTiers, TierComparison, UnforeseenBill } from '../core/bills/comparison.ts';
import type { ForecastLine } from '../core/bills/forecast-lines.ts';
import { readForecastLines } from '../core/bills/forecast-lines.ts';
import { providersOf } from '../core/bills/tier-terms.ts';
import type { ListPrice } from '../core/bills/usage-keys.ts';
import type { computeBase } from '../core/forecast/compute.ts';
import { minorUnitsOf } from '../core/forecast/plan.ts';
import type { Forecast, TierForecast } from '../core/forecast/result.ts';
import { asUncertain, lowerProgram } from '../core/model/lower.ts';
import type { Program } from '../core/model/program.ts';
import { didYouMean, nearestNames } from '../core/nearest-name.ts';
import { billedBy, findPrices } from '../core/prices/find-prices.ts';
import type { PriceBook } from '../core/prices/price.ts';
import { holdsOn } from '../core/prices/price.ts';
import { InvalidInput } from '../core/problem.ts';
import { recordTape, runTape } from '../core/sampling/tape.ts';
import type { Scenario } from '../core/scenario/scenario.ts';
import type { LoadedCatalogue } from './catalogue.ts';
import { readSpend } from './spend-text.ts';
import type { ComparisonTask, ForecastLinesTask, ForecastMonthLines } from './tasks.ts';

/** A stored forecast, computed again as far as a comparison needs it, and the price book as it is today. */
export type FrozenReading = ReturnType<typeof computeBase> & {
  readonly scenario: Scenario;
  readonly forecast: Forecast;
  readonly then: LoadedCatalogue;
  readonly now: LoadedCatalogue;
};

/**
 * The frozen forecast of a month against what was billed in it, tier by tier: those asked for, else every tier whose
 * providers all have bills. Throws InvalidInput where there is nothing to hold against each other.
 */
export function compareBills(task: ComparisonTask, reading: FrozenReading): ComparedTiers {
  const { scenario, forecast, plan } = reading;
  const month = plan.months.indexOf(task.period);
  if (month < 0)
    throw refusal(
      'period-not-forecast',
      '/period',
      `The forecast covers ${plan.months[0]} to ${plan.months.at(-1)}, not ${task.period}.`,
    );
  refuseUnknownWorkloads(task, scenario);
  const spend = readSpend(task.spend);
  const lines = linesOfMonth(reading, month);
  const tiers = chooseTiers(task, forecast, lines, spend);
  const rates = ratesOf(task, scenario, [...lines.values()].flat());
  refuseUnknownCurrencies(spend, rates, tiers, lines);
  const draws = drawMonth(
    reading,
    tiers.map(({ id }) => id),
    month,
  );
  // What the forecast kept are the models it foresaw; of others the price book of today says what it knew then.
  const stated = scenario.prices;
  const [kept, knownThen] = [reading.then.book, reading.now.book].map((book) =>
    listIn(book, { asOf: scenario.as_of, period: task.period, stated }),
  ) as [ListPrice, ListPrice];
  const listedThen: ListPrice = (...meter) => kept(...meter) ?? knownThen(...meter);
  const listedNow = listIn(reading.now.book, { asOf: task.today, period: task.period, stated });
  const compared = new Set(tiers.flatMap(({ id }) => [...providersOf(lines.get(id) ?? [])]));
  const answers = tiers.map((tier) =>
    compareTier({
      id: tier.id,
      label: tier.label,
      period: task.period,
      bill: (tier.months[month] as (typeof tier.months)[number]).bill,
      full: (tier.months[month] as (typeof tier.months)[number]).full,
      draws: draws.get(tier.id) as { bill: Float64Array; full: Float64Array },
      lines: lines.get(tier.id) ?? [],
      spend,
      tolerance: scenario.predictability.tolerance,
      currency: scenario.currency,
      minorUnits: minorUnitsOf(scenario.currency),
      exchangeRate: (currency) => rates.get(currency) ?? null,
      listedThen,
      listedNow,
      feeChange: (provider) => feeChange(reading, provider, task.period),
      frozen: task.frozen,
      final: isFinal(task, lines.get(tier.id) ?? []),
      earlier: task.earlier.filter((earlier) => earlier.tier === tier.id),
    }),
  );
  return {
    currency: scenario.currency,
    tiers: answers,
    workloads: measureWorkloads(reading, answers, task.period),
    unforeseen: unforeseenOf(spend, compared),
  };
}

/** What each tier was forecast to pay in a month, line by line; `month` is an index into the months of the forecast. */
export function linesOfMonth(
  reading: Pick<FrozenReading, 'plan' | 'program' | 'exact' | 'scenario' | 'then'>,
  month: number,
): ReadonlyMap<string, readonly ForecastLine[]> {
  const within = { ...reading, tiers: reading.then.tiers, migrations: reading.scenario.migrations };
  return new Map(reading.program.tiers.map(({ id }) => [id, readForecastLines(within, id, month)]));
}

/** Who must have billed something before a tier can be compared: what is forecast to be 0 waits for nobody. */
export function billersOf(lines: readonly ForecastLine[]): ReadonlySet<string> {
  const needed = providersOf(lines.filter(({ amount }) => !amount.isZero()));
  return needed.size === 0 ? new Set(['local']) : needed;
}

/** Every month's lines of the tiers asked for, or of all, with numbers as text. */
export function forecastLineTexts(
  { tiers: asked }: ForecastLinesTask,
  reading: Pick<FrozenReading, 'plan' | 'program' | 'exact' | 'scenario' | 'then'>,
): readonly ForecastMonthLines[] {
  const tiers = reading.program.tiers.filter(({ id }) => asked?.includes(id) ?? true);
  return tiers.flatMap(({ id }) =>
    reading.plan.months.map((month, m) => ({
      tier: id,
      month,
      lines: readForecastLines(
        { ...reading, tiers: reading.then.tiers, migrations: reading.scenario.migrations },
        id,
        m,
      ).map(({ amount, measured, ...line }) => ({
        ...line,
        amount: amount.toFixed(),
        measured:
          measured === null
            ? null
            : {
                ...measured,
                quantity: shown(measured.quantity),
                price: shown(measured.price),
                rate: shown(measured.rate),
                exchangeRate: shown(measured.exchangeRate),
              },
      })),
    })),
  );
}

function shown(value: Decimal): string {
  return value.toSignificantDigits(15).toFixed();
}

function isFinal({ provisional }: ComparisonTask, lines: readonly ForecastLine[]): boolean {
  const needed = providersOf(lines);
  const runsMachines = lines.some(({ provider }) => provider === null);
  return !provisional.some((provider) => needed.has(provider) || (runsMachines && provider === 'local'));
}

function refuseUnknownWorkloads({ workloads }: ComparisonTask, scenario: Scenario): void {
  const known = scenario.workloads.map(({ id }) => id);
  const problems = workloads.flatMap((id, i) => {
    if (known.includes(id)) return [];
    const suggestions = nearestNames(id, known);
    const message = `The scenario has no workload "${id}"; it has ${known.join(', ')}.${didYouMean(suggestions)}`;
    return [{ code: 'unknown-workload', pointer: `/workloads/${i}/workload`, message, suggestions }];
  });
  if (problems.length > 0) throw new InvalidInput(problems);
}

type ComputedTier = Extract<TierForecast, { total: object }>;

function chooseTiers(
  { tiers: asked }: ComparisonTask,
  forecast: Forecast,
  lines: ReadonlyMap<string, readonly ForecastLine[]>,
  spend: ActualSpend,
): readonly ComputedTier[] {
  const computed = forecast.tiers.flatMap((tier): ComputedTier[] => (tier.months === null ? [] : [tier]));
  if (asked !== null) {
    const problems = asked.flatMap((id, i) => {
      if (computed.some((tier) => tier.id === id)) return [];
      const message = `The forecast has no figures of a tier "${id}"; it has ${computed.map((tier) => tier.id).join(', ')}.`;
      return [{ code: 'unknown-tier', pointer: `/tiers/${i}`, message }];
    });
    if (problems.length > 0) throw new InvalidInput(problems);
    return computed.filter(({ id }) => asked.includes(id));
  }
  const billed = new Set([...spend.groups, ...spend.items].map(({ provider }) => provider));
  const chosen = computed.filter(({ id }) => billersOf(lines.get(id) ?? []).isSubsetOf(billed));
  if (chosen.length > 0) return chosen;
  const message = `No tier of the forecast has bills of all its providers in this month${billed.size === 0 ? ': no bill of it is stored' : ` (billed: ${[...billed].join(', ')})`}. Name the tiers to compare, or import the bills.`;
  throw refusal('nothing-billed', '/tiers', message);
}

/** Scenario currency for one of another: as stated for the month; the forecast's own where nothing is stated. */
export function ratesOf(
  { exchangeRates }: Pick<ComparisonTask, 'exchangeRates'>,
  scenario: Scenario,
  lines: readonly ForecastLine[],
): ReadonlyMap<string, Decimal> {
  const planned = lines.flatMap(({ measured }): [string, Decimal][] =>
    measured === null || measured.currency === null ? [] : [[measured.currency, measured.exchangeRate]],
  );
  const stated = Object.entries(exchangeRates).map(([currency, rate]): [string, Decimal] => [
    currency,
    new Decimal(rate),
  ]);
  return new Map([...planned, ...stated, [scenario.currency, new Decimal(1)]]);
}

function refuseUnknownCurrencies(
  { groups, items }: ActualSpend,
  rates: ReadonlyMap<string, Decimal>,
  tiers: readonly ComputedTier[],
  lines: ReadonlyMap<string, readonly ForecastLine[]>,
): void {
  const compared = new Set(['local', ...tiers.flatMap(({ id }) => [...providersOf(lines.get(id) ?? [])])]);
  const unknown = new Set(
    [...groups, ...items].flatMap(({ provider, currency }) =>
      compared.has(provider) && !rates.has(currency) ? [currency] : [],
    ),
  );
  if (unknown.size === 0) return;
  throw new InvalidInput(
    [...unknown].map((currency) => ({
      code: 'no-exchange-rate',
      pointer: `/exchange_rates/${currency}`,
      message: `There are bills in ${currency}: state exchange_rates.${currency}, the scenario's currency for one ${currency} in that month.`,
    })),
  );
}

/** The draws of one month, of the bill and the full cost of each tier: those the forecast's bands were made of. */
function drawMonth(
  { program, scenario }: FrozenReading,
  tiers: readonly string[],
  month: number,
): ReadonlyMap<string, { readonly bill: Float64Array; readonly full: Float64Array }> {
  const lowered = lowerProgram(program, asUncertain);
  const wanted = program.tiers.filter(({ id }) => tiers.includes(id));
  const cells = wanted.flatMap(({ billTotal, fullTotal }: Program['tiers'][number]) => [
    lowered.cell(billTotal, month + 1),
    lowered.cell(fullTotal, month + 1),
  ]);
  const columns = runTape(recordTape(lowered.graph(), cells), scenario.sampling);
  return new Map(
    wanted.map(({ id }, i) => [id, { bill: columns[2 * i] as Float64Array, full: columns[2 * i + 1] as Float64Array }]),
  );
}

function listIn(
  book: PriceBook,
  { asOf, period, stated }: { readonly asOf: string; readonly period: string; readonly stated: Scenario['prices'] },
): ListPrice {
  return (provider, model, meter) => {
    const found = findPrices(book, { provider, model, asOf, months: [period], overrides: stated });
    const [point] = found.ok ? billedBy(found, meter, [period]) : [];
    return point === undefined || point.price === null ? null : { price: point.price, meter: point.meter };
  };
}

/** The tier that was forecast to serve most of a workload tells how much of it came. */
function measureWorkloads(
  { scenario, forecast }: FrozenReading,
  tiers: readonly TierComparison[],
  period: string,
): ComparedTiers['workloads'] {
  return scenario.workloads.map(({ id, requests_known }) => {
    const base = forecast.workloads.find((one) => one.id === id)?.requests.find(({ month }) => month === period)?.base;
    const sums = tiers.map(({ lines }) => {
      const own = lines.filter(({ row, unit }) => row === id && unit === 'Mtok');
      const add = (of: 'forecast' | 'actual'): Decimal =>
        own.reduce((sum, line) => sum.plus(line[of].quantity), new Decimal(0));
      return { planned: add('forecast'), used: add('actual') };
    });
    const [most] = sums.filter(({ planned }) => planned.gt(0)).toSorted((a, b) => b.planned.cmp(a.planned));
    const measured =
      most === undefined || base === undefined || !requests_known || !most.used.gt(0)
        ? null
        : most.used.times(base).div(most.planned).toSignificantDigits(12).toFixed();
    return { id, forecast: base ?? '0', measured };
  });
}

function feeChange({ then, now }: FrozenReading, provider: string, period: string): Decimal {
  const fee = [...then.tiers.values()].find((tier) => tier.provider === provider)?.credit_fee ?? null;
  const rateIn = (book: PriceBook): Decimal | null =>
    book.fees.find(({ id, valid_from, valid_to }) => id === fee && holdsOn(valid_from, valid_to, `${period}-01`))
      ?.rate ?? null;
  const [before, after] = [rateIn(then.book), rateIn(now.book)];
  return before === null || after === null || before.isZero() ? new Decimal(1) : after.div(before);
}

function unforeseenOf({ groups }: ActualSpend, compared: ReadonlySet<string>): readonly UnforeseenBill[] {
  const sums = new Map<string, { provider: string; model: string | null; currency: string; amount: Decimal }>();
  for (const { provider, model, currency, cost } of groups) {
    if (compared.has(provider) || cost === null || cost.isZero()) continue;
    const key = JSON.stringify([provider, model, currency]);
    sums.set(key, { provider, model, currency, amount: cost.plus(sums.get(key)?.amount ?? 0) });
  }
  return [...sums.values()].map((one) => ({ ...one, amount: one.amount.toFixed() }));
}

function refusal(code: string, pointer: string, message: string): InvalidInput {
  return new InvalidInput([{ code, pointer, message }]);
}
