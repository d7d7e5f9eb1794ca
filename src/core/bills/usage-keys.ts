import type { Decimal } from 'decimal.js';
import { Exact } from '../formula/values.ts';
import type { Meter } from '../prices/meters.ts';
import { isMeter, METERS } from '../prices/meters.ts';
import type { UsageGroup } from './actual-spend.ts';
import type { ForecastLine } from './forecast-lines.ts';

/**
 * The list price in USD per unit of the meter, and the meter that bills it: input read from cache is billed as plain input
 * where the provider prices no cache. null where the price book has none.
 */
export type ListPrice = (
  provider: string,
  model: string,
  meter: Meter,
) => { readonly price: Decimal; readonly meter: Meter } | null;

export type UsageNote =
  | 'price-from-catalogue'
  | 'price-from-bill'
  | 'price-as-forecast'
  | 'forecast-price-from-catalogue'
  | 'forecast-price-as-billed'
  | 'quantity-from-amount'
  | 'shared-by-forecast';

export const unforeseenRow = 'unforeseen';

/** What it takes to put a bill's group beside the forecast's. */
type SettlingQuestion = {
  readonly listedThen: ListPrice;
  readonly inPriceCurrency: (amount: Decimal, currency: string) => Decimal;
};

export type Key = {
  readonly row: string;
  readonly provider: string;
  readonly model: string | null;
  readonly meter: string | null;
  readonly unit: string;
  planned: Decimal;
  /** Σ quantity × price and Σ quantity × price × rate of the forecast. */
  listed: Decimal;
  rated: Decimal;
  readonly price: Decimal | null;
  readonly rate: Decimal | null;
  used: Decimal;
  readonly notes: Set<UsageNote>;
};

/** A group whose meter is the forecast's, whose quantity is one that can be priced, and whose money is in its currency. */
export type Settled = Omit<UsageGroup, 'currency'>;

export function forecastKeys(lines: readonly ForecastLine[]): Map<string, Key> {
  const keys = new Map<string, Key>();
  for (const { workload, provider, model, meter, measured } of lines) {
    if (measured === null || provider === null) continue;
    const { unit, quantity, price, rate } = measured;
    const key = openKey(keys, { row: workload ?? rentedRow, provider, model, meter, unit, price, rate });
    key.planned = key.planned.plus(quantity);
    key.listed = key.listed.plus(quantity.times(price));
    key.rated = key.rated.plus(quantity.times(price).times(rate));
  }
  return keys;
}

/** Capacity by the hour serves all workloads. */
export const rentedRow = 'capacity';

export function openKey(
  keys: Map<string, Key>,
  {
    row,
    provider,
    model,
    meter,
    unit,
    price = null,
    rate = null,
  }: Pick<Key, 'row' | 'provider' | 'model' | 'meter'> & {
    readonly unit: string | null;
    readonly price?: Decimal | null;
    readonly rate?: Decimal | null;
  },
): Key {
  const id = JSON.stringify([row, provider, model, meter, unit]);
  const known = keys.get(id);
  if (known !== undefined) return known;
  const none = new Exact(0);
  const key: Key = {
    row,
    provider,
    model,
    meter,
    unit: unit ?? '',
    planned: none,
    listed: none,
    rated: none,
    price,
    rate,
    used: none,
    notes: new Set(),
  };
  keys.set(id, key);
  return key;
}

export function settleGroup(
  { currency, ...group }: UsageGroup,
  { inPriceCurrency, listedThen }: SettlingQuestion,
  keys: ReadonlyMap<string, Key>,
): Settled {
  const foreseen = [...keys.values()].filter(({ provider }) => provider === group.provider);
  const isCapacity =
    group.meter === null &&
    (group.unit === 'GPU-h' || group.unit === 'h') &&
    foreseen.some(({ row, unit }) => row === rentedRow && unit === 'GPU-h');
  const isForeseen = (meter: string): boolean =>
    foreseen.some((key) => key.model === group.model && key.meter === meter);
  const billing =
    group.meter === null || group.model === null || !isMeter(group.meter) || isForeseen(group.meter)
      ? null
      : (listedThen(group.provider, group.model, group.meter)?.meter ?? null);
  const isPriced = isCapacity || (group.meter !== null && group.unit === unitOfMeter(group.meter));
  const money = (amount: Decimal | null): Decimal | null =>
    amount === null ? null : inPriceCurrency(amount, currency);
  return {
    ...group,
    model: isCapacity ? null : group.model,
    meter: billing !== null && isForeseen(billing) ? billing : group.meter,
    unit: isPriced ? (isCapacity ? 'GPU-h' : group.unit) : null,
    quantity: isPriced && group.quantity !== null ? new Exact(group.quantity) : null,
    cost: money(group.cost),
    listCost: money(group.listCost),
    contractedCost: money(group.contractedCost),
  };
}

/** `Mtok` for a meter priced in `USD/Mtok`. */
export function unitOfMeter(meter: string): string | null {
  if (!isMeter(meter)) return null;
  const known: Readonly<Record<string, string>> = {
    'USD/Mtok': 'Mtok',
    'USD/1k requests': 'krequests',
    'USD/1k searches': 'ksearches',
    'USD/hour': 'h',
  };
  return known[METERS[meter].unit] ?? null;
}

export type Share = { readonly row: string; readonly share: Decimal };

/** Rows whose forecast has the group's model, by their part of the forecast of this meter, else of the model. */
export function sharesOf(group: Settled, keys: ReadonlyMap<string, Key>): readonly Share[] {
  const whole = new Exact(1);
  if (group.workload !== null) return [{ row: group.workload, share: whole }];
  const candidates = [...keys.values()].filter(
    (key) =>
      key.provider === group.provider &&
      key.model === group.model &&
      (group.unit !== 'GPU-h' || key.unit === 'GPU-h') &&
      (key.price !== null || key.planned.gt(0)),
  );
  const same = candidates.filter(({ meter }) => meter === group.meter);
  const byVolume = sharesBy(same, ({ planned }) => planned);
  if (byVolume !== null) return byVolume;
  return sharesBy(candidates, ({ rated }) => rated) ?? [{ row: candidates[0]?.row ?? unforeseenRow, share: whole }];
}

/** null where nothing has any weight. The last row takes what division leaves, so that the parts add up. */
export function sharesBy(keys: readonly Key[], weightOf: (key: Key) => Decimal): readonly Share[] | null {
  const weights = new Map<string, Decimal>();
  for (const key of keys) weights.set(key.row, weightOf(key).plus(weights.get(key.row) ?? 0));
  const positive = [...weights].filter(([, weight]) => weight.gt(0));
  const total = positive.reduce((sum, [, weight]) => sum.plus(weight), new Exact(0));
  if (positive.length === 0) return null;
  let left: Decimal = new Exact(1);
  return positive.map(([row, weight], i) => {
    const share = i === positive.length - 1 ? left : weight.div(total);
    left = left.minus(share);
    return { row, share };
  });
}

/** What is paid for one of the list price, over all that was forecast of it. */
export function rateOf({ listed, rated, rate }: Key): Decimal {
  return listed.gt(0) ? rated.div(listed) : (rate ?? new Exact(1));
}
