import { closeCells, decimalOf, neededInstant, neededText, openCells, otherColumns, textOf } from './bill-cells.ts';
import type { BillFormat } from './bill-format.ts';
import { dayOf } from './charge-period.ts';
import type { LineFacts } from './format-line.ts';
import { billLine, countOf, providerIdOf, ZERO } from './format-line.ts';
import { neededCurrency } from './local-charge.ts';

/**
 * Prepaid credits bought from a provider, and the fee for buying them, which exports of usage do not hold. Credits are
 * cash paid for use to come, so that nothing of them is used up in their month; the fee is used up at once. 100 dollars of
 * credits at 5.5 % ask for 105.50.
 */
export const creditPurchases: BillFormat = {
  id: 'credit-purchases',
  label: 'Purchases of credits (own sheet)',
  columns: ['date', 'provider', 'credits', 'fee', 'currency', 'invoice_id'],
  matches: (columns) => ['date', 'provider', 'credits', 'fee', 'currency'].every((column) => columns.has(column)),
  read: (record, context) => {
    const cells = openCells(record, context);
    const provider = neededText(cells, 'provider');
    neededText(cells, 'credits');
    const credits = countOf(cells, 'credits');
    const fee = decimalOf(cells, 'fee') ?? ZERO;
    const facts: LineFacts = {
      ...dayOf(neededInstant(cells, 'date', 'UTC')),
      BillingCurrency: neededCurrency(cells, 'currency'),
      ChargeCategory: 'Purchase',
      InvoiceId: textOf(cells, 'invoice_id'),
      InvoiceIssuerName: provider,
      ServiceProviderName: provider,
      x_Provider: providerIdOf(provider),
      x_Other: otherColumns(cells, READ),
    };
    const bought = billLine(cells, {
      ...facts,
      BilledCost: credits,
      EffectiveCost: ZERO,
      ChargeDescription: 'Credits bought',
      SkuMeter: 'Credits',
    });
    const charged = billLine(cells, {
      ...facts,
      BilledCost: fee,
      EffectiveCost: fee,
      ChargeDescription: 'Fee on credits bought',
      SkuMeter: 'Credit fee',
    });
    return closeCells(cells, fee.isZero() ? [bought] : [bought, charged]);
  },
};

const READ: ReadonlySet<string> = new Set(['date', 'provider', 'credits', 'fee', 'currency', 'invoice_id']);
