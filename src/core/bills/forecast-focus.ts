import { BillDecimal } from './bill-decimal.ts';
import type { BillLine } from './bill-line.ts';

/** A line of a forecast's base case with its numbers as text, as it comes from the calculation. */
export type ForecastLineText = {
  readonly id: string;
  readonly label: string;
  readonly kind: 'metered' | 'fee' | 'fixed';
  readonly perimeter: 'bill' | 'full';
  readonly workload: string | null;
  readonly provider: string | null;
  readonly model: string | null;
  readonly meter: string | null;
  readonly amount: string;
  readonly measured: {
    readonly unit: string;
    readonly quantity: string;
    readonly price: string;
    readonly rate: string;
    readonly exchangeRate: string;
    readonly currency: string | null;
  } | null;
};

export type ForecastFocus = {
  readonly forecast: string;
  readonly tier: string;
  /** YYYY-MM. */
  readonly month: string;
  readonly currency: string;
};

/**
 * A forecast's line in the words of FOCUS, tokens as quantities, so that what is expected can be read by whatever reads
 * bills. It was never billed: `x_Forecast` says whose expectation it is, and every cost is that of the base case. Lines
 * beyond the bill (people, capital) say so in `x_Perimeter`.
 */
export function forecastAsFocus(line: ForecastLineText, { forecast, tier, month, currency }: ForecastFocus): BillLine {
  const { provider, measured, amount, meter } = line;
  const cost = new BillDecimal(amount);
  const [start, end] = [`${month}-01T00:00:00Z`, `${nextMonth(month)}-01T00:00:00Z`];
  const counted = measured === null ? null : units[measured.unit];
  const quantity = measured === null ? null : new BillDecimal(measured.quantity);
  const listUnitPrice =
    measured === null ? null : new BillDecimal(measured.price).times(measured.exchangeRate).toSignificantDigits(15);
  const listed =
    quantity === null || listUnitPrice === null ? null : quantity.times(listUnitPrice).toSignificantDigits(15);
  return {
    BilledCost: cost,
    EffectiveCost: cost,
    ListCost: listed ?? cost,
    ContractedCost: cost,
    BillingCurrency: currency,
    ChargeCategory: cost.isNegative() && !cost.isZero() ? 'Credit' : 'Usage',
    ChargeClass: null,
    ChargeDescription: line.label,
    ChargePeriodStart: start,
    ChargePeriodEnd: end,
    BillingPeriodStart: start,
    BillingPeriodEnd: end,
    InvoiceId: null,
    InvoiceIssuerName: provider ?? 'local',
    BillingAccountId: null,
    SubAccountId: null,
    SubAccountName: null,
    RegionId: null,
    ServiceProviderName: provider ?? 'local',
    HostProviderName: null,
    ServiceName: tier,
    SkuId: line.id,
    SkuMeter: meter ?? line.label,
    PricingQuantity: quantity,
    PricingUnit: measured === null ? null : (counted?.pricing ?? measured.unit),
    ConsumedQuantity: quantity === null || counted == null ? null : quantity.times(counted.each),
    ConsumedUnit: counted?.consumed ?? null,
    ListUnitPrice: listUnitPrice,
    CommitmentDiscountId: null,
    x_Provider: provider ?? 'local',
    x_Model: line.model,
    x_TokenDirection: directionOf(meter),
    x_CacheAction: null,
    x_ServiceTier: null,
    x_Meter: meter as BillLine['x_Meter'],
    x_Requests: null,
    x_ReasoningTokens: null,
    x_CostReason: 'forecast',
    x_FirstLine: 1,
    x_LastLine: 1,
    x_Other: {
      x_Forecast: forecast,
      x_Tier: tier,
      x_Perimeter: line.perimeter,
      ...(line.workload !== null && { x_Workload: line.workload }),
      ...(provider === null && { ServiceCategory: 'Compute' }),
    },
  };
}

const units: Readonly<Record<string, { readonly pricing: string; readonly consumed: string; readonly each: number }>> =
  {
    Mtok: { pricing: '1000000 Tokens', consumed: 'Tokens', each: 1_000_000 },
    krequests: { pricing: '1000 Requests', consumed: 'Requests', each: 1_000 },
    ksearches: { pricing: '1000 Searches', consumed: 'Searches', each: 1_000 },
    'GPU-h': { pricing: 'GPU-Hours', consumed: 'GPU-Hours', each: 1 },
    kWh: { pricing: 'kWh', consumed: 'kWh', each: 1 },
    h: { pricing: 'Hours', consumed: 'Hours', each: 1 },
  };

function directionOf(meter: string | null): BillLine['x_TokenDirection'] {
  if (meter === null) return null;
  if (/(^|_)output$/.test(meter)) return 'output';
  return /(^|_)(input|cached_input|cache_write_5m|cache_write_1h)$/.test(meter) ? 'input' : null;
}

function nextMonth(month: string): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
}
