import { Decimal } from 'decimal.js';
import type { ActualSpend, UsageGroup } from '../../../src/core/bills/actual-spend.ts';
import type { ForecastLine } from '../../../src/core/bills/forecast-lines.ts';
import type { TierQuestion } from '../../../src/core/bills/tier-terms.ts';
import type { Band } from '../../../src/core/forecast/result.ts';

/** A line metered by a provider, in USD at list price unless said otherwise. */
export function metered(
  meter: string,
  quantity: Decimal.Value,
  price: Decimal.Value,
  over: Partial<ForecastLine> & {
    readonly rate?: Decimal.Value;
    readonly exchangeRate?: Decimal.Value;
    readonly unit?: string;
  } = {},
): ForecastLine {
  const { rate = 1, exchangeRate = 1, unit = 'Mtok', ...rest } = over;
  const measured = {
    unit,
    quantity: new Decimal(quantity),
    price: new Decimal(price),
    rate: new Decimal(rate),
    exchangeRate: new Decimal(exchangeRate),
    currency: 'USD',
  };
  const amount = measured.quantity
    .times(price)
    .times(rate)
    .times(exchangeRate)
    .toDecimalPlaces(2, Decimal.ROUND_HALF_UP);
  const workload = rest.workload === undefined ? 'chat' : rest.workload;
  return {
    id: `${meter}.${workload}`,
    label: meter,
    kind: 'metered',
    perimeter: 'bill',
    workload,
    provider: 'anthropic',
    model: 'claude-x',
    meter,
    amount,
    measured,
    ...rest,
  };
}

export function amountLine(id: string, amount: Decimal.Value, over: Partial<ForecastLine> = {}): ForecastLine {
  return {
    id,
    label: id,
    kind: 'fixed',
    perimeter: 'bill',
    workload: null,
    provider: null,
    model: null,
    meter: null,
    amount: new Decimal(amount),
    measured: null,
    ...over,
  };
}

/** What a bill says of one meter. */
export function billed(
  meter: string | null,
  quantity: Decimal.Value | null,
  cost: Decimal.Value | null,
  over: Partial<UsageGroup> = {},
): UsageGroup {
  return {
    provider: 'anthropic',
    model: 'claude-x',
    meter,
    unit: quantity === null ? null : 'Mtok',
    workload: null,
    currency: 'USD',
    quantity: quantity === null ? null : new Decimal(quantity),
    cost: cost === null ? null : new Decimal(cost),
    listCost: null,
    contractedCost: null,
    ...over,
  };
}

export function spendOf(groups: readonly UsageGroup[], over: Partial<ActualSpend> = {}): ActualSpend {
  return { groups, items: [], leftOut: [], ...over };
}

export function bandAt(p50: string, base = p50): Band {
  const none = { p5: null, p10: null, p50: null, p90: null, p95: null, mean: null };
  return { base, p5: p50, p10: p50, p50, p90: p50, p95: p50, mean: p50, error: none };
}

/** 1 to 1,999 in even steps, whose median is 1,000. */
export const evenDraws = Float64Array.from({ length: 1999 }, (_, i) => i + 1);

export type ListPrices = Readonly<Record<string, Decimal.Value>>;

/** A month of one tier; `before` and `now` are list prices by meter. */
export function tierQuestion(
  parts: Pick<TierQuestion, 'lines' | 'spend' | 'bill'> &
    Partial<TierQuestion> & { readonly before?: ListPrices; readonly now?: ListPrices },
): TierQuestion {
  const { before = {}, now = {}, ...rest } = parts;
  const list =
    (prices: ListPrices): TierQuestion['listedNow'] =>
    (_provider, _model, meter) => {
      const price = prices[meter];
      return price === undefined ? null : { price: new Decimal(price), meter };
    };
  return {
    id: 'anthropic',
    label: 'Anthropic',
    period: '2026-10',
    full: parts.bill,
    draws: { bill: evenDraws, full: evenDraws },
    tolerance: new Decimal('0.1'),
    currency: 'USD',
    minorUnits: 2,
    exchangeRate: (currency) => (currency === 'USD' ? new Decimal(1) : null),
    listedThen: list(before),
    listedNow: list(now),
    feeChange: () => new Decimal(1),
    frozen: true,
    final: true,
    earlier: [],
    ...rest,
  };
}
