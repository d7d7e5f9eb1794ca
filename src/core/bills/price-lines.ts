import type { Decimal } from 'decimal.js';
import { billedBy, findPrices } from '../prices/find-prices.ts';
import type { Meter } from '../prices/meters.ts';
import { METERS } from '../prices/meters.ts';
import type { PriceBook, PriceRow } from '../prices/price.ts';
import { BillDecimal } from './bill-decimal.ts';
import type { BillLine } from './bill-line.ts';

/** Marks a cost that no provider stated: quantity × list price in force in that month. */
export const PRICED = 'priced-from-price-book';

/** Why a line has no cost, where it may be priced: nobody has it, or another file of the provider. */
const priceable: readonly (string | null)[] = [null, 'not-in-this-export', 'billed-elsewhere'];

export type PricedLine =
  | { readonly ok: true; readonly line: BillLine; readonly row: PriceRow }
  | { readonly ok: false; readonly reason: 'no-meter' | 'no-quantity' | 'no-model' | 'no-price' | 'no-exchange-rate' };

export type LinePricer = (line: BillLine, model: string | null, period: string) => PricedLine;

/** Whether a line is a quantity without an amount that the price book may fill in. What another party bills is not. */
export function isPriceable({ BilledCost, x_CostReason }: BillLine): boolean {
  return BilledCost === null && priceable.includes(x_CostReason);
}

/** A line as its file has it, without what the price book filled in. */
export function withoutPricing(line: BillLine): BillLine {
  if (line.x_CostReason !== PRICED) return line;
  return { ...line, BilledCost: null, EffectiveCost: null, ListCost: null, x_CostReason: null };
}

/**
 * Prices quantities that came without dollars, at the list price in force on the first day of their month, as known on
 * `asOf`. A month's quantity tells nothing of single requests, so long-context prices are not applied. Nothing is
 * rounded: 109 output tokens at 0.88 USD per million cost 109 × 0.88 ÷ 10⁶ = 0.00009592.
 */
export function makeLinePricer(book: PriceBook, asOf: string): LinePricer {
  const found = new Map<string, PriceRow | null>();
  return (line, model, period) => {
    const { x_Meter: meter } = line;
    const quantity = quantityOf(line);
    if (meter === null) return { ok: false, reason: 'no-meter' };
    if (quantity === null) return { ok: false, reason: 'no-quantity' };
    if (model === null || line.x_Provider === null) return { ok: false, reason: 'no-model' };
    if (line.BillingCurrency !== 'USD') return { ok: false, reason: 'no-exchange-rate' };
    const key = JSON.stringify([line.x_Provider, model, meter, period]);
    const row = found.get(key) ?? priceRow(book, asOf, line.x_Provider, model, meter, period);
    found.set(key, row);
    if (row === null) return { ok: false, reason: 'no-price' };
    const cost = quantity.times(row.price).div(unitsOf(row.meter));
    return {
      ok: true,
      line: { ...line, BilledCost: cost, EffectiveCost: cost, ListCost: cost, x_CostReason: PRICED },
      row,
    };
  };
}

function priceRow(
  book: PriceBook,
  asOf: string,
  provider: string,
  model: string,
  meter: Meter,
  period: string,
): PriceRow | null {
  const prices = findPrices(book, { provider, model, asOf, months: [period], overrides: [] });
  return prices.ok ? (billedBy(prices, meter, [period])[0]?.row ?? null) : null;
}

/** Single tokens, requests, searches or hours. */
function quantityOf({ ConsumedQuantity, PricingQuantity, PricingUnit }: BillLine): Decimal | null {
  if (ConsumedQuantity !== null) return ConsumedQuantity;
  const size = /^(\d{1,12}) /.exec(PricingUnit ?? '')?.[1] ?? '1';
  return PricingQuantity?.times(size) ?? null;
}

/** How many of them one price is for: tokens by the million, requests and searches by the thousand. */
function unitsOf(meter: Meter): Decimal {
  const { unit } = METERS[meter];
  if (unit === 'USD/Mtok') return new BillDecimal(1_000_000);
  return new BillDecimal(unit === 'USD/hour' ? 1 : 1000);
}
