import type { Decimal } from 'decimal.js';
import { BillDecimal } from './bill-decimal.ts';
import type { BillLine } from './bill-line.ts';

/** A quantity in the unit that prices are stated for. */
export type LineQuantity = { readonly quantity: Decimal; readonly unit: string };

/**
 * How much a line is for, in the units of the price book: what was consumed where the unit is known, else what was priced.
 * 250,000 `Tokens` are 0.25 Mtok, 3 `1000000 Tokens` are 3 Mtok, 7,200 `GPU-Seconds` are 2 GPU-h.
 */
export function quantityOf(line: BillLine): LineQuantity | null {
  return inOurUnits(line.ConsumedQuantity, line.ConsumedUnit) ?? inOurUnits(line.PricingQuantity, line.PricingUnit);
}

function inOurUnits(quantity: Decimal | null, unit: string | null): LineQuantity | null {
  if (quantity === null || unit === null) return null;
  const [, count, name = ''] = /^\s*(?:(\d+(?:\.\d+)?)\s+)?(\S.*?)\s*$/.exec(unit) ?? [];
  const known = units[name.toLowerCase().replace(/s$/, '')];
  if (known === undefined) return null;
  const each = new BillDecimal(count ?? 1).div(known.of);
  return { quantity: new BillDecimal(quantity).times(each), unit: known.unit };
}

const units: Readonly<Record<string, { readonly unit: string; readonly of: number }>> = {
  token: { unit: 'Mtok', of: 1_000_000 },
  mtok: { unit: 'Mtok', of: 1 },
  request: { unit: 'krequests', of: 1_000 },
  search: { unit: 'ksearches', of: 1_000 },
  searche: { unit: 'ksearches', of: 1_000 },
  'gpu-hour': { unit: 'GPU-h', of: 1 },
  'gpu-second': { unit: 'GPU-h', of: 3_600 },
  hour: { unit: 'h', of: 1 },
  kwh: { unit: 'kWh', of: 1 },
};
