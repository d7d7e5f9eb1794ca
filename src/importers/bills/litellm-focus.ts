import type { BillLine } from '../../core/bills/bill-line.ts';
import { monthOf } from './bill-dates.ts';
import type { BillRecord } from './bill-format.ts';
import { liteLlmColumns } from './litellm-spend.ts';

/** A record that LiteLLM wrote as FOCUS: accounts are API keys, and every quantity is one request. */
export function isLiteLlmRecord({ fields }: BillRecord): boolean {
  return (
    fields.BillingAccountType === 'API Key' &&
    fields.ConsumedUnit === 'Requests' &&
    fields.ResourceType === fields.ResourceName
  );
}

/**
 * What LiteLLM's export means rather than says. Its one request stands for a day's use of a key, so that it is no
 * quantity; its billing period is the day, and is the month of that day here; the model is the description; and the cost
 * is LiteLLM's own calculation.
 */
export function liteLlmFocusColumns(line: BillLine): Partial<BillLine> {
  const month = line.ChargePeriodStart === '' ? { start: null, end: null } : monthOf(line.ChargePeriodStart);
  return {
    ...liteLlmColumns(line.ServiceProviderName),
    BillingPeriodStart: month.start,
    BillingPeriodEnd: month.end,
    PricingQuantity: null,
    PricingUnit: null,
    ConsumedQuantity: null,
    ConsumedUnit: null,
    x_Model: line.ChargeDescription,
  };
}
