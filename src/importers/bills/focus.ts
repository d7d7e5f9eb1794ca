import type { BillLine, CacheAction, ChargeCategory } from '../../core/bills/bill-line.ts';
import { didYouMean, nearestNames } from '../../core/nearest-name.ts';
import type { Meter } from '../../core/prices/meters.ts';
import { isMeter } from '../../core/prices/meters.ts';
import type { Cells } from './bill-cells.ts';
import {
  closeCells,
  decimalOf,
  instantOf,
  neededInstant,
  openCells,
  otherColumns,
  reportCell,
  textOf,
} from './bill-cells.ts';
import { answerFor } from './bill-context.ts';
import type { BillFormat, BillRecord } from './bill-format.ts';
import { focusVersionOf } from './focus-version.ts';
import { billLine, currencyOf, meterOfClass, providerIdOf } from './format-line.ts';
import { isLiteLlmRecord, liteLlmFocusColumns } from './litellm-focus.ts';
import { parseSkuPriceDetails } from './sku-price-details.ts';

/**
 * FOCUS, the FinOps Foundation's specification of bills (https://focus.finops.org), 1.0 to 1.4, as CSV or Parquet. Its
 * columns are ours; what we have no column for stays in `x_Other`. The importer asks for less than the specification,
 * since the specification's own sample lacks a mandatory column, writes 5/1/25 for a date and `0.00 ` for a number.
 */
export const focus: BillFormat = {
  id: 'focus',
  label: 'FOCUS',
  labelOf: (columns) => `FOCUS ${focusVersionOf(columns)}`,
  columns: [
    'BilledCost',
    'BillingCurrency',
    'BillingPeriodStart',
    'ChargeCategory',
    'ChargePeriodEnd',
    'ChargePeriodStart',
    'EffectiveCost',
    'ServiceName',
  ],
  matches: (columns) =>
    ['ChargePeriodStart', 'ChargePeriodEnd', 'ChargeCategory'].every((column) => columns.has(column)) &&
    ['BilledCost', 'EffectiveCost', 'ConsumedQuantity', 'PricingQuantity'].some((column) => columns.has(column)),
  read: (found, context) => {
    const record = isOwnExport(found) ? withoutGuards(found) : found;
    const cells = openCells(record, context);
    const provider = PROVIDER_COLUMNS.map((column) => textOf(cells, column)).find((name) => name !== null) ?? 'unknown';
    const billed = decimalOf(cells, 'BilledCost');
    const line = billLine(cells, {
      BilledCost: billed,
      EffectiveCost: decimalOf(cells, 'EffectiveCost'),
      ListCost: decimalOf(cells, 'ListCost'),
      ContractedCost: decimalOf(cells, 'ContractedCost'),
      BillingCurrency: billingCurrencyOf(cells),
      ChargeCategory: chargeCategoryOf(cells),
      ChargeClass: textOf(cells, 'ChargeClass') === 'Correction' ? 'Correction' : null,
      ChargeDescription: textOf(cells, 'ChargeDescription'),
      ChargePeriodStart: neededInstant(cells, 'ChargePeriodStart'),
      ChargePeriodEnd: neededInstant(cells, 'ChargePeriodEnd'),
      BillingPeriodStart: instantOf(cells, 'BillingPeriodStart'),
      BillingPeriodEnd: instantOf(cells, 'BillingPeriodEnd'),
      InvoiceId: textOf(cells, 'InvoiceId'),
      InvoiceIssuerName: textOf(cells, 'InvoiceIssuerName'),
      BillingAccountId: textOf(cells, 'BillingAccountId'),
      SubAccountId: textOf(cells, 'SubAccountId'),
      SubAccountName: textOf(cells, 'SubAccountName'),
      RegionId: textOf(cells, 'RegionId'),
      ServiceProviderName: provider,
      HostProviderName: textOf(cells, 'HostProviderName'),
      ServiceName: textOf(cells, 'ServiceName'),
      SkuId: textOf(cells, 'SkuId'),
      SkuMeter: textOf(cells, 'SkuMeter'),
      PricingQuantity: decimalOf(cells, 'PricingQuantity'),
      PricingUnit: textOf(cells, 'PricingUnit'),
      ConsumedQuantity: decimalOf(cells, 'ConsumedQuantity'),
      ConsumedUnit: textOf(cells, 'ConsumedUnit'),
      ListUnitPrice: decimalOf(cells, 'ListUnitPrice'),
      CommitmentDiscountId: textOf(cells, 'CommitmentDiscountId'),
      x_Provider: isOwnExport(record) ? textOf(cells, 'x_Provider') : providerIdOf(provider),
      x_Model: textOf(cells, 'x_Model'),
      x_ServiceTier: textOf(cells, 'x_ServiceTier'),
      x_Requests: decimalOf(cells, 'x_Requests'),
      x_ReasoningTokens: decimalOf(cells, 'x_ReasoningTokens'),
      x_CostReason: isOwnExport(record) ? textOf(cells, 'x_CostReason') : billed === null ? 'not-in-this-export' : null,
      ...tokenColumnsOf(cells),
    });
    return closeCells(cells, [isLiteLlmRecord(record) ? { ...line, ...liteLlmFocusColumns(line) } : line]);
  },
};

const PROVIDER_COLUMNS = ['ServiceProviderName', 'ProviderName', 'InvoiceIssuerName', 'PublisherName'];

const CATEGORIES: readonly ChargeCategory[] = ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'];

