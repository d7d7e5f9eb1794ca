/** Columns that a version brought, newest first; a file has the newest version of which it has a column. */
const BROUGHT: readonly (readonly [version: string, columns: readonly string[]])[] = [
  ['1.4', ['InvoiceDetailId', 'CommitmentProgramEligibilityDetails']],
  [
    '1.3',
    [
      'ServiceProviderName',
      'HostProviderName',
      'ContractApplied',
      'AllocatedMethodId',
      'AllocatedMethodDetails',
      'AllocatedResourceId',
      'AllocatedResourceName',
      'AllocatedTags',
    ],
  ],
  [
    '1.2',
    [
      'BillingAccountType',
      'InvoiceId',
      'PricingCurrency',
      'PricingCurrencyContractedUnitPrice',
      'PricingCurrencyEffectiveCost',
      'PricingCurrencyListUnitPrice',
      'SubAccountType',
    ],
  ],
  [
    '1.1',
    [
      'CapacityReservationId',
      'CapacityReservationStatus',
      'CommitmentDiscountQuantity',
      'CommitmentDiscountUnit',
      'ServiceSubcategory',
      'SkuMeter',
      'SkuPriceDetails',
    ],
  ],
];

/** The version of FOCUS a file follows, by its columns; the specification has no column that says it. */
export function focusVersionOf(columns: ReadonlySet<string>): string {
  return BROUGHT.find(([, names]) => names.some((name) => columns.has(name)))?.[0] ?? '1.0';
}
