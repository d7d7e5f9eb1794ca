import { Decimal } from 'decimal.js';

/**
 * A line of a bill, forecast and actual: workload × model × tier × token class. `volume` in Mtok, `price` in the
 * provider's currency per Mtok, `rate` the multiplier of cache, batch or contract (1 is list).
 */
export type BridgeLine = { readonly forecast: BridgeFigures; readonly actual: BridgeFigures };
export type BridgeFigures = { readonly volume: Decimal; readonly price: Decimal; readonly rate: Decimal };

/** What every line of one side shares: platform fee as a share of spend, currency per provider currency, fixed cost. */
export type BridgeTerms = { readonly fee: Decimal; readonly exchangeRate: Decimal; readonly fixed: Decimal };

export type BridgeEffect = 'volume' | 'mix' | 'list_price' | 'rate' | 'fees' | 'exchange_rate' | 'fixed' | 'residual';

export type VarianceBridge = {
  readonly forecast: Decimal;
  readonly effects: readonly { readonly effect: BridgeEffect; readonly amount: Decimal }[];
  readonly invoice: Decimal;
};

/**
 * From the forecast to the invoice in the accountants' order: quantities first at forecast prices, then prices at actual
 * quantities, then fees, exchange rate and fixed cost; what the lines do not explain is the residual. The effects add up
 * to invoice − forecast identically, for every input. A forecast of no volume at all has no mean price: then everything
 * that was used counts as mix.
 */
export function computeVarianceBridge(
  lines: readonly BridgeLine[],
  terms: { readonly forecast: BridgeTerms; readonly actual: BridgeTerms },
  invoice: Decimal,
): VarianceBridge {
  const { forecast: planned, actual } = terms;
  // From the first on, so that a sum has the digits of what is added up.
  const sum = (of: (line: BridgeLine) => Decimal): Decimal => {
    const [first, ...rest] = lines.map(of);
    return first === undefined ? new Decimal(0) : rest.reduce((total, amount) => total.plus(amount), first);
  };
  const factor = planned.fee.plus(1).times(planned.exchangeRate);
  const volumes = { forecast: sum((line) => line.forecast.volume), actual: sum((line) => line.actual.volume) };
  const spent = sum(({ forecast: { volume, price, rate } }) => volume.times(price).times(rate));
  const atForecastPrice = sum(({ forecast, actual: { volume } }) => volume.times(forecast.price).times(forecast.rate));
  const atActualPrice = sum(({ forecast, actual: { volume, price } }) => volume.times(price).times(forecast.rate));
  const atActualRate = sum(({ actual: { volume, price, rate } }) => volume.times(price).times(rate));
  const atMeanPrice = volumes.forecast.isZero() ? spent : spent.times(volumes.actual).div(volumes.forecast);
  const forecast = spent.times(factor).plus(planned.fixed);
  const computed = atActualRate.times(actual.fee.plus(1)).times(actual.exchangeRate).plus(actual.fixed);
  const effects: VarianceBridge['effects'] = [
    { effect: 'volume', amount: atMeanPrice.minus(spent).times(factor) },
    { effect: 'mix', amount: atForecastPrice.minus(atMeanPrice).times(factor) },
    { effect: 'list_price', amount: atActualPrice.minus(atForecastPrice).times(factor) },
    { effect: 'rate', amount: atActualRate.minus(atActualPrice).times(factor) },
    { effect: 'fees', amount: atActualRate.times(actual.fee.minus(planned.fee)).times(planned.exchangeRate) },
    {
      effect: 'exchange_rate',
      amount: atActualRate.times(actual.fee.plus(1)).times(actual.exchangeRate.minus(planned.exchangeRate)),
    },
    { effect: 'fixed', amount: actual.fixed.minus(planned.fixed) },
    { effect: 'residual', amount: invoice.minus(computed) },
  ];
  return { forecast, effects, invoice };
}
