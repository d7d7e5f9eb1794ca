import { BILL_COLUMNS } from '../../core/bills/bill-columns.ts';
import { nearestNames } from '../../core/nearest-name.ts';
import type { BillFormat } from './bill-format.ts';
import type { BillRefusal, ColumnMapping, ColumnSource } from './bill-import.ts';

/** What bills call the columns of FOCUS, in the languages they come in; the first that a file has is suggested. */
const spellings: readonly (readonly [target: keyof typeof BILL_COLUMNS, names: readonly string[]])[] = [
  [
    'BilledCost',
    [
      'cost',
      'amount',
      'total cost',
      'cost usd',
      'amount usd',
      'net amount',
      'net cost',
      'total',
      'price',
      'charge',
      'spend',
      'betrag',
      'kosten',
      'montant',
    ],
  ],
  ['ListCost', ['list cost', 'list price', 'undiscounted cost']],
  ['BillingCurrency', ['currency', 'currency code', 'waehrung', 'währung', 'devise']],
  [
    'ChargePeriodStart',
    [
      'date',
      'day',
      'start',
      'start date',
      'start time',
      'usage date',
      'usage start',
      'from',
      'timestamp',
      'created at',
      'datum',
    ],
  ],
  ['ChargePeriodEnd', ['end', 'end date', 'end time', 'usage end', 'to', 'until']],
  ['ServiceProviderName', ['provider', 'vendor', 'supplier', 'publisher', 'provider name', 'anbieter']],
  ['ServiceName', ['service', 'product', 'product name', 'service description']],
  ['SkuId', ['sku', 'sku id']],
  ['ChargeDescription', ['description', 'line item', 'item', 'details', 'beschreibung']],
  ['x_Model', ['model', 'model name', 'model id', 'base model name', 'modell']],
  ['ConsumedQuantity', ['quantity', 'usage', 'usage quantity', 'tokens', 'total tokens', 'units', 'menge']],
  ['ConsumedUnit', ['unit', 'usage unit', 'unit of measure', 'einheit']],
  ['ListUnitPrice', ['unit price', 'rate', 'price per unit']],
  ['x_Requests', ['requests', 'calls', 'num requests', 'request count']],
  ['BillingAccountId', ['account', 'account id', 'billing account', 'organization', 'organization id', 'customer id']],
  ['SubAccountId', ['project', 'project id', 'workspace', 'workspace id', 'team', 'subscription']],
  ['InvoiceId', ['invoice', 'invoice id', 'invoice number', 'rechnungsnummer']],
  ['RegionId', ['region', 'location']],
];

/**
 * A mapping to begin with, by names that are the same or nearly so. What every line needs and no column seems to be stands
 * there as a value that must be edited before the mapping is taken.
 */
export function suggestMapping(columns: readonly string[]): ColumnMapping {
  const mapping: Record<string, ColumnSource> = {};
  const free = new Map(columns.map((column) => [plain(column), column]));
  const take = (target: string, key: string): void => {
    const cents = target === 'BilledCost' && /\bcents?$/.test(key);
    mapping[target] = { column: free.get(key) ?? key, ...(cents && { scale: '0.01' }) };
    free.delete(key);
  };
  for (const target of Object.keys(BILL_COLUMNS))
    if (free.has(plain(target)) && target !== 'x_Other') take(target, plain(target));
  for (const [target, names] of spellings) {
    const same = mapping[target] === undefined ? names.find((name) => free.has(name)) : undefined;
    if (same !== undefined) take(target, same);
  }
  for (const [target, names] of spellings) {
    if (mapping[target] !== undefined) continue;
    const [near] = names.filter((name) => name.length > 4).flatMap((name) => nearestNames(name, free.keys(), 1));
    const longer = [...free.keys()].find((key) => names.some((name) => key.startsWith(`${name} `)));
    const found = near ?? longer;
    if (found !== undefined) take(target, found);
  }
  mapping.BilledCost ??= { value: 'EDIT: {"column": …} with the amounts' };
  mapping.BillingCurrency ??= { value: 'EDIT: a currency code such as USD' };
  mapping.ChargePeriodStart ??= { value: 'EDIT: {"column": …} with the days' };
  mapping.ServiceProviderName ??= { value: 'EDIT: who sends the bill' };
  return mapping;
}

/** The formats that share the most columns with a file, and what the file lacks of each. */
export function findNearestFormats(
  columns: readonly string[],
  formats: readonly BillFormat[],
): NonNullable<BillRefusal['nearest_formats']> {
  const have = new Set(columns);
  return formats
    .map((format) => ({ format, shared: format.columns.filter((column) => have.has(column)).length }))
    .filter(({ format, shared }) => shared > 0 && shared * 3 >= format.columns.length)
    .toSorted((a, b) => b.shared / b.format.columns.length - a.shared / a.format.columns.length)
    .slice(0, 3)
    .map(({ format: { id, label, columns: usual } }) => ({
      id,
      label,
      missing: usual.filter((column) => !have.has(column)),
    }));
}

function plain(column: string): string {
  return column
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^\p{L}\d]+/gu, ' ')
    .trim();
}
