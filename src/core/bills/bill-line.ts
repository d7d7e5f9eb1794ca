import type { Decimal } from 'decimal.js';
import type { Meter } from '../prices/meters.ts';

/**
 * One line of a bill in the words of FOCUS 1.2 to 1.4 (https://focus.finops.org): a column that FOCUS has keeps its name
 * and its meaning; ours start with `x_`. Money and quantities are decimals of the file's own text, instants are RFC 3339
 * in UTC, periods end exclusively. What a file does not say is null, never 0.
 */
export type BillLine = {
  /** Cash view: what the invoice asks for this line. null where the file has quantities only: `x_cost_reason` says why. */
  readonly BilledCost: Decimal | null;
  /** Accrual view: what this period used, prepayments and commitments spread over what they cover. */
  readonly EffectiveCost: Decimal | null;
  readonly ListCost: Decimal | null;
  readonly ContractedCost: Decimal | null;
  readonly BillingCurrency: string;

  readonly ChargeCategory: ChargeCategory;
  /** `Correction` where the line corrects an earlier billing period. */
  readonly ChargeClass: 'Correction' | null;
  readonly ChargeDescription: string | null;
  readonly ChargePeriodStart: string;
  readonly ChargePeriodEnd: string;
  readonly BillingPeriodStart: string | null;
  readonly BillingPeriodEnd: string | null;
  readonly InvoiceId: string | null;
  readonly InvoiceIssuerName: string | null;

  readonly BillingAccountId: string | null;
  readonly SubAccountId: string | null;
  readonly SubAccountName: string | null;
  readonly RegionId: string | null;

  /** Who sells the service, as the file spells it: `ServiceProviderName`, before FOCUS 1.3 `ProviderName`. */
  readonly ServiceProviderName: string;
  /** Who runs it, where that is another: the provider behind a router. */
  readonly HostProviderName: string | null;
  readonly ServiceName: string | null;
  readonly SkuId: string | null;
  readonly SkuMeter: string | null;

  readonly PricingQuantity: Decimal | null;
  /** In FOCUS unit format: `Tokens`, `1000000 Tokens`, `Requests`, `Hours`, `kWh`. */
  readonly PricingUnit: string | null;
  readonly ConsumedQuantity: Decimal | null;
  readonly ConsumedUnit: string | null;
  readonly ListUnitPrice: Decimal | null;
  readonly CommitmentDiscountId: string | null;

  /** Our id of the provider (`openai`), null where the name is not known. */
  readonly x_Provider: string | null;
  /** The model as the bill spells it, id or display name; null where the line is of no model. */
  readonly x_Model: string | null;
  readonly x_TokenDirection: 'input' | 'output' | null;
  readonly x_CacheAction: CacheAction | null;
  readonly x_ServiceTier: string | null;
  /** The meter of the price book that counts this line; null where it is none of them. */
  readonly x_Meter: Meter | null;
  readonly x_Requests: Decimal | null;
  /** Reasoning tokens, which are part of the output. */
  readonly x_ReasoningTokens: Decimal | null;
  /** Why `BilledCost` is null or was computed: `not-in-this-export`, `priced-from-price-book`. */
  readonly x_CostReason: string | null;
  /** First and last line of the file, both from 1 with the header counted; more than one where lines were summed. */
  readonly x_FirstLine: number;
  readonly x_LastLine: number;
  /** Columns that no rule here reads, kept as they were. */
  readonly x_Other: Readonly<Record<string, string>>;
};

export type ChargeCategory = 'Usage' | 'Purchase' | 'Tax' | 'Credit' | 'Adjustment';

/** What the cache did with input tokens: nothing, read, or wrote for five minutes or an hour. */
export type CacheAction = 'none' | 'read' | 'write_5m' | 'write_1h';
