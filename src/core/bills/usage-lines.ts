import type { Decimal } from 'decimal.js';
import { Exact } from '../formula/values.ts';
import type { Meter } from '../prices/meters.ts';
import type { UsageGroup } from './actual-spend.ts';
import type { ForecastLine } from './forecast-lines.ts';
import type { Key, ListPrice, Settled, Share, UsageNote } from './usage-keys.ts';
import {
  forecastKeys,
  openKey,
  rateOf,
  settleGroup,
  sharesBy,
  sharesOf,
  unforeseenRow,
  unitOfMeter,
} from './usage-keys.ts';

export type UsageQuestion = {
  /** Metered lines of the bill. */
  readonly forecast: readonly ForecastLine[];
  readonly actual: readonly UsageGroup[];
  /** As known when the forecast was frozen, and as known now, both for the month compared. */
  readonly listedThen: ListPrice;
  readonly listedNow: ListPrice;
  /** Turns money of a bill's currency into the currency of the prices. */
  readonly inPriceCurrency: (amount: Decimal, currency: string) => Decimal;
};

/** One thing that a provider counts, for one workload: quantity, list price and rate, forecast and actual. */
export type UsageLine = {
  /** Workload id, or `unforeseen`. */
  readonly row: string;
  readonly provider: string;
  readonly model: string | null;
  readonly meter: string | null;
  readonly unit: string;
  readonly forecast: UsageFigures;
  readonly actual: UsageFigures;
  /** What the bill asks per unit, where it says both amount and quantity of this meter. */
  readonly paid: Decimal | null;
  /** The catalogue's list price for the month, as known now. */
  readonly listed: Decimal | null;
  readonly notes: readonly UsageNote[];
};

export type UsageFigures = { readonly quantity: Decimal; readonly price: Decimal; readonly rate: Decimal };

/** What one provider billed for one row, in the currency of the prices. */
export type CellCost = { readonly row: string; readonly provider: string; readonly billed: Decimal };

export type Usage = { readonly lines: readonly UsageLine[]; readonly costs: readonly CellCost[] };

/**
 * Puts what was billed beside what was forecast, by workload, provider, model and meter.
 *
 * A bill's line belongs to the workload that a rule names, else to the workloads whose forecast has its model; where several
 * do, by their share of the forecast; where none does, to nobody (`unforeseen`). A meter that the forecast bills at another
 * (cached input as plain input) joins that one. The actual price is the bill's own list price, else the catalogue's; the
 * actual rate is what the bill says was agreed, else the forecast's, so that what the invoice asks beyond both shows as
 * residual. A cost without any quantity is turned into the quantities that it pays for, in the forecast's proportions.
 */
export function matchUsage(question: UsageQuestion): Usage {
  const keys = forecastKeys(question.forecast);
  const groups = question.actual.map((group) => settleGroup(group, question, keys));
  const prices = new Map<string, ActualPrice>();
  const priceOf = (group: Pick<Key, 'provider' | 'model' | 'meter' | 'unit'>, rate: Decimal): ActualPrice => {
    const id = JSON.stringify([group.provider, group.model, group.meter, group.unit]);
    const known = prices.get(id) ?? actualPrice(group, groups, question);
    prices.set(id, known);
    return known.rate === null ? { ...known, rate } : known;
  };

  // STEP 1: quantities go to the rows
  for (const group of groups) {
    if (group.quantity === null) continue;
    const shares = sharesOf(group, keys);
    for (const { row, share } of shares) {
      const key = openKey(keys, { ...group, row });
      key.used = key.used.plus(group.quantity.times(share));
      if (shares.length > 1) key.notes.add('shared-by-forecast');
    }
  }

  // STEP 2: costs follow; one that names no model follows what its provider counted
  const costs = new Map<string, { row: string; provider: string; billed: Decimal }>();
  for (const group of groups) {
    if (group.cost === null) continue;
    const isLoose = group.model === null && group.meter === null && group.unit === null;
    const shares = isLoose ? looseShares(group, keys, priceOf) : sharesOf(group, keys);
    for (const { row, share } of shares) {
      const id = JSON.stringify([row, group.provider]);
      const billed = group.cost.times(share);
      const known = costs.get(id);
      costs.set(id, { row, provider: group.provider, billed: billed.plus(known?.billed ?? 0) });
      if (!hasQuantities(group, groups)) reckonQuantities(keys, { ...group, row, cost: billed }, priceOf);
    }
  }

  const lines = [...keys.values()].map((key) => lineOf(key, question, priceOf));
  return { lines, costs: [...costs.values()] };
}

type PriceOf = (key: Pick<Key, 'provider' | 'model' | 'meter' | 'unit'>, rate: Decimal) => ActualPrice;

function looseShares(group: Settled, keys: ReadonlyMap<string, Key>, priceOf: PriceOf): readonly Share[] {
  const own = [...keys.values()].filter(({ provider }) => provider === group.provider);
  const worth = (key: Key): Decimal => {
    const { price, rate } = priceOf(key, rateOf(key));
    return key.used.times(price ?? 0).times(rate ?? 1);
  };
  return sharesBy(own, worth) ?? sharesBy(own, ({ rated }) => rated) ?? [{ row: unforeseenRow, share: new Exact(1) }];
}

