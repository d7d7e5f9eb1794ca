import type { Decimal } from 'decimal.js';
import { BillDecimal } from '../../core/bills/bill-decimal.ts';
import type { BillLine, CacheAction } from '../../core/bills/bill-line.ts';
import type { Meter } from '../../core/prices/meters.ts';
import { isMeter, METERS } from '../../core/prices/meters.ts';
import type { Cells } from './bill-cells.ts';
import { decimalOf, reportCell } from './bill-cells.ts';

/** What every line needs; the rest is null until the format says otherwise. */
export type LineFacts = Pick<
  BillLine,
  'ServiceProviderName' | 'x_Provider' | 'BillingCurrency' | 'ChargePeriodStart' | 'ChargePeriodEnd'
> &
  Partial<BillLine>;

/** A line of which only `facts` are known: an ordinary charge for use, at the record's place in the file. */
export function billLine({ record }: Cells, facts: LineFacts): BillLine {
  return { ...UNKNOWN, ...facts, x_FirstLine: record.line, x_LastLine: record.line };
}

/** Tokens and the like by meter, each part of a total once. */
export type Counts = Partial<Readonly<Record<StandardMeter, Decimal>>>;

export type StandardMeter =
  | 'input'
  | 'cached_input'
  | 'cache_write_5m'
  | 'cache_write_1h'
  | 'output'
  | 'input_audio'
  | 'cached_input_audio'
  | 'output_audio'
  | 'input_image'
  | 'cached_input_image'
  | 'output_image';

/**
 * One line for each meter that counted something, without money: `facts.x_CostReason` says where that is. The number of
 * requests stands on the first line only, so that it may be added.
 */
export function tokenLines(cells: Cells, facts: LineFacts, counts: Counts): readonly BillLine[] {
  const used = METERS_IN_ORDER.filter((meter) => counts[meter]?.isZero() === false);
  const requests = facts.x_Requests ?? null;
  const metered = used.length === 0 && requests?.isZero() === false ? (['input'] as const) : used;
  return metered.map((meter, i) =>
    billLine(cells, {
      ...facts,
      ...tokenColumns(meter, facts.x_ServiceTier ?? null),
      ConsumedQuantity: counts[meter] ?? ZERO,
      x_Requests: i === 0 ? requests : null,
      x_ReasoningTokens: meter === 'output' ? (facts.x_ReasoningTokens ?? null) : null,
    }),
  );
}

/** The columns that say which tokens a line counts, at the meter of their class of service. */
export function tokenColumns(
  meter: StandardMeter,
  serviceTier: string | null,
): Pick<BillLine, 'x_Meter' | 'x_TokenDirection' | 'x_CacheAction' | 'SkuMeter' | 'ConsumedUnit'> {
  const billed = meterOfClass(meter, serviceTier);
  return {
    x_Meter: billed,
    x_TokenDirection: meter.startsWith('output') ? 'output' : 'input',
    x_CacheAction: cacheActionOf(meter),
    SkuMeter: METERS[billed].label,
    ConsumedUnit: 'Tokens',
  };
}

/** A meter of text at the class of service it was used in: `output` in a batch is `batch_output`. */
export function meterOfClass(meter: StandardMeter, serviceTier: string | null): Meter {
  const service = CLASSES.get(serviceTier?.toLowerCase() ?? '');
  if (service === undefined || service === 'standard') return meter;
  const billed = `${service}_${meter}`;
  return isMeter(billed) ? billed : meter;
}

/** Whether a class of service is one that price lists name; others are kept as they are, and said. */
export function isKnownClass(serviceTier: string): boolean {
  return CLASSES.has(serviceTier.toLowerCase());
}

/** A count: 0 where the column is empty or missing, a problem where it is below 0. */
export function countOf(cells: Cells, column: string): Decimal {
  const count = decimalOf(cells, column) ?? ZERO;
  if (count.isNegative() && !count.isZero())
    reportCell(cells, column, 'negative-count', `Expected a count of 0 or more, found ${count.toFixed()}.`);
  return count;
}