const READ: ReadonlySet<string> = new Set([
  ...PROVIDER_COLUMNS,
  'ServiceCategory',
  'BilledCost',
  'EffectiveCost',
  'ListCost',
  'ContractedCost',
  'BillingCurrency',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'BillingPeriodStart',
  'BillingPeriodEnd',
  'InvoiceId',
  'BillingAccountId',
  'SubAccountId',
  'SubAccountName',
  'RegionId',
  'HostProviderName',
  'ServiceName',
  'SkuId',
  'SkuMeter',
  'PricingQuantity',
  'PricingUnit',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ListUnitPrice',
  'CommitmentDiscountId',
  'x_Provider',
  'x_Model',
  'x_TokenDirection',
  'x_CacheAction',
  'x_ServiceTier',
  'x_Meter',
  'x_Requests',
  'x_ReasoningTokens',
  'x_CostReason',
  // Where a line stood in the file it was exported from says nothing of this file.
  'x_FirstLine',
  'x_LastLine',
]);

/** Our own export says everything in columns of ours: nothing is worked out again. */
function isOwnExport({ fields }: BillRecord): boolean {
  return fields.x_Provider !== undefined && fields.x_CostReason !== undefined;
}

/** Our exports put an apostrophe before text that a spreadsheet would take for a formula. */
function withoutGuards(record: BillRecord): BillRecord {
  const fields = Object.entries(record.fields).map(([column, text]) => [
    column,
    text.replace(/^'(?='*[=+\-@\t\r])/, ''),
  ]);
  return { ...record, fields: Object.fromEntries(fields) as BillRecord['fields'] };
}

/** The file's currency, or what was answered; the specification demands one, so that its absence is asked about. */
function billingCurrencyOf(cells: Cells): string {
  const currency = currencyOf(cells, 'BillingCurrency', '');
  if (currency !== '') return currency;
  const answer = answerFor(cells.context, 'currency', 'BillingCurrency');
  if (answer === undefined) cells.context.hear('currency', null, cells.record.line, 'BillingCurrency', '');
  return answer ?? 'USD';
}

function chargeCategoryOf(cells: Cells): ChargeCategory {
  const text = textOf(cells, 'ChargeCategory') ?? '';
  const category = CATEGORIES.find((name) => name.toLowerCase() === text.toLowerCase());
  if (category === undefined) {
    const hint = didYouMean(nearestNames(text, CATEGORIES));
    reportCell(
      cells,
      'ChargeCategory',
      'unknown-category',
      `Expected ${CATEGORIES.join(', ')}, found "${text.slice(0, 40)}".${hint}`,
    );
  }
  return category ?? 'Usage';
}

/** What a line says of tokens: our own columns, else what FOCUS proposes to put into `SkuPriceDetails`. */
function tokenColumnsOf(cells: Cells): Pick<BillLine, 'x_TokenDirection' | 'x_CacheAction' | 'x_Meter' | 'x_Other'> {
  const others = unstatedColumns(cells);
  const details = parseSkuPriceDetails(textOf(cells, 'SkuPriceDetails'));
  const x_TokenDirection = oneOf(cells, 'x_TokenDirection', ['input', 'output']) ?? details.direction;
  const x_CacheAction = oneOf(cells, 'x_CacheAction', ['none', 'read', 'write_5m', 'write_1h']) ?? details.cacheAction;
  const meter = textOf(cells, 'x_Meter');
  if (meter !== null && !isMeter(meter))
    reportCell(cells, 'x_Meter', 'unknown-meter', `There is no meter "${meter.slice(0, 40)}".`);
  const tokens = /\btokens?\b/i.test(`${textOf(cells, 'ConsumedUnit') ?? ''} ${textOf(cells, 'PricingUnit') ?? ''}`);
  const told =
    tokens && !isOwnExport(cells.record)
      ? meterOf(x_TokenDirection, x_CacheAction, textOf(cells, 'x_ServiceTier'))
      : null;
  return {
    x_TokenDirection,
    x_CacheAction,
    x_Meter: meter !== null && isMeter(meter) ? meter : told,
    x_Other: details.isWhole ? without(others, 'SkuPriceDetails') : others,
  };
}

function without(columns: Readonly<Record<string, string>>, name: string): Readonly<Record<string, string>> {
  const { [name]: _, ...rest } = columns;
  return rest;
}

/** What no column of ours holds, without what every bill of an AI service says and what repeats the provider. */
function unstatedColumns(cells: Cells): Readonly<Record<string, string>> {
  const others = otherColumns(cells, READ);
  const category = textOf(cells, 'ServiceCategory');
  const publisher = textOf(cells, 'PublisherName');
  const host =
    textOf(cells, 'HostProviderName') ?? textOf(cells, 'ServiceProviderName') ?? textOf(cells, 'ProviderName');
  const saysCategory = category !== null && category !== 'AI and Machine Learning';
  const saysPublisher = publisher !== null && publisher !== host;
  if (!saysCategory && !saysPublisher) return others;
  return {
    ...others,
    ...(saysCategory && { ServiceCategory: category }),
    ...(saysPublisher && { PublisherName: publisher }),
  };
}

function meterOf(
  direction: BillLine['x_TokenDirection'],
  cache: CacheAction | null,
  service: string | null,
): Meter | null {
  if (direction === null) return null;
  if (direction === 'output') return meterOfClass('output', service);
  const meter = {
    none: 'input',
    read: 'cached_input',
    write_5m: 'cache_write_5m',
    write_1h: 'cache_write_1h',
  } as const;
  return meterOfClass(meter[cache ?? 'none'], service);
}

function oneOf<Word extends string>(cells: Cells, column: string, words: readonly Word[]): Word | null {
  const text = textOf(cells, column);
  const word = words.find((known) => known === text) ?? null;
  if (text !== null && word === null)
    reportCell(cells, column, 'unknown-word', `Expected ${words.join(', ')}, found "${text.slice(0, 40)}".`);
  return word;
}