/** Whether quantities of what the group is a cost of are known, on its own lines or on others. */
function hasQuantities(group: Settled, groups: readonly Settled[]): boolean {
  return groups.some(
    (other) =>
      other.quantity !== null &&
      other.provider === group.provider &&
      (group.model === null || other.model === group.model) &&
      (group.meter === null || other.meter === group.meter),
  );
}

/** Quantities that the amount pays for: in the forecast's proportions, or of the one meter it names. */
function reckonQuantities(
  keys: Map<string, Key>,
  group: Settled & { readonly row: string; readonly cost: Decimal },
  priceOf: PriceOf,
): void {
  const own = [...keys.values()].filter(
    (key) =>
      key.row === group.row &&
      key.provider === group.provider &&
      (group.model === null || key.model === group.model) &&
      (group.meter === null || key.meter === group.meter),
  );
  const worth = (key: Key): Decimal => {
    const price = priceOf(key, rateOf(key)).price ?? plannedPriceOf(key) ?? 0;
    return key.planned.times(price).times(rateOf(key));
  };
  const total = own.reduce((sum, key) => sum.plus(worth(key)), new Exact(0));
  if (total.gt(0)) {
    for (const key of own) {
      key.used = key.used.plus(key.planned.times(group.cost).div(total));
      key.notes.add('quantity-from-amount');
    }
    return;
  }
  const unit = group.meter === null ? null : unitOfMeter(group.meter);
  if (group.model === null || group.meter === null || unit === null) return;
  const { price } = priceOf({ ...group, unit }, new Exact(1));
  if (price === null || !price.gt(0)) return;
  const key = openKey(keys, { ...group, unit });
  key.used = key.used.plus(group.cost.div(price));
  key.notes.add('quantity-from-amount');
}

type ActualPrice = {
  readonly price: Decimal | null;
  readonly rate: Decimal | null;
  readonly paid: Decimal | null;
  readonly listed: Decimal | null;
  readonly note: UsageNote | null;
};

function actualPrice(
  key: Pick<Key, 'provider' | 'model' | 'meter' | 'unit'>,
  groups: readonly Settled[],
  { listedNow }: UsageQuestion,
): ActualPrice {
  const same = groups.filter(
    ({ provider, model, meter }) => provider === key.provider && model === key.model && meter === key.meter,
  );
  const costed = same.filter(({ cost }) => cost !== null);
  const sum = (of: (group: Settled) => Decimal | null, list = costed): Decimal | null =>
    list.reduce<Decimal | null>((total, group) => {
      const amount = of(group);
      return total === null || amount === null ? null : total.plus(amount);
    }, new Exact(0));
  const quantity = sum(
    (group) => group.quantity,
    same.filter((group) => group.quantity !== null),
  );
  const [list, contracted, cost] = [sum((g) => g.listCost), sum((g) => g.contractedCost), sum((g) => g.cost)];
  const listed =
    key.model === null || key.meter === null
      ? null
      : (listedNow(key.provider, key.model, key.meter as Meter)?.price ?? null);
  const counted = costed.length > 0 && quantity?.gt(0) ? quantity : null;
  const paid = counted === null || cost === null ? null : cost.div(counted);
  if (counted !== null && list?.gt(0)) {
    return { price: list.div(counted), rate: (contracted ?? cost ?? list).div(list), paid, listed, note: null };
  }
  if (listed !== null) return { price: listed, rate: null, paid, listed, note: 'price-from-catalogue' };
  return {
    price: paid,
    rate: paid === null ? null : new Exact(1),
    paid,
    listed,
    note: paid === null ? null : 'price-from-bill',
  };
}

/** The mean list price of what was forecast; null for what was not. */
function plannedPriceOf({ planned, listed, price }: Key): Decimal | null {
  return planned.gt(0) ? listed.div(planned) : price;
}

function lineOf(key: Key, { listedThen }: UsageQuestion, priceOf: PriceOf): UsageLine {
  const { row, provider, model, meter, unit, planned, used } = key;
  const plannedRate = rateOf(key);
  const found = priceOf(key, plannedRate);
  const plannedPrice = plannedPriceOf(key);
  const actual = {
    quantity: used,
    price: found.price ?? plannedPrice ?? new Exact(0),
    rate: found.rate ?? plannedRate,
  };
  const then =
    plannedPrice ??
    (model === null || meter === null ? null : (listedThen(provider, model, meter as Meter)?.price ?? null));
  const notes = new Set(key.notes);
  if (used.gt(0)) {
    if (found.note !== null) notes.add(found.note);
    if (found.price === null) notes.add('price-as-forecast');
    if (plannedPrice === null) notes.add(then === null ? 'forecast-price-as-billed' : 'forecast-price-from-catalogue');
  }
  return {
    row,
    provider,
    model,
    meter,
    unit,
    forecast: {
      quantity: planned,
      price: then ?? actual.price,
      rate: plannedPrice === null ? actual.rate : plannedRate,
    },
    actual,
    paid: found.paid,
    listed: found.listed,
    notes: [...notes],
  };
}
