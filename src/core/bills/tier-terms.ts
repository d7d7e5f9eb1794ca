import type { Decimal } from 'decimal.js';
import type { Band } from '../forecast/result.ts';
import { Exact } from '../formula/values.ts';
import type { Warning } from '../problem.ts';
import type { ActualSpend } from './actual-spend.ts';
import type { BridgeCell } from './bridge-rows.ts';
import { notice } from './compare-words.ts';
import type { RowSpend } from './comparison.ts';
import type { ForecastLine } from './forecast-lines.ts';
import type { ClosedMonth } from './track-record.ts';
import type { ListPrice } from './usage-keys.ts';
import { rentedRow, unforeseenRow } from './usage-keys.ts';
import type { UsageLine } from './usage-lines.ts';
import { matchUsage } from './usage-lines.ts';

export type TierQuestion = {
  readonly id: string;
  readonly label: string;
  readonly period: string;
  /** The frozen band of the month, of the bill and of the full cost. */
  readonly bill: Band;
  readonly full: Band;
  /** Draws of the month, from which the band was made. */
  readonly draws: { readonly bill: Float64Array; readonly full: Float64Array };
  readonly lines: readonly ForecastLine[];
  readonly spend: ActualSpend;
  readonly tolerance: Decimal;
  readonly currency: string;
  readonly minorUnits: number;
  /** Scenario currency for one unit of a bill's currency in that month; null where it is not known. */
  readonly exchangeRate: (currency: string) => Decimal | null;
  readonly listedThen: ListPrice;
  readonly listedNow: ListPrice;
  /** Fee on bought credits in the price book for the month, now ÷ when it was frozen; 1 where nothing changed. */
  readonly feeChange: (provider: string) => Decimal;
  readonly frozen: boolean;
  readonly final: boolean;
  /** Closed months before this one, of this tier, oldest first, in both perimeters. */
  readonly earlier: readonly ClosedMonth[];
};

/** Providers that bill some of a tier's lines. */
export function providersOf(lines: readonly ForecastLine[]): ReadonlySet<string> {
  return new Set(lines.flatMap(({ provider, perimeter }) => (perimeter === 'bill' ? (provider ?? []) : [])));
}

export type Terms = {
  readonly lines: readonly UsageLine[];
  /** Row ids in order. */
  readonly rows: readonly string[];
  readonly costs: ReadonlyMap<string, Decimal>;
  readonly amounts: ReadonlyMap<string, Decimal>;
  /** Providers that take a fee as a share of usage: forecast and actual. */
  readonly fees: ReadonlyMap<string, { readonly forecast: Decimal; readonly actual: Decimal }>;
  readonly rates: { readonly forecast: Decimal; readonly actual: Decimal };
  readonly currency: string;
  readonly items: ActualSpend['items'];
  readonly notes: readonly Warning[];
};

/** What was used, fees and exchange rates: everything the bridge is made of, in 15 digits. */
export function readTerms(question: TierQuestion): Terms {
  const { lines, spend, minorUnits } = question;
  const metered = lines.filter(({ kind, perimeter }) => kind === 'metered' && perimeter === 'bill');
  const providers = providersOf(lines);
  const priced = metered.find(({ measured }) => measured !== null)?.measured ?? null;
  const currency = priced?.currency ?? 'USD';
  const plannedRate = fifteen(priced?.exchangeRate ?? question.exchangeRate(currency) ?? new Exact(1));
  const knownRate = question.exchangeRate(currency);
  const rates = { forecast: plannedRate, actual: fifteen(knownRate ?? plannedRate) };
  const notes: Warning[] = [];
  if (knownRate === null)
    notes.push(
      notice(
        'exchange-rate-assumed',
        `The exchange rate of ${currency} is the forecast's: state exchange_rates.${currency} for what was really paid.`,
      ),
    );
  const used = matchUsage({
    forecast: metered,
    actual: spend.groups.filter(({ provider }) => providers.has(provider)),
    listedThen: question.listedThen,
    listedNow: question.listedNow,
    inPriceCurrency: (amount, from) =>
      from === currency ? new Exact(amount) : inMoney(question, amount, from).div(rates.actual),
  });
  const usage = used.lines.map((line) => ({ ...line, forecast: rounded(line.forecast), actual: rounded(line.actual) }));
  const costs = new Map(used.costs.map(({ row, provider, billed }) => [cellId(row, provider), fifteen(billed)]));
  const items = spend.items.filter(({ provider, kind }) => kind === 'local' || providers.has(provider));

  const fees = new Map<string, { forecast: Decimal; actual: Decimal }>();
  const amounts = new Map<string, Decimal>();
  for (const { workload, amount } of metered) addTo(amounts, workload ?? rentedRow, amount);
  for (const provider of providers) {
    const own = usage.filter((line) => line.provider === provider);
    const planned = sum(own.map(({ forecast }) => worth(forecast))).times(rates.forecast);
    const fee = sum(lines.flatMap((line) => (line.kind === 'fee' && line.provider === provider ? [line.amount] : [])));
    const billed = sum(used.costs.flatMap((cost) => (cost.provider === provider ? [cost.billed] : []))).times(
      rates.actual,
    );
    const onBill = items.filter((item) => item.kind === 'fee' && item.provider === provider);
    const asked = sum(onBill.map((item) => inMoney(question, item.amount, item.currency)));
    if (fee.gt(planned.times(highestFee)) || (onBill.length > 0 && billed.isZero())) continue;
    const share = planned.isZero() ? new Exact(0) : fifteen(fee.div(planned));
    const actual = onBill.length > 0 ? fifteen(asked.div(billed)) : fifteen(share.times(question.feeChange(provider)));
    fees.set(provider, { forecast: share, actual });
    spreadFee(fee, own, amounts, minorUnits);
    if (onBill.length === 0 && !fee.isZero())
      notes.push(
        notice('fee-from-price-book', `${provider}: its fee is not on the bill; it is taken from the price book.`),
      );
  }
  const order = [...new Set([...amounts.keys(), ...used.costs.map(({ row }) => row), ...usage.map(({ row }) => row)])];
  return {
    lines: usage,
    rows: order.toSorted((a, b) => Number(a === unforeseenRow) - Number(b === unforeseenRow)),
    costs,
    amounts,
    fees,
    rates,
    currency,
    items: items.filter(({ kind, provider }) => kind !== 'fee' || !fees.has(provider)),
    notes,
  };
}