/** `usd` and ` USD ` are USD; a column that holds no code of a currency is a problem, an empty one is `otherwise`. */
export function currencyOf(cells: Cells, column: string, otherwise: string): string {
  const code = (cells.record.fields[column] ?? '').trim().toUpperCase();
  if (code === '') return otherwise;
  if (!/^[A-Z]{3}$/.test(code))
    reportCell(cells, column, 'no-currency', `Expected a currency code such as USD, found "${code.slice(0, 40)}".`);
  return code;
}

/** Our id of a provider by the names that bills give it; null where the name is of none we have prices of. */
export function providerIdOf(name: string): string | null {
  const key = name.toLowerCase().replaceAll(/[^a-z]/g, '');
  return PROVIDERS.find(([, names]) => names.includes(key))?.[0] ?? null;
}

export const ZERO: Decimal = new BillDecimal(0);

const METERS_IN_ORDER: readonly StandardMeter[] = [
  'input',
  'cached_input',
  'cache_write_5m',
  'cache_write_1h',
  'output',
  'input_audio',
  'cached_input_audio',
  'output_audio',
  'input_image',
  'cached_input_image',
  'output_image',
];

function cacheActionOf(meter: StandardMeter): CacheAction | null {
  if (meter.startsWith('output')) return null;
  if (meter.startsWith('cached')) return 'read';
  if (meter === 'cache_write_5m') return 'write_5m';
  return meter === 'cache_write_1h' ? 'write_1h' : 'none';
}

/** Classes of service by the names that bills give them. */
const CLASSES: ReadonlyMap<string, 'standard' | 'batch' | 'flex' | 'priority'> = new Map([
  ['default', 'standard'],
  ['auto', 'standard'],
  ['standard', 'standard'],
  ['scale', 'standard'],
  ['batch', 'batch'],
  ['flex', 'flex'],
  ['flex_discount', 'flex'],
  ['priority', 'priority'],
  ['priority_on_demand', 'priority'],
]);

const PROVIDERS: readonly (readonly [string, readonly string[]])[] = [
  ['openai', ['openai', 'openaiapi', 'openaillc', 'openaiopcollc', 'openaiirelandltd']],
  ['anthropic', ['anthropic', 'anthropicpbc', 'claude']],
  ['openrouter', ['openrouter', 'openrouterinc']],
  ['together', ['together', 'togetherai', 'togethercomputer', 'togethercomputerinc']],
  ['fireworks', ['fireworks', 'fireworksai', 'fireworksaiinc']],
  ['google', ['google', 'googlecloud', 'googlecloudplatform', 'gcp', 'vertexai', 'gemini', 'googleai', 'googlellc']],
  ['local', ['local', 'selfhosted', 'onpremises']],
];

const UNKNOWN: Omit<
  BillLine,
  | 'ServiceProviderName'
  | 'x_Provider'
  | 'BillingCurrency'
  | 'ChargePeriodStart'
  | 'ChargePeriodEnd'
  | 'x_FirstLine'
  | 'x_LastLine'
> = {
  BilledCost: null,
  EffectiveCost: null,
  ListCost: null,
  ContractedCost: null,
  ChargeCategory: 'Usage',
  ChargeClass: null,
  ChargeDescription: null,
  BillingPeriodStart: null,
  BillingPeriodEnd: null,
  InvoiceId: null,
  InvoiceIssuerName: null,
  BillingAccountId: null,
  SubAccountId: null,
  SubAccountName: null,
  RegionId: null,
  HostProviderName: null,
  ServiceName: null,
  SkuId: null,
  SkuMeter: null,
  PricingQuantity: null,
  PricingUnit: null,
  ConsumedQuantity: null,
  ConsumedUnit: null,
  ListUnitPrice: null,
  CommitmentDiscountId: null,
  x_Model: null,
  x_TokenDirection: null,
  x_CacheAction: null,
  x_ServiceTier: null,
  x_Meter: null,
  x_Requests: null,
  x_ReasoningTokens: null,
  x_CostReason: null,
  x_Other: {},
};
