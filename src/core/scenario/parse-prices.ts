import type { Decimal } from 'decimal.js';
import { parseUtcHours } from '../prices/utc-hours.ts';
import { findCurrencyFault } from './currency.ts';
import type { Draft } from './draft.ts';
import { constantIn, constantOf, isLeftOut, quantityIn } from './draft.ts';
import { faultsUnder } from './fault.ts';
import { scenarioFields as fields } from './fields.ts';
import type { Readable } from './readable.ts';
import type { PriceOverride, Quantity } from './scenario.ts';
import type { ScenarioInput } from './schema.ts';

type Sent = Readable<ScenarioInput>;
type SentPrice = NonNullable<NonNullable<Sent['prices']>[number]>;

const notMeters: ReadonlySet<string> = new Set(['provider', 'model', 'from', 'to', 'utc_hours']);

/** The prices the user states, each period and meter of a model at most once. */
export function parsePrices(draft: Draft, sent: Sent['prices']): readonly PriceOverride[] {
  const prices = (sent ?? []).flatMap((price, i) =>
    price === undefined ? [] : [{ i, price: parsePrice(draft, price, i) }],
  );
  for (const [position, { i, price }] of prices.entries()) {
    const other = prices.slice(0, position).find((earlier) => overlap(earlier.price, price));
    if (other === undefined) continue;
    const message = `This price and /prices/${other.i} state the same meter of ${price.model} for the same days.`;
    draft.faults.push({ code: 'overlapping-prices', path: ['prices', i], message });
  }
  return prices.map(({ price }) => price);
}

function parsePrice(draft: Draft, sent: SentPrice, i: number): PriceOverride {
  const meters = Object.entries(sent).flatMap(([meter, value]): readonly [string, Decimal][] => {
    const price = notMeters.has(meter) ? undefined : constantIn(value, fields.unit_price);
    return price === undefined ? [] : [[meter, price]];
  });
  if (Object.keys(sent).every((key) => notMeters.has(key))) {
    const message = 'No price is stated: give at least one meter, such as input and output, in USD per 1M tokens.';
    draft.faults.push({ code: 'missing', path: ['prices', i], message });
  }
  if (sent.from !== undefined && sent.to !== undefined && sent.from >= sent.to) {
    const message = `The price ends on ${sent.to}, which is not after its first day, ${sent.from}. to is the first day it no longer holds.`;
    draft.faults.push({ code: 'reversed-range', path: ['prices', i, 'to'], message });
  }
  return {
    provider: sent.provider ?? '',
    model: sent.model ?? '',
    from: sent.from ?? null,
    to: sent.to ?? null,
    utc_hours: sent.utc_hours === undefined ? null : parseUtcHours(sent.utc_hours),
    meters: Object.fromEntries(meters),
  };
}

function overlap(a: PriceOverride, b: PriceOverride): boolean {
  if (a.provider !== b.provider || a.model !== b.model || a.utc_hours !== b.utc_hours) return false;
  const apart =
    (a.to !== null && b.from !== null && a.to <= b.from) || (b.to !== null && a.from !== null && b.to <= a.from);
  return !apart && Object.keys(a.meters).some((meter) => Object.hasOwn(b.meters, meter));
}

/** Rates by currency. One for USD is needed where list prices in USD are billed in another currency. */
export function parseExchangeRates(
  draft: Draft,
  sent: Sent,
  usesListPrices: boolean,
): Readonly<Record<string, Quantity>> {
  const rates = sent.exchange_rates ?? {};
  for (const code of Object.keys(rates)) {
    const path = ['exchange_rates', code];
    const fault = findCurrencyFault(code);
    if (fault !== undefined) draft.faults.push(...faultsUnder(path, [fault]));
    if (code !== draft.currency) continue;
    const message = `${code} is the currency of the scenario: leave its own rate out.`;
    draft.faults.push({ code: 'conflict', path, message });
  }
  const isForeign = draft.currency !== null && draft.currency !== 'USD';
  if (
    isForeign &&
    usesListPrices &&
    isLeftOut(rates, 'USD') &&
    (isLeftOut(sent, 'exchange_rates') || sent.exchange_rates)
  ) {
    const message = `List prices are in USD: give exchange_rates: {USD: …}, the ${draft.currency} for one USD.`;
    draft.faults.push({ code: 'exchange-rate-missing', path: ['exchange_rates'], message });
  }
  return Object.fromEntries(
    Object.entries(rates).map(([code, rate]) => [
      code,
      quantityIn(draft, rate, fields.exchange_rate, ['exchange_rates', code], constantOf(1)),
    ]),
  );
}