/** What is more than ten times the usage it comes with is no share of it. */
const highestFee = 10;

/** A provider's fee belongs to the rows by what they spend there, in whole smallest units. */
function spreadFee(fee: Decimal, lines: readonly UsageLine[], amounts: Map<string, Decimal>, minorUnits: number): void {
  const total = sum(lines.map(({ forecast }) => worth(forecast)));
  let running: Decimal = new Exact(0);
  let given: Decimal = new Exact(0);
  const byRow = [...Map.groupBy(lines, ({ row }) => row)].filter(([, own]) =>
    sum(own.map(({ forecast }) => worth(forecast))).gt(0),
  );
  byRow.forEach(([row, own], i) => {
    running = running.plus(fee.times(sum(own.map(({ forecast }) => worth(forecast)))).div(total));
    const upTo = i === byRow.length - 1 ? fee : running.toDecimalPlaces(minorUnits, Exact.ROUND_HALF_UP);
    addTo(amounts, row, upTo.minus(given));
    given = upTo;
  });
}

export type Row = {
  readonly id: string;
  readonly label: string;
  readonly base: Decimal;
  readonly cells: readonly BridgeCell[];
  readonly lines: readonly (UsageLine & { readonly currency: string })[];
  readonly spend: readonly RowSpend[];
};

export function rowQuestion(id: string, { lines, costs, amounts, fees, rates, currency }: Terms): Row {
  const own = lines.filter(({ row }) => row === id);
  const providers = [
    ...new Set([
      ...own.map(({ provider }) => provider),
      ...[...costs.keys()].flatMap((key) => (key.startsWith(`${id} `) ? [key.slice(id.length + 1)] : [])),
    ]),
  ];
  const noFee = { forecast: new Exact(0), actual: new Exact(0) };
  const cells = providers.map((provider) => {
    const fee = fees.get(provider) ?? noFee;
    const billed = costs.get(cellId(id, provider)) ?? new Exact(0);
    const ofProvider = own.filter((line) => line.provider === provider);
    const cell: BridgeCell = {
      lines: [...Map.groupBy(ofProvider, ({ unit }) => unit).values()].map((group) =>
        group.map(({ forecast, actual }) => ({
          forecast: { volume: forecast.quantity, price: forecast.price, rate: forecast.rate },
          actual: { volume: actual.quantity, price: actual.price, rate: actual.rate },
        })),
      ),
      billed,
      forecast: { fee: fee.forecast, exchangeRate: rates.forecast },
      actual: { fee: fee.actual, exchangeRate: rates.actual },
    };
    const spend: RowSpend = {
      row: id,
      provider,
      currency,
      billed: figure(billed),
      forecast: { fee: figure(fee.forecast), exchange_rate: figure(rates.forecast) },
      actual: { fee: figure(fee.actual), exchange_rate: figure(rates.actual) },
    };
    return { cell, spend };
  });
  return {
    id,
    label: id === unforeseenRow ? 'Billed, and foreseen by no scenario' : id === rentedRow ? 'Rented capacity' : id,
    base: amounts.get(id) ?? new Exact(0),
    cells: cells.map(({ cell }) => cell),
    lines: own.map((line) => ({ ...line, currency })),
    spend: cells.map(({ spend }) => spend),
  };
}

export function inMoney({ exchangeRate, currency: own }: TierQuestion, amount: Decimal, currency: string): Decimal {
  if (currency === own) return new Exact(amount);
  return new Exact(amount).times(exchangeRate(currency) ?? Number.NaN);
}

function cellId(row: string, provider: string): string {
  return `${row} ${provider}`;
}

function worth({ quantity, price, rate }: UsageLine['forecast']): Decimal {
  return quantity.times(price).times(rate);
}

function rounded({ quantity, price, rate }: UsageLine['forecast']): UsageLine['forecast'] {
  return { quantity: fifteen(quantity), price: fifteen(price), rate: fifteen(rate) };
}

/** As many digits as a spreadsheet holds. */
export function fifteen(value: Decimal): Decimal {
  return new Exact(value).toSignificantDigits(15);
}

export function figure(value: Decimal): string {
  return fifteen(value).toFixed();
}

function addTo(sums: Map<string, Decimal>, key: string, amount: Decimal): void {
  sums.set(key, new Exact(amount).plus(sums.get(key) ?? 0));
}

export function sum(amounts: readonly Decimal[]): Decimal {
  return amounts.reduce<Decimal>((total, amount) => total.plus(amount), new Exact(0));
}
