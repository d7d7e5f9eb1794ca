import type { BillLine } from './bill-line.ts';

/** What makes one bill out of lines: what one provider asks of one account for one month in one currency. */
export type BillIdentity = {
  /** Our id of the provider, else its name in lower case. */
  readonly provider: string;
  /** Empty where the lines do not tell. */
  readonly account: string;
  /** YYYY-MM. */
  readonly period: string;
  readonly currency: string;
};

export function identifyBill(line: BillLine): BillIdentity {
  return {
    provider: providerOf(line),
    account: line.BillingAccountId ?? '',
    period: periodOf(line),
    currency: line.BillingCurrency,
  };
}

/** Our id of the provider, else its name in lower case. */
export function providerOf({ x_Provider, ServiceProviderName }: BillLine): string {
  return x_Provider ?? ServiceProviderName.trim().toLowerCase();
}

/** One text for each identity. */
export function identityText({ provider, account, period, currency }: BillIdentity): string {
  return JSON.stringify([provider, account, period, currency]);
}

/**
 * The month that bills a line: the one in which the middle of its billing period lies, so that a period that begins at
 * local midnight, hours before its month in UTC, counts where it belongs; else the month in which the charge began.
 */
function periodOf({ BillingPeriodStart: start, BillingPeriodEnd: end, ChargePeriodStart }: BillLine): string {
  if (start === null) return ChargePeriodStart.slice(0, 7);
  const [from, to] = [Date.parse(start), Date.parse(end ?? start)];
  return new Date(from + Math.max(0, to - from) / 2).toISOString().slice(0, 7);
}
